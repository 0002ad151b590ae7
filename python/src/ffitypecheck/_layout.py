"""How a record is written as a Structure or Union of ctypes, so that each member lies where the library has it."""

from __future__ import annotations

import ctypes
import sys

from . import _library as ftc
from ._claim import _bits_of as bits_of
from ._model import CMember, CType, resolved
from ._names import Names, one_line
from ._spell_ctypes import Speller, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_METACLASSES: Any = {ctypes.Structure: type(ctypes.Structure), ctypes.Union: type(ctypes.Union)}


class Field:
    """One entry of `_fields_`. `member` is None for padding."""

    __slots__ = ("name", "text", "cls", "width", "member", "comment")

    def __init__(self, name: str, text: str, cls: Any, width: int | None = None, member: CMember | None = None,
                 comment: str = "") -> None:
        self.name, self.text, self.cls, self.width = name, text, cls, width
        self.member, self.comment = member, comment

    @property
    def entry(self) -> tuple[Any, ...]:
        return (self.name, self.cls) if self.width is None else (self.name, self.cls, self.width)

    def __str__(self) -> str:
        width = "" if self.width is None else ", %d" % self.width
        return '    ("%s", %s%s),%s' % (self.name, self.text, width, self.comment and "      # " + one_line(self.comment))


class Layout:
    """The fields of one record, in one of three ways: bit-fields with their own types, bit-fields in the smallest
    units that hold them, or bytes in place of bit-fields."""

    OWN, UNITS, BYTES = range(3)

    def __init__(self, record: CType, spell: Speller, name: str, evaluate: Callable[[str], Any], way: int) -> None:
        self.record, self._spell, self._name, self._evaluate, self._way = record, spell, name, evaluate, way
        self._names = Names(set())
        self.is_union = record.kind == ftc.UNION
        self.is_faithful = True         # each member has its own type
        self.packed = False
        self.anonymous: list[str] = []
        members = [(member, self._field(member)) for member in record.members]
        self.packed = not self.is_union and any(
            not member.is_bit_field and member.offset % ctypes.alignment(field.cls) for member, field in members)
        align = max([1] + [ctypes.alignment(field.cls) for _, field in members])
        self.packed = self.packed or (record.size or 0) % align != 0
        self.fields: list[Field] = []
        self._end = 0                   # in bits
        self._written: set[int] = set()
        for member, field in members:
            self._place(member, field)
        align = max([1] + [ctypes.alignment(field.cls) for field in self.fields])
        self._pad_to((record.size or 0) * 8, align)
        self.align = record.align if record.align > align and not self.packed else 0
        if self.align and self.align == ctypes.alignment(ctypes.c_longdouble):
            # Nothing of this type aligns a record to 16 bytes also before Python 3.13.
            text = "%s * 0" % self._spell.module.use("c_longdouble")
            self.fields.insert(0, Field("_align", text, ctypes.c_longdouble * 0))
            self.align = 0

    def _bytes(self, name: str, count: int, comment: str, member: CMember | None = None) -> Field:
        return Field(self._names.new(name), "%s * %d" % (self._spell.module.use("c_ubyte"), count),
                     ctypes.c_ubyte * count, None, member, comment)

    def _field(self, member: CMember) -> Field:
        wanted = member.name or "anonymous_%d" % len(self.anonymous)
        self._spell.place(member.type, "%s_%s" % (self._name, wanted))
        behind = resolved(member.type)
        comment = ""
        try:
            text = self._spell.value(member.type)
        except Unsupported as error:
            self.is_faithful = False
            if behind.size is None or member.is_bit_field:
                raise
            return self._bytes(wanted, behind.size, str(error), member)
        name = self._names.new(wanted)
        if member.name is None:
            self.anonymous.append(name)
        return Field(name, text, self._evaluate(text), member.bit_width if member.is_bit_field else None, member, comment)

    def _pad_to(self, bits: int, align: int) -> None:
        """Fills up to where the next member begins, or the record ends."""
        end = (self._end + 7) // 8
        reached = end if self.packed else -(-end // align) * align
        if self.is_union:
            if reached < bits // 8:
                self.fields.append(self._bytes("_size", bits // 8, ""))
        elif reached < bits // 8:
            self.fields.append(self._bytes("_padding_%d" % end, bits // 8 - end, ""))
            self._end = bits

    def _place(self, member: CMember, field: Field) -> None:
        if self.is_union:
            self._end = max(self._end, ctypes.sizeof(field.cls) * 8)
            self.fields.append(field)
        elif member.is_bit_field:
            self._place_bits(member, field)
        else:
            self._pad_to(member.offset * 8, ctypes.alignment(field.cls))
            self._end = (member.offset + ctypes.sizeof(field.cls)) * 8
            self.fields.append(field)

    def _place_bits(self, member: CMember, field: Field) -> None:
        first, width = member.bit_offset, member.bit_width
        if self._way == Layout.OWN:
            self._end = first + width
            self.fields.append(field)
            return
        self.is_faithful = False
        if self._way == Layout.BYTES:
            end = (self._end + 7) // 8
            if first // 8 > end:
                self._pad_to(first // 8 * 8, 1)
                end = first // 8
            count = (first + width + 7) // 8 - end
            where = "%s: %d bits from bit %d on" % (member.name, width, first)
            if count > 0:
                self.fields.append(self._bytes("_bits_%d" % end, count, where))
                self._end = (end + count) * 8
            elif self.fields:
                self.fields[-1].comment += "; " + where
            return
        self._place_in_unit(field, first, width)

    def _place_in_unit(self, field: Field, first: int, width: int) -> None:
        """The smallest aligned unit that holds the bit-field, behind those bits of it that belong to nobody."""
        unit = next((bits for bits in (8, 16, 32, 64) if first // bits == (first + width - 1) // bits), 64)
        signed = self._evaluate(field.text)(-1).value < 0
        text = {8: "c_byte", 16: "c_short", 32: "c_int", 64: "c_longlong"}[unit]
        text = self._spell.module.use(text if signed else text.replace("c_", "c_u"))
        start = first // unit * unit
        if self._end < start:
            self._pad_to(start, 1)
        gap = first - max(self._end, start)
        if gap > 0:
            unsigned = self._spell.module.use(text if not signed else text.replace("c_", "c_u"))
            self.fields.append(Field(self._names.new("_padding_bit_%d" % (first - gap)), unsigned,
                                     getattr(ctypes, unsigned), gap))
        field.text, field.cls = text, getattr(ctypes, text)
        self.fields.append(field)
        self._end = first + width

    def attributes(self) -> dict[str, Any]:
        """What is set before `_fields_`. `_layout_` says since Python 3.14 which rule packs; none is needed without
        bit-fields."""
        found: dict[str, Any] = {}
        if self.packed:
            found.update(_pack_=1, _layout_="ms")
        elif self.align:
            found.update(_align_=self.align)
        if self.anonymous:
            found["_anonymous_"] = tuple(self.anonymous)
        return found

    def is_right(self) -> bool:
        """Whether ctypes lays the fields out as the library has the members."""
        if self.packed and any(field.width is not None for field in self.fields):
            return False
        base: Any = ctypes.Union if self.is_union else ctypes.Structure
        fields = [field.entry for field in self.fields]
        try:
            probe: Any = _METACLASSES[base]("probe", (base,), dict(self.attributes(), _fields_=fields))
        except (TypeError, ValueError, AttributeError):
            return False
        if ctypes.sizeof(probe) != self.record.size:
            return False
        return all(self._is_at(probe, field) for field in self.fields if field.member is not None)

    def _is_at(self, probe: Any, field: Field) -> bool:
        member, descriptor = field.member, vars(probe)[field.name]
        assert member is not None
        if field.width is None:
            return bool(descriptor.offset == member.offset)
        first, width = bits_of(descriptor)
        if sys.byteorder == "big":
            first = ctypes.sizeof(field.cls) * 8 - first - width
        return (descriptor.offset * 8 + first, width) == (member.bit_offset, member.bit_width)


def layout_of(record: CType, spell: Speller, name: str, evaluate: Callable[[str], Any]) -> Layout | None:
    """The first way that is right, or None: ctypes cannot lay the record out so."""
    for way in Layout.OWN, Layout.UNITS, Layout.BYTES:
        try:
            layout = Layout(record, spell, name, evaluate, way)
        except Unsupported:
            return None
        if layout.is_right():
            return layout
    return None
