"""Where something is declared: the line of the program that set argtypes or restype, or bound a prototype.

Many bindings have one function that declares all others, and gets their names from its callers. The line that is of use is
that of the nearest caller that names what is declared. An import may declare thousands of functions: what is noted are codes
and the offsets of their instructions, and the line is looked up when it is to be told.
"""

from __future__ import annotations

from bisect import bisect_right
from sys import _getframe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, Tuple
    # The name of the symbol, the code that declares it and the offset of the instruction, the same of its caller, and so on
    # up to the code of a module.
    Place = Tuple[Any, ...]

_MOST_FRAMES = 9            # how many functions a name goes through at most
_PASSED = "ffitypecheck.", "_ctypes."       # modules that declare for others; the second are PyPy's
_OPTIMIZED = 1              # in co_flags: the code of a function, not of a module

# What declared last: the code of a module, and a function that a module calls.
_module: CodeType | None = None
_declaring: CodeType | None = None
_naming: CodeType | None = None


def here(name: str | None, depth: int = 1) -> Place | None:
    """The place that declares a symbol. The caller knows how many frames are the package's."""
    try:
        frame: Any = _getframe(depth)
    except ValueError:
        return None                     # C code that no Python code called
    code = frame.f_code
    if code is _declaring:
        caller = frame.f_back
        if caller is not None and caller.f_code is _naming:
            return name, code, frame.f_lasti, caller.f_code, caller.f_lasti
    elif code is _module:
        return name, code, frame.f_lasti
    return _search(name, frame)


def _search(name: str | None, frame: FrameType | None) -> Place | None:
    global _module, _declaring, _naming
    place: list[Any] = [name]
    passed = 0
    while frame is not None and len(place) <= 2 * _MOST_FRAMES:
        code, module = frame.f_code, frame.f_globals.get("__name__")
        if module == "ctypes" or (isinstance(module, str) and module.startswith(_PASSED)):
            passed += 1
        else:
            place += code, frame.f_lasti
            if not code.co_flags & _OPTIMIZED:
                if not passed and len(place) == 3:
                    _module = code
                elif not passed and len(place) == 5:
                    _declaring, _naming = place[1], code
                break
        frame = frame.f_back
    return tuple(place) if len(place) > 1 else None


def _named(place: Place) -> tuple[CodeType, int]:
    """The nearest code that names the symbol; else that which declares it."""
    name = place[0]
    for code, offset in zip(place[1::2], place[2::2]):
        # A bytes constant may not be compared with a str: -b warns of it.
        if name in code.co_names or any(type(text) is str and text == name for text in code.co_consts):
            return code, offset
    return place[1], place[2]


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


def line_of(place: Place) -> tuple[str, int]:
    """The file and the number of the line."""
    code, offset = _named(place)
    starts, lines = _lines_of(code)
    index = bisect_right(starts, offset) - 1
    return code.co_filename, lines[index] if index >= 0 else code.co_firstlineno


def globals_at(place: Place) -> dict[str, Any] | None:
    """The globals of the code, if it is running."""
    code, _ = _named(place)
    frame: FrameType | None = _getframe(1)
    while frame is not None:
        if frame.f_code is code:
            return frame.f_globals
        frame = frame.f_back
    return None
