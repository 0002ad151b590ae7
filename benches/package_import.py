#!/usr/bin/env python3
"""What the Python package costs when a program starts: processor time, the least of many processes.

usage: package_import.py [--python PYTHON] [--write docs/python.md]

Of imports of bindings with many prototypes, beside ctypes alone. Both include what it takes to import ctypes, the second also to
enable the check. More than LIMIT is an error. Of enabling the check and of first calls, each by itself.
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

# The package and the module. pyglet.gl declares thousands of functions when it is imported, and calls two; PyOpenGL declares a
# function when it is first called.
MODULES = (("PyOpenGL", "OpenGL.GL"), ("pyglet", "pyglet.libs.x11.xlib"), ("pyglet", "pyglet.gl"))
LIMIT = 20                  # percent beyond ctypes alone
CLOCK = ("from time import process_time_ns as now\nstart = now()\n" + ENABLE + "import {module}\nprint(now() - start)\n"
         "if sys.argv[1]:\n    import gc\n    from ffitypecheck._function import Function\n"
         "    print(sum(type(object) is Function for object in gc.get_objects()))\n")

# Prints the nanoseconds of each step.
STEPS = """from time import process_time_ns as now
import sys
sys.path.insert(0, sys.argv[1])
times = [now()]
import ctypes
times.append(now())
import ffitypecheck
ffitypecheck.enable()
times.append(now())
lib = ctypes.CDLL("libX11.so.6")
first, second = lib.XSupportsLocale, lib.XInitThreads
for function in first, second:
    function.argtypes, function.restype = [], ctypes.c_int
times.append(now())
first()
times.append(now())
second()
times.append(now())
assert ffitypecheck.declaration(first)
print(*(after - before for before, after in zip(times, times[1:])))
"""
NAMES = ("`import ctypes`", "then `import ffitypecheck` and `enable()`", None,
         "the first call of a library, libX11, whose types are in the cache; it loads libffitypecheck",
         "the first call of another of its functions")


def steps(options, environment):
    samples = []
    for _ in range(options.runs):
        printed = subprocess.run([options.python, "-c", STEPS, PACKAGE], env=environment, check=True, capture_output=True, text=True)
        samples.append(list(map(int, printed.stdout.split())))
    least = [min(times) / 1e6 for times in zip(*samples)]
    return [("", "ms"), *((name, f"{time:.2f}") for name, time in zip(NAMES, least) if name)]


def environment_of(package, module, python, cache):
    """A package as it was fetched, and libraries with debug information for it."""
    top = run.fetch(package)
    subprocess.run([python, "-m", "compileall", "-q", Path(top) / module.split(".")[0], PACKAGE], check=True)
    libraries = os.pathsep.join(filter(None, [run.build(package), os.environ["LD_LIBRARY_PATH"]]))
    return dict(os.environ, PYTHONPATH=top, LD_LIBRARY_PATH=libraries, FFITYPECHECK_CACHE=cache, PYGLET_SHADOW_WINDOW="0")


def imports(module, options, environment):
    """The least times without and with the package, and how many functions it looked after."""
    samples = {"": [], str(PACKAGE): []}
    for _ in range(options.runs):
        for variant, times in samples.items():
            program = CLOCK.format(module=module)
            printed = subprocess.run([options.python, "-c", program, variant], env=environment, check=True, capture_output=True,
                                     text=True).stdout.split()
            times.append(int(printed[0]) / 1e6)
    return *map(min, samples.values()), printed[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="/usr/bin/python3.11")
    parser.add_argument("--runs", type=int, default=101)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    rows = [("import", "functions", "ms, stock", "with the package", "")]
    beyond = []
    with tempfile.TemporaryDirectory() as cache:
        for name, module in MODULES:
            package = corpus.KNOWN[name]
            environment = environment_of(package, module, options.python, cache)
            stock, checked, functions = imports(module, options, environment)
            rows.append((f"`{module}` of {name} {package['version']}", functions, f"{stock:.1f}", f"{checked:.1f}",
                         f"{(checked - stock) / stock * 100:+.0f} %"))
            if checked > stock * (1 + LIMIT / 100):
                beyond.append(f"{module}: more than {LIMIT} % beyond ctypes alone")
        table = steps(options, environment)         # with pyglet's libX11
    page.show(page.markdown(rows), "imports", options.write)
    page.show(page.markdown(table), "start", options.write)
    if beyond:
        sys.exit("; ".join(beyond))


if __name__ == "__main__":
    main()
