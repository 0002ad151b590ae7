"""The types that a program declares, as libffitypecheck is told them: of each ctypes class the size, the members and
where they lie, what it points to. Such a claim is then compared with the library's declaration."""

from __future__ import annotations

import os
import sys
from ctypes import Array, Structure, Union, _Pointer, _SimpleCData, alignment, c_wchar, sizeof
from _ctypes import CFuncPtr

from . import _library as ftc
from ._function import NOT_GIVEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CData: type = next(base for base in Structure.__mro__ if base.__name__ == "_CData")

# Neither module says it: on these machines plain char, or wchar_t, has no sign.
_MACHINE = os.uname().machine
_CHAR = ftc.UNSIGNED_CHAR if _MACHINE.startswith(("arm", "aarch64", "ppc", "s390", "riscv")) else ftc.SIGNED_CHAR
_WCHAR = ftc.UNSIGNED if _MACHINE.startswith(("arm", "aarch64")) else ftc.SIGNED
_ENCODINGS = {
    "c": _CHAR, "b": ftc.SIGNED_CHAR, "B": ftc.UNSIGNED_CHAR, "h": ftc.SIGNED, "H": ftc.UNSIGNED, "i": ftc.SIGNED,
    "I": ftc.UNSIGNED, "l": ftc.SIGNED, "L": ftc.UNSIGNED, "q": ftc.SIGNED, "Q": ftc.UNSIGNED, "f": ftc.FLOAT,
    "d": ftc.FLOAT, "g": ftc.FLOAT, "?": ftc.BOOLEAN, "u": _WCHAR,
}


def is_a(cls: Any, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base)


def is_record(cls: Any) -> bool:
    return is_a(cls, Structure) or is_a(cls, Union)


def is_ctypes(cls: Any) -> bool:
    return is_a(cls, CData)


def code_of(cls: Any) -> str:
    """The letter of a simple type; empty if it has none."""
    text = getattr(cls, "_type_", "")
    return text[:1] if isinstance(text, str) else ""


def is_swapped(cls: Any) -> bool:
    """Whether a simple type has the other byte order than the machine's."""
    own = "__ctype_le__" if sys.byteorder == "little" else "__ctype_be__"
    return getattr(cls, own, cls) is not cls


def has_own_from_param(cls: Any) -> bool:
    """Whether the class says itself how a parameter is converted: then anything may come."""
    return not isinstance(cls, type) or any("from_param" in base.__dict__ for base in cls.__mro__)


def _bits_of(descriptor: Any) -> tuple[int, int]:
    """Of a bit-field, the first bit in its storage unit and the width."""
    if hasattr(descriptor, "bit_size"):
        return descriptor.bit_offset, descriptor.bit_size
    return descriptor.size & 0xffff, descriptor.size >> 16


class Claim:
    """Types of ctypes, as libffitypecheck is told them. What cannot be told is "any"."""

    def __init__(self) -> None:
        self.table = ftc.Claim()
        self._known: dict[type, int] = {}
        self._opaque: dict[Any, None] = {}  # records that pointers need, whose members are not told yet

    def _simple(self, cls: Any) -> int:
        code = code_of(cls)
        if code == "P":
            return self.table.pointer(0)
        if code == "O":
            return self.table.pointer(self.table.record(ftc.STRUCT, "_object"))
        if code == "z":
            return self.table.pointer(self.table.base(_CHAR, 1))
        if code == "Z":
            return self.table.pointer(self.table.base(_WCHAR, sizeof(c_wchar)))
        if code not in _ENCODINGS:
            return self.table.any()
        size = sizeof(cls)
        flags = ftc.SWAPPED if size > 1 and is_swapped(cls) else 0
        return self.table.base(_ENCODINGS[code], size, flags)

    def _field(self, record: int, names: Any, anonymous: Any, field: Any) -> None:
        """One (name, type[, width]) of _fields_; where it lies, the descriptor in the class's __dict__ says."""
        name, type, *width = field
        descriptor = names[name]
        id = self._type(type)
        if not width:
            self.table.member(record, None if name in anonymous else name, id, descriptor.offset)
            return
        first, bits = _bits_of(descriptor)
        if sys.byteorder == "big":
            first = sizeof(type) * 8 - first - bits
        self.table.bit_field(record, name, id, descriptor.offset * 8 + first, bits)

    def _declared(self, cls: Any) -> int:
        """A record without its members, which may point to it."""
        kind = ftc.UNION if issubclass(cls, Union) else ftc.STRUCT
        id = self._known[cls] = self.table.record(kind, cls.__name__)
        self._opaque[cls] = None
        return id

    def _complete(self, cls: Any) -> None:
        """Tells the members of a record. C has no empty struct: without members or bytes it stays opaque."""
        if cls not in self._opaque:
            return
        del self._opaque[cls]
        if not hasattr(cls, "_fields_") or sizeof(cls) == 0:
            return
        id = self._known[cls]
        for base in reversed(cls.__mro__):
            names = base.__dict__
            # A copy: looking at a field may run code that changes a list.
            for field in tuple(names.get("_fields_", ())):
                self._field(id, names, names.get("_anonymous_", ()), field)
        self.table.complete(id, sizeof(cls), alignment(cls))

    def _pointer(self, cls: Any) -> int:
        """A pointer type without a _type_ yet points to anything. A record behind it may have the one that is being told
        as a member, so that its own members come later."""
        pointee = getattr(cls, "_type_", None)
        if is_record(pointee):
            return self.table.pointer(self._known[pointee] if pointee in self._known else self._declared(pointee))
        return self.table.pointer(self._type(pointee) if isinstance(pointee, type) else 0)

    def _function_pointer(self, cls: Any) -> int:
        """A class without _argtypes_ is that of a CDLL's functions, and says nothing."""
        argtypes = getattr(cls, "_argtypes_", None)
        if argtypes is None:
            return self.table.any()
        return self.table.pointer(self._function(tuple(argtypes), getattr(cls, "_restype_", NOT_GIVEN)))

    def _type(self, cls: Any) -> int:
        known = self._known.get(cls)
        if is_record(cls):
            id = self._declared(cls) if known is None else known
            self._complete(cls)
            return id
        if known is not None:
            return known
        if is_a(cls, _SimpleCData):
            id = self._simple(cls)
        elif is_a(cls, Array):
            id = self.table.array(self._type(cls._type_), cls._length_)
        elif is_a(cls, _Pointer):
            id = self._pointer(cls)
        elif is_a(cls, CFuncPtr):
            id = self._function_pointer(cls)
        else:
            id = self.table.any()
        self._known[cls] = id
        return id

    def _complete_all(self) -> None:
        while self._opaque:
            self._complete(next(iter(self._opaque)))

    def type(self, cls: Any) -> int:
        """What a class is in C."""
        id = self._type(cls)
        self._complete_all()
        return id

    def _parameter(self, cls: Any) -> int:
        return self.table.any() if has_own_from_param(cls) or not is_ctypes(cls) else self._type(cls)

    def _result(self, restype: Any) -> int:
        if restype is NOT_GIVEN:
            return self.table.any()
        if restype is None:
            return 0
        if not is_ctypes(restype):
            return self.table.base(ftc.SIGNED, 4)       # a callable gets an int
        return self._type(restype)

    def _function(self, argtypes: tuple[Any, ...] | None, restype: Any) -> int:
        result = self._result(restype)
        parameters = [self._parameter(cls) for cls in argtypes or ()]
        return self.table.function(result, parameters, ftc.UNPROTOTYPED if argtypes is None else 0)

    def function(self, argtypes: tuple[Any, ...] | None, restype: Any) -> int:
        """argtypes is None if nothing is said of the arguments; so is restype NOT_GIVEN."""
        id = self._function(argtypes, restype)
        self._complete_all()
        return id

    def argument(self, count: int, variadic: bool, index: int, cls: Any, address: bool) -> int:
        """A function with so many parameters that says something of one only: its class, or a pointer to it."""
        given = self.type(cls)
        if address:
            given = self.table.pointer(given)
        any = self.table.any()
        parameters = [given if i == index else any for i in range(count)]
        return self.table.function(any, parameters, ftc.VARIADIC if variadic else 0)


def built(build: Any, make: Any = Claim) -> tuple[Any, int] | None:
    """A claim and what `build` returned for it. What a program declared may be such that it cannot be looked at, or does
    not make sense: it is then as good as not declared, since without type checking nobody would have looked."""
    try:
        claim = make()
        return claim, build(claim)
    except MemoryError:
        raise
    except Exception:
        return None
