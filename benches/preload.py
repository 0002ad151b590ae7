"""What the preload library costs: instructions of a call of a known pair, and of starting programs.

usage: preload.py LIBRARY [--write docs/preload.md]

callgrind counts the instructions. The processor time (user and system) is the least of several runs."""

import argparse
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import page

PROGRAMS = Path(__file__).resolve().parent.parent / "preload" / "tests" / "programs"
CALLS = 20000
TIMED_CALLS = 1_000_000
RUNS = 5
STARTED = [["/bin/true"], ["/usr/bin/python3", "-c", "pass"], ["ruby", "-e", ""]]


def environment(library):
    """The environment with the library, or without one."""
    return {**os.environ, "LD_PRELOAD": library or "", "FFITYPECHECK_CACHE": "off"}


def instructions(command, library, directory):
    """As callgrind counts them, in all threads."""
    line = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    ran = subprocess.run(line, cwd=directory, env=environment(library), capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", ran.stderr).group(1))


def processor(command, library, directory):
    """User and system time in seconds."""
    def once():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=directory, env=environment(library), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return min(once() for _ in range(RUNS))


def difference(measure, threads, calls):
    """What one call more takes in each thread."""
    few, many = (measure(number, threads) for number in (calls, 2 * calls))
    return (many - few) / (calls * threads)


def table_of_calls(library, directory):
    lines = ["| threads | instructions per call, without | with | difference | processor ns per call, without | with |",
             "|---|---|---|---|---|---|"]
    for threads in (1, 2, 4, 8):
        counted, timed = [], []
        for preload in (None, library):
            def command(calls, threads):
                return ["./caller", "repeat", "./callee.so", "-", "-", str(calls), str(threads)]
            counted.append(difference(lambda calls, threads: instructions(command(calls, threads), preload, directory),
                                      threads, CALLS))
            timed.append(difference(lambda calls, threads: processor(command(calls, threads), preload, directory),
                                    threads, TIMED_CALLS) * 1e9)
        lines.append(f"| {threads} | {counted[0]:.0f} | {counted[1]:.0f} | {counted[1] - counted[0]:.0f} "
                     f"| {timed[0]:.0f} | {timed[1]:.0f} |")
    return lines


def table_of_starts(library, directory):
    lines = ["| program | thousand instructions, without | with | difference | processor ms, without | with |",
             "|---|---|---|---|---|---|"]
    for command in STARTED:
        counted = [instructions(command, preload, directory) / 1e3 for preload in (None, library)]
        timed = [processor(command, preload, directory) * 1e3 for preload in (None, library)]
        lines.append(f"| `{shlex.join(command)}` | {counted[0]:,.0f} | {counted[1]:,.0f} "
                     f"| {counted[1] - counted[0]:,.0f} | {timed[0]:.1f} | {timed[1]:.1f} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=os.path.abspath)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        flags = ["gcc", "-O2", "-g", "-Wl,--build-id"]
        subprocess.run([*flags, "-shared", "-fPIC", "-o", f"{directory}/callee.so", PROGRAMS / "callee.c"], check=True)
        subprocess.run([*flags, "-pthread", "-o", f"{directory}/caller", PROGRAMS / "caller.c", "-lffi"], check=True)
        table = "\n".join([*table_of_calls(options.library, directory), "", *table_of_starts(options.library, directory)])
    page.show(table, "cost", options.write)


if __name__ == "__main__":
    sys.exit(main())
