"""Tables of functions, as modules keep them to bind a function when it is first used.

Recognized are, in a module and in the classes of a module:
- lists, tuples and sets of rows, and dicts of rows by name: a row is a list or tuple with the name of a symbol (in a dict
  the key), one list or tuple of ctypes types, which are the arguments, and one ctypes type or None, the result;
- objects with an attribute that ends in "argtypes" or "arg_types", and one that ends in "restype", "res_type" or
  "resulttype", and one that ends in "name"; upper and lower case are alike.
Each name must be a symbol of exactly one of the module's libraries, and a table of rows must have at least two rows of
which most are.
"""

from __future__ import annotations

import linecache
from ctypes import CDLL
from types import ModuleType
from _ctypes import CFuncPtr

from ._claim import is_ctypes
from ._find import Findings
from ._function import NOT_GIVEN
from ._lookup import address_of, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    Row = tuple[str, tuple[Any, ...], Any]

_ARGTYPES = "argtypes", "arg_types"
_RESTYPE = "restype", "res_type", "resulttype", "result_type"
_MOST_ROWS = 20000


def _is(object: Any, *classes: Any) -> bool:
    """As isinstance, which may run code of the object: it asks for its __class__."""
    return issubclass(type(object), classes)


def _is_type(part: Any) -> bool:
    return _is(part, type) and is_ctypes(part)


def _is_types(part: Any) -> bool:
    return _is(part, list, tuple) and all(_is_type(item) for item in part)


def _row(name: Any, parts: Any) -> Row | None:
    """Of the parts of a row, the arguments and the result; None if it is not plain which they are."""
    if _is(name, bytes):
        name = name.decode("ascii", "replace")
    if not _is(name, str) or not name.isidentifier() or not _is(parts, list, tuple):
        return None
    arguments = [part for part in parts if _is_types(part)]
    results = [part for part in parts if _is_type(part) or part is None]
    if len(arguments) != 1 or not results:
        return None
    if len(results) > 1:
        # None behind a type: no errcheck, or no flags. Several types: not plain.
        types = [part for part in results if part is not None]
        if len(types) != 1 or results[0] is None:
            return None
        results = types
    return name, tuple(arguments[0]), results[0]


def _rows_of(value: Any) -> list[Row]:
    rows: list[Any] = []
    if _is(value, dict) and len(value) < _MOST_ROWS:
        rows = [_row(name, parts) for name, parts in tuple(value.items())]
    elif _is(value, list, tuple, set, frozenset) and len(value) < _MOST_ROWS:
        for row in tuple(value):
            if not _is(row, list, tuple) or len(row) < 3:
                return []
            rows.append(_row(row[0], row[1:]))
    return [row for row in rows if row is not None]


def _attribute(names: dict[str, Any], endings: tuple[str, ...]) -> Any:
    found = [value for name, value in names.items() if _is(name, str) and name.lower().endswith(endings)]
    return found[0] if len(found) == 1 else NOT_GIVEN


def _object_row(value: Any) -> Row | None:
    """A record of one function, made by the program."""
    if _is(value, type, CFuncPtr, CDLL, ModuleType):
        return None
    try:
        names = object.__getattribute__(value, "__dict__")      # no code of the program
    except AttributeError:
        return None
    argtypes, restype = _attribute(names, _ARGTYPES), _attribute(names, _RESTYPE)
    name = _attribute(names, ("name",))
    if not _is_types(argtypes) or not _is(name, str) or not (restype is None or _is_type(restype)):
        return None
    return name, tuple(argtypes), restype


def _holders(modules: list[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for module in modules:
        yield module, dict(vars(module))
        for cls in tuple(vars(module).values()):
            if _is(cls, type) and cls.__module__ == module.__name__:
                yield module, dict(vars(cls))


def _owner(name: str, dlls: list[Any]) -> Any:
    """The library that has the symbol, if it is one."""
    places: dict[str, Any] = {}
    for dll in dlls:
        address = address_of(dll, name)
        if address:
            places.setdefault(place_of(address)[0] or "", (dll, address))
    return next(iter(places.values())) if len(places) == 1 else None


def _line(module: Any, name: str) -> int:
    """The first line with the name as a string."""
    for number, text in enumerate(linecache.getlines(module.__file__), 1):
        if '"%s"' % name in text or "'%s'" % name in text:
            return number
    return 0


def _compare(found: Findings, row: Row, owner: Any, module: Any) -> None:
    """One row; a function that was bound is compared there."""
    name, argtypes, restype = row
    dll, address = owner
    if name not in vars(dll):
        line = module.__file__, _line(module, name)
        decl = found.lookup.symbol(dll._handle, name, address)
        found.declared(name, decl, argtypes, restype, [line, line], "table")


def look(found: Findings, modules: list[Any], dlls: list[Any]) -> None:
    seen: set[int] = set()
    for module, names in _holders(modules) if dlls else ():
        for value in names.values():
            if id(value) in seen:
                continue
            seen.add(id(value))
            single = _object_row(value)
            rows = [single] if single is not None else _rows_of(value)
            owners = [_owner(row[0], dlls) for row in rows]
            known = [(row, owner) for row, owner in zip(rows, owners) if owner is not None]
            if single is None and (len(rows) < 2 or 2 * len(known) <= len(rows)):
                continue
            for row, owner in known:
                _compare(found, row, owner, module)
