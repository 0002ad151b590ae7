#!/usr/bin/env python3
"""What the patch of PyPy's ctypes adds to calls that are compiled: their time, and the operations of the compiled loop.

usage: pypy_call.py TREES [--python PYPY] [--write docs/performance.md]

TREES is the directory in which tests/pypy/suites.py makes stock/ and patched/. The functions, and how they are declared and
called, are those of ctypes_call.py. The loop runs until it is compiled. The stock and the patched ctypes are measured in turn,
in processes of their own; the table has the medians. The operations are those that PyPy writes of the loop with
PYPYLOG=jit-log-opt. A declared call that is compiled otherwise is an error.
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
from ctypes_call import DECLARED, JUDGED, NOT_DECLARED, SETUP, SOURCE

LOOP = """
from time import process_time
{setup}
def run(count):
    for _ in range(count):
        {call}
for _ in range(5):
    run(5000)
def timed():
    begin = process_time()
    run(20000)
    return process_time() - begin
print(min(timed() for _ in range(5)) / 20000 * 1e9)
"""


def operations(log):
    """The names of the operations of the loop in run(), in order, as it was compiled last."""
    compiled = re.findall(r"\{jit-log-opt-loop\n(.*?)jit-log-opt-loop\}", log, re.DOTALL)
    loop = [text for text in compiled if re.match(r"# Loop \d+ \(run;", text)][-1]
    lines = [line for line in loop.splitlines() if not line.startswith(("#", "debug_merge_point"))]
    found = [re.match(r"\+\d+: (?:\w+ = )?(\w+)\(", line) for line in lines]
    return [one.group(1) for one in found if one]


class Bench:
    def __init__(self, python, directory, library):
        self.python, self.directory, self.library = python, Path(directory), library

    def run(self, tree, program, **environment):
        done = subprocess.run([self.python, "-c", program, tree, self.library], env=dict(os.environ, **environment), text=True,
                              stdout=subprocess.PIPE, check=True)
        return done.stdout

    def nanoseconds(self, tree, program):
        return float(self.run(tree, program))

    def operations(self, tree, program):
        log = self.directory / "log"
        self.run(tree, program, PYPYLOG=f"jit-log-opt:{log}")
        return operations(log.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", type=Path)
    parser.add_argument("--python", default="pypy3")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    trees = [str((options.trees / name).resolve()) for name in ("stock", "patched")]
    lines, otherwise = [], []
    with tempfile.TemporaryDirectory() as directory:
        source, library = Path(directory) / "called.c", str(Path(directory) / "libcalled.so")
        source.write_text(SOURCE)
        subprocess.run(["cc", "-g", "-O2", "-shared", "-fPIC", "-Wl,--build-id", "-o", library, source], check=True)
        bench = Bench(options.python, directory, library)
        bench.run(trees[1], SETUP + "assert lib.add.c_declaration == 'int add(int a, int b)'\n")
        for title, cases in (("declared, the verdict known", DECLARED), ("declared, judged at each call", JUDGED),
                             ("not declared", NOT_DECLARED)):
            lines += [f"| {title} | operations, stock | patched | ns, stock | patched |", "|---|---|---|---|---|"]
            for name, (setup, call) in cases.items():
                program = SETUP + LOOP.format(setup=setup, call=call)
                counts = "", ""         # the others are not compiled in one piece
                if cases is DECLARED:
                    traces = [bench.operations(tree, program) for tree in trees]
                    counts = [len(trace) for trace in traces]
                    if traces[0] != traces[1]:
                        otherwise.append(f"{name}: compiled otherwise than with the stock ctypes")
                samples = [[], []]
                for _ in range(options.runs):
                    for times, tree in zip(samples, trees):
                        times.append(bench.nanoseconds(tree, program))
                times = [statistics.median(one) for one in samples]
                lines.append(f"| `{name}` | {counts[0]} | {counts[1]} | {times[0]:.0f} | {times[1]:.0f} |")
                print(lines[-1], flush=True)
            lines.append("")
    if options.write:
        page.write_between(options.write, "pypy", "\n".join(lines).rstrip())
    if otherwise:
        sys.exit("; ".join(otherwise))


if __name__ == "__main__":
    main()
