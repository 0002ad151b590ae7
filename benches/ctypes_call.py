#!/usr/bin/env python3
"""What the checks of the patched ctypes cost: instructions of a call, of an import, and time, beside the stock one.

usage: ctypes_call.py STOCK CHECKED [--python PYTHON] [--write docs/performance.md]

STOCK and CHECKED are directories with a _ctypes and a ctypes of one Python, built alike. Instructions are counted by
callgrind: a call's are the difference of a long and a short loop, less those of the empty loop. Times are of all
variants in turn, in one run; the table has the medians. It stands between two marks in docs/performance.md.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import page

SOURCE = """
#include <stddef.h>
#include <string.h>
struct point { int x, y; };
int add(int a, int b) { return a + b; }
void nothing(void) { }
size_t length(const char *text) { return strlen(text); }
double scale(double a, double b) { return a * b; }
void move(struct point *p, int x, int y) { p->x += x; p->y += y; }
int dot(struct point a, struct point b) { return a.x * b.x + a.y * b.y; }
"""

SETUP = """
import sys
sys.path.insert(0, sys.argv[1])
from ctypes import *
import _ctypes
assert _ctypes.__file__.startswith(sys.argv[1])
lib = CDLL(sys.argv[2])
class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]
point = Point(1, 2)
"""

# Name of the row: what is declared, and the call.
DECLARED = {
    "int add(int, int)": ("f = lib.add; f.argtypes = [c_int, c_int]; f.restype = c_int", "f(2, 3)"),
    "void nothing(void)": ("f = lib.nothing; f.argtypes = []; f.restype = None", "f()"),
    "size_t length(const char *)": ("f = lib.length; f.argtypes = [c_char_p]; f.restype = c_size_t", "f(b'text')"),
    "double scale(double, double)": ("f = lib.scale; f.argtypes = [c_double] * 2; f.restype = c_double", "f(1.5, 2.0)"),
    "void move(struct point *, int, int)": (
        "f = lib.move; f.argtypes = [POINTER(Point), c_int, c_int]; f.restype = None; p = byref(point)", "f(p, 1, 1)"),
    "int dot(struct point, struct point)": (
        "f = lib.dot; f.argtypes = [Point, Point]; f.restype = c_int", "f(point, point)"),
    "int add(int, int), a prototype": ("f = CFUNCTYPE(c_int, c_int, c_int)(('add', lib))", "f(2, 3)"),
}
NOT_DECLARED = {
    "int add(int, int)": ("f = lib.add", "f(2, 3)"),
    "void nothing(void)": ("f = lib.nothing", "f()"),
    "void move(struct point *, int, int)": ("f = lib.move; p = byref(point)", "f(p, 1, 1)"),
}
HALF = """
class Half(Structure):
    _fields_ = [("x", c_int)]
f = lib.move; f.argtypes = [POINTER(Half), c_int, c_int]; f.restype = None
"""
# Declared with a pointer to a part of the struct: what the argument points to is judged at each call.
JUDGED = {
    "void move(struct point *, int, int), memory of an instance": (
        HALF + "class Whole(Half):\n    _fields_ = [('y', c_int)]\np = Whole(1, 2)", "f(p, 1, 1)"),
    "void move(struct point *, int, int), memory of a cast": (
        HALF + "p = cast((Point * 1)(), POINTER(Half))", "f(p, 1, 1)"),
    "void move(struct point *, int, int), the library's memory": (
        HALF + "p = cast(addressof(point), POINTER(Half))", "f(p, 1, 1)"),
}
# A binding's prototypes, none of which is called.
PROTOTYPES = 600
BOUND = "".join(f"int bound{i}(const char *text, size_t length, int flags) {{ return flags; }}\n" for i in range(PROTOTYPES))
BINDING = "lib = CDLL(sys.argv[2])\n" + "".join(
    f"f = lib.bound{i}\nf.argtypes = [c_char_p, c_size_t, c_int]\nf.restype = c_int\n" for i in range(PROTOTYPES))
LOOP = "{setup}\ndef run(n):\n    for _ in range(n):\n        {call}\n"


class Bench:
    def __init__(self, python, directory, library, setup=SETUP, prepare=""):
        """What `prepare` does stands before a counted loop, and is not counted."""
        self.python, self.directory, self.library = python, Path(directory), library
        self.setup, self.prepare = setup, prepare

    def command(self, variant, program, *arguments):
        return [self.python, "-S", "-c", program, variant, self.library, *map(str, arguments)]

    def instructions(self, variant, program, *arguments):
        """All instructions of a process that runs this program."""
        out = self.directory / "callgrind.out"
        environment = dict(os.environ, PYTHONHASHSEED="0")
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                        *self.command(variant, program, *arguments)],
                       check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE).group(1))

    def loop(self, variant, setup, call):
        """Instructions of one turn of a loop."""
        program = self.setup + LOOP.format(setup=setup, call=call) + self.prepare + "run(int(sys.argv[3]))\n"
        short, long = 1000, 6000
        counts = [self.instructions(variant, program, turns) for turns in (short, long)]
        return (counts[1] - counts[0]) / (long - short)

    def call(self, variant, setup, call):
        return self.loop(variant, setup, call) - self.loop(variant, setup, "pass")

    def nanoseconds(self, variant, setup, call):
        # Many short processes: each has its own layout of memory, and that alone moves a call's time by a tenth.
        program = (self.setup + LOOP.format(setup=setup, call=call)
                   + "from time import perf_counter_ns as now\nrun(5000)\n"
                   + "print(min((lambda a: (run(5000), now() - a)[1])(now()) for _ in range(20)) / 5000)\n")
        return float(subprocess.run(self.command(variant, program), check=True, capture_output=True).stdout)

    def medians(self, variants, measure, runs):
        """The median of a measurement of every variant, all in turn."""
        samples = {variant: [] for variant in variants}
        for _ in range(runs):
            for variant in variants:
                samples[variant].append(measure(variant))
        return [statistics.median(samples[variant]) for variant in variants]


def percent(stock, checked):
    return f"{(checked - stock) / stock * 100:+.2f} %"


def row(name, counts, times):
    return (f"| `{name}` | {counts[0]:,.0f} | {counts[1]:,.0f} | {percent(*counts)} "
            f"| {times[0]:.0f} | {times[1]:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stock")
    parser.add_argument("checked")
    parser.add_argument("--python", default="/usr/bin/python3.11")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    variants = [str(Path(options.stock).resolve()), str(Path(options.checked).resolve())]

    with tempfile.TemporaryDirectory() as directory:
        source, library = Path(directory) / "called.c", str(Path(directory) / "libcalled.so")
        source.write_text(SOURCE + BOUND)
        subprocess.run(["cc", "-g", "-O2", "-shared", "-fPIC", "-Wl,--build-id", "-o", library, source], check=True)
        bench = Bench(options.python, directory, library)
        check = SETUP + "assert lib.add.c_declaration == 'int add(int a, int b)'\n"
        subprocess.run(bench.command(variants[1], check), check=True)

        head = ["instructions, stock", "checked", "", "ns, stock", "checked"]
        lines, beyond = [], []
        for title, cases in (("declared, the verdict known", DECLARED), ("declared, judged at each call", JUDGED),
                             ("not declared", NOT_DECLARED)):
            lines += [f"| {title} | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
            for name, (setup, call) in cases.items():
                counts = [bench.call(variant, setup, call) for variant in variants]
                # What has a limit in time is measured until the medians of two equal variants are within 40 ns.
                runs = options.runs * (5 if cases is JUDGED else 1)
                times = bench.medians(variants, lambda variant: bench.nanoseconds(variant, setup, call), runs)
                lines.append(row(name, counts, times))
                if cases is DECLARED and counts[1] > counts[0] * 1.01:
                    beyond.append(f"{name}: more than 1 % beyond the stock one")
                if cases is JUDGED and times[1] > times[0] + 100:
                    beyond.append(f"{name}: more than 100 ns beyond the stock one")
            lines.append("")

        # The policy's variable is read at import; the library is not loaded.
        start = "import sys; sys.path.insert(0, sys.argv[1])\n"
        for variant in variants:    # compiled alike: a copied file may look older than it is
            subprocess.run([options.python, "-m", "compileall", "-q", "-f", f"{variant}/ctypes"], check=True)
        clock = ("from time import perf_counter_ns as now\na = now()\nimport ctypes\nprint((now() - a) / 1e3)\n")
        counts = [bench.instructions(variant, start + "import ctypes") - bench.instructions(variant, start + "pass")
                  for variant in variants]
        times = bench.medians(variants, lambda variant: float(subprocess.run(
            bench.command(variant, start + clock), check=True, capture_output=True).stdout), 3 * options.runs)
        lines += ["| | instructions, stock | checked | | µs, stock | checked |", "|---|---|---|---|---|---|",
                  row("import ctypes", counts, times)]

        # Compiled before, as an installed module is.
        clock = SETUP + ("from time import perf_counter_ns as now\nbinding = compile(sys.argv[3], 'binding', 'exec')\n"
                         "for _ in range(int(sys.argv[4])):\n    a = now()\n    exec(binding)\nprint((now() - a) / 1e3)\n")
        counts = [(bench.instructions(variant, clock, BINDING, 3) - bench.instructions(variant, clock, BINDING, 1)) / 2
                  for variant in variants]
        times = bench.medians(variants, lambda variant: float(subprocess.run(
            bench.command(variant, clock, BINDING, 1), check=True, capture_output=True).stdout), 2 * options.runs)
        name = f"{PROTOTYPES} prototypes"
        lines.append(row(name, counts, times))
        if counts[1] > counts[0] * 1.2:
            beyond.append(f"{name}: more than 20 % beyond the stock one")
    page.show("\n".join(lines), "ctypes", options.write)
    if beyond:
        sys.exit("; ".join(beyond))


if __name__ == "__main__":
    main()
