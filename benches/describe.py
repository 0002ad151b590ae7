#!/usr/bin/env python3
"""Time and memory to describe one function, beside gdb and drgn, all in one run on the same files.

usage: describe.py COMMAND SHARED_LIBRARY [--runs N] [--write docs/performance.md]

Each command is a process of its own, started N times in turn with the others; the table has the median of the
processor time (user and system) and of the elapsed time, and the largest resident set. The table stands between two
marks in docs/performance.md.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import page

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
CASES = [("libc.so.6", "qsort"), ("libc.so.6", "printf"), ("libc.so.6", "strlen"), ("libpython3.11.so.1.0", "PyList_Append"),
         ("librados.so.2", "rados_notify")]
DRGN = """
import sys, drgn
program = drgn.Program()
program.extra_module(sys.argv[1], create=True).try_file(sys.argv[1], force=True)
print(program.function(sys.argv[2]).type_)
"""


def build_id(path):
    notes = subprocess.run(["readelf", "-n", path], check=True, capture_output=True, text=True).stdout
    return next(line.split()[-1] for line in notes.splitlines() if "Build ID" in line)


def debug_file(path):
    name = build_id(path)
    return f"/usr/lib/debug/.build-id/{name[:2]}/{name[2:]}.debug"


def dwarf_size(path):
    """The uncompressed size of the sections whose names begin with .debug_, in bytes."""
    table = subprocess.run(["readelf", "-SWt", path], check=True, capture_output=True, text=True).stdout
    total, pending = 0, 0
    for line in table.splitlines():
        words = line.split()
        if "]:" in line:
            continue
        if len(words) >= 2 and words[0].startswith("["):
            pending = 1 if words[-1].startswith(".debug_") else 0
        elif pending == 1 and len(words) >= 4:
            size = int(words[3], 16)
            pending = 2
            total += size
        elif pending == 2 and line.strip().startswith(("ZLIB", "ZSTD")):
            total += int(line.split(",")[1], 16) - size
            pending = 0
    return total


def run(command):
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.monotonic() - start
    if status != 0 or not output.strip():
        sys.exit(f"{command[0]} failed: {command}")
    return elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("library")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()

    stripped = Path("/tmp") / f"ffitypecheck-{os.getpid()}.so"
    subprocess.run(["strip", "-o", stripped, options.library], check=True)
    size = stripped.stat().st_size
    stripped.unlink()
    lines = [f"Stripped `libffitypecheck.so`: {size:,} bytes.", "",
             "| library (DWARF, uncompressed) | function | tool | processor ms | elapsed ms | memory MB |",
             "|---|---|---|---|---|---|"]
    for library, function in CASES:
        path = str(LIBRARIES / library)
        debug = debug_file(path)
        tools = {
            "ffitypecheck describe": [options.command, "describe", path, function],
            "gdb -batch ptype": ["gdb", "-nx", "-batch", "-ex", f"ptype {function}", path],
            # drgn goes by the name in the source, which librados has with an underscore.
            "drgn": [sys.executable, "-c", DRGN, debug, "_" * (library == "librados.so.2") + function],
        }
        if function in ("strlen", "printf"):
            del tools["drgn"]  # An IFUNC and an alias: drgn has no function of these names.
        samples = {tool: [] for tool in tools}
        for _ in range(options.runs):
            for tool, command in tools.items():
                samples[tool].append(run(command))
        for tool, measured in samples.items():
            elapsed, processor, memory = zip(*measured)
            lines.append(f"| {library} ({dwarf_size(debug) / 1e6:.1f} MB) | {function} | {tool} "
                         f"| {statistics.median(processor) * 1e3:.0f} | {statistics.median(elapsed) * 1e3:.0f} "
                         f"| {max(memory) / 1024:.0f} |")
    page.show("\n".join(lines), "describe", options.write)


if __name__ == "__main__":
    main()
