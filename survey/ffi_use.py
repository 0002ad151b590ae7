"""Which libraries the packages of Debian load through FFI: a search of their code.

14,000 packages depend on an interpreter. Those that probably load a library are all read: they depend on an interface of an
interpreter to libffi, or on a library although they have no compiled code, or a file is named after such an interface. Of the
others a random sample is read, which tells how many were missed.
"""

import json
import re
import subprocess
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey import loads_other, loads_python
from survey.archive import LOADER, SHARED, contents, draw
from survey.fetch import Package, dependencies, download, file_name, listed
from survey.libraries import Libraries
from survey.loads import Load
from survey.subset import SECTIONS_LEFT_OUT, fetch_libraries, uses

# By the packages that a package depends on. The first one that fits counts.
RUNTIMES = {"python": r"(lib)?python3|pypy3", "ruby": r"ruby|libruby", "lua": r"lua", "php": r"php", "guile": r"guile", "racket": r"racket",
            "java": r"libjna|libjnr|default-jre|openjdk", "perl": r"perl|lib.*-perl$"}
# How many packages are read of those that probably load nothing.
OTHERS = {"python": 200, "ruby": 30, "perl": 30, "php": 15, "lua": 15, "guile": 10, "racket": 2, "java": 10}
INTERFACES = {"python3-cffi-backend", "python3-cffi", "ruby-ffi", "libffi-platypus-perl", "libffi-checklib-perl", "libffi-c-perl", "php-ffi",
              "libjna-java", "libjnr-ffi-java", "lua-alien", "luajit", "libluajit-5.1-2", "guile-3.0", "guile-2.2", "guile-3.0-libs"}
SOURCE = re.compile(r"\.(py|rb|pl|pm|php|lua|scm|rkt|h)$")
NAMED = re.compile(r"ctypes|cffi|(?<![a-z])ffi(?![a-z])|dlopen|fiddle|libloader|jna|cdef|_native|_lib\.|clib", re.IGNORECASE)
# Libraries for another processor.
FOREIGN = re.compile(r"(usr/)?lib(32|x32)/|.*-linux-(musl|gnux32)/")
# Larger packages are not downloaded.
LARGEST = 15_000_000


def runtime(package: Package) -> str | None:
    needed = dependencies(package)
    return next((name for name, pattern in RUNTIMES.items() if any(re.match(pattern, one) for one in needed)), None)


def chosen(packages: dict[str, Package]) -> tuple[dict[str, str], dict[str, list[str]], list[str]]:
    """The stratum of each package to read, all packages of each stratum, and those that are too large."""
    named = {owner for path, owners in contents() if SOURCE.search(path) and NAMED.search(path) and "/doc/" not in path for owner in owners}
    loading = {name for found in uses(packages).values() for name in found.directly}
    strata: dict[str, list[str]] = defaultdict(list)
    large = []
    for name, package in packages.items():
        kind = runtime(package)
        section = package.get("Section", "").rsplit("/", 1)[-1]
        if kind is None or section in SECTIONS_LEFT_OUT or name.endswith(("-dbg", "-testsuite")):
            continue
        probable = name in named or name in loading or bool(dependencies(package) & INTERFACES)
        if int(package["Size"]) > LARGEST:
            large.append(name)
        else:
            strata[f"{kind}, {'probable' if probable else 'others'}"].append(name)
    taken = {name: len(members) if name.endswith("probable") else OTHERS[name.split(",")[0]] for name, members in strata.items()}
    return {one: name for name, members in draw(strata, taken).items() for one in members}, strata, large


def read(package: Path) -> Iterator[tuple[str, str]]:
    """The source files of a package that may load a library, with their texts."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacked:
        with tarfile.open(fileobj=unpacked.stdout, mode="r|") as archive:
            for member in archive:
                path = member.name.removeprefix(".")
                if not member.isfile() or "/share/doc/" in path or not (SOURCE.search(path) or "/bin/" in path or "/games/" in path):
                    continue
                octets = (archive.extractfile(member) or open("/dev/null", "rb")).read()
                if SOURCE.search(path) or b"python" in octets[:64].split(b"\n")[0]:
                    yield path, octets.decode(errors="replace")


def loads(path: str, text: str) -> list[Load]:
    suffix = Path(path).suffix
    if suffix in loads_other.RUNTIMES:
        return loads_other.loads(suffix, text)
    return loads_python.loads(text)


def scan(pool: Path, package: Package, libraries: Libraries) -> list[dict[str, Any]]:
    """One row for each library that the code names, and for each place where the name is not known."""
    rows = []
    for path, text in read(pool / file_name(package)):
        runtime_of_file = loads_other.RUNTIMES.get(Path(path).suffix, ("python",))[0]
        row = {"package": package["Package"], "file": path, "runtime": runtime_of_file}
        try:
            found = loads(path, text)
        except (SyntaxError, ValueError, RecursionError) as error:
            rows.append({**row, "line": 0, "way": "not parsed", "name": None, "library": None, "why": str(error)[:80]})
            continue
        for load in found:
            library = libraries.package(load.name, dependencies(package)) if load.name else None
            rows.append({**row, "line": load.line, "way": load.way, "name": load.name, "library": library})
    return rows


def ffi_use(directory: Path) -> None:
    """Downloads the packages to read into `code`, and writes `loads.jsonl` and `loads.json`: the rows, and the strata."""
    packages = listed()
    strata_of, strata, large = chosen(packages)
    pool = directory / "code"
    download([packages[name] for name in sorted(strata_of)], pool)
    libraries = Libraries(((path, owners) for path, owners in contents() if SHARED.search(path) and LOADER.match(f"/{path}") and not FOREIGN.match(path)), packages)
    with (directory / "loads.jsonl").open("w") as output:
        for name in sorted(strata_of):
            for row in scan(pool, packages[name], libraries):
                output.write(json.dumps(row) + "\n")
    counts = {name: {"packages": len(members), "read": sorted(one for one, of in strata_of.items() if of == name)} for name, members in sorted(strata.items())}
    (directory / "loads.json").write_text(json.dumps({"strata": counts, "too large": sorted(large)}, indent=1) + "\n")
    fetch_libraries(directory)
