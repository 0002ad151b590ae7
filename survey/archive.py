"""Which packages of Debian have shared libraries, by the indices of apt, and a stratified random sample of them.

`Packages` has the sizes, and `Contents`, which apt downloads when apt-file is installed, has the names of all files. The strata are
libraries and plugins (survey.md) by the installed size of their packages. The packages of a stratum are ordered by a hash of the
seed and of their names, and the first ones are taken. So the sample depends on nothing but the indices and the seed.
"""

import hashlib
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from survey import tables
from survey.fetch import Package, download, listed, source_of

SEED = "ffitypecheck 16"
# The upper ends of the strata in kB of installed size, and how many packages are taken of each.
SIZES = [100, 300, 1_000, 3_000, 10_000, 30_000, None]
TAKEN = {"library": [24, 24, 24, 24, 24, 16, 12], "plugin": [12, 12, 12, 12, 12, 10, 6]}

SHARED = re.compile(r"\.so(\.[\w.]+)?$")
# The indices have the paths without the root.
LOADER = re.compile(tables.LOADER)


def contents() -> Iterator[tuple[str, list[str]]]:
    """Each file of the archive with the packages that have it."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Contents-deb"], check=True,
                             capture_output=True, text=True).stdout.split()
    if not targets:
        raise SystemExit("apt has no index of files: install apt-file, then run apt-get update")
    for target in targets:
        text = subprocess.Popen(["/usr/lib/apt/apt-helper", "cat-file", target], stdout=subprocess.PIPE, text=True, errors="replace")
        assert text.stdout
        for line in text.stdout:
            path, _, owners = line.rstrip().rpartition(" ")
            yield path.rstrip(), [owner.rsplit("/", 1)[-1] for owner in owners.split(",")]
        if text.wait():
            raise SystemExit(f"{target}: apt-helper failed")


def kinds(packages: dict[str, Package]) -> dict[str, str]:
    """`library` or `plugin` for each package with a shared library. A -dev package has links, or libraries of Haskell, whose
    compiler writes no types of C; a package for all machines has libraries of other machines."""
    found: dict[str, str] = {}
    for path, owners in contents():
        if not SHARED.search(path) or path.startswith("usr/lib/debug/"):
            continue
        kind = "library" if LOADER.match(f"/{path}") else "plugin"
        for name in owners:
            package = packages.get(name)
            if package and package["Architecture"] != "all" and not name.endswith(("-dev", "-dbg")) and found.get(name) != "library":
                found[name] = kind
    return found


def stratum(kind: str, package: Package) -> str:
    installed = int(package["Installed-Size"])
    at = next(number for number, size in enumerate(SIZES) if size is None or installed <= size)
    return f"{kind} {SIZES[at]} kB" if SIZES[at] else f"{kind} larger"


def draw(frame: dict[str, list[str]], taken: dict[str, int], seed: str = SEED) -> dict[str, list[str]]:
    """So many packages of each stratum."""
    def place(name: str) -> bytes:
        return hashlib.sha256(f"{seed} {name}".encode()).digest()

    return {name: sorted(packages, key=place)[:taken[name]] for name, packages in frame.items()}


def sample(directory: Path) -> None:
    """Downloads the sample into `pool`, and writes the strata and what was taken of them into `sample.json`."""
    packages = listed()
    frame: dict[str, list[str]] = defaultdict(list)
    for name, kind in kinds(packages).items():
        frame[stratum(kind, packages[name])].append(name)
    taken = {stratum(kind, {"Installed-Size": str(size or SIZES[-2] + 1)}): number
             for kind, numbers in TAKEN.items() for size, number in zip(SIZES, numbers)}
    drawn = draw(frame, taken)
    strata = {name: {"packages": len(frame[name]), "archive_bytes": sum(int(packages[one]["Size"]) for one in frame[name]),
                     "sample": {one: {"source": source_of(packages[one]), "archive_bytes": int(packages[one]["Size"])} for one in drawn[name]}}
              for name in taken}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "sample.json").write_text(json.dumps(strata, indent=1) + "\n")
    download([packages[one] for names in drawn.values() for one in names], directory / "pool")
