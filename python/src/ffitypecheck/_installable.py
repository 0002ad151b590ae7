"""What could be installed so that a library's types are known: asked of the package managers of this machine, offline."""

from __future__ import annotations

import os
import shutil
import subprocess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _output(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              universal_newlines=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _of_debian(path: str) -> str | None:
    # Directories that were moved to /usr are known to dpkg by either name.
    for name in dict.fromkeys((path, path.replace("/usr/lib", "/lib", 1), path.replace("/lib", "/usr/lib", 1))):
        owner = _output("dpkg-query", "--search", name).partition(":")[0].strip()
        if owner and "," not in owner:
            break
    else:
        return None
    source = _output("dpkg-query", "--show", "--showformat=${source:Package}", owner).strip()
    names = dict.fromkeys("%s-%s" % (name, kind) for kind in ("dbgsym", "dbg") for name in (owner, source) if name)
    known = [name for name in names if _output("apt-cache", "--names-only", "search", "^%s$" % name)]
    if known:
        return "apt install %s" % known[0]
    return "%s-dbgsym, from the archive of debug packages of the distribution" % owner


def _of_rpm(path: str) -> str | None:
    owner = _output("rpm", "--query", "--file", "--queryformat=%{NAME}", path).strip()
    return "dnf debuginfo-install %s" % owner if owner and " " not in owner else None


def advice(library: str) -> str:
    """What to install for a library that has no types."""
    if os.path.isabs(library):
        found = _of_debian(library) or _of_rpm(library)
        if found is not None:
            return found
    return "a build of the library with -g, or one that ffitypecheck slim was run on"


def of_libraries(libraries: dict[str, Any]) -> None:
    """Adds the advice to each library of which something is not known because it has no types at all."""
    for path, library in libraries.items():
        if library["described"] == 0 and library["symbols"]:
            library["install"] = advice(path)
