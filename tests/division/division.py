#!/usr/bin/env python3
"""Tools that read debug information behave with slim type information in a library as without it.

usage: division.py COMMAND LIBRARY INCLUDE [--leave-out NAME]... [--write docs/division.md] [--mark NAME]

LIBRARY is zlib as it was compiled with -g, INCLUDE where zlib.h is. Its debug file is split off, as a distribution does; then each tool is
asked the same of three libraries in one place: stripped, with a note, with a note that is loaded. Its answers must be equal. What strips or
changes a library must leave the note, and the library usable. A tool that is missing or that fails without the note fails the test.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYMBOL = "inflate"
VARIANTS = ["stripped", "note", "loaded"]

# What is asked of each tool, in the directory with the library, its debug file in .debug and a program that crashes in it.
READERS = {
    "gdb: backtrace of a crash, lines, types": (
        "gdb --version", "gdb -nx -batch -ex run -ex bt -ex 'info line crc32_z' -ex 'ptype z_stream' ./crash"),
    "lldb: backtrace of a crash": ("lldb --version", "lldb --no-lldbinit --batch -o run -o bt ./crash"),
    "valgrind: backtrace of a crash": ("valgrind --version", "valgrind ./crash"),
    "perf: symbols and lines of samples": (
        "perf --version", "perf record -q -e cpu-clock -o perf.data ./spin && perf script -i perf.data -F ip,sym,srcline"),
    "addr2line": ("addr2line --version", "addr2line -f -e libz.so.1 ADDRESS"),
    "eu-addr2line": ("eu-addr2line --version", "eu-addr2line -f -e libz.so.1 ADDRESS"),
    "llvm-symbolizer": ("llvm-symbolizer --version", "llvm-symbolizer --obj=libz.so.1 ADDRESS"),
    "objdump -d -l": ("objdump --version", "objdump -d -l --start-address=ADDRESS --stop-address=ADDRESS+64 libz.so.1"),
    "abidw": ("abidw --version", "abidw --no-architecture --debug-info-dir .debug libz.so.1"),
    "pahole": ("pahole --version", "pahole -C z_stream_s libz.so.1"),
    "drgn": ("DRGN -c 'import drgn; print(drgn.__version__)'",
             "DRGN -c \"import drgn; p = drgn.Program(); p.load_debug_info(['libz.so.1']); "
             "print(p.type('z_stream'), p.function('inflate').type_)\""),
    "readelf: warnings": ("readelf --version", "readelf -aW libz.so.1 2>&1 >/dev/null"),
    "eu-elflint: complaints but of the note's owner": (
        "eu-elflint --version", "eu-elflint --gnu-ld libz.so.1 | grep -v 'No errors\\|unknown object file note type\\|note.ffitypecheck' | sort"),
    "ld.bfd": ("ld.bfd --version", "gcc -fuse-ld=bfd -o linked main.o ./libz.so.1 && LD_LIBRARY_PATH=. ./linked"),
    "ld.gold": ("ld.gold --version", "gcc -fuse-ld=gold -o linked main.o ./libz.so.1 && LD_LIBRARY_PATH=. ./linked"),
    "ld.lld": ("ld.lld --version", "gcc -fuse-ld=lld -o linked main.o ./libz.so.1 && LD_LIBRARY_PATH=. ./linked"),
    "mold": ("mold --version", "gcc -fuse-ld=mold -o linked main.o ./libz.so.1 && LD_LIBRARY_PATH=. ./linked"),
    "ldd": ("ldd --version", "LD_LIBRARY_PATH=. ldd ./crash"),
}

# What changes a library. Of an unstripped one: the debug information must stay as it is without us.
CHANGERS = {
    "strip -g": ("strip --version", "strip -g LIB"),
    "strip -s": ("strip --version", "strip -s LIB"),
    "strip --strip-unneeded -R .comment -R .note (dh_strip)": (
        "strip --version", "strip --remove-section=.comment --remove-section=.note --strip-unneeded LIB"),
    "objcopy --strip-debug": ("objcopy --version", "objcopy --strip-debug LIB"),
    "eu-strip": ("eu-strip --version", "eu-strip LIB"),
    "eu-strip -g": ("eu-strip --version", "eu-strip -g LIB"),
    "llvm-strip -g": ("llvm-strip --version", "llvm-strip -g LIB"),
    "llvm-strip --strip-unneeded": ("llvm-strip --version", "llvm-strip --strip-unneeded LIB"),
    "llvm-strip --strip-all": ("llvm-strip --version", "llvm-strip --strip-all LIB"),
    "llvm-objcopy --strip-non-alloc": ("llvm-objcopy --version", "llvm-objcopy --strip-non-alloc LIB"),
    "dwz, then strip -g": ("dwz --version", "dwz LIB && strip -g LIB"),
    "debugedit -i, then strip -g": (
        "debugedit --version", "debugedit -b BUILT -d /usr/src/debug -i LIB && strip -g LIB"),
    "patchelf --set-soname": ("patchelf --version", "patchelf --set-soname libother.so.1 LIB"),
    "patchelf --add-needed": ("patchelf --version", "patchelf --add-needed libm.so.6 LIB"),
    "patchelf --set-rpath": ("patchelf --version", "patchelf --set-rpath /opt/lib LIB"),
}

# A line that is new, and does no harm.
HARMLESS = {
    ("gdb: backtrace of a crash, lines, types", "loaded"): (
        r"warning: section .note.ffitypecheck not found in .*", "as without, and a warning that the debug file has no such section"),
}

# What is known not to work, and is not our doing.
EXPECTED = {
    ("llvm-strip --strip-all", "note"): "drops all that is not loaded",
    ("llvm-objcopy --strip-non-alloc", "note"): "drops all that is not loaded",
    ("dwz, then strip -g", "loaded"): "wants loaded sections to come first",
    ("eu-strip", "loaded"): "breaks a file whose program headers do not stand first",
    ("eu-strip -g", "loaded"): "breaks a file whose program headers do not stand first",
}


def shell(command, directory, **options):
    done = subprocess.run(["timeout", "120", "sh", "-c", command], cwd=directory, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return done.returncode, done.stdout


def version(command):
    text = shell(command, "/")[1]
    found = re.search(r"\d+\.\d+[\w.]*", text)
    return found[0] if found else "?"


def normal(text):
    """Without what is of the moment: process and thread numbers, addresses in memory, times."""
    text = re.sub(r"==\d+==", "==", text)
    text = re.sub(r"(process|Process|thread|LWP) (#\d+, )?\d+", r"\1", text)
    text = re.sub(r"0x[0-9a-f]{9,}", "ADDRESS", text)
    return re.sub(r"\(0x0*[0-9a-f]+\)", "", text)


class Division:
    def __init__(self, command, library, include, directory):
        self.command, self.library, self.include = Path(command).resolve(), Path(library).resolve(), Path(include)
        self.directory = Path(directory)
        self.failures = []
        run = self.run = self.directory / "run"
        (run / ".debug").mkdir(parents=True)
        self.make("objcopy --only-keep-debug {0} run/.debug/libz.so.1.debug", self.library)
        made = {"stripped": "cp {0} {1}", "note": "{2} slim {0} -o {1}", "loaded": "{2} slim --alloc {0} -o {1}"}
        for variant in VARIANTS:
            unstripped, stripped = self.directory / f"{variant}.so", self.directory / f"{variant}.stripped.so"
            self.make(made[variant], self.library, unstripped, self.command)
            # A note that is loaded comes last.
            base = self.directory / "stripped.stripped.so"
            if variant == "loaded":
                self.make(made["loaded"] + " --debug {3}", base, stripped, self.command, run / ".debug/libz.so.1.debug")
            else:
                self.make("strip --strip-unneeded -o {1} {0}", unstripped, stripped)
                self.make("cd run/.debug && objcopy --add-gnu-debuglink=libz.so.1.debug {0}", stripped)
        for name, text in {"spin": "int main(void) { char b[4096] = {0}; unsigned long c = 0; for (int i = 0; i < 200000; i++) "
                           "c = crc32(c, (Bytef *)b, sizeof b); return c == 1; }",
                           "main": "#include <stdio.h>\nint main(void) { puts(zlibVersion()); return 0; }"}.items():
            (self.directory / f"{name}.c").write_text(f"#include <zlib.h>\n{text}\n")
        shutil.copy(self.directory / "stripped.stripped.so", run / "libz.so.1")
        for source, program in (HERE / "crash.c", "crash"), (self.directory / "spin.c", "spin"):
            self.make("gcc -g -I {0} -o run/{1} {2} run/libz.so.1 -Wl,-rpath,'$ORIGIN'", include, program, source)
        self.make("gcc -c -I {0} -o run/main.o main.c", include)
        symbols = shell(f"nm -D {self.library}", "/")[1]
        self.address = "0x" + re.search(r"^([0-9a-f]+) T crc32_z(?:@.*)?$", symbols, re.MULTILINE)[1]

    def make(self, command, *arguments):
        code, text = shell(command.format(*arguments), self.directory)
        if code != 0:
            sys.exit(f"{command.format(*arguments)}: {text}")

    def readers(self):
        for name, (asked, command) in READERS.items():
            end = hex(int(self.address, 16) + 64)
            command = command.replace("ADDRESS+64", end).replace("ADDRESS", self.address)
            command, asked = (text.replace("DRGN", os.environ.get("DRGN", "drgn")) for text in (command, asked))
            answers = []
            for variant in VARIANTS:
                shutil.copy(self.directory / f"{variant}.stripped.so", self.run / "libz.so.1")
                answers.append(normal(shell(command, self.run)[1]))
            if "perf" in name:
                # Samples are others each time: whether the function and its file are known.
                answers = ["\n".join(sorted(set(re.findall(r"\bcrc32_z\b|\bcrc32\.c(?=:\d)", answer)))) for answer in answers]
            cells = []
            for variant, answer in zip(VARIANTS[1:], answers[1:]):
                line, words = HARMLESS.get((name, variant), (None, None))
                if answer == answers[0]:
                    cells.append("as without" if line is None else "as without: the list is wrong")
                elif line and re.sub(rf"^{line}\n", "", answer, flags=re.MULTILINE) == answers[0]:
                    cells.append(words)
                else:
                    cells.append("DIFFERS")
            knows = any(word in answers[0] for word in ("crc32.c", "z_stream", "inflate", "libz", "1.2."))
            if not (knows or "warnings" in name or "complaints" in name):
                cells = ["does not work here"] * 2
            for variant, cell, answer in zip(VARIANTS[1:], cells, answers[1:]):
                if cell != "as without" and cell != HARMLESS.get((name, variant), (None, None))[1]:
                    self.failures.append(f"{name}, {variant}: {cell}\n--- without:\n{answers[0][-1500:]}\n--- with:\n{answer[-1500:]}")
            yield name, version(asked), cells

    def changers(self):
        for name, (asked, command) in CHANGERS.items():
            cells = []
            for variant in VARIANTS[1:]:
                library = self.run / "libz.so.1"
                shutil.copy(self.directory / f"{variant}.so", library)
                code, text = shell(command.replace("LIB", "libz.so.1").replace("BUILT", str(self.library.parent)), self.run)
                cell = "keeps it" if code == 0 else "refuses"
                described = shell(f"{self.command} describe --debug-dir /nonexistent ./libz.so.1 {SYMBOL}", self.run)[1]
                where = shell(f"{self.command} where ./libz.so.1", self.run)[1]
                works = shell("gcc -o linked main.o ./libz.so.1 -lm && LD_LIBRARY_PATH=. ./linked", self.run)
                if code == 0 and "own note): used" not in where:
                    cell = "drops it"
                elif code == 0 and described.strip() != "int inflate(z_streamp strm, int flush);":
                    cell = "changes it"
                if "set-soname" not in name and code == 0 and works[0] != 0:
                    cell = "breaks the library"
                known = EXPECTED.get((name, variant))
                if known:
                    # Should it work one day, the list is wrong.
                    good = cell == "keeps it"
                    cell = f"{cell}: {known}"
                    if good:
                        self.failures.append(f"{name}, {variant}: {cell}")
                elif cell != "keeps it":
                    self.failures.append(f"{name}, {variant}: {cell}\n{text}\n{described}\n{works[1]}")
                cells.append(cell)
            yield name, version(asked), cells


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join([name, number, *cells]) + " |" for name, number, cells in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("library")
    parser.add_argument("include")
    parser.add_argument("--leave-out", action="append", default=[], help="the first word of a reader that is not there")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--mark", default="division")
    options = parser.parse_args()
    for name in [name for name in READERS if re.split("[: ]", name)[0] in options.leave_out]:
        del READERS[name]
    with tempfile.TemporaryDirectory() as directory:
        division = Division(options.command, options.library, options.include, directory)
        readers, changers = list(division.readers()), list(division.changers())
    text = "\n\n".join([
        table(["asked of a stripped library with its debug file", "version", "with a note", "with a note that is loaded"], readers),
        table(["done to an unstripped library", "version", "a note", "a note that is loaded"], changers)])
    print(text)
    if options.write:
        begin, end = f"<!-- begin {options.mark} -->\n", f"<!-- end {options.mark} -->"
        page = options.write.read_text()
        before, rest = page.split(begin)
        options.write.write_text(f"{before}{begin}\n{text}\n\n{end}{rest.split(end)[1]}")
    if division.failures:
        sys.exit("\n".join(division.failures))
    print(f"{len(readers)} readers and {len(changers)} changers, all as expected")


if __name__ == "__main__":
    main()
