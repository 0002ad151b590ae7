#!/usr/bin/env python3
"""What the Python package costs a call whose declaration is right: instructions, beside ctypes alone.

usage: package_call.py [--python PYTHON] [--write docs/python.md]

Counted as ctypes_call.py counts. More than 2 % beyond ctypes alone, of all calls together, is an error.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import page
from ctypes_call import DECLARED, SETUP, SOURCE, Bench, percent

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "src"
ENABLE = "import sys\nif sys.argv[1]:\n    sys.path.insert(0, sys.argv[1])\n    import ffitypecheck\n    ffitypecheck.enable()\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="/usr/bin/python3.11")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    setup = ENABLE + SETUP.split("\n", 3)[3].replace("import _ctypes\nassert _ctypes.__file__.startswith(sys.argv[1])\n", "")
    variants = ["", str(PACKAGE)]
    lines = ["| declared, the verdict known | instructions, stock | with the package | |", "|---|---|---|---|"]
    sums = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as directory:
        source, library = Path(directory) / "called.c", str(Path(directory) / "libcalled.so")
        source.write_text(SOURCE)
        subprocess.run(["cc", "-g", "-O2", "-shared", "-fPIC", "-Wl,--build-id", "-o", library, source], check=True)
        bench = Bench(options.python, directory, library, setup)
        check = setup + "assert lib.add.c_declaration == 'int add(int a, int b)'\n"
        subprocess.run(bench.command(variants[1], check), check=True)
        for name, (declare, call) in DECLARED.items():
            counts = [bench.call(variant, declare, call) for variant in variants]
            sums = [one + other for one, other in zip(sums, counts)]
            lines.append(f"| `{name}` | {counts[0]:,.0f} | {counts[1]:,.0f} | {percent(*counts)} |")
    lines.append(f"| together | {sums[0]:,.0f} | {sums[1]:,.0f} | {percent(*sums)} |")
    table = "\n".join(lines)
    print(table)
    if options.write:
        page.write_between(options.write, "package", table)
    if sums[1] > sums[0] * 1.02:
        sys.exit("more than 2 % beyond ctypes alone")


if __name__ == "__main__":
    main()
