"""What a library's debug information says, for programs: declarations, sizes and offsets, and whether a Structure is the
library's."""

from __future__ import annotations

import os
from ctypes import CDLL

from . import _library as ftc
from ._claim import Claim
from ._library import Finding as Finding
from ._library import LibraryError as LibraryError
from ._report import error_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    Library = Union[CDLL, str, os.PathLike[str], None]


class Declaration:
    """The declaration of a function, a variable or a type."""

    __slots__ = ("kind", "name", "spelling", "library", "filename", "lineno", "evidence")

    def __init__(self, decl: ftc.Declaration) -> None:
        self.kind = ftc.KINDS[decl.kind]
        self.name = decl.symbol
        self.spelling = decl.spelling
        self.library = decl.library
        file, line = decl.source
        self.filename, self.lineno = file, line or None
        self.evidence = decl.evidence

    def __str__(self) -> str:
        return self.spelling

    def __repr__(self) -> str:
        return "<%s %r of %s>" % (self.kind, self.spelling, self.library)


def _handle(library: CDLL | None) -> Any:
    return None if library is None else library._handle


def _symbol(library: Library, name: str) -> ftc.Declaration:
    if isinstance(library, (str, os.PathLike)):
        return ftc.describe_in_file(os.fspath(library), name)
    return ftc.describe_symbol(_handle(library), name)


def _type(library: Library, name: str) -> ftc.Declaration:
    if isinstance(library, (str, os.PathLike)):
        return ftc.describe_type_in_file(os.fspath(library), name)
    return ftc.describe_type(_handle(library), name)


def describe(library: Library, name: str) -> Declaration:
    """The declaration of a symbol, or of a type by its name in C ("struct stat"). The library is a CDLL, the path of a
    file that is not loaded, or None for all of the process. LibraryError: nothing is known of it."""
    if name.isidentifier():
        try:
            return Declaration(_symbol(library, name))
        except LibraryError as error:
            if error.status != ftc.NO_SYMBOL:
                raise
            try:
                return Declaration(_type(library, name))
            except LibraryError:
                raise error from None
    return Declaration(_type(library, name))


def declaration(library: Any, name: str | None = None) -> str | None:
    """The declaration in C of a symbol or type, or without a name of a function of ctypes; None if it is not known."""
    if name is None:
        text = library.c_declaration
        return None if text is None else str(text)
    try:
        return describe(library, name).spelling
    except LibraryError:
        return None


def _name_of(cls: Any) -> str:
    from ctypes import Union
    return "%s %s" % ("union" if issubclass(cls, Union) else "struct", cls.__name__)


def verify(cls: Any, name: str | None = None, library: Library = None) -> list[Finding]:
    """Holds a ctypes class against the C type of that name, for a Structure or Union without one against `struct NAME` or
    `union NAME`. TypeError, as of a call, if it is laid out otherwise; else what differs without harm."""
    decl = _type(library, _name_of(cls) if name is None else name)
    claim = Claim()
    report = decl.check_type(decl.type, claim.table, claim.type(cls), "caller")
    if not report.passes:
        raise error_of(report.findings[0], None, "")
    return report.findings


def sizeof(name: str, library: Library = None) -> int:
    """The size in bytes of a C type of the library."""
    decl = _type(library, name)
    size = decl.get(decl.type).size
    if size is None:
        raise LibraryError(ftc.NO_TYPE, "the size of '%s' is not known" % name)
    return size


def _find(decl: ftc.Declaration, type: ftc.Type, name: str) -> tuple[int, ftc.Member] | None:
    """A member of a record, also of the anonymous ones in it, and where the record that has it lies."""
    for index in range(type.count if type.kind in ftc.RECORDS else 0):
        member = decl.member(type, index)
        if member.name == name:
            return 0, member
        if member.name is None:
            inner = _find(decl, decl.get(member.type), name)
            if inner is not None:
                return (member.offset or 0) + inner[0], inner[1]
    return None


def offsetof(name: str, member: str, library: Library = None) -> int:
    """Where a member lies in a C type of the library, in bytes; "st_mtim.tv_sec" is one of a member. Of a bit-field it is
    the byte with its first bit."""
    decl = _type(library, name)
    type, offset = decl.get(decl.type), 0
    for part in member.split("."):
        found = _find(decl, type, part)
        if found is None:
            raise AttributeError("'%s' has no member '%s'" % (name, member))
        offset += found[0] + (found[1].offset or 0)
        type = decl.get(found[1].type)
    return offset
