"""What happens when types do not agree: the policies, the one that holds, and what the environment says."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = "off", "warn", "repair", "error", "early"


class Policy:
    """One of the names, and whether what is not declared is taken from the library."""

    __slots__ = ("name", "extract", "refuses", "asks_now")

    def __init__(self, name: str, extract: bool) -> None:
        self.name = name
        self.extract = extract
        # What does not agree is refused, at the call if not before.
        self.refuses = name in ("error", "early")
        # A declaration is looked at where it stands. "error" looks at the first call: what is replaced before never counts.
        self.asks_now = name in ("warn", "repair", "early")

    def __str__(self) -> str:
        return self.name if self.extract else self.name + ",noextract"


_ALL = {str(policy): policy for name in NAMES for policy in (Policy(name, True), Policy(name, False))}
DEFAULT = "error"
current = _ALL[DEFAULT]         # the one that holds
variable = "FFITYPECHECK"       # of the environment, which has the policy


def parse(text: Any) -> Policy:
    policy = _ALL.get(text) if isinstance(text, str) else None
    if policy is None:
        raise ValueError("typecheck must be 'off', 'warn', 'repair', 'error' or 'early', and may end in ',noextract'")
    return policy


def change(text: Any) -> str:
    """Another policy by its name; returns the previous one. It holds for functions that were not called yet, and for types
    that are set from now on."""
    global current
    previous, current = current, parse(text)
    return str(previous)


def of_library(dll: object) -> Policy | None:
    """The policy that a library has of its own."""
    text = getattr(dll, "_typecheck", None)
    return None if text is None else parse(text)


def trusted_environment(name: str) -> str | None:
    """A variable of the environment; None in a process that must not trust it."""
    if sys.flags.ignore_environment or os.getuid() != os.geteuid() or os.getgid() != os.getegid():
        return None
    return os.environ.get(name)


def from_environment() -> Policy | None:
    """What the environment says; what is none of the words is as if it were not there."""
    return _ALL.get(trusted_environment(variable) or "")
