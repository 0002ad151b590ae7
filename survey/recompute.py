"""Computes the figures of some libraries again, with readelf and objcopy, and compares them with the records.

The note is what `ffitypecheck slim` writes; objcopy takes it out of the library, and readelf reads what `extract` makes of it. The
libraries and their debug files come from the packages (`dpkg-deb -x`).
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import polars

from survey import tables

Figures = dict[str, object]


def recompute(command: str, records: Path, packages: Path, count: int) -> None:
    """Ends with status 1 if a figure differs."""
    read = tables.read([records])
    wrong = 0
    for library in chosen(read["libraries"], count):
        with tempfile.TemporaryDirectory() as scratch:
            theirs = figures(command, library, packages, Path(scratch))
        ours = figures_of_record(library, read)
        differences = [name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name)]
        for name in differences:
            print(f"  {name}: the record has {ours.get(name)}, readelf and objcopy {theirs.get(name)}")
        wrong += len(differences)
        print(f"{library['package']} {library['path']}: {len(theirs)} figures, {len(differences)} differ")
    sys.exit(1 if wrong else 0)


def chosen(libraries: polars.DataFrame, count: int) -> list[dict]:
    """The library with the largest note of each source package; of these, from the smallest to the largest in equal steps."""
    noted = libraries.filter(polars.col("note_bytes").is_not_null() & polars.col("package").is_not_null())
    noted = noted.sort("note_bytes", "package", "path").unique("group", keep="last").sort("file_bytes", "path")
    if noted.height < count:
        raise SystemExit(f"only {noted.height} source packages have libraries with notes")
    return [noted.row(number * (noted.height - 1) // max(count - 1, 1), named=True) for number in range(count)]


def figures_of_record(library: dict, read: dict[str, polars.DataFrame]) -> Figures:
    """The figures of the record under the names that `figures` gives them."""
    names = ["file_bytes", "strippable_bytes", "soname", "build_id", "symbols", "functions", "variables", "untyped", "mangled",
             "described", "note_bytes", "note_zstd_bytes", "noted_library_bytes", "debug_raw_bytes", "debug_file_bytes"]
    found: Figures = {name: library[name] for name in names}
    sections = read["sections"].filter((polars.col("group") == library["group"]) & (polars.col("package") == library["package"])
                                       & (polars.col("architecture") == library["architecture"])
                                       & (polars.col("path") == library["path"])
                                       & polars.col("file").is_in(["library", "separate", "supplementary"]))
    for row in sections.iter_rows(named=True):
        found[f"{row['file']} {row['section']}"] = (row["raw_bytes"], row["file_bytes"])
    return found


def run(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, errors="replace")
    return done.stdout


def figures(command: str, library: dict, packages: Path, scratch: Path) -> Figures:
    """The figures by readelf and objcopy."""
    roots = unpack(library, packages, scratch)
    file = roots[library["package"]] / library["path"].lstrip("/")
    build_id = match(r"Build ID: (\w+)", run("readelf", "-nW", file))
    debug = debug_file(roots, file, build_id)
    own = sections(file, scratch)
    found: Figures = {f"library {name}": size for name, size in own.items()}
    found |= {"file_bytes": file.stat().st_size, "build_id": build_id,
              "soname": match(r"\(SONAME\)\s+Library soname: \[(.*)\]", run("readelf", "-dW", file)),
              "strippable_bytes": sum(size for name, (_, size) in own.items() if is_stripped(name))}
    symbols = match(r"'\.symtab' contains (\d+) entr", run("readelf", "-sW", file))
    separate = {}
    if debug:
        separate = sections(debug, scratch)
        found |= {f"separate {name}": size for name, size in separate.items()}
        symbols = symbols or match(r"'\.symtab' contains (\d+) entr", run("readelf", "-sW", debug))
        supplementary = supplementary_file(roots, debug)
        if supplementary:
            found |= {f"supplementary {name}": size for name, size in sections(supplementary, scratch).items()}
    found["symbols"] = int(symbols) - 1 if symbols else None
    of_debug = [size for sizes in (own, separate) for name, size in sizes.items() if name.startswith(".debug_")]
    found["debug_raw_bytes"], found["debug_file_bytes"] = (sum(size[at] for size in of_debug) for at in (0, 1))
    found |= exports(file)
    found |= note(command, file, roots, debug, scratch)
    return found


def unpack(library: dict, packages: Path, scratch: Path) -> dict[str, Path]:
    """Unpacks the packages of the library's source package: the name of each, and its root."""
    roots: dict[str, Path] = {}
    for package, name, source in names(packages):
        if source == library["group"]:
            roots[name] = scratch / "roots" / name
            roots[name].mkdir(parents=True)
            run("dpkg-deb", "-x", package, roots[name])
    return roots


@cache
def names(packages: Path) -> list[tuple[Path, str, str]]:
    """The packages, what they are called, and their source packages with the version."""
    form = "--showformat=${Package}\t${source:Package} ${source:Version}"
    shown = [(package, run("dpkg-deb", "--show", form, package).split("\t")) for package in sorted(packages.rglob("*.deb"))]
    return [(package, name, source) for package, (name, source) in shown]


def match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


def debug_file(roots: dict[str, Path], library: Path, build_id: str | None) -> Path | None:
    """By build-id, otherwise by the library's own path; None if the library has the debug information itself."""
    if " .debug_info" in run("readelf", "-SW", library):
        return None
    inside = next(library.relative_to(root) for root in roots.values() if library.is_relative_to(root))
    places = [f".build-id/{build_id[:2]}/{build_id[2:]}.debug"] if build_id else []
    places += [str(inside), f"{inside}.debug", str(inside).removeprefix("usr/"), f"usr/{inside}"]
    link = match(r"\n\s+\[ *\d+\]\s+(\S+\.debug)\n", run("readelf", "-p", ".gnu_debuglink", library)) if not build_id else None
    places += [str(inside.with_name(link))] if link else []
    for place in places:
        for root in roots.values():
            if (root / "usr/lib/debug" / place).is_file():
                return root / "usr/lib/debug" / place
    raise SystemExit(f"{library}: its debug file is not found")


def supplementary_file(roots: dict[str, Path], debug: Path) -> Path | None:
    """The file that `.gnu_debugaltlink` names, below the same root as the debug file or below another one."""
    headers = run("readelf", "-SW", debug)
    if ".gnu_debugaltlink" not in headers:
        return None
    name = match(r"\[ *0\]\s+(\S+)", run("readelf", "-p", ".gnu_debugaltlink", debug))
    tail = str(name).rsplit(".dwz/", 1)[-1]
    return next(root / "usr/lib/debug/.dwz" / tail for root in roots.values() if (root / "usr/lib/debug/.dwz" / tail).is_file())


def sections(file: Path, scratch: Path) -> dict[str, tuple[int, int]]:
    """Of each section with data in the file, its bytes after objcopy has decompressed it, and its bytes in the file."""
    plain = scratch / "plain"
    run("objcopy", "--decompress-debug-sections", file, plain)
    raw, packed = section_sizes(plain), section_sizes(file)
    # objcopy writes the symbol tables and the names of sections anew, which may change their sizes.
    compressed = compressed_sections(file)
    return {name: (raw[name] if name in compressed else size, size) for name, size in packed.items()}


def section_sizes(file: Path) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line in run("readelf", "-SW", file).splitlines():
        row = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) ", line)
        if row and row[2] not in ("NOBITS", "NULL"):
            found[re.sub(r"^\.zdebug", ".debug", row[1])] += int(row[3], 16)
    return dict(found)


def compressed_sections(file: Path) -> set[str]:
    """The sections with the flag C, or with a name of the older form."""
    rows = re.findall(r"\] (\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +(\w*) ", run("readelf", "-SW", file))
    return {re.sub(r"^\.zdebug", ".debug", name) for name, flags in rows if "C" in flags or name.startswith(".zdebug")}


def is_stripped(name: str) -> bool:
    return name.startswith((".debug_", ".gdb_index", ".stab")) or name in (".symtab", ".strtab")


KINDS = {"FUNC": "functions", "IFUNC": "functions", "OBJECT": "variables", "TLS": "variables", "COMMON": "variables",
         "NOTYPE": "untyped"}


def exports(file: Path) -> Figures:
    """The defined symbols of `.dynsym` that other libraries can use. The names of versions are symbols too, and are left out."""
    found: Counter[str] = Counter(dict.fromkeys(["functions", "variables", "untyped", "mangled"], 0))
    versions = set(re.findall(r"Rev: \d+ .* Name: (\S+)", run("readelf", "-VW", file)))
    for line in run("readelf", "--dyn-syms", "-W", file).splitlines():
        row = re.match(r"\s+\d+: [0-9a-f]+\s+\S+ (\w+)\s+(GLOBAL|WEAK|UNIQUE)\s+(DEFAULT|PROTECTED)\s.*?(\w+) (\S+)(?: \(\d+\))?$", line)
        if not row or row[4] == "UND":
            continue
        name = row[5].split("@")[0]
        if row[1] not in KINDS or (row[4] == "ABS" and name in versions):
            continue
        found[KINDS[row[1]]] += 1
        found["mangled"] += bool(re.match(r"_Z|_R[CIMNXY].*C[s\d]|_RC[s\d]|_D\d", name))
    return dict(found)


def note(command: str, file: Path, roots: dict[str, Path], debug: Path | None, scratch: Path) -> Figures:
    """The note that `slim` puts into the library, as objcopy and readelf see it."""
    directories = [f"--debug-dir={root / 'usr/lib/debug'}" for root in roots.values()]
    given = [f"--debug={debug}"] if debug else []
    found: Figures = {}
    for figure, options in (("note_bytes", []), ("note_zstd_bytes", ["--zstd"])):
        noted, dumped = scratch / "noted.so", scratch / "note"
        run(command, "slim", "--no-cache", *directories, *given, *options, "-o", noted, file)
        run("objcopy", "-O", "binary", "--only-section=.note.ffitypecheck", "--set-section-flags", ".note.ffitypecheck=alloc",
            noted, dumped)
        found[figure] = dumped.stat().st_size
        if not options:
            found["noted_library_bytes"] = noted.stat().st_size
            extracted = scratch / "extracted"
            run(command, "extract", "--no-cache", "--debug-dir=/nonexistent", noted, "-o", extracted)
            entries = run("readelf", "--debug-dump=info,no-follow-links", extracted)
            found["described"] = len(re.findall(r"DW_AT_external\s", entries))
    return found
