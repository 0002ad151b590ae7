"""Holds the described functions and variables against libabigail's abidw."""

import abidw_types
from reasons import ABIDW
from result import Result
from walk import Walk

# Not run on these: abidw takes 35 s and 1 GB for the C++ of librados, and more than 4 minutes for libdb.
# drgn compares every declaration of both.
LEFT_OUT = ("librados.so.2", "libdb-5.3.so")


def compare(library, ours):
    """The figures for one library."""
    result = Result(library, "abidw", len(ours.declarations))
    theirs = abidw_types.run(library)
    walk = Walk(ours, theirs, ABIDW)
    compared = []
    for declaration in ours.declarations:
        key = (declaration["symbol"], declaration["version"])
        element, how = theirs.declarations.get(key), "symbol"
        if element is None and declaration["kind"] == "function":
            # abidw keeps one declaration of each name, which may be that of a header.
            [element], how = theirs.by_name.get(declaration["name"], [None])[:1], "name"
        if declaration["evidence"] == "use":
            result.not_comparable["written in assembly: abidw shows the assembler's DIE, which has no types"] += 1
        elif declaration["evidence"] == "resolver":
            result.not_comparable["abidw leaves out IFUNCs"] += 1
        elif element is None:
            result.not_comparable[f"abidw leaves out this {declaration['kind']}"] += 1
        else:
            result.found_by[how] += 1
            compared.append(key)
            function = element.tag == "function-decl"
            walk.declaration(key, declaration["type"], element if function else element.get("type-id"))
    return result.take([walk], compared)
