"""Compares what a program declares with the library's declaration."""

from __future__ import annotations

from ctypes import c_void_p, cast

from . import _function, _policy
from . import _library as ftc
from ._function import NOT_BOUND, NOT_GIVEN, UNKNOWN, Declared, Function, known_function, later
from ._place import here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._place import Place


def _declaration_of(function: Any, known: Function) -> ftc.Declaration | None:
    """Looks the declaration up, once; None if there is none."""
    if known.decl is UNKNOWN:
        handle = known.origin.handle
        decl = None
        try:
            if known.name is not None and handle is not NOT_BOUND:
                decl = ftc.describe_symbol(handle, known.name)
            else:
                decl = ftc.describe_address(cast(function, c_void_p).value or 0)
        except ftc.LibraryError:
            pass
        # Another thread may have been here meanwhile.
        if known.decl is UNKNOWN:
            known.decl = decl
    found: ftc.Declaration | None = known.decl
    return found


def compare(decl: ftc.Declaration, build: Any, policy: _policy.Policy, places: list[Place | None],
            told: list[Any] | None = None) -> ftc.Report | None:
    """Holds a claim against a declaration, and follows what is found. A claim that could not be built is none. Of each side
    there is a place, and what was warned of last."""
    claim = later("_claim").built(build)
    if claim is None:
        return None
    try:
        report = decl.check(claim[0].table, claim[1])
    except ftc.LibraryError:
        return None
    if not report.passes:
        later("_report").follow(report, policy, places, told)
    return report


def _check_function(known: Function, decl: ftc.Declaration, declared: Declared) -> ftc.Report | None:
    if declared.argtypes is None and declared.restype is NOT_GIVEN and decl.kind == ftc.FUNCTION:
        return None
    # To call a variable is never right, whatever is declared.
    if known.told is None:
        known.told = [None, None]
    return compare(decl, lambda claim: claim.function(declared.argtypes, declared.restype), known.policy, declared.places,
                   known.told)


def check_now(function: Any, known: Function, declared: Declared) -> None:
    """Whether what is about to be declared may be."""
    decl = _declaration_of(function, known)
    if decl is not None:
        _check_function(known, decl, declared)


def _has_to_learn(policy: _policy.Policy, declared: Declared, report: ftc.Report | None) -> bool:
    """False: `learn` would return None, and its module need not be imported."""
    if not declared.has_argtypes or declared.restype is NOT_GIVEN or policy.name == "repair":
        return True
    return report is not None and any(finding.at_call and finding.position == "argument" for finding in report.findings)


def settle(function: Any, known: Function) -> None:
    """Before the first call: checks what is declared and learns what is not."""
    argtypes, restype, policy, learned = known.argtypes, known.restype, known.policy, None
    declared = Declared(known)
    if policy.name != "off":
        decl = _declaration_of(function, known)
        if decl is not None:
            report = _check_function(known, decl, declared)
            if _has_to_learn(policy, declared, report):
                learned = later("_learn").learn(function, known, policy, decl, declared, report)
    known.settle(function, argtypes, restype, learned)


def spelling_of(function: Any) -> str | None:
    known = known_function(function)
    if known.policy.name == "off":
        return None
    decl = _declaration_of(function, known)
    return None if decl is None else decl.spelling


def check_variable(cls: Any, dll: Any, name: str) -> None:
    """A variable of a dll is about to be seen as an instance of a class."""
    if _function.witness is not None:
        _function.witness.variable(cls, dll, name)
    policy = _policy.of_library(dll) or _policy.current
    if policy.name == "off":
        return
    try:
        decl = ftc.describe_symbol(dll._handle, name)
    except ftc.LibraryError:
        return
    place = here(name)
    compare(decl, lambda claim: claim.type(cls), policy, [place, place])
