"""The libraries that are held against other tools, and what readelf says that they export."""

import re
import subprocess
from dataclasses import dataclass

DIRECTORY = "/usr/lib/x86_64-linux-gnu/"

# Sonames of Debian 12, and the package with the debug information of each.
LIBRARIES = {
    "libc.so.6": "libc6-dbg",
    "libm.so.6": "libc6-dbg",
    "libdb-5.3.so": "libdb5.3-dbg",
    "libkrb5.so.3": "libkrb5-dbg",
    "liblua5.4.so.0": "liblua5.4-0-dbg",
    "libgsl.so.27": "libgsl-dbg",
    "librados.so.2": "librados2-dbg",
    "libpython3.11.so.1.0": "libpython3.11-dbg",
}


@dataclass(frozen=True)
class Export:
    """One line of the dynamic symbol table."""

    symbol: str
    version: str | None
    default_version: bool
    value: int
    kind: str

    @property
    def key(self):
        return (self.symbol, self.version)

    def __str__(self):
        if self.version is None:
            return self.symbol
        return self.symbol + ("@@" if self.default_version else "@") + self.version


KINDS = {"FUNC": "function", "IFUNC": "ifunc", "OBJECT": "variable", "COMMON": "variable", "TLS": "tls", "NOTYPE": "untyped"}

LINE = re.compile(
    r"^\s*\d+: (?P<value>[0-9a-f]+)\s+\S+ (?P<kind>\S+)\s+(?P<bind>\S+)\s+(?P<visibility>\S+)\s+(?P<section>\S+)"
    r"\s+(?P<name>[^\s@]+)(?P<at>@@?)?(?P<version>\S+)?"
)


def path_of(library):
    return library if "/" in library else DIRECTORY + library


def exports(library):
    """The C functions and variables that readelf finds exported: the C++ ones (`_Z…`) are left out."""
    command = ["readelf", "--dyn-syms", "--wide", path_of(library)]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    definitions = subprocess.run(["readelf", "--version-info", "--wide", path_of(library)], check=True, capture_output=True, text=True).stdout
    versions = set(re.findall(r"Flags: .*Cnt: \d+\s+Name: (\S+)", definitions))
    found = []
    for line in listing.splitlines():
        match = LINE.match(line)
        if not match or match["section"] == "UND" or match["kind"] not in KINDS:
            continue
        if match["bind"] not in ("GLOBAL", "WEAK", "UNIQUE") or match["visibility"] not in ("DEFAULT", "PROTECTED"):
            continue
        # A symbol that only names a version is neither function nor variable.
        if match["section"] == "ABS" and match["name"] in versions:
            continue
        if match["name"].startswith("_Z"):
            continue
        found.append(
            Export(
                match["name"],
                match["version"],
                match["at"] != "@",
                int(match["value"], 16),
                KINDS[match["kind"]],
            )
        )
    return found


def build_id(library):
    notes = subprocess.run(["readelf", "--notes", path_of(library)], check=True, capture_output=True, text=True).stdout
    return re.search(r"Build ID: ([0-9a-f]+)", notes)[1]


def debug_file(library):
    identifier = build_id(library)
    return f"/usr/lib/debug/.build-id/{identifier[:2]}/{identifier[2:]}.debug"
