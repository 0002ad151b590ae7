"""`ffitypecheck diff` on public catalogues of ABI changes: a change that breaks callers must fail, and no other. What is
judged otherwise is listed in otherwise.toml, which is asserted both ways."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

from catalogues import CATALOGUES

HERE = pathlib.Path(__file__).parent
# From the mildest.
VERDICTS = ("MATCH", "UNVERIFIED", "DIFFERS", "MISMATCH", "REMOVED")
FAILING = VERDICTS[3:]

ABOUT = {
    "abi-compliance-checker": "[ABI Compliance Checker](https://lvc.github.io/abi-compliance-checker/) 2.3 of Debian 12 tests itself "
    "with two releases of a C library, in which each function is a case. Its report gives each problem a severity: high and "
    "medium must fail here, low and safe must pass.",
    "abicheck": "The tests of [abicheck](https://github.com/abicheck/abicheck) 0.7.0, the Python package, have pairs of C sources "
    "with the verdict that is right. What is BREAKING must fail here, all else must pass. The headers of the cases are given "
    "with `--headers`.",
}

PAGE = """# ABI changes of public catalogues

`make check-abi-cases` compares the verdicts of `ffitypecheck diff` with two catalogues that others made: pairs of small C
libraries, each with its ground truth. The test downloads them when it runs. A change that breaks callers must fail, and
no other change may fail. The test writes this page. It fails if a case is judged otherwise and is not listed here, and
also if a listed case agrees.

C++, symbol versions as such, sonames and other properties of ELF files are not part of types. No case here is about
them.

abicheck's package does not contain its whole catalogue, the directory `examples`. In the version of 2026-08-07, gcc or
clang alone builds 73 pairs of C libraries. They were judged by hand on 2026-11-21, with `--headers`: 64 agree with the
catalogue. The others are:

| case | here | the catalogue | why |
|---|---|---|---|
| 08 | DIFFERS | BREAKING | A constant has another value: it is told, and fails with `--strict`. |
| 19 | MATCH | BREAKING | A constant is gone; those that are left have their values. |
| 20 | MATCH | BREAKING | A constant has another value, but no function or variable has its enumeration as a type. `check NEW OLD_HEADER --types` compares it by its name. |
| 24 | DIFFERS | BREAKING | A union lost an alternative that callers may use: it is told, and fails with `--strict`. |
| 30, 116 | MATCH | BREAKING | A member became `const` or `volatile`, or a variable `_Atomic`: size and place are the same. |
| 55 | DIFFERS | BREAKING | A struct became a union of the same members: it is told as a record of another size, and fails with `--strict`. |
| 64 | MATCH | BREAKING | gcc does not write `ms_abi` into the debug information. |
| 183 | REMOVED | COMPATIBLE_WITH_RISK | An internal symbol with a version is gone; types do not say who used it. |
"""


def verdicts(tool, old, new, header):
    """The gravest verdict of each symbol that changed or is gone."""
    command = [tool, "diff", "--as", "json", old, new] + ([f"--headers={header}"] if header else [])
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    document = json.loads(run.stdout)
    found = [(entry["symbol"], "REMOVED") for entry in document["removed"]]
    # "f, now @@V_2" is another view of f.
    found += [(entry["subject"].split(",")[0].split("@")[0], entry["verdict"]) for entry in document["changed"]]
    gravest = {}
    for symbol, verdict in found:
        gravest[symbol] = max(verdict, gravest.get(symbol, "MATCH"), key=VERDICTS.index)
    fails = any(verdict in FAILING for verdict in gravest.values())
    assert fails == (run.returncode == 1), (command, run.returncode)
    return gravest


def judge(tool, catalogue, work):
    """Each case with what was found; those that differ from the ground truth."""
    known = {}
    total = 0
    otherwise = {}
    for case in CATALOGUES[catalogue](work):
        pair = (case.old, case.new)
        if pair not in known:
            known[pair] = verdicts(tool, *pair, case.header)
        found = known[pair]
        verdict = found.get(case.symbol, "MATCH") if case.symbol else max(found.values(), key=VERDICTS.index, default="MATCH")
        total += 1
        if (verdict in FAILING) != case.breaks:
            otherwise[case.name] = (verdict, case.truth)
    return total, otherwise


def check(catalogue, otherwise, listed):
    """Complaints where the list does not say what was found."""
    expected = {}
    for entry in listed:
        for name in entry["cases"]:
            assert name not in expected, name
            expected[name] = entry["found"]
    complaints = [
        f"{name}: {expected[name]} is listed, and it is judged as the catalogue says" for name in expected if name not in otherwise
    ]
    for name, (found, truth) in otherwise.items():
        if expected.get(name) != found:
            complaints.append(f"{name}: {found}; listed is {expected.get(name, 'nothing')}; the catalogue says {truth}")
    return [f"{catalogue}: {complaint}" for complaint in complaints]


def section(catalogue, total, otherwise, listed):
    lines = [f"\n## {catalogue}\n", ABOUT[catalogue] + "\n"]
    lines.append(f"{total} cases, of which {total - len(otherwise)} are judged as the catalogue says.\n")
    lines += ["| judged otherwise | here | the catalogue | why |", "|---|---|---|---|"]
    for entry in listed:
        names = ", ".join(f"`{name}`" for name in entry["cases"])
        truths = sorted({otherwise[name][1] for name in entry["cases"] if name in otherwise})
        lines.append(f"| {names} | {entry['found']} | {'; '.join(truths)} | {entry['reason']} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", help="the command ffitypecheck")
    parser.add_argument("page", type=pathlib.Path, help="must say what was found")
    parser.add_argument("--write", action="store_true", help="write the page instead")
    arguments = parser.parse_args()
    tool, page = arguments.tool, arguments.page
    listed = tomllib.loads((HERE / "otherwise.toml").read_text())["otherwise"]
    complaints = []
    text = PAGE
    for catalogue in CATALOGUES:
        with tempfile.TemporaryDirectory() as work:
            total, otherwise = judge(tool, catalogue, pathlib.Path(work))
        entries = [entry for entry in listed if entry["catalogue"] == catalogue]
        complaints += check(catalogue, otherwise, entries)
        text += section(catalogue, total, otherwise, entries)
        print(f"{catalogue}: {total} cases, {total - len(otherwise)} judged as the catalogue says, {len(otherwise)} otherwise")
    if arguments.write:
        page.write_text(text)
    elif page.read_text() != text:
        complaints.append(f"{page} does not say what was found; --write writes it")
    print("\n".join(complaints) or "all as listed")
    sys.exit(1 if complaints else 0)


main()
