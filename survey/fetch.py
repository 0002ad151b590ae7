"""Downloads the packages of Debian that have debug packages in the main archive, with apt and its checks of signatures.

A source package is taken if it has a package `-dbg` that apt lists for this machine. Of it come the debug packages, and the
packages for this machine and the -dev packages, whose headers say which types are public. A package that does not depend on
the machine and is no -dev package is left out, and so is what `LEFT_OUT` names.
"""

import re
import subprocess
from collections import defaultdict
from pathlib import Path

Package = dict[str, str]

# Debug packages of more bytes than that are not downloaded, except for those below.
LARGEST = 45_000_000
# Of source packages with larger ones, these packages are taken.
OF_LARGE = {
    "binutils": ["libbinutils", "libbinutils-dbg", "libctf0", "libctf0-dbg", "libctf-nobfd0", "libctf-nobfd0-dbg", "binutils-dev"],
    "ceph": ["librados2", "librados2-dbg", "librados-dev", "libradosstriper1", "libradosstriper1-dbg"],
    "gcc-12": ["libstdc++6", "libstdc++6-12-dbg"],
    "glibc": ["libc6", "libc6-dbg", "libc6-dev"],
    "petsc": ["libpetsc-real3.18", "libpetsc-real3.18-dbg"],
    "python3.11": ["libpython3.11", "libpython3.11-dev", "libpython3.11-dbg", "python3.11-dbg", "libpython3.11-stdlib"],
}
# No shared libraries, or libraries of other systems: kernels, boot loaders, the compiler before the one that is used.
LEFT_OUT = re.compile("linux|grub|gnumach|xen$|gcc-11|valgrind|cupt|mit-scheme|connectome")


def listed() -> dict[str, Package]:
    """The packages that apt lists, in their newest version."""
    text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    packages: dict[str, Package] = {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", paragraph, re.MULTILINE))
        # What is installed and in no archive has no file.
        if "Package" in fields and "Filename" in fields:
            packages[fields["Package"]] = fields
    return packages


def chosen() -> list[Package]:
    """The packages to download."""
    sources: dict[str, list[Package]] = defaultdict(list)
    for package in listed().values():
        sources[source_of(package)].append(package)
    found: list[Package] = []
    for source, packages in sorted(sources.items()):
        debug = [package for package in packages if package["Package"].endswith("-dbg")]
        if source in OF_LARGE:
            found += [package for package in packages if package["Package"] in OF_LARGE[source]]
        elif debug and not LEFT_OUT.match(source) and sum(int(package["Size"]) for package in debug) <= LARGEST:
            found += [package for package in packages if is_wanted(package)]
    return found


def source_of(package: Package) -> str:
    return package.get("Source", package["Package"]).split()[0]


def dependencies(package: Package) -> set[str]:
    """The packages that it depends on or recommends, alternatives too."""
    text = ",".join(package.get(name, "") for name in ("Pre-Depends", "Depends", "Recommends"))
    return {re.split(r"[ :(]", name.strip())[0] for name in re.split(r"[,|]", text)} - {""}


def is_wanted(package: Package) -> bool:
    return package["Architecture"] != "all" or package["Package"].endswith("-dev")


def fetch(directory: Path, sources: list[str] | None = None) -> None:
    """Downloads what is not in the directory yet; only of these source packages if some are given."""
    download([package for package in chosen() if sources is None or source_of(package) in sources], directory)


def download(packages: list[Package], directory: Path) -> None:
    """Downloads those of the packages that are not in the directory yet, with apt."""
    directory.mkdir(parents=True, exist_ok=True)
    names = {f"{package['Package']}={package['Version']}": file_name(package) for package in packages}
    missing = [wanted for wanted, name in names.items() if not (directory / name).exists()]
    megabytes = sum(int(package["Size"]) for package in packages) / 1e6
    print(f"{len(packages)} packages, {megabytes:.0f} MB, {len(missing)} of them to download")
    for start in range(0, len(missing), 20):
        subprocess.run(["apt-get", "download", "-qq", *missing[start:start + 20]], check=True, cwd=directory)


def file_name(package: Package) -> str:
    # apt writes the colon of an epoch as %3a.
    return f"{package['Package']}_{package['Version'].replace(':', '%3a')}_{package['Architecture']}.deb"
