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


KINDS = {
    "FUNC": "function",
    "IFUNC": "ifunc",
    "OBJECT": "variable",
    "COMMON": "variable",
    "TLS": "tls",
    "NOTYPE": "untyped",
}

LINE = re.compile(
    r"^\s*\d+: (?P<value>[0-9a-f]+)\s+\S+ (?P<kind>\S+)\s+(?P<bind>\S+)\s+(?P<visibility>\S+)\s+(?P<section>\S+)"
    r"\s+(?P<name>[^\s@]+)(?P<at>@@?)?(?P<version>\S+)?"
)


def path_of(library):
    return library if "/" in library else DIRECTORY + library


def readelf(option, library):
    command = ["readelf", option, "--wide", path_of(library)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exports(library):
    """The C functions and variables that readelf finds exported: the C++ ones (`_Z…`) are left out."""
    versions = set(re.findall(r"Flags: .*Cnt: \d+\s+Name: (\S+)", readelf("--version-info", library)))
    found = []
    for line in readelf("--dyn-syms", library).splitlines():
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
    return re.search(r"Build ID: ([0-9a-f]+)", readelf("--notes", library))[1]


def debug_file(library):
    identifier = build_id(library)
    return f"/usr/lib/debug/.build-id/{identifier[:2]}/{identifier[2:]}.debug"


def supplementary_file(library):
    """The file that dwz moved shared types to; `None` where there is none."""
    # The build-id behind the path is no text.
    command = ["readelf", "--string-dump=.gnu_debugaltlink", debug_file(library)]
    dump = subprocess.run(command, check=True, capture_output=True).stdout.decode(errors="replace")
    path = re.search(r"/\S+\.debug", dump)
    return path and path[0]


def only_declared(library, names):
    """Those of the names of which another reader finds a DIE that is a mere declaration."""
    if supplementary_file(library):
        # llvm-dwarfdump does not follow names into a supplementary file; readelf does, but prints everything.
        command = ["readelf", "--debug-dump=info,follow-links", debug_file(library)]
        border, pattern = r"^ *<[0-9a-f]+><[0-9a-f]+>:", r"DW_AT_name +: (?:\(.*\):? )?(\S+)"
    else:
        command = ["llvm-dwarfdump", *(f"--name={name}" for name in names), debug_file(library)]
        border, pattern = r"^0x[0-9a-f]+:", r'DW_AT_name\s+\("(.*)"\)'
    printed = subprocess.run(command, check=True, capture_output=True).stdout.decode(errors="replace")
    found = set()
    for die in re.split(border, printed, flags=re.MULTILINE):
        name = re.search(pattern, die) if "DW_AT_declaration" in die else None
        if name:
            found.add(name[1])
    return found & set(names)
