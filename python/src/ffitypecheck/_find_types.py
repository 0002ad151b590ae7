"""Structures, Unions and callback types of a module that no function of it reached: each is compared with the type of its
name in the module's libraries, if that is certainly the type that is meant."""

from __future__ import annotations

from ctypes import Structure, Union
from _ctypes import CFuncPtr

from . import _library as ftc
from . import _source
from ._corrected import Speller
from ._find import Findings, globals_of
from ._row import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

_PREFIXES = "struct_", "union_"             # as generators of bindings name them
_NOT_TOLD = "opaque", "unused", "dummy", "reserved", "private", "placeholder", "pad"
_LEAST_COMMON = 2


def _subclasses(cls: Any) -> Iterator[Any]:
    for derived in cls.__subclasses__():
        yield derived
        yield from _subclasses(derived)


def _names_of(cls: Any) -> list[str]:
    """Members that say something, in the order of _fields_."""
    names = [str(field[0]) for field in getattr(cls, "_fields_", ())]
    return [name for name in names if name.strip("_") and not any(word in name.lower() for word in _NOT_TOLD)]


def _member_names(decl: ftc.Declaration, type: ftc.Type) -> set[str]:
    names: set[str] = set()
    for index in range(type.count):
        member = decl.member(type, index)
        if member.name is None:
            inner = decl.get(member.type)
            names |= _member_names(decl, inner) if inner.kind in ftc.RECORDS else set()
        else:
            names.add(member.name)
    return names


def _candidates(cls: Any) -> list[str]:
    name = cls.__name__
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            name = name[len(prefix):]
    kind = "union" if issubclass(cls, Union) else "struct"
    return ["%s %s" % (kind, name), name] if name.isidentifier() else []


def _meant(cls: Any, decl: ftc.Declaration) -> bool:
    """Whether most members of a class have names of the library's type: then it is that type."""
    type = decl.get(decl.type)
    names = _names_of(cls)
    if type.kind not in ftc.RECORDS or not names:
        return False
    common = len(set(names) & _member_names(decl, type))
    return common >= min(_LEAST_COMMON, type.count) and 2 * common > len(names)


def _record(found: Findings, cls: Any, module: Any, handles: list[Any]) -> None:
    for handle in handles:
        for name in _candidates(cls):
            decl = found.lookup.type(handle, name)
            if decl is None or not _meant(cls, decl):
                continue
            def corrected(decl: ftc.Declaration, finding: ftc.Finding, findings: Any) -> str | None:
                text = Speller(globals_of(module.__file__)).fields(decl, decl.type)
                return None if text is None else "%s._fields_ = %s" % (cls.__name__, text)
            line = module.__file__, _source.line_of_class(module, cls.__name__)
            found.compared(Subject("type", name, line, "ctypes"), decl, lambda claim: claim.type(cls), corrected)
            return


def _callback(found: Findings, cls: Any, module: Any, name: str, handles: list[Any]) -> None:
    """A function type under the name of a typedef. Who calls it is not known, so that it differs at most."""
    for handle in handles:
        decl = found.lookup.type(handle, name)
        if decl is None:
            continue
        type = decl.get(decl.type)
        if type.kind == ftc.POINTER and decl.get(type.target).kind == ftc.FUNCTION_TYPE:
            line = module.__file__, _source.line_of_class(module, name)
            found.compared(Subject("type", name, line, "ctypes"), decl, lambda claim: claim.type(cls), limit="DIFFERS")
            return


def look(found: Findings, modules: list[Any], handles: list[Any]) -> None:
    """`handles` are those of the modules' libraries."""
    by_name = {module.__name__: module for module in modules}
    seen = set(found.reached)
    for base in Structure, Union:
        for cls in _subclasses(base):
            module = by_name.get(cls.__module__)
            if module is not None and cls not in seen and hasattr(cls, "_fields_"):
                seen.add(cls)
                _record(found, cls, module, handles)
    for module in modules:
        for name, cls in tuple(vars(module).items()):
            if not issubclass(type(cls), type) or not issubclass(cls, CFuncPtr) or cls in seen:
                continue
            if getattr(cls, "_argtypes_", None) is not None and _source.line_of_class(module, name):
                seen.add(cls)
                _callback(found, cls, module, name, handles)
