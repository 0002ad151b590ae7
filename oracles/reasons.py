"""Why another tool may rightly say something else. Every difference that no reason explains is a failure."""

import re
from dataclasses import dataclass
from typing import Callable

RECORDS = ("struct", "union")


def nothing(walk, mine, other):
    return []


@dataclass(frozen=True)
class Reason:
    """A reason, the differences that it explains, and the pairs with which the comparison goes on behind them."""

    text: str
    explains: Callable
    next: Callable = nothing


def resolved_reference(types, reference):
    """The type behind typedefs and qualifiers."""
    node = types.node(reference)
    while node.kind in ("typedef", "qualified"):
        reference = node.refers[0][1]
        node = types.node(reference)
    return reference


def resolved(types, node):
    if node.kind in ("typedef", "qualified"):
        return types.node(resolved_reference(types, node.refers[0][1]))
    return node


def is_completed(walk, difference):
    return difference.what == "complete" and not difference.ours.facts["complete"]


def is_left_declared(walk, difference):
    """What the library defines once, we complete in every unit."""
    return difference.what == "complete" and not difference.theirs.facts["complete"]


def lacks_scope(walk, difference):
    ours, theirs = difference.ours.facts.get("name"), difference.theirs.facts.get("name")
    return difference.what == "name" and bool(ours) and bool(theirs) and ours.endswith("::" + theirs)


def is_scope_in_name(walk, difference):
    """`a::b` that the header writes as `a__b`."""
    ours, theirs = difference.ours.facts.get("name"), difference.theirs.facts.get("name")
    return difference.what == "name" and bool(ours) and "::" in ours and ours.replace("::", "__") == theirs


def same_next(walk, mine, other):
    """What the two types refer to, as if they did not differ."""
    ours, theirs = walk.ours.node(mine), walk.theirs.node(other)
    return [(label, x, y) for (label, x), (_, y) in zip(ours.refers, theirs.refers)]


def resolved_next(walk, mine, other):
    """The two types behind typedefs and qualifiers."""
    return [("", resolved_reference(walk.ours, mine), resolved_reference(walk.theirs, other))]


# drgn

DRGN = [
    Reason(
        "drgn completes a type that the unit only declares, by the one definition of that name in another unit",
        is_completed,
    ),
    Reason("drgn gives the name of a C++ type without the namespace", lacks_scope, same_next),
]

# abidw


def is_const_void(walk, difference):
    ours, theirs = difference.ours, difference.theirs
    if ours.kind != "qualified" or theirs.kind != "void":
        return False
    return walk.ours.node(ours.refers[0][1]).kind == "void"


def is_zero_length(walk, difference):
    if difference.what != "lengths":
        return False
    return [length or None for length in difference.ours.facts["lengths"]] == difference.theirs.facts["lengths"]


def is_declared_without_length(walk, difference):
    """A variable of the library itself: `extern const char lua_ident[];` in its header."""
    if difference.what != "lengths" or difference.above:
        return False
    return difference.theirs.facts["lengths"] == [None, *difference.ours.facts["lengths"][1:]]


def is_atomic(types, node):
    while node.kind in ("typedef", "qualified"):
        if "atomic" in node.facts.get("qualifiers", ()):
            return True
        node = types.node(node.refers[0][1])
    return False


def has_atomic_member(walk, difference):
    ours, theirs = difference.ours, difference.theirs
    if difference.what != "places":
        return False
    members = [walk.ours.node(reference) for _, reference in ours.refers]
    kept = [place for place, member in zip(ours.facts["places"], members) if not is_atomic(walk.ours, member)]
    return kept == theirs.facts["places"] != ours.facts["places"]


def is_same_resolved(walk, difference):
    ours, theirs = resolved(walk.ours, difference.ours), resolved(walk.theirs, difference.theirs)
    sizes = {node.facts["size"] for node in (ours, theirs) if "size" in node.facts}
    return ours.kind == theirs.kind and len(sizes) <= 1


def is_merged_function_type(walk, difference):
    """In the type of a function that is pointed to: another typedef, or a qualified parameter against a bare one."""
    kinds = [difference.ours.kind, difference.theirs.kind]
    pointed_to = len(difference.above) > 1 and difference.above[0].kind == "function"
    otherwise = "typedef" in kinds or kinds.count("qualified") == 1
    return pointed_to and otherwise and is_same_resolved(walk, difference)


def is_header_typedef(walk, difference):
    """In a parameter of the declared function itself."""
    typedef = "typedef" in (difference.ours.kind, difference.theirs.kind)
    own = difference.above[-1:] and difference.above[-1].kind == "function"
    steps = [node.kind for node in difference.above[:-1]]
    return typedef and own and set(steps) <= {"pointer", "qualified"} and is_same_resolved(walk, difference)


def is_merged_typedef(walk, difference):
    """glibc has `typedef void _IO_lock_t` in its public header and a struct of that name inside."""
    names = [node.facts.get("name") for node in difference.above[:1]]
    return names == ["_IO_lock_t"] and difference.theirs.kind == "void"


ABIDW = [
    Reason(
        "abidw completes a type that the unit only declares, by a definition of that name in another unit",
        is_completed,
    ),
    Reason("abidw leaves a type as its unit only declares it, which another unit alone defines", is_left_declared),
    Reason("abidw drops the qualifier of `const void`", is_const_void),
    Reason(
        "abidw shows an array as the header declares it, without the length that the definition gives it",
        is_declared_without_length,
        same_next,
    ),
    Reason("abidw shows `[0]` as an array of unknown length", is_zero_length, same_next),
    Reason("abidw has no `_Atomic` and leaves out members of such a type", has_atomic_member),
    Reason(
        "abidw keeps one of the function types that differ only in typedefs and in qualifiers of parameters",
        is_merged_function_type,
        resolved_next,
    ),
    Reason(
        "abidw shows the declaration of a header, which names another typedef of a type than the definition",
        is_header_typedef,
        resolved_next,
    ),
    Reason(
        "abidw keeps one of two typedefs `_IO_lock_t`, `void` in one unit and a struct in another",
        is_merged_typedef,
    ),
]

# Our own header


def is_renamed(walk, difference):
    ours, theirs = difference.ours.facts.get("name"), difference.theirs.facts.get("name")
    return difference.what == "name" and bool(re.fullmatch(re.escape(ours or "") + r"__\d+", theirs or ""))


def without_padding(members):
    return [member for member in members if not (member[0] or "").startswith("__padding_")]


def is_padded(walk, difference):
    """glibc's transparent unions of socket addresses: gcc recorded their size, and no members."""
    ours, theirs = difference.ours.facts, difference.theirs.facts
    return difference.what == "members" and without_padding(theirs["members"]) == ours["members"] == []


def is_named_by_typedef(walk, difference):
    """A record or enumeration without a tag, referred to without its typedef."""
    ours, theirs = difference.ours, difference.theirs
    if ours.kind not in (*RECORDS, "enum") or ours.facts.get("name") is not None or theirs.kind != "typedef":
        return False
    return walk.theirs.node(theirs.refers[0][1]).kind == ours.kind


def is_other_version(walk, difference):
    return difference.what == "names" and not difference.above


ROUND_TRIP = [
    Reason("the header has one type for all units: one that a unit only declares is complete", is_completed),
    Reason(
        "units define one name differently: the header renames all but the first definition",
        is_renamed,
        same_next,
    ),
    Reason("the debug information has no members of a union: the header keeps its size by padding", is_padded),
    Reason("C has no namespaces", lacks_scope, same_next),
    Reason("C has no namespaces: the header writes two underscores", is_scope_in_name, same_next),
    Reason(
        "C can name a type without tag only by its typedef, which the declaration did not use",
        is_named_by_typedef,
        resolved_next,
    ),
    Reason(
        "the header declares a symbol once: other versions of it may have other names of parameters",
        is_other_version,
        same_next,
    ),
]
