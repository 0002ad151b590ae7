"""The table of types of one declaration, entry by entry: typedefs and qualifiers are entries of their own, and enumerations have
their constants. _library.py sees through the former and does not need the latter."""

from __future__ import annotations

from . import _entries as c
from . import _library as ftc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONST = 1                           # the variant of a qualified type: FTC_CONST
_UNSIGNED_VALUE = 0x1000             # FTC_ENUMERATOR_UNSIGNED
_NOT_KNOWN = 2 ** 64 - 1


class Entry:
    """One type. `target` and `count` depend on the kind, as in the C interface; `size` is None where it is not known."""

    __slots__ = ("kind", "variant", "flags", "bits", "name", "size", "align", "target", "count", "dimensions")

    def __init__(self, raw: Any) -> None:
        self.kind: int = raw.kind
        self.variant: int = raw.encoding or raw.pointer or raw.qualifier
        self.flags: int = raw.flags
        self.bits: int = raw.bits
        self.name: str | None = ftc._text(raw.reason if raw.kind == ftc.UNKNOWN else raw.name)
        self.size: int | None = None if raw.size == _NOT_KNOWN else raw.size
        self.align: int = raw.align
        self.target: int = raw.target
        self.count: int = raw.count
        self.dimensions = [raw.dimensions[index] for index in range(raw.count)] if raw.kind in (ftc.ARRAY, ftc.VECTOR) else []


class Tables:
    """The functions of libffitypecheck that read tables."""

    def __init__(self) -> None:
        entries = c.load()
        if entries is None:
            raise ftc.LibraryError(0, "libffitypecheck was not found")
        self._ftc = entries

    def entry(self, decl: ftc.Declaration, id: int) -> Entry:
        return Entry(ftc._returned(self._ftc, self._ftc.ftc_type_get(decl._types, id)))

    def member(self, decl: ftc.Declaration, id: int, index: int) -> ftc.Member:
        return ftc.Member(ftc._returned(self._ftc, self._ftc.ftc_type_member(decl._types, id, index)))

    def parameter(self, decl: ftc.Declaration, id: int, index: int) -> ftc.Member:
        return ftc.Member(ftc._returned(self._ftc, self._ftc.ftc_type_parameter(decl._types, id, index)))

    def enumerator(self, decl: ftc.Declaration, id: int, index: int) -> tuple[str, int]:
        raw = ftc._returned(self._ftc, self._ftc.ftc_type_enumerator(decl._types, id, index))
        return ftc._text(raw.name) or "", raw.value + 2 ** 64 if raw.flags & _UNSIGNED_VALUE else raw.value

    def dimension(self, decl: ftc.Declaration, id: int, index: int) -> int | None:
        """The number of elements; None: not known."""
        length = self.entry(decl, id).dimensions[index]
        return None if length == _NOT_KNOWN else length
