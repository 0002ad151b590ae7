"""A place in the code of a package where a library is loaded through FFI."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    line: int
    # The function that loads, as `ctypes.CDLL`.
    way: str
    # As written; None if it is not known without running the program.
    name: str | None


# What may be the name of a library: no text, no URL.
NAME = re.compile(r"[\w@./+:-]*\w[\w@./+:-]*")
# Names of libraries of Windows and macOS.
ELSEWHERE = re.compile(r"\.(dll|dylib|framework|drv|exe|sl|pyd|bundle)\b|^lib.*\.a$|\.framework/|^/System/|(?<![a-z])(cyg|msys-)|^[a-z0-9_]+32$|-win32|"
                       r"^(userenv|iphlpapi|msvcrt\w*|shlwapi|psapi|ntdll|winmm|winhttp|dbghelp|objc|\w+(Foundation|Services)|Foundation|AppKit|Cocoa|CoreText|CoreGraphics|"
                       r"IOKit|Quartz|Carbon|Security|Core\w+|fuse4x|osxfuse)$", re.IGNORECASE)


def named(line: int, way: str, names: set[str] | None) -> list[Load]:
    """One for each name that a library of this system can have; one without a name if none is known."""
    possible = sorted(name for name in names or () if NAME.fullmatch(name))
    return [Load(line, way, name) for name in possible if not ELSEWHERE.search(name)] if possible else [Load(line, way, None)]
