"""python -m ffitypecheck._audit_child JOB

Imports the modules of a job, one after another, and then compares what they declare; how far it came and what was found is
appended to a file, a line of JSON each. The process may crash, hang, fork or end at any time: whoever started it sees by the
lines at which module it was.

All modules are imported before anything is compared, because one may declare what another calls."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import os
import runpy
import sys
import traceback

from ctypes import CDLL

from . import _cffi, _find_types, _function, _hooks, _policy, _tables
from ._find import Findings, Witness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Audit:
    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._process = os.getpid()
        self._inside = tuple(job["inside"])
        self._modules: list[Any] = []           # scripts that ran
        self._found = Findings(self.is_inside)
        self._witness = _function.witness = Witness()
        if hasattr(ctypes, "set_typecheck"):
            ctypes.set_typecheck("off")         # the interpreter's own check would refuse
        _policy.change("off")
        _hooks.turn_on()
        self._real: dict[str, str] = {}         # paths, and where they lead

    def _stop_copies(self) -> None:
        """A module that forks goes on twice: one of the two is enough."""
        if os.getpid() != self._process:
            os._exit(0)

    def write(self, **values: Any) -> None:
        self._stop_copies()
        with open(self._job["out"], "a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def is_inside(self, file: str | None) -> bool:
        if file is None or file.startswith("<"):        # <frozen importlib>, <string>
            return False
        if self._job["all"]:
            return True
        known = self._real.get(file)
        if known is None:
            known = self._real[file] = os.path.realpath(file)
        return any(known == top or known.startswith(top + os.sep) for top in self._inside)

    def _import(self, target: dict[str, str]) -> None:
        if target["kind"] == "module":
            if not self._job["inside"]:
                self._inside += _places_of(target["name"].partition(".")[0])
            importlib.import_module(target["name"])
        elif target["kind"] == "script":
            sys.argv = [target["file"]]
            sys.path.insert(0, os.path.dirname(target["file"]))
            self._modules.append(_module_of(target["file"], runpy.run_path(target["file"], run_name="__main__")))
        else:
            from . import _typelib
            _typelib.look(self._found, target["name"])

    def _imported(self, target: dict[str, str]) -> dict[str, Any]:
        """How the import went. The next one finds what this one found."""
        path, directory = list(sys.path), os.getcwd()
        try:
            self._import(target)
        except SystemExit as error:
            if target["kind"] == "script":
                return {"status": "ok"}             # as scripts end
            return {"status": "exited", "message": "the import called exit (%r)" % (error.code,)}
        except BaseException as error:
            self._stop_copies()
            line = self._line_of(error)
            return {"status": "failed", "message": _one_line(error), **line}
        finally:
            self._stop_copies()
            sys.path += [place for place in path if place not in sys.path]
            os.chdir(directory)
        return {"status": "ok"}

    def _line_of(self, error: BaseException) -> dict[str, Any]:
        """The innermost line of what is audited that an error passed through."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if self.is_inside(frame.filename):
                return {"file": frame.filename, "line": frame.lineno}
        if isinstance(error, SyntaxError) and error.filename:
            return {"file": error.filename, "line": error.lineno}
        return {}

    def _compare(self) -> None:
        found = self._found
        modules = self._modules + [module for module in tuple(sys.modules.values())
                                   if isinstance(getattr(module, "__file__", None), str) and self.is_inside(module.__file__)]
        dlls = [object for object in gc.get_objects() if issubclass(type(object), CDLL) and "_handle" in vars(object)]
        dlls = [dll for dll in dlls if dll is not getattr(ctypes, "pythonapi", None)]      # PyPy has none
        dlls.sort(key=lambda dll: str(vars(dll).get("_name")))
        found.look(self._witness, modules)
        _tables.look(found, modules, dlls)
        _find_types.look(found, modules, list(dict.fromkeys(dll._handle for dll in dlls)))
        _cffi.look(found, modules)

    def run(self) -> None:
        for number, target in self._job["targets"]:
            self.write(event="begin", target=number)
            before = set(sys.modules)
            result = self._imported(target)
            files = [getattr(sys.modules.get(name), "__file__", None) for name in set(sys.modules) - before]
            self.write(event="imported", target=number, files=[file for file in files if isinstance(file, str)], **result)
        self.write(event="compare")
        self._compare()
        found = self._found
        self.write(event="end", rows=found.rows, counts=found.counts, libraries=found.lookup.libraries)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:500]
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def _places_of(name: str) -> tuple[str, ...]:
    """The directories of a package, or the file of a module."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return ()
    places = list(spec.submodule_search_locations or ()) or [spec.origin or ""]
    return tuple(os.path.realpath(place) for place in places)


def _module_of(file: str, names: dict[str, Any]) -> Any:
    """A script that ran, as a module."""
    module = type(sys)("__main__")
    vars(module).update(names)
    module.__file__ = file
    return module


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    sys.argv = [""]
    sys.path[:0] = job["paths"]
    Audit(job).run()
    # Neither threads nor what atexit has: a module may have left something that never ends.
    os._exit(0)


if __name__ == "__main__":
    main()
