"""What follows from a finding: where types do not agree, the policy decides whether a TypeError is raised or warned of."""

from __future__ import annotations

import warnings

from . import _policy
from ._function import ARGUMENTS, RESULT
from ._place import globals_at, here, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._library import Finding, Report
    from ._place import Place


class TypeCheckWarning(RuntimeWarning):
    """Types that a program declares do not agree with the library's."""


TypeCheckWarning.__module__ = "ffitypecheck"

_WAY_OUT = "\nnot refused with CDLL(..., typecheck='warn') or %s=warn"


def error_of(finding: Finding, place: Place | None, way_out: str | None = None) -> Any:
    """A TypeError that says in its attributes what the finding says, and where the declaration stands."""
    way_out = _WAY_OUT % _policy.variable if way_out is None else way_out
    file, line = (None, None) if place is None else line_of(place)
    if place is not None:
        way_out = "\ndeclared at %s:%s; %s" % (file, line, way_out.lstrip())
    layout = "" if finding.layout is None else "\n" + finding.layout
    error: Any = TypeError("%s%s%s" % (finding, way_out, layout))
    error.argument = finding.argument if finding.position == "argument" else None
    error.filename, error.lineno = file, line
    error.position, error.path, error.rule = finding.position, finding.path, finding.rule_id
    error.hint, error.layout = finding.hint, finding.layout
    return error


# Called with a message and the line that it is about, in place of a warning.
listener: Any = None


def warn(message: str, place: Place | None) -> None:
    """Warns of the line; without one, of that which is running."""
    place = place or here(None)
    file, line = ("sys", 1) if place is None else line_of(place)
    if listener is not None:
        listener(message, file, line)
        return
    # None for a module would mean: do not warn.
    known: dict[str, Any] = {}
    globals = None if place is None else globals_at(place)
    if globals is not None:
        known["registry"] = globals.setdefault("__warningregistry__", {})
        if "__name__" in globals:
            known["module"] = globals["__name__"]
    warnings.warn_explicit(message, TypeCheckWarning, file, line, **known)


def follow(report: Report, policy: _policy.Policy, places: list[Place | None], told: list[Any] | None) -> None:
    """Raises the first finding of a report that does not pass, or warns of the first one of each side, unless it is what was
    told of that side last."""
    seen = set()
    for finding in report.findings:
        side = RESULT if finding.position == "result" else ARGUMENTS
        if finding.verdict != "MISMATCH" or side in seen:
            continue
        seen.add(side)
        if policy.refuses:
            raise error_of(finding, places[side])
        key = finding.rule, finding.argument
        if told is not None and told[side] == key:
            continue
        if told is not None:
            told[side] = key
        warn(str(finding), places[side])
