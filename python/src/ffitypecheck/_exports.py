"""What an ELF library exports: the names of its dynamic symbol table, and its soname."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

_DYNAMIC, _DYNSYM, _VERSYM = 6, 11, 0x6fffffff
_DT_SONAME = 14
_TYPES = 1, 2, 10                   # STT_OBJECT, STT_FUNC, STT_GNU_IFUNC
_BINDINGS = 1, 2, 10                # STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE
_UNDEFINED, _ABSOLUTE = 0, 0xfff1   # the latter are the names of versions
_HIDDEN_VERSION = 0x8000            # not the version that a bare name means


class _Section:
    __slots__ = ("kind", "offset", "size", "link")

    def __init__(self, kind: int, offset: int, size: int, link: int) -> None:
        self.kind, self.offset, self.size, self.link = kind, offset, size, link


class Exports:
    """Reads a file. ValueError or struct.error: it is no ELF library with section headers."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            self._data = file.read()
        if self._data[:4] != b"\x7fELF":
            raise ValueError("%s is not an ELF file" % path)
        self._wide = self._data[4] == 2
        self._order = "<" if self._data[5] == 1 else ">"
        self._sections = list(self._read_sections())
        self.soname = self._read_soname()
        self.names = sorted(set(self._read_names()))

    def _unpack(self, format: str, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(self._order + format, self._data, offset)

    def _read_sections(self) -> Iterator[_Section]:
        offset, = self._unpack("Q", 40) if self._wide else self._unpack("I", 32)
        size, count = self._unpack("HH", 58 if self._wide else 46)
        for index in range(count):
            header = self._unpack("IIQQQQI" if self._wide else "IIIIIII", offset + index * size)
            yield _Section(header[1], header[4], header[5], header[6])

    def _text(self, section: _Section, offset: int) -> str:
        start = self._sections[section.link].offset + offset
        return self._data[start:self._data.index(b"\0", start)].decode("utf-8", "replace")

    def _find(self, kind: int) -> _Section | None:
        return next((section for section in self._sections if section.kind == kind), None)

    def _read_soname(self) -> str | None:
        dynamic = self._find(_DYNAMIC)
        if dynamic is None:
            return None
        entry, size = ("qQ", 16) if self._wide else ("iI", 8)
        for offset in range(dynamic.offset, dynamic.offset + dynamic.size, size):
            tag, value = self._unpack(entry, offset)
            if tag == _DT_SONAME:
                return self._text(dynamic, value)
        return None

    def _read_names(self) -> Iterator[str]:
        """Functions and variables that a bare name finds."""
        symbols, versions = self._find(_DYNSYM), self._find(_VERSYM)
        if symbols is None:
            return
        for index in range(symbols.size // (24 if self._wide else 16)):
            if self._wide:
                name, info, _, section = self._unpack("IBBH", symbols.offset + index * 24)
            else:
                name, _, _, info, _, section = self._unpack("IIIBBH", symbols.offset + index * 16)
            if section in (_UNDEFINED, _ABSOLUTE) or info >> 4 not in _BINDINGS or info & 15 not in _TYPES:
                continue
            if versions is not None and self._unpack("H", versions.offset + index * 2)[0] & _HIDDEN_VERSION:
                continue
            yield self._text(symbols, name)
