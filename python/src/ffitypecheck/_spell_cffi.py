"""Types of a library in C, as cffi reads them: definitions in the order in which they are needed."""

from __future__ import annotations

from . import _library as ftc
from ._model import CMember, CType, resolved
from ._names import Names, c_identifier, one_line
from ._spell_ctypes import Unsupported, begin, promoted_name
from ._table import CONST

# What cffi knows without a definition.
_PREDECLARED = {"size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "bool", "char16_t", "char32_t"}
_PREDECLARED.update("%sint%d_t" % (sign, bits) for sign in ("", "u") for bits in (8, 16, 32, 64))
_PROMOTED = {"c_int": "int", "c_double": "double"}
_FLOATS = {"float": 4, "double": 8, "long double": 16}
_INTEGERS = {1: "char", 2: "short", 4: "int", 8: "long long"}
NATURAL, PADDED, BYTES = range(3)           # how a record is laid out


def base_text(type: CType) -> str:
    """A base type in C."""
    name, size = type.name or "", type.size or 0
    if not type.bits and not type.flags & ftc.SWAPPED:
        if type.variant == ftc.BOOLEAN and size == 1:
            return "_Bool"
        if type.variant == ftc.FLOAT and name in _FLOATS:
            return name
        if name == "char":
            return "char"
        if ftc.SIGNED <= type.variant <= ftc.UTF and size in _INTEGERS:
            unsigned = type.variant in (ftc.UNSIGNED, ftc.UNSIGNED_CHAR, ftc.UTF)
            text = "long" if name.startswith("long ") and "long long" not in name and size == 8 else _INTEGERS[size]
            return ("unsigned " if unsigned else "signed " if size == 1 else "") + text
    raise Unsupported("cffi has no '%s'" % name)


class Definitions:
    """The definitions that some declarations need. `ways` says of records that cffi would lay out otherwise how they are
    written."""

    def __init__(self, ways: dict[CType, int]) -> None:
        self.ways = ways
        self.chunks: list[tuple[str, bool]] = []        # text, and whether it is packed
        self.records: dict[CType, str] = {}             # complete ones, with their name in C
        self._ordinary, self._tags = Names(set(_PREDECLARED), c_identifier), Names(set(), c_identifier)
        self._names: dict[CType, str] = {}
        self._begun: set[CType] = set()
        self._pending: list[CType] = []

    def reserve(self, symbols: list[str]) -> None:
        for symbol in symbols:
            self._ordinary.new(symbol)

    def _define(self, text: str, packed: bool = False) -> None:
        self.chunks.append((text, packed))

    def declare(self, type: CType, inner: str, complete: bool = True) -> str:
        """`inner` declared with a type. Without `complete`, a record may be one without members yet."""
        if type.kind == ftc.QUALIFIED and type.target is not None:
            if type.variant != CONST:
                return self.declare(type.target, inner, complete)
            if type.target.kind == ftc.POINTER:
                return self.declare(type.target, "const " + inner, complete)
            text = self.declare(type.target, inner, complete)
            return text if text.startswith("const ") else "const " + text
        if type.kind == ftc.POINTER and type.target is not None:
            return self._pointer(type.target, inner)
        if type.kind == ftc.ARRAY and type.target is not None:
            dimensions = "".join("[%s]" % ("" if length is None else length) for length in type.dimensions)
            return self.declare(type.target, inner + dimensions)
        if type.kind == ftc.FUNCTION_TYPE and type.target is not None:
            return self.declare(type.target, "%s(%s)" % (inner, self.parameters(type)), False)
        return ("%s %s" % (self._name(type, complete), inner)).rstrip()

    def _pointer(self, target: CType, inner: str) -> str:
        if target.kind in (ftc.ARRAY, ftc.FUNCTION_TYPE):
            inner = "(*%s)" % inner
        else:
            inner = "*" + inner
        try:
            return self.declare(target, inner, False)
        except Unsupported:
            # Something that cffi has no type for: only the address is known.
            return "void " + inner.replace("(*", "*").replace(")", "")

    def parameters(self, function: CType) -> str:
        texts = []
        for one in function.members:
            promoted = None if function.flags & ftc.PROTOTYPED else promoted_name(one.type)
            texts.append(_PROMOTED[promoted] if promoted is not None else self.by_value(one.type))
        if function.flags & ftc.VARIADIC:
            texts.append("...")
        return ", ".join(texts) or "void"

    def by_value(self, type: CType, inner: str = "") -> str:
        behind = resolved(type)
        if behind.is_record:
            self._complete(behind)
            self._check_passed(behind)
        return self.declare(type, inner)

    def _check_passed(self, type: CType) -> None:
        name = one_line(type.name or type.typedef or "a record")
        if type.kind == ftc.UNION:
            raise Unsupported("cffi does not pass unions by value ('%s')" % name)
        if any(member.is_bit_field for member in type.members):
            raise Unsupported("cffi does not pass bit-fields by value ('%s')" % name)
        if type.flags & ftc.BY_REFERENCE or not type.members or self.ways.get(type, NATURAL) != NATURAL:
            raise Unsupported("cffi does not pass '%s' as C does" % name)
        for member in type.members:
            inner = resolved(member.type)
            while inner.kind == ftc.ARRAY and inner.target is not None:
                inner = resolved(inner.target)
            if inner.is_record:
                self._check_passed(inner)

    def _name(self, type: CType, complete: bool) -> str:
        if type.kind == ftc.VOID:
            return "void"
        if type.kind == ftc.BASE:
            return base_text(type)
        if type.kind == ftc.TYPEDEF and type.target is not None:
            return self._typedef(type, type.target, complete)
        if type.kind == ftc.ENUMERATION:
            return self._enumeration(type)
        if type.is_record:
            if complete:
                self._complete(type)
            return self._tag(type)
        raise Unsupported("cffi has no vectors" if type.kind == ftc.VECTOR else type.name or "its type is not known")

    def _typedef(self, type: CType, target: CType, complete: bool) -> str:
        behind, name = resolved(type), type.name or ""
        if name in _PREDECLARED and behind.kind == ftc.BASE:
            return name
        if complete and behind.is_record:
            self._complete(behind)
        if type not in self._names:
            text = self.declare(target, "@", complete and not behind.is_record)
            self._names[type] = self._ordinary.new(name)
            self._define("typedef %s;" % text.replace("@", self._names[type]))
        return self._names[type]

    def _enumeration(self, type: CType) -> str:
        """Constants are those of an enumeration without a name, unless cffi gives the enumeration the same size."""
        if type.size is None:
            raise Unsupported("the enumeration is only declared")
        if type not in self._names:
            integer = resolved(type.target) if type.target is not None else None
            plain = base_text(integer) if integer is not None else "int"
            same = type.name is not None and type.size == 4 and any(value < 0 for _, value in type.enumerators) == (
                not plain.startswith("unsigned"))
            tag = " " + self._tags.new(type.name or "") if same else ""
            constants = ", ".join("%s = %d" % (self._ordinary.new(name), value) for name, value in type.enumerators)
            if constants:
                self._define("enum%s { %s };" % (tag, constants))
            self._names[type] = "enum" + tag if same and constants else plain
        return self._names[type]

    def _tag(self, type: CType) -> str:
        if type not in self._names:
            keyword = "union" if type.kind == ftc.UNION else "struct"
            self._names[type] = "%s %s" % (keyword, self._tags.new(type.name or type.typedef or "nameless"))
            if not type.is_incomplete:
                self._pending.append(type)
        return self._names[type]

    def complete_all(self) -> None:
        """Defines the records that were named so far."""
        while self._pending:
            self._complete(self._pending.pop(0))

    def _complete(self, type: CType) -> None:
        if type in self.records:
            return
        size = begin(type, self._begun)
        way = self.ways.get(type, NATURAL)
        try:
            body = self._body(type, way) if way != BYTES else None
        except Unsupported:
            body = None
        if body is None:
            body = " unsigned char _bytes[%d];" % size
            self.ways[type] = BYTES
        if type.members:
            self._define("%s {%s };" % (self._tag(type), body), way == PADDED)
            self.records[type] = self._tag(type)

    def _body(self, type: CType, way: int) -> str:
        names, texts, end = Names(set(), c_identifier), [], 0
        for member in type.members:
            if way == PADDED and not member.is_bit_field and type.kind != ftc.UNION:
                if member.offset > end:
                    texts.append("unsigned char %s[%d];" % (names.new("_padding_%d" % end), member.offset - end))
                end = member.offset + (resolved(member.type).size or 0)
            if way != PADDED or not member.is_bit_field:
                texts.append(self._member(member, names))
        if way == PADDED and type.kind != ftc.UNION and end < (type.size or 0):
            texts.append("unsigned char %s[%d];" % (names.new("_padding_%d" % end), (type.size or 0) - end))
        return "".join(" " + text for text in texts)

    def _member(self, member: CMember, names: Names) -> str:
        behind = resolved(member.type)
        if member.name is None and behind.is_record and not member.is_bit_field:
            if behind.name is not None:
                raise Unsupported("a base class")
            if self.ways.get(behind, NATURAL) != NATURAL:
                raise Unsupported("it is laid out otherwise")
            return "%s {%s };" % ("union" if behind.kind == ftc.UNION else "struct", self._body(behind, NATURAL))
        text = self.declare(member.type, names.new(member.name or "_"))
        return "%s : %d;" % (text, member.bit_width) if member.is_bit_field else text + ";"
