"""Imported by ffitypecheck.pth when Python starts and FFITYPECHECK is set: ctypes is checked without a change of the
program. Nothing happens with -E or -I, in a process with more rights than its user, or for a value that is no policy."""

from __future__ import annotations

from . import enable
from ._policy import from_environment

_policy = from_environment()
if _policy is not None and _policy.name != "off":
    enable(str(_policy))
