"""Holds every described function and variable against drgn."""

import os

import drgn

from drgn_types import DrgnTypes, open_library
from libraries import only_declared
from reasons import DRGN
from result import Result
from walk import Walk

ASSEMBLY = "written in assembly: drgn shows the assembler's DIE, which has no types"
NO_COMPLEX = "drgn cannot read complex types"


class NotFound(Exception):
    """drgn has no such declaration; the text says why."""


def compare(library, ours, exports):
    """The figures for one library."""
    result = Result(library, "drgn", len(ours.declarations))
    values = {export.key: export.value for export in exports}
    program = open_library(library)
    walk = Walk(ours, DrgnTypes(), DRGN)
    compared = []
    for declaration in ours.declarations:
        key = (declaration["symbol"], declaration["version"])
        try:
            theirs, how = find(program, declaration, values[key])
        except NotFound as error:
            result.not_comparable[str(error)] += 1
            continue
        if declaration["evidence"] == "resolver":
            # The resolver returns a pointer to the function.
            theirs = theirs.type.type
        result.found_by[how] += 1
        compared.append(key)
        walk.declaration(key, declaration["type"], theirs)
    hold_declarations(library, walk)
    return result.take([walk], compared)


def hold_declarations(library, walk):
    """What we say is only declared must be so for llvm-dwarfdump too: drgn completes it and cannot tell."""
    completed = [one for one in walk.differences.values() if one.what == "complete" and one.reason]
    names = {one.ours.facts["name"] for one in completed}
    declared = only_declared(library, names) if names else set()
    for one in completed:
        if one.ours.facts["name"] not in declared:
            one.reason = None


def find(program, declaration, value):
    """drgn's type of a declaration, and how it was found."""
    try:
        found = function_at(program, value) if declaration["kind"] == "function" else None
        if found is not None:
            return found, "address"
        return by_name(program, declaration, value)
    except drgn.BadDataError as error:
        if declaration["evidence"] == "use":
            raise NotFound(ASSEMBLY) from error
        if str(error).endswith("unknown DWARF encoding 0x3"):
            raise NotFound(NO_COMPLEX) from error
        raise


def function_at(program, value):
    """The function that drgn finds at an address, by the name that drgn has for it; `None` where it finds none."""
    # A return address lies behind the call, so drgn looks at the byte before it.
    frames = program.stack_trace_from_pcs([value + 1])
    # The innermost frame comes first: functions that are inlined there.
    frame = frames[len(frames) - 1]
    try:
        return frame[frame.name].type_
    except LookupError:
        return None


def by_name(program, declaration, value):
    """What drgn finds by our name for the DIE. Where it knows an address, that is held against readelf's."""
    lookup = program.function if declaration["kind"] == "function" else program.variable
    name, source = declaration["name"], declaration["source"]
    without_address = None
    for file in [None, os.path.basename(source["file"])] if source else [None]:
        try:
            found = lookup(name, file)
        except LookupError:
            continue
        if found.address_ == value:
            return found.type_, "address"
        if found.address_ is None:
            without_address = found.type_
    if without_address is None:
        raise NotFound("drgn finds no definition of that name")
    return without_address, "name"
