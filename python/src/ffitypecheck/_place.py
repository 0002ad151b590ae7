"""Where something is declared: the line of the program that set argtypes or restype, or bound a prototype.

What is noted is the code and the offset of the instruction; its line is looked up when it is to be told. Many bindings
have one function that declares all others, and gets their names from its callers. The line that is of use is the
caller's, which names what is declared.
"""

from __future__ import annotations

import sys
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

_MOST_CALLERS = 8           # how many functions a name goes through at most
_PASSED = "ffitypecheck.", "_ctypes."       # modules that declare for others; the second are PyPy's
_OPTIMIZED = 1              # in co_flags: the code of a function, not of a module


class Place(tuple):             # type: ignore[type-arg]
    """A code and the offset of an instruction. A tuple is made fastest, and an import may make thousands."""

    __slots__ = ()

    @property
    def file(self) -> str:
        file: str = self[0].co_filename
        return file

    @property
    def line(self) -> int:
        code, offset = self
        starts, lines = _lines_of(code)
        index = bisect_right(starts, offset) - 1
        first: int = code.co_firstlineno
        return lines[index] if index >= 0 else first


# Of the code that was asked for last: that of a large module takes long to go through.
_last: tuple[CodeType | None, list[int], list[int]] = (None, [], [])


def _lines_of(code: CodeType) -> tuple[list[int], list[int]]:
    """Where each line's instructions begin, and the lines."""
    global _last
    last, starts, lines = _last
    if code is last:
        return starts, lines
    if hasattr(code, "co_lines"):
        pairs = [(start, line) for start, _, line in code.co_lines() if line is not None]
    else:
        import dis
        pairs = list(dis.findlinestarts(code))
    starts, lines = [start for start, _ in pairs], [line for _, line in pairs]
    _last = code, starts, lines
    return starts, lines


def _outside(frame: FrameType | None) -> FrameType | None:
    """The frame, or the first one that called it, of other code than ctypes' and this package's."""
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name != "ctypes" and not (isinstance(name, str) and name.startswith(_PASSED)):
            break
        frame = frame.f_back
    return frame


# By the id of a code, which is kept with them: its names and texts. Mostly one function declares all, and a module names it.
_mentioned: dict[int, tuple[CodeType, frozenset[Any]]] = {}
_MOST_CODES = 16


def _mentions(code: CodeType, name: str) -> bool:
    known = _mentioned.get(id(code))
    if known is None:
        if len(_mentioned) >= _MOST_CODES:
            _mentioned.clear()
        # A bytes constant may not be compared with a str: -b warns of it.
        texts = frozenset(code.co_names).union([text for text in code.co_consts if type(text) is str])
        known = _mentioned[id(code)] = code, texts
    return name in known[1]


def _naming(frame: FrameType, name: str) -> FrameType:
    """The nearest of some callers that names the symbol; else the frame, which does not."""
    caller = frame
    for _ in range(_MOST_CALLERS):
        outside = _outside(caller.f_back)
        if outside is None:
            break
        caller = outside
        code = caller.f_code
        if _mentions(code, name):
            return caller
        if not code.co_flags & _OPTIMIZED:
            break
    return frame


def here(name: str | None, depth: int = 1) -> tuple[Place | None, dict[str, Any] | None]:
    """The line that declares a symbol, and the globals of its frame. The caller knows how many frames are the package's."""
    frame = _outside(sys._getframe(depth))
    if frame is None:
        return None, None
    code = frame.f_code
    if name is not None and code.co_flags & _OPTIMIZED and not _mentions(code, name):
        frame = _naming(frame, name)
        code = frame.f_code
    return Place((code, frame.f_lasti)), frame.f_globals
