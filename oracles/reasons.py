"""Why another tool may rightly say something else. Every difference that no reason explains is a failure."""

from dataclasses import dataclass
from typing import Callable

RECORDS = ("struct", "union")


def nothing(mine, other, ours, theirs):
    return []


@dataclass(frozen=True)
class Reason:
    """A reason, the differences that it explains, and the pairs with which the comparison goes on behind them."""

    text: str
    explains: Callable
    next: Callable = nothing


def resolved(types, node):
    """A node behind typedefs and qualifiers."""
    while node.kind in ("typedef", "qualified"):
        node = types.node(node.refers[0][1])
    return node


def is_completed(walk, difference):
    return difference.what == "complete" and not difference.ours.facts["complete"]


def lacks_scope(walk, difference):
    ours, theirs = difference.ours.facts.get("name"), difference.theirs.facts.get("name")
    return difference.what == "name" and bool(ours) and bool(theirs) and ours.endswith("::" + theirs)


def scopeless_next(mine, other, ours, theirs):
    return [(label, x, y) for (label, x), (_, y) in zip(ours.refers, theirs.refers)]


# drgn

DRGN = [
    Reason(
        "drgn completes a type that the unit only declares, by the one definition of that name in another unit",
        is_completed,
    ),
    Reason("drgn gives the name of a C++ type without the namespace", lacks_scope, scopeless_next),
]

# abidw


def is_const_void(walk, difference):
    ours, theirs = difference.ours, difference.theirs
    if ours.kind != "qualified" or theirs.kind != "void":
        return False
    return walk.ours.node(ours.refers[0][1]).kind == "void"


def is_qualified_array(walk, difference):
    ours, theirs = difference.ours, difference.theirs
    if ours.kind != "qualified" or theirs.kind != "array":
        return False
    target = walk.ours.node(ours.refers[0][1])
    return target.kind == "array" and target.facts["length"] in (theirs.facts["length"], 0)


def is_zero_length(walk, difference):
    if difference.ours.kind != "array" or difference.what != "length":
        return False
    return difference.ours.facts["length"] == 0 and difference.theirs.facts["length"] is None


def zero_length_next(mine, other, ours, theirs):
    return [("[]", ours.refers[0][1], theirs.refers[0][1])]


def has_atomic_member(walk, difference):
    ours, theirs = difference.ours, difference.theirs
    if difference.what != "places":
        return False
    members = [walk.ours.node(reference) for _, reference in ours.refers]
    kept = [
        place
        for place, member in zip(ours.facts["places"], members)
        if "atomic" not in member.facts.get("qualifiers", ())
    ]
    return kept == theirs.facts["places"] != ours.facts["places"]


def is_merged_function_type(walk, difference):
    """In the type of a function that is pointed to: typedef or qualifier against none, or two typedefs of one type."""
    last = difference.path[-1]
    pointed_to = len(difference.above) > 1 and difference.above[0].kind == "function"
    if not pointed_to or not (last == "result" or last.startswith("parameter")):
        return False
    if not {difference.ours.kind, difference.theirs.kind} & {"typedef", "qualified"}:
        return False
    ours, theirs = resolved(walk.ours, difference.ours), resolved(walk.theirs, difference.theirs)
    return ours.kind == theirs.kind and ours.facts.get("size") == theirs.facts.get("size")


def is_merged_typedef(walk, difference):
    """glibc has `typedef void _IO_lock_t` in its public header and a struct of that name inside."""
    names = [node.facts.get("name") for node in difference.above[:1]]
    return names == ["_IO_lock_t"] and difference.theirs.kind == "void"


ABIDW = [
    Reason(
        "abidw completes a type that the unit only declares, by a definition of that name in another unit",
        is_completed,
    ),
    Reason("abidw drops the qualifier of `const void`", is_const_void),
    Reason("abidw moves the qualifier of an array to its elements", is_qualified_array),
    Reason("abidw shows `[0]` as an array of unknown length", is_zero_length, zero_length_next),
    Reason("abidw has no `_Atomic` and leaves out members of such a type", has_atomic_member),
    Reason(
        "abidw keeps one of the function types that differ only in typedefs and in qualifiers of parameters",
        is_merged_function_type,
    ),
    Reason("abidw keeps one of two typedefs `_IO_lock_t`, `void` in one unit and a struct in another", is_merged_typedef),
]

# Our own header


def is_named_by_typedef(walk, difference):
    """A record or enumeration without a tag, referred to without its typedef."""
    ours, theirs = difference.ours, difference.theirs
    if ours.kind not in (*RECORDS, "enum") or ours.facts.get("name") is not None or theirs.kind != "typedef":
        return False
    target = walk.theirs.node(theirs.refers[0][1])
    return target.kind == ours.kind and target.facts == ours.facts


def typedef_next(mine, other, ours, theirs):
    return [("", mine, theirs.refers[0][1])]


def is_other_version(walk, difference):
    return difference.what == "names" and not difference.above


ROUND_TRIP = [
    Reason("the header has one type for all units: one that a unit only declares is complete", is_completed),
    Reason("C has no namespaces", lacks_scope, scopeless_next),
    Reason(
        "C can name a type without tag only by its typedef, which the declaration did not use",
        is_named_by_typedef,
        typedef_next,
    ),
    Reason(
        "the header declares a symbol once: other versions of it may have other names of parameters",
        is_other_version,
        scopeless_next,
    ),
]
