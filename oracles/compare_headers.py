"""Holds what we say of functions in assembly against the C library's installed headers.

The debug information of such a function has no types; ours come from a unit that uses it. drgn and abidw read
definitions only, so that here gcc is asked whether the public declaration is compatible.
"""

import re
import subprocess

from result import Result

HEADERS = [
    "math.h", "sched.h", "setjmp.h", "sys/mman.h", "sys/socket.h", "sys/types.h", "sys/utsname.h", "unistd.h",
]  # fmt: skip


def compare(library, ours, exports):
    """The figures for one library, or `None` where it has no such function."""
    used = [one for one in ours.declarations if one["evidence"] == "use"]
    if not used:
        return None
    result = Result(library, "installed headers", len(used))
    values = {export.key: export.value for export in exports}
    compared = []
    for one in used:
        key = (one["symbol"], one["version"])
        # `__socket` and `socket`, `ceilf64x` and `ceill`: the headers may have another name of the same function.
        aliases = {export.symbol for export in exports if export.value == values[key]} - {one["symbol"]}
        verdicts = {name: compatible(one, name) for name in [one["symbol"], *sorted(aliases)]}
        if True in verdicts.values():
            result.found_by["symbol" if verdicts[one["symbol"]] else "alias"] += 1
            compared.append(key)
        elif False in verdicts.values():
            result.unnamed.append(f"{one['c']}: the headers declare it otherwise")
        else:
            result.not_comparable["no header declares it"] += 1
    return result.take([], compared)


def compatible(declaration, name):
    """Whether the header's declaration of `name` is compatible with ours; `None` where the headers have none."""
    includes = "#define _GNU_SOURCE\n" + "".join(f"#include <{header}>\n" for header in HEADERS)
    if not compiles(f"{includes}__typeof__({name}) *declared;\n"):
        return None
    symbol = re.escape(declaration["symbol"])
    renamed, found = re.subn(rf"\b{symbol}\b(?=\()", "ours", declaration["c"], count=1)
    assert found, declaration["c"]
    check = f'_Static_assert(__builtin_types_compatible_p(__typeof__({name}), __typeof__(ours)), "");\n'
    return compiles(f"{includes}{renamed};\n{check}")


def compiles(text):
    command = ["gcc", "-std=gnu17", "-fno-builtin", "-fsyntax-only", "-x", "c", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False).returncode == 0
