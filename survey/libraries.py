"""Which package of Debian has the library that a program names."""

import re
from collections import defaultdict
from collections.abc import Iterable

from survey.fetch import Package

FILE = re.compile(r"(?:.*/)?((?:lib)?([^/]+?)\.so(\.[\w.]+)?)$")


class Libraries:
    def __init__(self, files: Iterable[tuple[str, list[str]]], packages: dict[str, Package]) -> None:
        """`files` are the files in the loader's directories with the packages that have them."""
        self.packages = packages
        self.by_file: dict[str, set[str]] = defaultdict(set)
        self.by_stem: dict[str, set[str]] = defaultdict(set)
        for path, owners in files:
            match = FILE.match(path)
            if not match:
                continue
            for owner in owners:
                if owner in packages and packages[owner]["Architecture"] != "all":
                    self.by_file[match[1]].add(owner)
                    if not owner.endswith(("-dev", "-dbg")):
                        self.by_stem[match[2]].add(owner)

    def package(self, name: str, needed: set[str]) -> str | None:
        """The package with the library of this name. Of several, one that is needed; else the one that the -dev package needs; else the
        one that most packages of the archive would take: the last in the order of versions. None if no package has it."""
        base = name.rsplit("/", 1)[-1]
        match = FILE.match(base)
        # Some runtimes put the prefix before the name.
        if match and not base.startswith("lib") and base not in self.by_file:
            base = f"lib{base}"
        found = {owner for owner in self.by_file.get(base, ()) if not owner.endswith(("-dev", "-dbg"))}
        if not found and match and match[3]:
            found = {owner for file, owners in self.by_file.items() if file.startswith(base + ".") for owner in owners}
        stem = match[2] if match else re.sub(r"^lib", "", base)
        # Not for a version that Debian does not have.
        if not found and not (match and match[3]):
            found = self.by_stem.get(stem, set()) or self.by_stem.get(base, set())
        found = found & needed or found
        if len(found) > 1:
            link = base if match else f"lib{base}.so"
            wanted = {one for owner in self.by_file.get(link, ()) for one in re.split(r"[ ,(|]+", self.packages[owner].get("Depends", ""))}
            found = found & wanted or found
        # The package that is named after the library; a variant for another directory or processor has a longer name.
        return max(found, key=lambda one: (one.startswith(f"lib{stem.lower()}"), -len(re.sub(r"\d", "", one)),
                                           [int(number) for number in re.findall(r"\d+", one)]), default=None)
