"""Types of a library as ctypes expressions. What an expression needs is defined in the module first: classes, names of typedefs,
constants."""

from __future__ import annotations

import ctypes

from . import _library as ftc
from ._model import CType, is_const, resolved
from ._names import Names, is_reserved, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._module import Module

_FLOATS = {ctypes.sizeof(getattr(ctypes, name)): name for name in ("c_longdouble", "c_double", "c_float")}
_INTEGERS = {1: ("c_byte", "c_ubyte"), 2: ("c_short", "c_ushort"), 4: ("c_int", "c_uint"), 8: ("c_longlong", "c_ulonglong")}
_LONG = "c_long", "c_ulong"
# Typedefs of the standard that ctypes has under a name of its own.
_STANDARD = {"size_t": "c_size_t", "ssize_t": "c_ssize_t", "ptrdiff_t": "c_ssize_t", "intptr_t": "c_ssize_t",
             "uintptr_t": "c_size_t", "wchar_t": "c_wchar"}
_STANDARD.update(("%sint%d_t" % (sign, bits), "c_%sint%d" % (sign, bits)) for sign in ("", "u") for bits in (8, 16, 32, 64))
_UNSIGNED = ftc.UNSIGNED, ftc.UNSIGNED_CHAR, ftc.UTF


class Unsupported(Exception):
    """What ctypes cannot express, and why."""


def begin(record: CType, begun: set[CType]) -> int:
    """Before a record is given its members: they are known, and it is none of them. Returns its size."""
    if record.is_incomplete or record.size is None:
        raise Unsupported("'%s' is only declared" % (record.name or record.typedef))
    if record in begun:
        raise Unsupported("it contains itself")
    begun.add(record)
    return record.size


def integer_name(size: int, unsigned: bool, name: str = "") -> str:
    """The simple type of ctypes for an integer; `name` is its name in C."""
    if "long" in name and "long long" not in name and size == ctypes.sizeof(ctypes.c_long):
        return _LONG[unsigned]
    if size not in _INTEGERS:
        raise Unsupported("ctypes has no integer of %d bytes" % size)
    return _INTEGERS[size][unsigned]


def base_name(type: CType) -> str:
    """The simple type of ctypes for a base type."""
    name, size = type.name or "", type.size or 0
    if type.bits or type.flags & ftc.SWAPPED:
        raise Unsupported("ctypes has no '%s'" % name)
    if type.variant == ftc.BOOLEAN and size == 1:
        return "c_bool"
    if type.variant == ftc.FLOAT and size in _FLOATS:
        return _FLOATS[size]
    if name == "char" and size == 1:
        return "c_char"
    if ftc.SIGNED <= type.variant <= ftc.UTF:
        return integer_name(size, type.variant in _UNSIGNED, name)
    raise Unsupported("ctypes has no '%s'" % name)


def promoted_name(type: CType) -> str | None:
    """The simple type that an argument of a function without a prototype is passed as, if it is another."""
    behind = resolved(type)
    if behind.kind == ftc.BASE and behind.variant == ftc.FLOAT and behind.size == 4:
        return "c_double"
    small = behind.kind in (ftc.BASE, ftc.ENUMERATION) and behind.variant != ftc.FLOAT and (behind.size or 4) < 4
    return "c_int" if small else None


class Speller:
    """Writes expressions for types into a module."""

    def __init__(self, module: Module, names: Names) -> None:
        self.module, self.names = module, names
        self._typedefs: dict[CType, str] = {}
        self._classes: dict[CType, str] = {}
        self._enumerations: dict[CType, str] = {}
        self._places: dict[CType, str] = {}     # of records without a name: the member that has them
        self.to_complete: list[CType] = []

    def value(self, type: CType, complete: bool = True) -> str:
        """An expression for a type. Without `complete`, a record may be one that has no members yet, as behind a pointer."""
        kind = type.kind
        if kind == ftc.QUALIFIED and type.target is not None:
            return self.value(type.target, complete)
        if kind == ftc.TYPEDEF and type.target is not None:
            return self._typedef(type, type.target, complete)
        if kind == ftc.BASE:
            return self.module.use(base_name(type))
        if kind == ftc.POINTER and type.target is not None:
            return self._pointer(type.target)
        if kind == ftc.ARRAY and type.target is not None:
            return self._array(type, type.target)
        if kind == ftc.ENUMERATION:
            return self._enumeration(type)
        if type.is_record:
            name = self.class_of(type)
            if complete:
                self.module.complete(type)
            return name
        raise Unsupported({ftc.VOID: "void has no value", ftc.VECTOR: "ctypes has no vectors",
                           ftc.FUNCTION_TYPE: "a function has no value"}.get(kind) or type.name or "its type is not known")

    def _typedef(self, type: CType, target: CType, complete: bool) -> str:
        behind, name = resolved(type), type.name or ""
        standard = _STANDARD.get(name)
        if standard is not None and behind.kind == ftc.BASE and ctypes.sizeof(getattr(ctypes, standard)) == behind.size:
            return self.module.use(standard)
        text = self.value(target, complete)
        if is_reserved(name) or (target.is_record and target.name is None and target.typedef == name):
            return text
        if type not in self._typedefs:
            self._typedefs[type] = self.names.new(name)
            self.module.run("%s = %s" % (self._typedefs[type], text))
        return self._typedefs[type]

    def _pointer(self, target: CType) -> str:
        behind = resolved(target)
        if behind.kind in (ftc.VOID, ftc.UNKNOWN):
            return self.module.use("c_void_p")
        if behind.kind == ftc.BASE and behind.name == "char" and is_const(target):
            return self.module.use("c_char_p")
        try:
            if behind.kind == ftc.FUNCTION_TYPE:
                return self.callback(behind)
            text = self.value(target, complete=False)
        except Unsupported:
            return self.module.use("c_void_p")
        if text == "c_wchar" and is_const(target):
            return self.module.use("c_wchar_p")
        return "%s(%s)" % (self.module.use("POINTER"), text)

    def _array(self, type: CType, element: CType) -> str:
        text = self.value(element)
        for length in reversed(type.dimensions):
            text = "%s * %d" % ("(%s)" % text if " " in text else text, length or 0)
        return text

    def callback(self, function: CType) -> str:
        """A prototype. A pointer as a result is a c_void_p: ctypes converts no other that a Python function returns."""
        assert function.target is not None
        behind = resolved(function.target)
        if behind.kind == ftc.VOID:
            texts = ["None"]
        elif behind.kind == ftc.POINTER:
            texts = [self.module.use("c_void_p")]
        else:
            texts = [self.by_value(function.target)]
        texts += [self.by_value(one.type) for one in function.members]
        return "%s(%s)" % (self.module.use(self.module.prototype), ", ".join(texts))

    def by_value(self, type: CType) -> str:
        """An expression for what is passed in a call."""
        behind = resolved(type)
        if behind.is_record:
            self.value(type)
            reason = self.module.not_passed(behind)
            if reason is not None:
                raise Unsupported(reason)
        return self.value(type)

    def _enumeration(self, type: CType) -> str:
        """An integer type; its constants are plain numbers of the module, as in C."""
        if type.size is None:
            raise Unsupported("the enumeration is only declared")
        known = self._enumerations.get(type)
        if known is None:
            integer = resolved(type.target) if type.target is not None else None
            text = self.module.use(integer_name(type.size, integer is not None and integer.variant in _UNSIGNED))
            lines = ["# enum %s" % one_line(type.name or type.typedef or "")]
            if type.name is not None:
                known = self.names.new("enum_" + type.name)
                lines.append("%s = %s" % (known, text))
            known = self._enumerations[type] = known or text
            lines += ["%s = %d" % (self.names.new(name), value) for name, value in type.enumerators]
            self.module.run("\n".join(lines))
        return known

    def place(self, type: CType, name: str) -> None:
        """Says which member has a type, for the name of a record that has none itself."""
        while type.kind in (ftc.ARRAY, ftc.POINTER, ftc.QUALIFIED) and type.target is not None:
            type = type.target
        if type.is_record:
            self._places.setdefault(type, name)

    def class_of(self, type: CType) -> str:
        """The class of a record, which may not have its members yet."""
        known = self._classes.get(type)
        if known is None:
            union = type.kind == ftc.UNION
            keyword = "union" if union else "struct"
            wanted = type.typedef or self._places.get(type) or keyword
            if type.name is not None:
                wanted = "%s_%s" % (keyword, type.name)
            known = self._classes[type] = self.names.new(wanted)
            base: Any = self.module.use("Union" if union else "Structure")
            what = "only declared" if type.is_incomplete else "%d bytes" % (type.size or 0)
            self.module.run("class %s(%s):        # %s\n    pass" % (known, base, what))
            if not type.is_incomplete:
                self.to_complete.append(type)
        return known
