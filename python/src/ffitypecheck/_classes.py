"""The library's types as ctypes classes, for a result or an argument that the program did not declare: the other way
round from a claim."""

from __future__ import annotations

import ctypes

from . import _library as ftc
from ._claim import built

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_DEPTH = 16
_SIMPLE: dict[str, Any] = {
    "?": ctypes.c_bool, "c": ctypes.c_char, "b": ctypes.c_byte, "B": ctypes.c_ubyte, "h": ctypes.c_short,
    "H": ctypes.c_ushort, "i": ctypes.c_int, "I": ctypes.c_uint, "q": ctypes.c_longlong, "Q": ctypes.c_ulonglong,
    "f": ctypes.c_float, "d": ctypes.c_double, "g": ctypes.c_longdouble, "P": ctypes.c_void_p,
}
_INTEGERS = {1: "bB", 2: "hH", 4: "iI", 8: "qQ"}
_FLOATS = {ctypes.sizeof(_SIMPLE[code]): code for code in "gdf"}
_UNSIGNED = ftc.UNSIGNED, ftc.UNSIGNED_CHAR, ftc.UTF, ftc.BOOLEAN
_Metaclass: Any = ctypes.Structure.__class__
NO_CLASS: Any = object()        # there is none


def _is_unsigned(decl: ftc.Declaration, type: ftc.Type) -> bool:
    if type.kind == ftc.ENUMERATION:
        if type.target == 0:
            return False
        type = decl.get(type.target)
    return type.variant in _UNSIGNED


def code_of_type(decl: ftc.Declaration, type: ftc.Type) -> str:
    """The letter of the simple type for a base type, an enumeration or a pointer; empty: none."""
    if type.kind == ftc.POINTER:
        return "P" if type.size == ctypes.sizeof(ctypes.c_void_p) else ""
    if type.kind == ftc.BASE:
        if type.variant == ftc.BOOLEAN:
            return "?" if type.size == 1 else ""
        if type.variant == ftc.FLOAT:
            return _FLOATS.get(type.size or 0, "")
        if not ftc.SIGNED <= type.variant <= ftc.UTF:
            return ""
    elif type.kind != ftc.ENUMERATION:
        return ""
    letters = _INTEGERS.get(type.size or 0)
    return "" if letters is None else letters[_is_unsigned(decl, type)]


def simple_class(code: str) -> Any:
    return _SIMPLE[code]


def _record_class(decl: ftc.Declaration, type: ftc.Type, depth: int) -> Any:
    """A Structure with the members of a declared struct, if ctypes lays it out alike. Unions and bit-fields have none:
    ctypes does not pass them by value."""
    fields = []
    for index in range(type.count):
        member = decl.member(type, index)
        if member.flags & (ftc.BIT_FIELD | ftc.BASE_CLASS) or member.name is None:
            return NO_CLASS
        cls = _class_of(decl, member.type, depth + 1)
        if cls is NO_CLASS:
            return NO_CLASS
        fields.append((member.name, cls))
    made = _Metaclass(type.name or "anonymous", (ctypes.Structure,), {"_fields_": fields})
    if ctypes.sizeof(made) != type.size:
        return NO_CLASS
    claim = built(lambda claim: claim.type(made))
    if claim is None or decl.check_type(type.id, claim[0].table, claim[1]).verdict != "MATCH":
        return NO_CLASS
    return made


def _array_class(decl: ftc.Declaration, type: ftc.Type, depth: int) -> Any:
    element = decl.get(type.target)
    if type.size is None or not element.size:
        return NO_CLASS
    # An array of char is a text, as a program would declare it.
    text = element.kind == ftc.BASE and element.name == "char"
    item = ctypes.c_char if text else _class_of(decl, type.target, depth + 1)
    return NO_CLASS if item is NO_CLASS else item * (type.size // element.size)


def _class_of(decl: ftc.Declaration, id: int, depth: int) -> Any:
    if depth > _MOST_DEPTH:
        return NO_CLASS
    type = decl.get(id)
    if type.kind == ftc.STRUCT:
        return _record_class(decl, type, depth)
    if type.kind == ftc.ARRAY:
        return _array_class(decl, type, depth)
    return _SIMPLE.get(code_of_type(decl, type), NO_CLASS)


def result_class(decl: ftc.Declaration, id: int) -> Any:
    """The result's class in place of one that was not given. A pointer is an int of full width, never None: programs
    compare it with 0."""
    type = decl.get(id)
    if type.kind == ftc.VOID:
        return None
    if type.kind == ftc.POINTER:
        return ctypes.c_size_t
    try:
        return _class_of(decl, id, 0)
    except MemoryError:
        raise
    except Exception:           # a name that no class may have
        return NO_CLASS
