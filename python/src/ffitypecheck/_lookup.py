"""The declarations that an audit asks libraries for, and of each library how many there were and why others are missing."""

from __future__ import annotations

import os
from ctypes import CDLL, Structure, byref, c_char_p, c_int, c_void_p, cast
from _ctypes import FUNCFLAG_CDECL, CFuncPtr

from . import _library as ftc
from ._entries import _Function as _Unchecked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

UNKNOWN = "?"           # in place of a library's path


class _Place(Structure):
    _fields_ = [("file", c_char_p), ("base", c_void_p), ("symbol", c_char_p), ("address", c_void_p)]


_dladdr = _Unchecked(("dladdr", CDLL(None)))
_dladdr.argtypes = [c_void_p, c_void_p]
_dladdr.restype = c_int


def place_of(address: int) -> tuple[str | None, str | None]:
    """The library that an address lies in, and the symbol that begins there."""
    found = _Place()
    if not address or not _dladdr(address, byref(found)) or not found.file:
        return None, None
    exact = found.symbol is not None and found.address == address
    return os.path.realpath(os.fsdecode(found.file)), os.fsdecode(found.symbol) if exact else None


class _Symbol(CFuncPtr):
    _flags_ = FUNCFLAG_CDECL
    _restype_ = c_int


def address_of(dll: Any, name: str) -> int:
    """Where a symbol is, past ctypes' cache of functions in the CDLL; 0 if there is none."""
    try:
        return cast(_Symbol((name, dll)), c_void_p).value or 0
    except (AttributeError, ValueError):
        return 0


class Lookup:
    """Asks, and counts. Each symbol of a library counts once."""

    def __init__(self) -> None:
        self.libraries: dict[str, dict[str, Any]] = {}
        self._seen: set[tuple[str, str]] = set()

    def _library(self, path: str) -> dict[str, Any]:
        return self.libraries.setdefault(path, {"symbols": 0, "described": 0, "reason": None, "missing": []})

    def _asked(self, describe: Callable[[], ftc.Declaration], name: str, path: str | None) -> ftc.Declaration | None:
        decl, error = None, None
        try:
            decl = describe()
            path = path or decl.library
        except ftc.LibraryError as caught:
            error = caught
        path = path or UNKNOWN
        entry = self._library(path)
        if (path, name) not in self._seen:
            self._seen.add((path, name))
            entry["symbols"] += 1
            entry["described"] += decl is not None
            if error is not None:
                entry["missing"].append(name)
        if error is not None and entry["reason"] is None:
            entry["reason"] = str(error)
        return decl

    def symbol(self, handle: Any, name: str, address: int = 0) -> ftc.Declaration | None:
        return self._asked(lambda: ftc.describe_symbol(handle, name), name, place_of(address)[0])

    def exported(self, address: int, name: str) -> ftc.Declaration | None:
        """A symbol whose address is known. Several names may share it, and differ in their declarations."""
        library, first = place_of(address)
        if library is not None and first != name:
            try:
                dll = CDLL(library, os.RTLD_NOLOAD | os.RTLD_LAZY)
            except OSError:
                return self.address(address, name)
            if address_of(dll, name) == address:
                return self.symbol(dll._handle, name, address)
        return self.address(address, name)

    def address(self, address: int, name: str) -> ftc.Declaration | None:
        return self._asked(lambda: ftc.describe_address(address), name, place_of(address)[0])

    def type(self, handle: Any, name: str) -> ftc.Declaration | None:
        """A type by its name in C. That it is not there, or not one only, is nothing that is counted."""
        try:
            return ftc.describe_type(handle, name)
        except ftc.LibraryError:
            return None
