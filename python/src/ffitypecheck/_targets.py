"""What is to be audited: the modules that a name, a file or a directory stands for."""

from __future__ import annotations

import fnmatch
import os
import pkgutil
from importlib.util import find_spec

from ._audit_run import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    Target = dict[str, Any]

# Importing these would build something, run tests or start a program.
_NOT_FILES = "setup.py", "conftest.py", "noxfile.py", "fabfile.py", "__main__.py", "test_*.py", "*_test.py"
_NOT_DIRECTORIES = ("test", "tests", "testing", "doc", "docs", "example", "examples", "build", "dist", "node_modules",
                    "__pycache__", "venv", "env", "*.egg-info", ".*")


class Nothing(Exception):
    """There is nothing to be audited."""


def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _package_of(directory: str) -> tuple[str, list[str]]:
    """Where the outermost package around a directory lies, and the names from there."""
    names: list[str] = []
    while os.path.exists(os.path.join(directory, "__init__.py")):
        directory, name = os.path.split(directory)
        names.insert(0, name)
    return directory, names


def _of_file(file: str) -> tuple[str, str]:
    """The directory to find a file's module in, and the module's name."""
    place, names = _package_of(os.path.dirname(file))
    name = os.path.basename(file)[:-3]
    return place, ".".join(names + ([] if name == "__init__" else [name]))


def _files(directory: str) -> Iterator[str]:
    for top, directories, files in os.walk(directory):
        directories[:] = sorted(name for name in directories if not _is_one_of(name, _NOT_DIRECTORIES))
        for name in sorted(files):
            if name.endswith(".py") and name[:-3].isidentifier() and not _is_one_of(name, _NOT_FILES):
                yield os.path.join(top, name)


def _submodules(name: str) -> list[str]:
    """All modules below a package, found by its directories: none of them is imported."""
    spec = find_spec(name.partition(".")[0])
    parts = name.split(".")[1:]
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    places = [os.path.join(place, *parts) for place in places]
    names = []
    for info in pkgutil.iter_modules(places, name + "."):
        if info.name.rpartition(".")[2] != "__main__":
            names.append(info.name)
            names += _submodules(info.name) if info.ispkg else []
    return names


def _module(name: str) -> Target:
    return {"kind": "module", "name": name}


def groups_of(names: list[str], scripts: list[str], typelibs: list[str], excluded: list[str]) -> list[Group]:
    groups: list[Group] = []
    by_place: dict[tuple[str, str], Group] = {}
    for name in names:
        if os.path.isdir(name):
            files = list(_files(os.path.abspath(name)))
            if not files:
                raise Nothing("%s: there is no module in this directory" % name)
        elif name.endswith(".py") and os.path.isfile(name):
            files = [os.path.abspath(name)]
        else:
            modules = [name[:-2], *_submodules(name[:-2])] if name.endswith(".*") else [name]
            groups.append(Group([], [], [_module(module) for module in modules]))
            continue
        for file in files:
            place, module = _of_file(file)
            inside = os.path.realpath(name)
            group = by_place.get((place, inside))
            if group is None:
                group = by_place[place, inside] = Group([place], [inside], [])
                groups.append(group)
            if module:
                group.targets.append(_module(module))
    for script in scripts:
        if not os.path.isfile(script):
            raise Nothing("%s: there is no such file" % script)
        file = os.path.abspath(script)
        groups.append(Group([], [os.path.dirname(os.path.realpath(file))], [{"kind": "script", "name": script, "file": file}]))
    if typelibs:
        groups.append(Group([], [], [{"kind": "typelib", "name": name} for name in typelibs]))
    for group in groups:
        group.targets = [target for target in group.targets if not _is_one_of(target["name"], tuple(excluded))]
    return [group for group in groups if group.targets]
