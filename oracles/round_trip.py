"""Compiles our C header of each library, and describes what gcc made of it: it must be the same types again."""

import os
import re
import subprocess
import tempfile

from libraries import path_of
from ours import Description, document, tool
from reasons import ROUND_TRIP
from result import Result
from walk import Walk

LAYOUTS = "\n/* The layouts, as the library was compiled. */\n"
OMITTED = re.compile(r"^/\* (?P<symbol>[^\s:@]+)(@(?P<version>[^\s:]+))?: (?P<reason>.*) \*/$", re.MULTILINE)
ANOTHER_VERSION = "also declared as"


def compare(library, ours):
    """The figures for one library."""
    result = Result(library, "round trip", len(ours.declarations))
    waiting = {(one["symbol"], one["version"]): one for one in ours.declarations}
    walks, compared = [], []
    while waiting:
        # Versions of one symbol with different types cannot stand in one header: each round has another version.
        text = header(library, ["@".join(filter(None, key)) for key in waiting])
        left_out = OMITTED.finditer(declarations(text))
        omitted = {(match["symbol"], match["version"]): match["reason"] for match in left_out}
        done = {key: one for key, one in waiting.items() if key not in omitted}
        with tempfile.TemporaryDirectory() as directory:
            again = compile_and_describe(text, ours, done, directory)
        walk = Walk(ours, again, ROUND_TRIP)
        walks.append(walk)
        found = {one["symbol"]: one["type"] for one in again.declarations}
        for key, one in done.items():
            del waiting[key]
            pointer = found.get("pointer_to_" + one["symbol"])
            theirs = again.types[pointer]["target"] if pointer else found[one["symbol"]]
            result.found_by["header"] += 1
            compared.append(key)
            walk.declaration(key, one["type"], theirs)
        for key, reason in omitted.items():
            if not reason.startswith(ANOTHER_VERSION):
                result.not_comparable["C cannot declare it: " + reason] += 1
                waiting.pop(key, None)
    return result.take(walks, compared)


def header(library, symbols):
    command = [tool(), "describe", path_of(library), "--as", "header", *symbols]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def declarations(header_text):
    """The part of a header behind the types."""
    return header_text.partition(LAYOUTS)[0].rpartition("\n\n")[2]


def statements(text):
    """The declarations one by one."""
    depth, lines = 0, []
    for line in text.splitlines():
        if line.startswith("/*"):
            continue
        lines.append(line)
        depth += line.count("{") - line.count("}")
        if depth == 0 and line.endswith(";"):
            yield "\n".join(lines)
            lines = []


def definitions(text, ours, done):
    """C that makes gcc emit each type: a body for each function, a definition of each variable."""
    declared = {}
    for one in done.values():
        declared.setdefault(one["symbol"], one)
    for (symbol, one), statement in zip(declared.items(), statements(declarations(text)), strict=True):
        if one["kind"] == "function":
            yield statement.removesuffix(";") + " { __builtin_trap(); }"
        elif is_complete(ours, one["type"]):
            yield f"__typeof__({symbol}) {symbol};"
        else:
            yield f"__typeof__({symbol}) *pointer_to_{symbol};"


def is_complete(ours, reference):
    """Whether C can define a variable of a type as it is: a definition would give `a[]` a length."""
    node = ours.node(reference)
    while node.kind in ("typedef", "qualified"):
        node = ours.node(node.refers[0][1])
    return node.facts.get("complete", True) and None not in node.facts.get("lengths", ())


def compile_and_describe(text, ours, done, directory):
    """Our description of a library that gcc compiles from our header."""
    source, library = os.path.join(directory, "round.c"), os.path.join(directory, "round.so")
    with open(source, "w") as file:
        file.write(text)
        file.writelines(line + "\n" for line in definitions(text, ours, done))
    flags = ["-std=gnu17", "-fno-builtin", "-g", "-O0", "-w", "-fPIC", "-shared", "-nostdlib"]
    subprocess.run(["gcc", *flags, "-o", library, source], check=True)
    return Description(document(library))
