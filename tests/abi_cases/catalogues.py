"""Two public catalogues of ABI changes, each case a pair of small C libraries with its ground truth. Both are fetched, and
neither is kept in this repository."""

import ast
import collections
import subprocess
import tarfile
import xml.etree.ElementTree as ElementTree

# A change that breaks callers or not, by the catalogue, and its words for it. `symbol`: the pair has other cases too.
Case = collections.namedtuple("Case", "name old new header symbol breaks truth")

ABICHECK = ("0.7.0", "c0ffa22e9c0bd42433efc3ae81f5366d09f0e02bad2de216403353b5b7c78fff")
# Modules of its tests that list pairs of sources.
ABICHECK_LISTS = ("abidiff_parity", "abidiff_parity_extended", "abicc_parity")


def run(command, directory, made=None):
    """Its output. With `made`, what tells that it succeeded is that file, not its status."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if done.returncode != 0 if made is None else not made.is_file():
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def abi_compliance_checker(work):
    """The C library of the checker's own test, in which each function is a case. It compiles both releases with -g; its
    report says which functions have a problem, how grave."""
    run(["abi-compliance-checker", "-test"], work)
    sample = work / "libsample_c"
    report = work / "report.xml"
    run(["abi-compliance-checker", "-l", "libsample_c", "-old", sample / "v1.xml", "-new", sample / "v2.xml", "-xml", "-bin",
         "-report-path", report], work, report)
    report = ElementTree.parse(report).getroot()
    problems = collections.defaultdict(set)
    for removed in report.findall("removed_symbols"):
        for symbol in removed.iter("name"):
            problems[bare(symbol.text)].add(("High", "Removed"))
    for kind in ("problems_with_types", "problems_with_symbols"):
        for severity in report.findall(kind):
            # A problem of a type stands above the symbols that use it, one of a symbol below it.
            for subject in severity.iter("type" if kind == "problems_with_types" else "symbol"):
                ids = [problem.get("id") for problem in subject.findall("problem")]
                symbols = list(subject.iter("symbol"))
                for symbol in symbols:
                    problems[bare(symbol.get("name"))].update((severity.get("severity"), name) for name in ids)
    old, new = (sample / f"libsample.v{number}" / "libsample.so" for number in (1, 2))
    for name in exports(old):
        found = problems[name]
        grave = sorted(word for severity, word in found if severity in ("High", "Medium"))
        truth = ", ".join(grave) or ", ".join(sorted(word for _, word in found)) or "no problem"
        yield Case(name, old, new, None, name, bool(grave), truth)


def bare(symbol):
    return symbol.split("@")[0]


def exports(library):
    lines = run(["nm", "-D", "--defined-only", library], None).splitlines()
    return sorted({bare(line.split()[-1]) for line in lines if line.split()[-2] != "A"})


def abicheck(work):
    """Pairs of sources in the tests of the Python package abicheck; the lists are read, and no code of it is run."""
    version, digest = ABICHECK
    requirement = work / "requirements.txt"
    requirement.write_text(f"abicheck=={version} --hash=sha256:{digest}\n")
    run(["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
         "--dest", work, "-r", requirement], work)
    with tarfile.open(work / f"abicheck-{version}.tar.gz") as archive:
        for module in ABICHECK_LISTS:
            source = archive.extractfile(f"abicheck-{version}/tests/test_{module}.py").read()
            for statement in ast.parse(source).body:
                name = getattr(getattr(statement, "target", None), "id", "")
                if name.endswith("_CASES"):
                    for entry in ast.literal_eval(statement.value):
                        yield from compiled(work, module, entry)


def compiled(work, module, entry):
    name, sources, headers, (language, expected) = entry[0], entry[1:3], entry[3:5], entry[5:7]
    if language != "c":
        return
    directory = work / module / name
    directory.mkdir(parents=True)
    for number, source in enumerate(sources, 1):
        (directory / f"v{number}.c").write_text(source)
        run(["gcc", "-g", "-w", "-shared", "-fPIC", "-o", f"v{number}.so", f"v{number}.c"], directory)
    header = None
    if headers[0] is not None:
        header = directory / "v1.h"
        header.write_text(headers[0])
    yield Case(f"{module}.{name}", directory / "v1.so", directory / "v2.so", header, None, expected == "BREAKING", expected)


CATALOGUES = {"abi-compliance-checker": abi_compliance_checker, "abicheck": abicheck}
