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


class _Code:
    """What is known of a code that declares, or that called one. Mostly one function declares all, and a module names it."""

    __slots__ = ("code", "passed", "texts")

    def __init__(self, frame: FrameType) -> None:
        self.code = code = frame.f_code             # kept, so that no other code gets its id
        module = frame.f_globals.get("__name__")
        self.passed = module == "ctypes" or (isinstance(module, str) and module.startswith(_PASSED))
        # A bytes constant may not be compared with a str: -b warns of it.
        self.texts = frozenset(code.co_names).union([text for text in code.co_consts if type(text) is str])


_codes: dict[int, _Code] = {}       # by the id of a code
_MOST_CODES = 64


def _look_at(frame: FrameType) -> _Code:
    if len(_codes) >= _MOST_CODES:
        _codes.clear()
    known = _codes[id(frame.f_code)] = _Code(frame)
    return known


def here(name: str | None, depth: int = 1) -> tuple[Place | None, dict[str, Any] | None]:
    """The line that declares a symbol, and the globals of its frame: of the code that called ctypes or this package, or
    of the nearest of some callers of it that names the symbol. The caller knows how many frames are the package's."""
    frame: FrameType | None = sys._getframe(depth)
    nearest = None
    callers = 0
    while frame is not None:
        code = frame.f_code
        known = _codes.get(id(code)) or _look_at(frame)
        if not known.passed:
            if name is None or name in known.texts:
                nearest = frame
                break
            nearest = nearest or frame
            if callers == _MOST_CALLERS or not code.co_flags & _OPTIMIZED:
                break
            callers += 1
        frame = frame.f_back
    if nearest is None:
        return None, None
    return Place((nearest.f_code, nearest.f_lasti)), nearest.f_globals
