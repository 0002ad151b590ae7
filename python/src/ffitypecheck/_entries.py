"""The entry points of libffitypecheck and its structs, as C has them. Only _library.py uses them.

The functions are never checked.
"""

from __future__ import annotations

import os
from _ctypes import FUNCFLAG_CDECL
from ctypes import CDLL, POINTER, Structure, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

from ._function import Unchecked
from ._policy import trusted_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator


class _Function(Unchecked):
    _flags_ = FUNCFLAG_CDECL
    _restype_ = c_int


class Type(Structure):
    _fields_ = [("kind", c_uint32), ("flags", c_uint32), ("encoding", c_uint32), ("bits", c_uint32),
                ("pointer", c_uint32), ("qualifier", c_uint32), ("target", c_uint32), ("resolved", c_uint32),
                ("size", c_uint64), ("align", c_uint64), ("name", c_char_p), ("reason", c_char_p),
                ("dimensions", POINTER(c_uint64)), ("count", c_uint32), ("reserved", c_uint32)]


class Member(Structure):
    _fields_ = [("name", c_char_p), ("offset", c_uint64), ("bit_offset", c_uint64), ("bit_width", c_uint64),
                ("type", c_uint32), ("flags", c_uint32)]


class Enumerator(Structure):
    _fields_ = [("name", c_char_p), ("value", c_int64), ("flags", c_uint32), ("reserved", c_uint32)]


class Parameter(Structure):
    _fields_ = [("name", c_char_p), ("type", c_uint32), ("flags", c_uint32)]


class Finding(Structure):
    _fields_ = [("verdict", c_uint32), ("rule", c_uint32), ("position", c_uint32), ("argument", c_uint32),
                ("begin", c_uint64), ("end", c_uint64), ("rule_id", c_char_p), ("declared", c_char_p),
                ("claimed", c_char_p), ("sentence", c_char_p), ("path", c_char_p), ("hint", c_char_p),
                ("layout", c_char_p), ("flags", c_uint32), ("reserved", c_uint32)]


class Options(Structure):
    _fields_ = [("type_size", c_size_t), ("flags", c_uint32), ("reserved_flags", c_uint32), ("ignore", c_void_p),
                ("ignore_count", c_size_t), ("max_pairs", c_uint64), ("reserved", c_uint64 * 4)]


class Memory(Structure):
    _fields_ = [("type_size", c_size_t), ("flags", c_uint32), ("reserved_flags", c_uint32), ("address", c_uint64),
                ("bytes", c_uint64)]


# Functions that return a status return an int that is negative for an error.
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "ftc_last_error": (c_int,),
    "ftc_last_error_message": (c_char_p,),
    "ffi_describe_symbol": (c_int, c_void_p, c_char_p, c_void_p),
    "ftc_set_type_cache": (c_int, c_char_p),
    "ftc_describe_address": (c_int, c_void_p, c_void_p),
    "ftc_describe_type": (c_int, c_void_p, c_char_p, c_size_t, c_void_p, c_void_p),
    "ftc_library_open": (c_int, c_char_p, c_void_p),
    "ftc_library_free": (None, c_void_p),
    "ftc_library_describe": (c_int, c_void_p, c_char_p, c_void_p),
    "ftc_library_describe_type": (c_int, c_void_p, c_char_p, c_size_t, c_void_p, c_void_p),
    "ftc_decl_free": (None, c_void_p),
    "ftc_decl_kind": (c_uint32, c_void_p),
    "ftc_decl_evidence": (c_uint32, c_void_p),
    "ftc_decl_symbol": (c_char_p, c_void_p),
    "ftc_decl_library": (c_char_p, c_void_p),
    "ftc_decl_source_file": (c_char_p, c_void_p),
    "ftc_decl_source_line": (c_uint64, c_void_p),
    "ftc_decl_spelling": (c_char_p, c_void_p),
    "ftc_decl_types": (c_void_p, c_void_p),
    "ftc_decl_type": (c_uint32, c_void_p),
    "ftc_type_get": (POINTER(Type), c_void_p, c_uint32),
    "ftc_type_member": (POINTER(Member), c_void_p, c_uint32, c_uint32),
    "ftc_type_find_member": (POINTER(Member), c_void_p, c_uint32, c_char_p),
    "ftc_type_enumerator": (POINTER(Enumerator), c_void_p, c_uint32, c_uint32),
    "ftc_type_parameter": (POINTER(Parameter), c_void_p, c_uint32, c_uint32),
    "ftc_type_spelling": (c_char_p, c_void_p, c_uint32),
    "ftc_type_spell": (c_int, c_void_p, c_uint32, c_char_p, c_void_p, c_size_t, c_void_p),
    "ftc_claim_new": (c_void_p,),
    "ftc_claim_free": (None, c_void_p),
    "ftc_claim_any": (c_uint32, c_void_p),
    "ftc_claim_base": (c_uint32, c_void_p, c_uint32, c_uint64, c_uint32),
    "ftc_claim_pointer": (c_uint32, c_void_p, c_uint32),
    "ftc_claim_array": (c_uint32, c_void_p, c_uint32, c_uint64),
    "ftc_claim_record": (c_uint32, c_void_p, c_uint32, c_char_p),
    "ftc_claim_member": (c_int, c_void_p, c_uint32, c_char_p, c_uint32, c_uint64),
    "ftc_claim_bit_field": (c_int, c_void_p, c_uint32, c_char_p, c_uint32, c_uint64, c_uint64),
    "ftc_claim_complete": (c_int, c_void_p, c_uint32, c_uint64, c_uint64),
    "ftc_claim_function": (c_uint32, c_void_p, c_uint32, c_size_t, c_void_p, c_uint32),
    "ftc_claim_parse": (c_uint32, c_void_p, c_char_p),
    "ftc_claim_types": (c_void_p, c_void_p),
    "ftc_check_decl": (c_int, c_void_p, c_void_p, c_uint32, c_void_p, c_void_p),
    "ftc_check_type": (c_int, c_void_p, c_uint32, c_void_p, c_uint32, c_void_p, c_void_p),
    "ftc_check_argument": (c_int, c_void_p, c_uint32, c_void_p, c_uint32, c_void_p, c_void_p, c_void_p),
    "ftc_report_free": (None, c_void_p),
    "ftc_report_verdict": (c_uint32, c_void_p),
    "ftc_report_passes": (c_int, c_void_p),
    "ftc_report_at_call": (c_int, c_void_p),
    "ftc_report_count": (c_size_t, c_void_p),
    "ftc_report_finding": (POINTER(Finding), c_void_p, c_size_t),
}


class Entries:
    """The functions of the library by their names."""

    def __init__(self, path: str) -> None:
        dll = CDLL(path)
        self.path = path
        for name, (restype, *argtypes) in _PROTOTYPES.items():
            function = _Function((name, dll))
            function.argtypes = argtypes
            function.restype = restype
            setattr(self, name, function)

    if TYPE_CHECKING:
        def __getattr__(self, name: str) -> Any: ...


def _candidates() -> Iterator[str]:
    """FFITYPECHECK_LIBRARY and nothing else, or the library beside the package, or where the linker finds it."""
    named = trusted_environment("FFITYPECHECK_LIBRARY")
    if named:
        yield named
        return
    beside = os.path.join(os.path.dirname(__file__), "libffitypecheck.so.0")
    if os.path.exists(beside):
        yield beside
    yield "libffitypecheck.so.0"


_entries: Entries | None = None
_missing = False


def load() -> Entries | None:
    """The library, which is loaded once; None where it is not there."""
    global _entries, _missing
    if _entries is None and not _missing:
        for path in _candidates():
            try:
                _entries = Entries(path)
                # The user's cache of types, as with the patch. Without it the library works as well.
                _entries.ftc_set_type_cache(b"")
                break
            except (OSError, AttributeError):
                continue
        _missing = _entries is None
    return _entries


def path() -> str | None:
    """What was loaded as the library."""
    ftc = load()
    return None if ftc is None else ftc.path
