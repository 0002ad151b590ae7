#!/usr/bin/env python3
"""What the Python package costs the import of bindings with many prototypes: processor time, beside ctypes alone.

usage: package_import.py [--python PYTHON] [--write docs/python.md]

Both include what it takes to import ctypes, the second also to enable the check. The least of many processes, in turn. More than
MODULES allows is an error.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import page
from package_call import ENABLE, PACKAGE

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / "tests" / "bindings"))
import corpus
import run

# The package, the module, and what may come on top, in percent. pyglet.gl declares thousands of functions when it is imported,
# and calls two; PyOpenGL declares a function when it is first called.
MODULES = (("PyOpenGL", "OpenGL.GL", 20), ("pyglet", "pyglet.libs.x11.xlib", 20), ("pyglet", "pyglet.gl", 20))
CLOCK = ("from time import process_time_ns as now\nstart = now()\n" + ENABLE + "import {module}\nprint(now() - start)\n"
         "if sys.argv[1]:\n    import gc\n    from ffitypecheck._function import Function\n"
         "    print(sum(type(object) is Function for object in gc.get_objects()))\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="/usr/bin/python3.11")
    parser.add_argument("--runs", type=int, default=41)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = ["| import | functions | ms, stock | with the package | |", "|---|---|---|---|---|"]
    beyond = []
    for name, module, limit in MODULES:
        package = corpus.KNOWN[name]
        top = run.fetch(package)
        subprocess.run([options.python, "-m", "compileall", "-q", Path(top) / module.split(".")[0], PACKAGE], check=True)
        libraries = os.pathsep.join(filter(None, [run.build(package), os.environ["LD_LIBRARY_PATH"]]))
        samples = {"": [], str(PACKAGE): []}
        with tempfile.TemporaryDirectory() as cache:
            environment = dict(os.environ, PYTHONPATH=top, LD_LIBRARY_PATH=libraries, FFITYPECHECK_CACHE=cache,
                               PYGLET_SHADOW_WINDOW="0")
            for _ in range(options.runs):
                for variant, times in samples.items():
                    program = CLOCK.format(module=module)
                    printed = subprocess.run([options.python, "-c", program, variant], env=environment, check=True,
                                             capture_output=True, text=True).stdout.split()
                    times.append(int(printed[0]) / 1e6)
        stock, checked = map(min, samples.values())
        lines.append(f"| `{module}` of {name} {package['version']} | {printed[1]} | {stock:.1f} | {checked:.1f} "
                     f"| {(checked - stock) / stock * 100:+.0f} % |")
        if checked > stock * (1 + limit / 100):
            beyond.append(f"{module}: more than {limit} % beyond ctypes alone")
    page.show("\n".join(lines), "imports", options.write)
    if beyond:
        sys.exit("; ".join(beyond))


if __name__ == "__main__":
    main()
