"""The C interface of libffitypecheck, as plain Python objects. Besides _entries.py no other module knows of it.

The library is loaded when something is first to be known of a function.
"""

from __future__ import annotations

import os
from ctypes import byref, c_uint32, c_void_p, create_string_buffer, sizeof

from . import _entries as c

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FUNCTION, VARIABLE, NAMED_TYPE = 1, 2, 3
KINDS = {FUNCTION: "function", VARIABLE: "variable", NAMED_TYPE: "type"}
EVIDENCE = {1: "address", 2: "name", 3: "resolver", 4: "use"}

VOID, BASE, POINTER, QUALIFIED, TYPEDEF, ARRAY, VECTOR, STRUCT, UNION, CLASS, ENUMERATION, FUNCTION_TYPE, UNKNOWN = range(1, 14)
RECORDS = STRUCT, UNION, CLASS

BOOLEAN, SIGNED, UNSIGNED, SIGNED_CHAR, UNSIGNED_CHAR, UTF, FLOAT = range(1, 8)

INCOMPLETE, PROTOTYPED, VARIADIC, BY_REFERENCE, SWAPPED, UNPROTOTYPED = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
BASE_CLASS, BIT_FIELD = 0x100, 0x200
AT_CALL = 0x4000

MATCH, DIFFERS, UNVERIFIED, MISMATCH = range(4)
VERDICTS = "MATCH", "DIFFERS", "UNVERIFIED", "MISMATCH"
POSITIONS = "call", "result", "argument", "variable", "type"
NO_TYPE, AMBIGUOUS, NO_SYMBOL = -12, -13, -3

_UNKNOWN_SIZE = 2 ** 64 - 1
_NO_TYPE = 2 ** 32 - 1
_MEMORY_OWNED = 0x1000000
_OWNERS = {None: 0, "caller": 0x400000, "library": 0x800000}


class LibraryError(LookupError):
    """A question that libffitypecheck could not answer. `status` is its number, the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _failure(ftc: c.Entries) -> LibraryError:
    status = ftc.ftc_last_error()
    return LibraryError(status, _text(ftc.ftc_last_error_message()) or "error %d" % status)


def _succeeded(ftc: c.Entries, status: int) -> None:
    if status != 0:
        raise _failure(ftc)


def _returned(ftc: c.Entries, pointer: Any) -> Any:
    """The struct that a function returned a pointer to."""
    if not pointer:
        raise _failure(ftc)
    return pointer[0]


class Type:
    """One type of a table, behind typedefs and qualifiers. `size` is None where it is not known."""

    __slots__ = ("id", "kind", "variant", "flags", "name", "size", "align", "target", "count")

    def __init__(self, id: int, raw: Any) -> None:
        self.id = id
        self.kind: int = raw.kind
        # Of a base type its encoding, of a pointer or qualified type which one it is.
        self.variant: int = raw.encoding or raw.pointer or raw.qualifier
        self.flags: int = raw.flags
        self.name = _text(raw.reason if raw.kind == UNKNOWN else raw.name)
        self.size: int | None = None if raw.size == _UNKNOWN_SIZE else raw.size
        self.align: int = raw.align
        self.target: int = raw.target
        self.count: int = raw.count


class Member:
    """A member of a record, or with `offset` None a parameter of a function."""

    __slots__ = ("name", "type", "flags", "offset", "bit_offset", "bit_width")

    def __init__(self, raw: Any) -> None:
        self.name = _text(raw.name)
        self.type: int = raw.type
        self.flags: int = raw.flags
        self.offset: int | None = getattr(raw, "offset", None)
        self.bit_offset: int = getattr(raw, "bit_offset", 0)
        self.bit_width: int = getattr(raw, "bit_width", 0)


class Finding:
    """One point in which a claim and a declaration do not agree."""

    __slots__ = ("verdict", "rule", "rule_id", "position", "argument", "declared", "claimed", "sentence", "path",
                 "hint", "layout", "at_call")

    def __init__(self, sentence: str, position: str, argument: int | None = None, rule_id: str | None = None) -> None:
        self.verdict = "MISMATCH"
        self.rule = 0
        self.rule_id = rule_id
        self.position = position
        self.argument = argument
        self.declared: str | None = None
        self.claimed: str | None = None
        self.sentence = sentence
        self.path = ""
        self.hint: str | None = None
        self.layout: str | None = None
        self.at_call = False

    @classmethod
    def _of(cls, raw: Any) -> Finding:
        position = POSITIONS[raw.position] if raw.position < len(POSITIONS) else "call"
        self = cls(_text(raw.sentence) or "", position, raw.argument or None, _text(raw.rule_id))
        self.verdict = VERDICTS[raw.verdict]
        self.rule = raw.rule
        self.declared, self.claimed = _text(raw.declared), _text(raw.claimed)
        self.path = _text(raw.path) or ""
        self.hint, self.layout = _text(raw.hint), _text(raw.layout)
        self.at_call = bool(raw.flags & AT_CALL)
        return self

    def __str__(self) -> str:
        return self.sentence if self.hint is None else "%s (%s)" % (self.sentence, self.hint)

    def __repr__(self) -> str:
        return "<%s: %s>" % (self.verdict, self)


class Report:
    """The findings of comparing a claim with a declaration."""

    __slots__ = ("passes", "verdict", "at_call", "findings")

    def __init__(self, ftc: c.Entries, report: c_void_p) -> None:
        try:
            self.passes = bool(ftc.ftc_report_passes(report))
            self.verdict = VERDICTS[ftc.ftc_report_verdict(report)]
            self.at_call = bool(ftc.ftc_report_at_call(report))
            numbers = range(ftc.ftc_report_count(report))
            self.findings = [Finding._of(_returned(ftc, ftc.ftc_report_finding(report, index))) for index in numbers]
        finally:
            ftc.ftc_report_free(report)


class Claim:
    """A table of types as a program has them. What the library refuses to add is a LibraryError."""

    def __init__(self) -> None:
        ftc = c.load()
        if ftc is None:
            raise LibraryError(0, "libffitypecheck was not found")
        self._ftc = ftc
        self._pointer = ftc.ftc_claim_new()
        if not self._pointer:
            raise _failure(ftc)
        self._types = ftc.ftc_claim_types(self._pointer)

    def __del__(self) -> None:
        pointer = getattr(self, "_pointer", None)
        if pointer:
            self._ftc.ftc_claim_free(pointer)

    def _added(self, name: str, *arguments: Any) -> int:
        id: int = getattr(self._ftc, name)(self._pointer, *arguments)
        if id == _NO_TYPE:
            raise _failure(self._ftc)
        return id

    def any(self) -> int:
        return self._added("ftc_claim_any")

    def base(self, encoding: int, size: int, flags: int = 0) -> int:
        return self._added("ftc_claim_base", encoding, size, flags)

    def pointer(self, target: int) -> int:
        return self._added("ftc_claim_pointer", target)

    def array(self, element: int, count: int) -> int:
        return self._added("ftc_claim_array", element, count)

    def record(self, kind: int, tag: str) -> int:
        return self._added("ftc_claim_record", kind, tag.encode())

    def function(self, result: int, parameters: list[int], flags: int = 0) -> int:
        array = (c_uint32 * len(parameters))(*parameters)
        return self._added("ftc_claim_function", result, len(parameters), byref(array), flags)

    def member(self, record: int, name: str | None, type: int, offset: int) -> None:
        text = None if name is None else name.encode()
        _succeeded(self._ftc, self._ftc.ftc_claim_member(self._pointer, record, text, type, offset))

    def bit_field(self, record: int, name: str, type: int, bit_offset: int, width: int) -> None:
        _succeeded(self._ftc, self._ftc.ftc_claim_bit_field(self._pointer, record, name.encode(), type, bit_offset,
                                                            width))

    def complete(self, record: int, size: int, align: int) -> None:
        _succeeded(self._ftc, self._ftc.ftc_claim_complete(self._pointer, record, size, align))


class Declaration:
    """What the library's debug information says of a symbol or a type."""

    def __init__(self, ftc: c.Entries, pointer: c_void_p) -> None:
        self._ftc = ftc
        self._pointer = pointer
        self._types = ftc.ftc_decl_types(pointer)
        self.kind: int = ftc.ftc_decl_kind(pointer)
        self.type: int = ftc.ftc_decl_type(pointer)

    def __del__(self) -> None:
        self._ftc.ftc_decl_free(self._pointer)

    def _said(self, name: str) -> str | None:
        return _text(getattr(self._ftc, name)(self._pointer))

    @property
    def spelling(self) -> str:
        return self._said("ftc_decl_spelling") or ""

    @property
    def symbol(self) -> str:
        return self._said("ftc_decl_symbol") or ""

    @property
    def library(self) -> str | None:
        return self._said("ftc_decl_library")

    @property
    def source(self) -> tuple[str | None, int]:
        return self._said("ftc_decl_source_file"), self._ftc.ftc_decl_source_line(self._pointer)

    @property
    def evidence(self) -> str | None:
        return EVIDENCE.get(self._ftc.ftc_decl_evidence(self._pointer))

    def get(self, id: int) -> Type:
        ftc = self._ftc
        raw = _returned(ftc, ftc.ftc_type_get(self._types, id))
        if raw.resolved != id:
            raw = _returned(ftc, ftc.ftc_type_get(self._types, raw.resolved))
        return Type(raw.resolved, raw)

    def member(self, type: Type, index: int) -> Member:
        return Member(_returned(self._ftc, self._ftc.ftc_type_member(self._types, type.id, index)))

    def parameter(self, type: Type, index: int) -> Member:
        return Member(_returned(self._ftc, self._ftc.ftc_type_parameter(self._types, type.id, index)))

    def spell(self, id: int, name: str | None = None) -> str:
        if name is None:
            return _text(self._ftc.ftc_type_spelling(self._types, id)) or ""
        buffer = create_string_buffer(4096)
        self._ftc.ftc_type_spell(self._types, id, name.encode(), buffer, sizeof(buffer), None)
        return _text(buffer.value) or ""

    def check(self, claim: Claim, claimed: int) -> Report:
        report = c_void_p()
        _succeeded(self._ftc, self._ftc.ftc_check_decl(self._pointer, claim._types, claimed, None, byref(report)))
        return Report(self._ftc, report)

    def check_type(self, type: int, claim: Claim, claimed: int, owner: str | None = None) -> Report:
        """As if the type lay behind a pointer: whose memory is there may be said, "caller" or "library"."""
        report, options = c_void_p(), c.Options(type_size=sizeof(c.Options), flags=_OWNERS[owner])
        _succeeded(self._ftc, self._ftc.ftc_check_type(self._types, type, claim._types, claimed, byref(options),
                                                       byref(report)))
        return Report(self._ftc, report)

    def check_argument(self, argument: int, claim: Claim, made: int, address: int, bytes: int) -> Report:
        report = c_void_p()
        memory = c.Memory(type_size=sizeof(c.Memory), flags=_MEMORY_OWNED, address=address, bytes=bytes)
        _succeeded(self._ftc, self._ftc.ftc_check_argument(self._pointer, argument, claim._types, made,
                                                           byref(memory), None, byref(report)))
        return Report(self._ftc, report)


def _described(name: str, *arguments: Any, counted: bool = False) -> Declaration:
    ftc = c.load()
    if ftc is None:
        raise LibraryError(0, "libffitypecheck was not found")
    pointer = c_void_p()
    more = (None,) if counted else ()
    _succeeded(ftc, getattr(ftc, name)(*arguments, byref(pointer), *more))
    return Declaration(ftc, pointer)


def _number_of(handle: Any) -> int | None:
    """A CDLL's _handle, which is an object in newer versions of PyPy."""
    return None if handle is None else int(handle)


def describe_symbol(handle: Any, name: str) -> Declaration:
    return _described("ffi_describe_symbol", _number_of(handle), name.encode())


def describe_address(address: int) -> Declaration:
    return _described("ftc_describe_address", address)


def describe_type(handle: Any, name: str) -> Declaration:
    return _described("ftc_describe_type", _number_of(handle), name.encode(), 0, counted=True)


class LibraryFile:
    """A library as a file, which need not be loaded."""

    def __init__(self, path: str) -> None:
        ftc = c.load()
        if ftc is None:
            raise LibraryError(0, "libffitypecheck was not found")
        self._ftc = ftc
        self._pointer = c_void_p()
        _succeeded(ftc, ftc.ftc_library_open(os.fsencode(path), byref(self._pointer)))

    def __del__(self) -> None:
        pointer = getattr(self, "_pointer", None)
        if pointer:
            self._ftc.ftc_library_free(pointer)

    def describe(self, name: str) -> Declaration:
        return _described("ftc_library_describe", self._pointer, name.encode())

    def describe_type(self, name: str) -> Declaration:
        return _described("ftc_library_describe_type", self._pointer, name.encode(), 0, counted=True)


def describe_in_file(path: str, name: str) -> Declaration:
    return LibraryFile(path).describe(name)


def describe_type_in_file(path: str, name: str) -> Declaration:
    return LibraryFile(path).describe_type(name)
