"""Type-safe ctypes: what a program declares is compared with the library's debug information.

    import ffitypecheck
    ffitypecheck.enable()

See docs/python.md of the project.
"""

from __future__ import annotations

import ctypes as _ctypes

from . import _policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from ._describe import Declaration as Declaration
    from ._report import TypeCheckWarning as TypeCheckWarning

__version__ = "0.1.0"
__all__ = ["enable", "disable", "is_enabled", "set_typecheck", "get_typecheck", "TypeCheckWarning", "describe",
           "declaration", "verify", "sizeof", "offsetof", "Declaration", "Finding", "LibraryError"]

# An interpreter with the patch has all of it in ctypes.
_patched = hasattr(_ctypes, "set_typecheck")

_before_patched: str | None = None      # the policy of the patch, while this is enabled


def get_typecheck() -> str:
    """The policy that holds."""
    if _patched:
        return str(_ctypes.get_typecheck())                 # type: ignore[attr-defined]
    return str(_policy.current)


def set_typecheck(policy: str) -> str:
    """Sets the policy and returns the previous one. It holds for functions that were not called yet, and for types that
    are set from now on."""
    if _patched:
        return str(_ctypes.set_typecheck(policy))           # type: ignore[attr-defined]
    return _policy.change(policy)


def is_enabled() -> bool:
    """Whether ctypes is checked by this package, or by the patch on its behalf."""
    if _patched:
        return _before_patched is not None
    from . import _hooks
    return _hooks.is_on()


class Enabled:
    """What enable() returns: a context manager that puts back what held before."""

    def __init__(self, was_on: bool, policy: str) -> None:
        self._was_on = was_on
        self._policy = policy

    def __enter__(self) -> Enabled:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if not self._was_on:
            disable()
        set_typecheck(self._policy)


def enable(policy: str | None = None, extract: bool = True) -> Enabled:
    """Checks ctypes from now on. Without a policy it is what the environment variable FFITYPECHECK says, else "error".
    With extract=False, types that were not given are not taken from the library."""
    global _before_patched
    if policy is None:
        policy = str(_policy.from_environment() or _policy.DEFAULT)
    if not extract and not policy.endswith(",noextract"):
        policy += ",noextract"
    was_on = is_enabled()
    previous = set_typecheck(policy)
    if not _patched:
        from . import _hooks
        _hooks.turn_on()
    elif _before_patched is None:
        _before_patched = previous
    return Enabled(was_on, previous)


def disable() -> None:
    """Puts back all that was replaced in ctypes."""
    global _before_patched
    if not _patched:
        from . import _hooks
        _hooks.turn_off()
    elif _before_patched is not None:
        set_typecheck(_before_patched)
        _before_patched = None


_DESCRIBING = "describe", "declaration", "verify", "sizeof", "offsetof", "Declaration", "Finding", "LibraryError"


def __getattr__(name: str) -> Any:
    """What describes a library, and the warning, are imported when they are first asked for."""
    module: Any
    if name in _DESCRIBING:
        from . import _describe as module
    elif name != "TypeCheckWarning":
        raise AttributeError("module 'ffitypecheck' has no attribute %r" % name)
    elif _patched:
        module = _ctypes
    else:
        from . import _report as module
    value = globals()[name] = getattr(module, name)
    return value
