"""Bindings of a library for cffi's ABI mode."""

from __future__ import annotations

from . import _library as ftc
from ._bindings import Bindings, Source
from ._model import CType, Model, resolved
from ._names import c_identifier, one_line
from ._spell_cffi import BYTES, NATURAL, PADDED, Definitions
from ._spell_ctypes import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class CffiWriter:
    """Writes the module of one library. cffi reads what is written; where it lays a record out otherwise than the library,
    the record is written with explicit padding, or else as bytes, until all are right."""

    def __init__(self, source: Source, symbols: list[str], types: list[str]) -> None:
        self.source, self.symbols, self.types = source, symbols, types
        self.model = Model()
        self.bindings = Bindings()
        self._ways: dict[CType, int] = {}

    def write(self) -> Bindings:
        declared = [(symbol, self._declared(symbol)) for symbol in self.symbols]
        found = [(symbol, decl, self.model.add(decl)) for symbol, decl in declared if decl is not None]
        named = [(name, type) for name in self.types for type in self._named(name)]
        undescribed = dict(self.bindings.omitted)
        while True:
            self.bindings.omitted = dict(undescribed)
            definitions = Definitions(self._ways)
            definitions.reserve(self.symbols)
            texts = [text for one in found for text in self._spelled(definitions, *one)]
            for name, type in named:
                try:
                    definitions.declare(type, "")
                except Unsupported as error:
                    self.bindings.omitted[name] = str(error)
            definitions.complete_all()
            chunks = self._joined(definitions.chunks + [(text, False) for text in texts])
            wrong = self._wrong(chunks, definitions)
            if not wrong:
                break
            for type in wrong:
                self._ways[type] = PADDED if self._ways.get(type, NATURAL) == NATURAL else BYTES
        self.bindings.text = self._module(chunks)
        return self.bindings

    def _declared(self, symbol: str) -> ftc.Declaration | None:
        try:
            return self.source.describe(symbol)
        except ftc.LibraryError as error:
            self.bindings.omitted[symbol] = str(error)
            return None

    def _named(self, name: str) -> list[CType]:
        try:
            return [self.model.add(self.source.describe_type(name))]
        except ftc.LibraryError as error:
            self.bindings.omitted[name] = str(error)
            return []

    def _spelled(self, definitions: Definitions, symbol: str, decl: ftc.Declaration, type: CType) -> list[str]:
        function, result = resolved(type), resolved(type).target
        try:
            if c_identifier(symbol) != symbol:
                raise Unsupported("its name is not one of C")
            if decl.kind != ftc.FUNCTION or result is None:
                return ["extern %s;" % definitions.declare(type, symbol)]
            if not function.flags & ftc.PROTOTYPED and not function.members:
                raise Unsupported("its parameters are not declared")
            head = "%s(%s)" % (symbol, definitions.parameters(function))
            return [definitions.by_value(result, head) + ";"]
        except Unsupported as error:
            self.bindings.omitted[symbol] = "%s: %s" % (one_line(decl.spelling), error)
            return []

    @staticmethod
    def _joined(chunks: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
        """Neighbours that are packed alike as one text."""
        joined: list[tuple[str, bool]] = []
        for text, packed in chunks:
            if joined and joined[-1][1] == packed:
                joined[-1] = joined[-1][0] + "\n" + text, packed
            else:
                joined.append((text, packed))
        return joined

    def _wrong(self, chunks: list[tuple[str, bool]], definitions: Definitions) -> list[CType]:
        """The records that cffi lays out otherwise than the library. As bytes they have only a size."""
        from cffi import FFI
        ffi: Any = FFI()
        for text, packed in chunks:
            ffi.cdef(text, packed=packed)
        return [type for type, name in definitions.records.items() if not self._is_right(ffi, type, name)]

    def _is_right(self, ffi: Any, type: CType, name: str) -> bool:
        way = self._ways.get(type, NATURAL)
        if way == BYTES:
            return True
        if ffi.sizeof(name) != type.size:
            return False
        fields = dict(ffi.typeof(name).fields)
        for member in type.members:
            field = fields.get(member.name)
            if field is None:
                continue            # a bit-field among padding
            if member.is_bit_field:
                bit = field.offset * 8 + field.bitshift
                if (bit, field.bitsize) != (member.bit_offset, member.bit_width):
                    return False
            elif field.offset != member.offset:
                return False
        return True

    def _module(self, chunks: list[tuple[str, bool]]) -> str:
        parts = ['"""%s, as its debug information declares it, for cffi.\n\nWritten by "python -m ffitypecheck bindings '
                 '--cffi"."""' % one_line(self.source.name).replace('"', "'"), "from cffi import FFI", "ffi = FFI()"]
        parts += ['ffi.cdef("""\n%s\n"""%s)' % (text, ", packed=True" if packed else "") for text, packed in chunks]
        parts.append("lib = ffi.dlopen(%r)" % self.source.load)
        return "\n\n".join(parts + self.bindings.not_declared()) + "\n"
