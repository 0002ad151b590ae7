#!/usr/bin/env python3
"""What `ffitypecheck extract` writes is ordinary DWARF: every tool reads all of it, without a complaint.

usage: extracted.py COMMAND [LIBRARY ...]

Each library's types are put into a copy of it (`slim`), extracted from there and read by the tools below. What `describe` says of the copy
is held against what they see: how many functions and variables, and the size of each struct, class and union that has a name. A tool
that is missing, that warns or that sees something else fails the test. DRGN is a Python that has drgn, else the one that runs this.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LIBRARIES = ["libc.so.6", "libm.so.6", "libdb-5.3.so", "libkrb5.so.3", "liblua5.4.so.0", "libgsl.so.27", "librados.so.2",
             "libpython3.11.so.1.0"]

# What a tool says of any DWARF of this kind, the compilers' too.
KNOWN = {
    # pahole 1.24 knows no DW_TAG_atomic_type, and misses it in what refers to it.
    "pahole": re.compile(r"die__process_unit: .*0x47\b.*|tag__recode_dwarf_type: couldn't find 0x\w+ type for .*"),
}
DRGN_COMPLEX = "DW_TAG_base_type has unknown DWARF encoding 0x3"
RECORD = re.compile(r"DW_TAG_(structure|class|union)_type")


@dataclass
class Ours:
    """What `describe` says of a library's exports by its note."""

    functions: int
    variables: int
    # The sizes in bytes of the definitions of a name; several where units define it differently.
    records: dict = field(default_factory=dict)
    # The functions with complex numbers.
    complex: set = field(default_factory=set)


@dataclass
class Entry:
    """One entry as readelf prints it."""

    depth: int
    tag: str
    attributes: dict = field(default_factory=dict)


def run(command, directory, known=None, stdin=None):
    """The output of a tool, which must succeed and write no other line to standard error than a known one."""
    done = subprocess.run(command, cwd=directory, text=True, errors="replace", input=stdin, capture_output=True, timeout=600)
    complaints = [line for line in done.stderr.splitlines() if line.strip() and not (known and known.fullmatch(line.strip()))]
    if done.returncode != 0 or complaints:
        first = "\n".join(complaints[-3:])
        raise Failure(f"{command[0]} ends with {done.returncode}, {len(complaints)} complaints: {first}")
    return done.stdout


class Failure(Exception):
    """What a tool does not read as we do."""


def equal(what, theirs, ours):
    if theirs != ours:
        raise Failure(f"{what}: {theirs}, but ours {ours}")


def ours_of(command, library):
    # Exports without a type are no failure here: their number is the same everywhere.
    done = subprocess.run([command, "describe", "--debug-dir", "/nonexistent", "--all", "--as", "json", library],
                          text=True, capture_output=True)
    document = json.loads(done.stdout)
    kinds = Counter(declaration["kind"] for declaration in document["declarations"])
    ours = Ours(kinds["function"], kinds["variable"])
    for declaration in document["declarations"]:
        if "_Complex" in declaration["c"]:
            ours.complex |= {declaration["symbol"], declaration["name"]}
    for ty in document["types"].values():
        if ty["kind"] == "record" and ty.get("name") and not ty["incomplete"]:
            ours.records.setdefault(ty["name"], set()).add((ty["class"], ty["size"]))
    return ours


def entries_of(text):
    """The entries of `readelf --debug-dump=info`."""
    entries = []
    for line in text.splitlines():
        head = re.match(r" <([0-9a-f]+)><[0-9a-f]+>: Abbrev Number: \d+ \((DW_TAG_\w+)\)", line)
        if head:
            entries.append(Entry(int(head[1], 16), head[2]))
            continue
        attribute = re.match(r"    <[0-9a-f]+>\s+(DW_AT_\w+)\s*: (.*)", line)
        if attribute and entries:
            value = re.sub(r"^\((?:indirect|indexed|alt indirect)[^)]*\): ", "", attribute[2])
            entries[-1].attributes[attribute[1]] = value.rstrip()
    return entries


class Extracted:
    """The file that was extracted from one library, and what the tools say of it."""

    def __init__(self, command, soname, directory):
        self.directory = Path(directory)
        self.library = self.directory / soname
        run([command, "slim", "--mangled", soname, "-o", self.library], directory)
        run(["strip", "-g", self.library], directory)
        self.file = self.directory / "extracted.debug"
        run([command, "extract", self.library, "-o", self.file], directory)
        self.ours = ours_of(command, self.library)
        self.entries = []

    def readelf(self):
        self.entries = entries_of(run(["readelf", "--debug-dump=info,no-follow-links", self.file], self.directory))
        exports = Counter(entry.tag for entry in self.entries if "DW_AT_external" in entry.attributes)
        equal("functions", exports["DW_TAG_subprogram"], self.ours.functions)
        equal("variables", exports["DW_TAG_variable"], self.ours.variables)
        found = {}
        for entry in self.entries:
            record = RECORD.fullmatch(entry.tag)
            name, size = entry.attributes.get("DW_AT_name"), entry.attributes.get("DW_AT_byte_size")
            if record and name and size:
                kind = record[1].replace("structure", "struct")
                found.setdefault(name, set()).add((kind, int(size, 0)))
        equal("records", found, self.ours.records)
        return f"{self.ours.functions} functions, {self.ours.variables} variables, {len(found)} records"

    def eu_readelf(self):
        text = run(["eu-readelf", "--debug-dump=info", self.file], self.directory)
        tags = Counter(re.findall(r"^ \[ *[0-9a-f]+\] +(\w+) +abbrev:", text, re.MULTILINE))
        for tag in ("subprogram", "variable", "structure_type", "class_type", "union_type", "member", "enumerator", "typedef"):
            equal(tag, tags[tag], sum(entry.tag == f"DW_TAG_{tag}" for entry in self.entries))
        return f"{sum(tags.values())} entries"

    def llvm_dwarfdump(self):
        text = run(["llvm-dwarfdump", "--verify", self.file], self.directory)
        if "No errors." not in text or re.search(r"\b(error|warning):", text):
            raise Failure(text[-500:])
        return "no errors"

    def named(self):
        """The expression that C has for each record of one definition, and its size: names of C++ come with their templates."""
        for name, definitions in sorted(self.ours.records.items()):
            if len(definitions) == 1 and re.fullmatch(r"\w+", name):
                ((kind, size),) = definitions
                yield f"{kind} {name}", size

    def with_address(self, tag, attribute):
        """The names of the functions or variables that are more than declarations."""
        return [entry.attributes["DW_AT_name"] for entry in self.entries
                if entry.tag == f"DW_TAG_{tag}" and attribute in entry.attributes]

    def gdb(self):
        defined = self.with_address("subprogram", "DW_AT_low_pc")
        script = "set width 0\nset max-value-size unlimited\nset print max-depth -1\ninfo functions -n\n"
        names = list(self.named())
        if any(name.startswith("class ") for name, _ in names):
            script += "set language c++\n"
        script += "".join(f"echo @{name}=\noutput sizeof({name})\necho \\n\nptype {name}\n" for name, _ in names)
        commands = self.directory / "commands"
        commands.write_text(script)
        text = run(["gdb", "-nx", "-batch", "-iex", "set complaints 1000", "-x", commands, self.file], self.directory)
        listing, *types = text.split("@")
        # Of a class's two destructors it lists one.
        listed, defined = ([name for name in names if "~" not in name]
                           for names in (re.findall(r"^\t.*;$", listing, re.MULTILINE), defined))
        equal("functions with an address", len(listed), len(defined))
        for (name, size), shown in zip(names, types, strict=True):
            if not re.match(re.escape(f"{name}={size}\n") + "type = (struct|class|union) ", shown) or "<incomplete type>" in shown:
                raise Failure(f"{name} of {size} bytes: {shown[:200]}")
        return f"{len(defined)} functions with an address, {len(names)} records"

    def drgn(self):
        names = dict(self.named())
        asked = sorted({name for name in self.with_address("subprogram", "DW_AT_low_pc") if re.fullmatch(r"\w+", name)})
        script = """
import drgn, json, sys
def spelled(name):
    try:
        return str(program.function(name).type_)
    except drgn.BadDataError as error:
        return f"error: {error}"
asked = json.load(sys.stdin)
program = drgn.Program(drgn.Platform(drgn.Architecture.X86_64))
program.language = drgn.Language.CPP
module = program.extra_module(asked["file"], create=True)
module.address_range = (0, 1 << 40)
module.try_file(asked["library"], force=True)
module.try_file(asked["file"], force=True)
print(json.dumps([{name: program.type(name).size for name in asked["records"]},
                  {name: spelled(name) for name in asked["functions"]}]))
"""
        python = os.environ.get("DRGN", sys.executable)
        question = {"library": str(self.library), "file": str(self.file), "records": list(names), "functions": asked}
        sizes, functions = json.loads(run([python, "-c", script], self.directory, stdin=json.dumps(question)))
        equal("sizes", sizes, names)
        # It knows no complex numbers, whoever writes them.
        bad = {name: text for name, text in functions.items() if text.startswith("error: ")}
        if not all(name in self.ours.complex and DRGN_COMPLEX in text for name, text in bad.items()):
            raise Failure(str(bad))
        equal("functions", sorted(functions), asked)
        return f"{len(functions)} functions with an address, {len(sizes)} records"

    def pahole(self):
        text = run(["pahole", "--sizes", self.file], self.directory, KNOWN["pahole"])
        found = {}
        for line in text.splitlines():
            name, size, _ = line.rsplit("\t", 2)
            found.setdefault(name, set()).add(int(size))
        names = {name: {size for _, size in definitions} for name, definitions in self.ours.records.items()}
        equal("names", sorted(found), sorted(names))
        for name, sizes in found.items():
            # It shows one definition of a name.
            if not sizes <= names[name]:
                raise Failure(f"{name}: {sizes}, but ours {names[name]}")
        return f"{len(found)} records"

    def abidw(self):
        build_id = re.search(r"Build ID: ([0-9a-f]+)", run(["readelf", "-n", self.library], self.directory))[1]
        place = self.directory / "debug/.build-id" / build_id[:2]
        place.mkdir(parents=True)
        (place / f"{build_id[2:]}.debug").symlink_to(self.file)
        text = run(["abidw", "--no-architecture", "--debug-info-dir", "debug", self.library], self.directory)
        # Of a class's two destructors it shows one.
        names = re.findall(r"<function-decl name='([^']*)' [^>]*elf-symbol-id=", text)
        functions = sum("~" not in name for name in names)
        defined = sum("~" not in name for name in self.with_address("subprogram", "DW_AT_low_pc"))
        variables = len(re.findall(r"<var-decl [^>]*elf-symbol-id=", text))
        equal("functions with an address", functions, defined)
        equal("variables with an address", variables, len(self.with_address("variable", "DW_AT_location")))
        return f"{functions} functions and {variables} variables with an address"

    def tools(self):
        return {"readelf": self.readelf, "eu-readelf": self.eu_readelf, "llvm-dwarfdump --verify": self.llvm_dwarfdump,
                "gdb": self.gdb, "drgn": self.drgn, "pahole": self.pahole, "abidw": self.abidw}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("libraries", nargs="*", default=LIBRARIES)
    options = parser.parse_args()
    command = str(Path(options.command).resolve())
    failures = 0
    for soname in options.libraries:
        with tempfile.TemporaryDirectory() as directory:
            extracted = Extracted(command, soname, directory)
            for name, tool in extracted.tools().items():
                try:
                    print(f"{soname}: {name}: {tool()}", flush=True)
                except (Failure, OSError, subprocess.TimeoutExpired) as failure:
                    failures += 1
                    print(f"{soname}: {name}: FAILED: {failure}", flush=True)
    if failures:
        sys.exit(f"{failures} failures")


if __name__ == "__main__":
    main()
