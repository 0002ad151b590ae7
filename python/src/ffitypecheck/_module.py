"""A module for ctypes in the making. Each statement is run as it is written, so what is written is known to work."""

from __future__ import annotations

import ctypes
import os
import textwrap

from . import _library as ftc
from ._layout import Layout, layout_of
from ._model import CType, resolved
from ._names import Names, one_line
from ._spell_ctypes import Speller, begin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What the module imports or defines itself. Names of the library that are the same get a number.
_CTYPES = [name for name in dir(ctypes) if name.startswith("c_")] + [
    "CDLL", "CFUNCTYPE", "POINTER", "PYFUNCTYPE", "PyDLL", "Structure", "Union"]
_OWN = {"_lib"}
# Records up to this size are passed in registers. ctypes then tells libffi the elements of their arrays, and gets those of
# arrays of arrays and of arrays without elements wrong.
_BY_PARTS = 16 if os.uname().machine in ("x86_64", "i686") else 64


def _has_open_or_nested_array(type: CType) -> bool:
    array = resolved(type)
    if array.kind != ftc.ARRAY or array.target is None:
        return False
    return len(array.dimensions) > 1 or not array.dimensions[0] or resolved(array.target).kind == ftc.ARRAY


class Module:
    """The text of a module, and its namespace so far. With `holds_lock`, Python's lock is held during calls."""

    def __init__(self, symbols: list[str], holds_lock: bool) -> None:
        self.namespace: dict[str, Any] = {}
        self.parts: list[str] = []
        self.prototype = "PYFUNCTYPE" if holds_lock else "CFUNCTYPE"
        names = Names(set(_CTYPES) | _OWN)
        self.symbols = {symbol: names.new(symbol) for symbol in symbols}
        self.spell = Speller(self, names)
        self._used: set[str] = set()
        self._layouts: dict[CType, Layout | None] = {}
        self._begun: set[CType] = set()

    def use(self, name: str) -> str:
        """Imports a name of ctypes."""
        self._used.add(name)
        self.namespace[name] = getattr(ctypes, name)
        return name

    def evaluate(self, text: str) -> Any:
        return eval(text, self.namespace)

    def run(self, text: str) -> None:
        """Adds statements and runs them."""
        exec(text, self.namespace)
        self.parts.append(text)

    def imports(self) -> str:
        line = "from ctypes import %s" % ", ".join(sorted(self._used))
        if len(line) <= 120:
            return line
        return "from ctypes import (\n%s)" % textwrap.fill(", ".join(sorted(self._used)), 116, initial_indent="    ",
                                                           subsequent_indent="    ")

    def complete(self, type: CType) -> None:
        """Gives the class of a record its members, and first those that it needs."""
        if type in self._layouts:
            return
        size = begin(type, self._begun)
        name = self.spell.class_of(type)
        layout = self._layouts[type] = layout_of(type, self.spell, name, self.evaluate)
        if layout is None:
            self.run("# ctypes cannot lay it out as the library does: its bytes only.\n"
                     '%s._fields_ = [("_bytes", %s * %d)]' % (name, self.use("c_ubyte"), size))
            return
        lines = ["%s.%s = %r" % (name, key, value) for key, value in layout.attributes().items()]
        lines += ["%s._fields_ = [" % name] + [str(field) for field in layout.fields] + ["]"]
        self.run("\n".join(lines))

    def complete_all(self) -> None:
        """Gives all classes that were named so far their members."""
        while self.spell.to_complete:
            self.complete(self.spell.to_complete.pop(0))

    def classes(self) -> list[tuple[CType, Any]]:
        """The records with members, and their classes."""
        return [(type, self.namespace[self.spell.class_of(type)]) for type in self._layouts]

    def is_of_long_double(self, type: CType) -> bool:
        """Whether a record has one long double and nothing else."""
        while (type.is_record or type.kind == ftc.ARRAY) and type.size == ctypes.sizeof(ctypes.c_longdouble):
            if type.kind != ftc.ARRAY and len(type.members) != 1:
                return False
            inner = type.target if type.kind == ftc.ARRAY else type.members[0].type
            assert inner is not None
            type = resolved(inner)
            if type.kind == ftc.BASE:
                return type.variant == ftc.FLOAT and type.size == ctypes.sizeof(ctypes.c_longdouble)
        return False

    def not_passed(self, type: CType) -> str | None:
        """Why ctypes does not pass a complete record by value as C does; None: it does."""
        name = one_line(type.name or type.typedef or "a record")
        if type.kind == ftc.UNION:
            return "ctypes does not pass unions by value ('%s')" % name
        if type.flags & ftc.BY_REFERENCE:
            return "'%s' is a C++ object that is passed by a hidden pointer" % name
        if not type.members:
            return "'%s' has no members" % name
        layout = self._layouts.get(type)
        if any(member.is_bit_field for member in type.members):
            return "ctypes does not pass bit-fields by value ('%s')" % name
        if layout is None or not layout.is_faithful:
            return "ctypes does not have all types of '%s'" % name
        if layout.packed or layout.align or any(field.member is None for field in layout.fields):
            return "ctypes passes no record by value that is packed or aligned by an attribute ('%s')" % name
        if (type.size or 0) <= _BY_PARTS and any(_has_open_or_nested_array(member.type) for member in type.members):
            return "ctypes does not pass open arrays, and arrays of arrays, by value ('%s')" % name
        for member in type.members:
            inner = resolved(member.type)
            while inner.kind == ftc.ARRAY and inner.target is not None:
                inner = resolved(inner.target)
            reason = self.not_passed(inner) if inner.is_record else None
            if reason is not None:
                return reason
        return None
