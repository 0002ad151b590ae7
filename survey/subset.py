"""Which libraries are used through FFI, by the dependencies of packages, and what their notes take.

A package that does not depend on the machine has no compiled code of its own. If it depends on an interpreter and on a package with a
shared library, it loads the library through the interpreter: by ctypes, cffi, Ruby's ffi, Perl's FFI::Platypus, PHP's FFI or P/Invoke.
Typelibs of GObject introspection are counted too, because what uses them calls through libffi: a package of the first kind that depends
on a package `gir1.2-*` uses the libraries that this one depends on.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars

from survey import tables
from survey.fetch import Package, listed

INTERPRETER = re.compile(r"(python3|ruby|perl|php|lua|guile|node|racket|sbcl|cli-common|mono-runtime|gjs|emacs|tcl)\b|libmono-\S*-cil$|emacsen-common$")
# The names of packages with shared libraries end in the version of the library's soname. Plugins of Qt and libc are used otherwise.
LIBRARY = re.compile(r"lib(?!qt\d|c6$)[\w.+-]*\d[a-z\d.]{0,3}(-gtk|-glib|-libusb)?\d*$")
# The libraries that are shown in any case.
SHOWN = 40
SECTIONS_LEFT_OUT = ("metapackages", "doc", "kernel", "oldlibs")


@dataclass
class Uses:
    """The packages that use a library."""

    directly: set[str] = field(default_factory=set)
    by_typelib: set[str] = field(default_factory=set)


def dependencies(package: Package) -> set[str]:
    text = ",".join(package.get(name, "") for name in ("Depends", "Recommends"))
    return {re.split(r"[ :(]", name.strip())[0] for name in re.split(r"[,|]", text)} - {""}


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


def subset(records: list[Path]) -> str:
    """A table in Markdown: the libraries that most packages use and those that were measured, with what their notes take."""
    measured = tables.read(records)["packages"] if records else polars.DataFrame(schema=tables.PACKAGE)
    rows = {row["package"]: row for row in measured.iter_rows(named=True)}
    ranked = sorted(uses(listed()).items(), key=lambda item: (-len(item[1].directly), -len(item[1].by_typelib), item[0]))
    lines = ["| package of the library | packages that load it | by typelib | its notes, bytes | the package grows by, bytes |", "|---|---|---|---|---|"]
    for number, (library, found) in enumerate(ranked):
        row = rows.get(library, {})
        if number >= SHOWN and not row:
            continue
        grows = row["built_noted_bytes"] - row["built_bytes"] if row.get("built_bytes") else None
        cells = [library, len(found.directly), len(found.by_typelib), row.get("added_bytes"), grows]
        lines.append("| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join(lines)
