"""Which libraries are used through FFI, and what their notes take: by the dependencies of packages, and by their code (ffi_use.py).

A package that does not depend on the machine has no compiled code of its own. If it depends on an interpreter and on a package with a
shared library, it loads the library through the interpreter: by ctypes, cffi, Ruby's ffi, Perl's FFI::Platypus, PHP's FFI or P/Invoke.
Typelibs of GObject introspection are counted too, because what uses them calls through libffi: a package of the first kind that depends
on a package `gir1.2-*` uses the libraries that this one depends on.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars

from page import markdown
from survey import tables
from survey.estimate import DRAWS, Interval, compressed, fit, growth_per_byte, measured, predicted_sums, shared_objects
from survey.fetch import Package, dependencies, download, listed

INTERPRETER = re.compile(r"(python3|ruby|perl|php|lua|guile|node|racket|sbcl|cli-common|mono-runtime|gjs|emacs|tcl)\b|libmono-\S*-cil$|emacsen-common$")
# The names of packages with shared libraries end in the version of the library's soname. Plugins of Qt and libc are used otherwise.
LIBRARY = re.compile(r"lib(?!qt\d|c6$)[\w.+-]*\d[a-z\d.]{0,3}(-gtk|-glib|-libusb)?\d*$")
# A library is recommended if so many packages use it.
LEAST = 2
SECTIONS_LEFT_OUT = ("metapackages", "doc", "kernel", "oldlibs")


@dataclass
class Uses:
    """The packages that use a library."""

    directly: set[str] = field(default_factory=set)
    by_typelib: set[str] = field(default_factory=set)


def uses(packages: dict[str, Package]) -> dict[str, Uses]:
    """By the package of the library."""
    def libraries_of(names: set[str]) -> set[str]:
        return {name for name in names if name in packages and packages[name]["Architecture"] != "all"
                and packages[name].get("Section", "").endswith("libs") and LIBRARY.match(name)}

    found: dict[str, Uses] = defaultdict(Uses)
    for name, package in packages.items():
        needed = dependencies(package)
        section = package.get("Section", "").rsplit("/", 1)[-1]
        if package["Architecture"] != "all" or section in SECTIONS_LEFT_OUT or not any(INTERPRETER.match(one) for one in needed):
            continue
        for library in libraries_of(needed):
            found[library].directly.add(name)
        for typelib in (one for one in needed if one.startswith("gir1.2-") and one in packages):
            for library in libraries_of(dependencies(packages[typelib])):
                found[library].by_typelib.add(name)
    return found


@dataclass(frozen=True)
class Row:
    """What a library's package costs. The notes are those of its libraries in the loader's directories."""

    package: str
    # The packages that load it, those that use its typelib, and both together.
    loading: int
    by_typelib: int
    users: int
    stripped: int
    notes: float
    growth: float
    # Whether the notes were made, or predicted from `exports`, those of each library.
    measured: bool
    exports: tuple[int, ...]


def used(archive: Path) -> dict[str, Uses]:
    """By the package of the library: the packages that load it, by their dependencies or by their code."""
    found = uses(listed())
    for line in (archive / "loads.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["library"] and row["library"] != row["package"]:
            found.setdefault(row["library"], Uses()).directly.add(row["package"])
    return found


def recommended(found: dict[str, Uses]) -> list[str]:
    """The libraries that several packages use, those that most use first."""
    several = {name: uses for name, uses in found.items() if len(uses.directly | uses.by_typelib) >= LEAST}
    return sorted(several, key=lambda name: (-len(several[name].directly | several[name].by_typelib), name))


def fetch_libraries(archive: Path) -> None:
    """Downloads the packages of these libraries: their exports are counted if their notes were not measured."""
    packages = listed()
    download([packages[name] for name in recommended(used(archive)) if name in packages], archive / "libraries")


def rows(archive: Path, known: tables.Tables) -> list[Row]:
    """The recommended libraries. One whose package was not read is left out."""
    found = used(archive)
    made, seen = measured(known), shared_objects(tables.read([archive / "stripped.jsonl"]))
    model, per_byte = fit(made.filter(kind="library")), growth_per_byte(compressed(known).filter(kind="library"))
    built = {row["package"]: row for row in known["packages"].iter_rows(named=True) if row["built_bytes"]}
    result = []
    for name in recommended(found):
        uses = found[name]
        own = made.filter(package=name, kind="library")
        is_measured = bool(own.height)
        if not is_measured:
            own = seen.filter(package=name, kind="library")
            if not own.height:
                continue
        notes = own["note"].sum() if is_measured else float(model.predict(own["exports"].to_numpy()).sum())
        package = built.get(name) if is_measured else None
        grows = package["built_noted_bytes"] - package["built_bytes"] if package else notes * per_byte
        result.append(Row(name, len(uses.directly), len(uses.by_typelib), len(uses.directly | uses.by_typelib), own["stripped"].sum(), notes, grows, is_measured, tuple(own["exports"])))
    return result


def total(found: list[Row], known: tables.Tables, draws: int = DRAWS) -> Interval:
    """The notes of all. Those that were measured have no error; of the others, source packages of the model are drawn."""
    made = measured(known).filter(kind="library")
    others = polars.DataFrame({"exports": [number for row in found if not row.measured for number in row.exports]})
    certain = sum(row.notes for row in found if row.measured)
    sums = [certain + each for each in predicted_sums(made, others, draws)]
    return Interval.of(sum(row.notes for row in found), sums)


def table(found: list[Row], shown: int) -> str:
    """The first ones, in Markdown."""
    lines = [["package of the library", "packages that load it", "by typelib", "stripped, kB", "its notes, kB", "the package grows by, kB"]]
    for row in found[:shown]:
        about = "" if row.measured else "≈ "
        lines.append([row.package, f"{row.loading}", f"{row.by_typelib}", f"{row.stripped / 1e3:,.0f}", f"{about}{row.notes / 1e3:,.1f}",
                      f"{about}{row.growth / 1e3:,.1f}"])
    return markdown(lines)
