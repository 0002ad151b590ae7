"""docs/coverage.md: the figures as a page."""

import textwrap

from compare_abidw import LEFT_OUT
from libraries import LIBRARIES

HEAD = """# What is described, and who agrees

These are the figures of `make check-oracles` for eight libraries of Debian 12 (amd64) with their separate debug
packages. The test fails if they differ from this page; `python3 oracles --write` writes the page anew. readelf says
which symbols are exported. llvm-dwarfdump says which units are assembly (a unit is the DWARF of one source file). Three
tools with readers of their own say what the types are:

- **drgn** 0.3 compares every function by its address, every variable by its name, and every type that they reach,
  including pointees: kind, size, encoding, qualifiers, names, offsets and widths of members, enumerators, lengths,
  parameters and their names. Where a unit only declares a type, llvm-dwarfdump or readelf must find that declaration
  too.
- **abidw** (libabigail 2.2) compares the same, without encodings, bit-fields and names of parameters. It covers what
  drgn cannot read (complex types).
- **gcc with the installed headers** checks the functions in assembly, whose definitions have no types. Our types come
  from a C unit that uses them; the public declaration must be compatible.

The **round trip** takes the header that `describe --as header` writes, compiles it with gcc, with each function
defined, and describes the result. From our C, it must give the same types, with alignment and prototypes.
`oracles/test_oracles.py` changes our description in twenty ways. Every comparison that covers the changed fact must
notice it.
"""

EXPORTS = """## The exports

These are the C functions and variables that readelf lists (`_Z…` left out). The columns say how a declaration was
found. By address: the definition there. By name: a definition that the compiler left without an address. By resolver:
an IFUNC. By use: written in assembly, declared by a C unit that uses it. "Not described, assembly" means that no unit
declares the function. Of all others, {share:.2%} are described in the library with the smallest share.
"""

TOGETHER = f"""## Together

These are the declarations that a tool has compared without a part that it cannot read and without an unexplained
difference. If a type differs for a named reason, the types that it refers to are still compared, as far as the reason
leaves something to compare. They are not compared inside a type that is complete on one side only. abidw does not read {' and '.join(LEFT_OUT)}: it takes minutes or gigabytes.
"""

DIFFERENCES = """## Differences

Each difference has a reason. The number in brackets is the number of declarations that reach such a type.
"""


def page(coverages, results):
    parts = [HEAD, exports_table(coverages), agreement_table(results), together_table(results)]
    parts += [not_comparable_table(results), named_table(results), undescribed(coverages)]
    return "\n".join(parts)


def table(header, rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in [header, ["---"] * len(header), *rows]]
    return "\n".join(lines) + "\n"


def exports_table(coverages):
    header = ["library", "build-id", "functions", "IFUNCs", "variables"]
    header += ["by address", "by name", "by resolver", "by use", "not described"]
    rows = []
    for one in coverages:
        kinds, described = one.exports, one.described
        missing = ", ".join(f"{len(names)} {reason}" for reason, names in sorted(one.undescribed.items()))
        rows.append(
            [
                f"{one.library} ({LIBRARIES[one.library]})",
                f"`{one.build_id[:12]}`",
                kinds["function"] + kinds["untyped"],
                kinds["ifunc"],
                kinds["variable"] + kinds["tls"],
                *(described[evidence] for evidence in ("address", "name", "resolver", "use")),
                missing or 0,
            ]
        )
    share = min(one.not_assembly for one in coverages)
    return EXPORTS.format(share=share) + "\n" + table(header, rows)


def agreement_table(results):
    header = ["library", "tool", "declarations", "compared", "found by", "pairs of types"]
    header += ["differing types with a reason", "without"]
    rows = []
    for one in results:
        found = ", ".join(f"{how} {count}" for how, count in sorted(one.found_by.items()))
        named = sum(types for types, _ in one.named.values())
        rows.append([one.library, one.tool, one.declarations, one.compared, found, one.pairs, named, len(one.unnamed)])
    return "## Agreement\n\n" + table(header, rows)


def together_table(results):
    """How many declarations at least one foreign tool has compared, with all that they reach."""
    header = "library, declarations, drgn, abidw, installed headers, at least one".split(", ")
    rows = []
    for library in dict.fromkeys(one.library for one in results):
        whole = {one.tool: one.whole for one in results if one.library == library}
        total = max(one.declarations for one in results if one.library == library)
        tools = ["drgn", "abidw", "installed headers"]
        counts = [len(whole[tool]) if tool in whole else "–" for tool in tools]
        rows.append([library, total, *counts, len(set().union(*(whole.get(tool, ()) for tool in tools)))])
    return TOGETHER + "\n" + table(header, rows)


def not_comparable_table(results):
    rows = []
    for one in results:
        rows += [[one.library, one.tool, reason, count] for reason, count in sorted(one.not_comparable.items())]
        rows += [[one.library, one.tool, reason + " (in part)", count] for reason, count in sorted(one.partly.items())]
    return "## Not comparable\n\n" + table(["library", "tool", "reason", "declarations"], rows)


def named_table(results):
    """Each reason, and the types that differ by it."""
    reasons = {}
    for one in results:
        for reason, (types, declarations) in one.named.items():
            reasons.setdefault(reason, []).append(f"{one.library} {types} ({declarations})")
    rows = [[reason, ", ".join(found)] for reason, found in sorted(reasons.items())]
    return DIFFERENCES + "\n" + table(["reason", "differing types"], rows)


def undescribed(coverages):
    lines = ["## Not described\n"]
    for one in coverages:
        for reason, names in sorted(one.undescribed.items()):
            lines.append(f"{one.library}, {reason}:\n")
            lines.append(textwrap.fill(", ".join(sorted(names)), 120, break_on_hyphens=False) + "\n")
    return "\n".join(lines)
