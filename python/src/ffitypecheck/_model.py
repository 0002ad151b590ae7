"""The types of a library as plain objects, one for each type however many declarations reach it. What writes bindings reads
them; checks do not need them."""

from __future__ import annotations

from . import _library as ftc
from ._table import CONST, Entry, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

class CMember:
    """A member of a record, or a parameter of a function."""

    __slots__ = ("name", "type", "offset", "bit_offset", "bit_width", "is_bit_field")

    def __init__(self, raw: ftc.Member, type: CType) -> None:
        self.name = raw.name
        self.type = type
        self.offset = raw.offset or 0
        self.is_bit_field = bool(raw.flags & ftc.BIT_FIELD)
        self.bit_offset, self.bit_width = raw.bit_offset, raw.bit_width


class CType:
    """One type. Typedefs and qualifiers are types of their own, with the type behind them as `target`."""

    __slots__ = ("kind", "name", "size", "align", "variant", "flags", "target", "members", "dimensions", "enumerators",
                 "typedef", "origin", "bits")

    def __init__(self, entry: Entry, target: CType | None) -> None:
        self.kind, self.variant, self.flags, self.bits = entry.kind, entry.variant, entry.flags, entry.bits
        self.name, self.size, self.align = entry.name, entry.size, entry.align
        self.target = target
        self.members: list[CMember] = []            # or parameters
        self.dimensions: list[int | None] = []      # outermost first
        self.enumerators: list[tuple[str, int]] = []
        self.typedef: str | None = None             # of a record or enumeration without a name
        self.origin: tuple[ftc.Declaration, int] | None = None

    @property
    def is_incomplete(self) -> bool:
        return bool(self.flags & ftc.INCOMPLETE)

    @property
    def is_record(self) -> bool:
        return self.kind in ftc.RECORDS


def resolved(type: CType) -> CType:
    """A type behind its typedefs and qualifiers."""
    while type.kind in (ftc.TYPEDEF, ftc.QUALIFIED) and type.target is not None:
        type = type.target
    return type


def is_const(type: CType) -> bool:
    while type.kind in (ftc.TYPEDEF, ftc.QUALIFIED) and type.target is not None:
        if type.kind == ftc.QUALIFIED and type.variant == CONST:
            return True
        type = type.target
    return False


class Model:
    """The types of the declarations that were added."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._known: dict[Any, CType] = {}
        self._shapes: dict[CType, Any] = {}         # of records with a tag
        self._pending: list[tuple[CType, ftc.Declaration, int]] = []

    def add(self, decl: ftc.Declaration, id: int | None = None) -> CType:
        """The type of a declaration, and all that it reaches."""
        type = self._type(decl, decl.type if id is None else id)
        while self._pending:
            record, decl, id = self._pending.pop()
            record.members = self._members(decl, [self._tables.member(decl, id, index)
                                                  for index in range(self._tables.entry(decl, id).count)])
        return type

    def _members(self, decl: ftc.Declaration, members: list[ftc.Member]) -> list[CMember]:
        return [CMember(member, self._type(decl, member.type)) for member in members]

    def _one(self, key: Any, entry: Entry, target: CType | None = None) -> CType:
        """The type with that key, which is made if there is none."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = CType(entry, target)
        return known

    def _type(self, decl: ftc.Declaration, id: int, typedef: str | None = None) -> CType:
        """A type. A record or enumeration without a name is known by the typedef that names it."""
        entry = self._tables.entry(decl, id)
        kind = entry.kind
        if kind in ftc.RECORDS:
            return self._record(decl, id, entry, typedef)
        if kind == ftc.FUNCTION_TYPE:
            return self._function(decl, id, entry)
        if kind == ftc.ENUMERATION:
            return self._enumeration(decl, id, entry, typedef)
        if kind in (ftc.POINTER, ftc.QUALIFIED, ftc.TYPEDEF, ftc.ARRAY, ftc.VECTOR):
            target = self._type(decl, entry.target, entry.name if kind == ftc.TYPEDEF else None)
            dimensions: list[int | None] = []
            if kind in (ftc.ARRAY, ftc.VECTOR):
                dimensions = [self._tables.dimension(decl, id, index) for index in range(entry.count)]
            type = self._one((kind, entry.variant, entry.name, entry.size, target, tuple(dimensions)), entry, target)
            type.dimensions = dimensions
            return type
        return self._one((kind, entry.variant, entry.name, entry.size, entry.flags, entry.bits), entry)

    def _enumeration(self, decl: ftc.Declaration, id: int, entry: Entry, typedef: str | None) -> CType:
        constants = [self._tables.enumerator(decl, id, index) for index in range(entry.count)]
        target = None if entry.target == 0 else self._type(decl, entry.target)
        type = self._one((entry.kind, entry.name, typedef, entry.size, tuple(constants)), entry, target)
        type.enumerators, type.typedef = constants, typedef
        return type

    def _function(self, decl: ftc.Declaration, id: int, entry: Entry) -> CType:
        result = self._type(decl, entry.target)
        parameters = self._members(decl, [self._tables.parameter(decl, id, index) for index in range(entry.count)])
        key = entry.kind, entry.flags, result, tuple((one.name, one.type) for one in parameters)
        type = self._one(key, entry, result)
        type.members = parameters
        return type

    def _record(self, decl: ftc.Declaration, id: int, entry: Entry, typedef: str | None) -> CType:
        members = [self._tables.member(decl, id, index) for index in range(entry.count)]
        if entry.name is None:
            return self._nameless(decl, id, entry, members, typedef)
        # Members are compared by their spelling: their types may lead back to this one.
        shape = entry.size, tuple((one.name, one.offset, one.bit_offset, one.bit_width, decl.spell(one.type))
                                  for one in members)
        incomplete, number = bool(entry.flags & ftc.INCOMPLETE), 1
        while True:
            key = entry.kind, entry.name, number
            known = self._known.get(key)
            if known is None or incomplete or known.is_incomplete or self._shapes[known] == shape:
                break
            number += 1         # another unit defines the name otherwise
        if known is None or (known.is_incomplete and not incomplete):
            known = self._one(key, entry)
            known.size, known.align, known.flags, known.origin = entry.size, entry.align, entry.flags, (decl, id)
            self._shapes[known] = shape
            if members:
                self._pending.append((known, decl, id))
        return known

    def _nameless(self, decl: ftc.Declaration, id: int, entry: Entry, members: list[ftc.Member], typedef: str | None) -> CType:
        found = self._members(decl, members)
        key = entry.kind, entry.size, typedef, tuple((one.name, one.offset, one.bit_offset, one.bit_width, one.type)
                                                     for one in found)
        type = self._one(key, entry)
        if type.origin is None:
            type.members, type.origin, type.typedef = found, (decl, id), typedef
        return type
