#!/usr/bin/env python3
"""What the Python package costs a call whose declaration is right: instructions, beside ctypes alone.

usage: package_call.py [--python PYTHON] [--write docs/python.md]

Counted as ctypes_call.py counts, from the second call on. More than 1 % beyond ctypes alone, of any call whose declaration is
right, is an error. What runs Python code of the package has no limit: other calls, and declarations.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import page
from ctypes_call import DECLARED, JUDGED, NOT_DECLARED, SETUP, SOURCE, Bench, percent

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "src"
ENABLE = "import sys\nif sys.argv[1]:\n    sys.path.insert(0, sys.argv[1])\n    import ffitypecheck\n    ffitypecheck.enable()\n"

# In both variants, of each size of object, memory of which every second block is free. Otherwise it is by chance whether
# the object that ctypes makes for an argument takes the last free block of a pool: 21 instructions more.
ROOM = "run(1)\nroom = [bytes(size) for size in range(0, 480, 16) for _ in range(2100)]\ndel room[::2]\n"

# What is counted, what stands before the loop, and what is in it.
OTHERS = [(f"a call of `{name}`, nothing declared", *program) for name, program in NOT_DECLARED.items()] + [
    (f"a call that is judged each time, {name.split(', ')[-1]}", *program) for name, program in JUDGED.items()] + [
    ("a function is taken from a library, `argtypes` and `restype` are set", "types = [c_int, c_int]",
     "f = lib['add']; f.argtypes = types; f.restype = c_int"),
    ("a prototype is bound to a symbol", "cls = CFUNCTYPE(c_int, c_int, c_int)", "cls(('add', lib))"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="/usr/bin/python3.11")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    setup = ENABLE + SETUP.split("\n", 3)[3].replace("import _ctypes\nassert _ctypes.__file__.startswith(sys.argv[1])\n", "")
    variants = ["", str(PACKAGE)]
    lines = ["| declared, the verdict known | instructions, stock | with the package | |", "|---|---|---|---|"]
    beyond = []
    with tempfile.TemporaryDirectory() as directory:
        source, library = Path(directory) / "called.c", str(Path(directory) / "libcalled.so")
        source.write_text(SOURCE)
        subprocess.run(["cc", "-g", "-O2", "-shared", "-fPIC", "-Wl,--build-id", "-o", library, source], check=True)
        bench = Bench(options.python, directory, library, setup, ROOM)
        check = setup + "assert lib.add.c_declaration == 'int add(int a, int b)'\n"
        subprocess.run(bench.command(variants[1], check), check=True)
        for name, (declare, call) in DECLARED.items():
            counts = [bench.call(variant, declare, call) for variant in variants]
            lines.append(f"| `{name}` | {counts[0]:,.0f} | {counts[1]:,.0f} | {percent(*counts)} |")
            if counts[1] > counts[0] * 1.01:
                beyond.append(f"{name}: more than 1 % beyond ctypes alone")
        others = [("", "stock", "with the package")]
        for name, prepare, program in OTHERS:
            others.append((name, *(f"{bench.call(variant, prepare, program):,.0f}" for variant in variants)))
    page.show("\n".join(lines), "package", options.write)
    page.show(page.markdown(others), "package others", options.write)
    if beyond:
        sys.exit("; ".join(beyond))


if __name__ == "__main__":
    main()
