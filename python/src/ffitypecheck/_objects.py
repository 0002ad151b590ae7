"""What objects of ctypes say of themselves, under CPython and under PyPy."""

from __future__ import annotations

import sys
from ctypes import addressof, byref, c_char, c_char_p, c_int, c_void_p, cast

from ._claim import CData

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PYPY = sys.implementation.name == "pypy"
_Byref = type(byref(c_int()))


def is_data(object: Any) -> bool:
    return isinstance(object, CData)


def is_byref(object: Any) -> bool:
    """Whether it is what byref or a from_param returned, and no instance: PyPy makes a pointer."""
    return type(object) is _Byref and not PYPY


def tag_of(carg: Any) -> str:
    """The letter of such an object: its repr is all that says it."""
    text = repr(carg)
    return text[9] if text.startswith("<cparam '") else ""


def address_of_byref(carg: Any) -> int:
    return cast(carg, c_void_p).value or 0


def is_owner(data: Any) -> bool:
    """Whether the memory is the object's own."""
    if PYPY:
        return type(data._buffer).__name__.endswith("AutoFree")
    return bool(data._b_needsfree_)


def address_of_bytes(text: bytes) -> int:
    return c_void_p.from_buffer(c_char_p(text)).value or 0


def _memory_of_view(view: memoryview) -> tuple[int, int]:
    if PYPY:
        return view._pypy_raw_address(), view.nbytes        # type: ignore[attr-defined]
    return addressof((c_char * 0).from_buffer(view)), view.nbytes


def memory_of_kept(object: Any) -> tuple[int, int]:
    """The address and the size of what an object of ctypes keeps, if that is no instance; a size of 0: not known."""
    if PYPY and type(object).__name__ == "CArgObject":
        # bytes, of which there is a copy.
        return object._buffer.buffer, len(object._obj) + 1 if isinstance(object._obj, bytes) else 0
    if isinstance(object, bytes):
        return address_of_bytes(object), len(object) + 1
    if not PYPY and not isinstance(object, memoryview):
        return 0, 0
    try:
        return _memory_of_view(memoryview(object))
    except (TypeError, ValueError):
        return 0, 0
