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
        element = theirs.declarations.get(key)
        if declaration["evidence"] == "use":
            result.not_comparable["written in assembly: abidw shows the assembler's DIE, which has no types"] += 1
        elif declaration["evidence"] == "resolver":
            result.not_comparable["abidw leaves out IFUNCs"] += 1
        elif element is None:
            result.not_comparable["abidw leaves out " + KINDS[declaration["evidence"]]] += 1
        else:
            result.found_by["symbol"] += 1
            compared.append(key)
            function = element.tag == "function-decl"
            walk.declaration(key, declaration["type"], element if function else element.get("type-id"))
    return result.take([walk], compared)


KINDS = {
    "name": "definitions without an address",
    "address": "functions in several ranges of addresses, and others",
}
