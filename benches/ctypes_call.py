"""What the patch costs a call of ctypes: instructions, counted by callgrind, in one run for both.

ctypes_call.py STOCK CHECKED: two directories as tests/cpython/check.sh makes them, the stock _ctypes and the patched one
with libffitypecheck. Each case is run with two numbers of calls, and the difference is divided by theirs."""

import os
import re
import subprocess
import sys
import tempfile

CALLS = (1000, 21000)
CASES = {
    "declared": "f = libc.labs; f.argtypes = [c_long]; f.restype = c_long",
    "declared, struct by value": "f = libc.ldiv; f.argtypes = [c_long, c_long]; f.restype = pair",
    "nothing declared": "f = libc.labs",
}
PROGRAM = """
import sys
from ctypes import CDLL, Structure, c_long
class pair(Structure):
    _fields_ = [("quot", c_long), ("rem", c_long)]
libc = CDLL("libc.so.6")
{setup}
def loop(count, {names}):
    while count:
        f({names})
        count -= 1
f({values})
loop({count}, {values})
"""


def instructions(directory, program):
    """All instructions of one run of Python."""
    environment = {**os.environ, "PYTHONPATH": directory, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/out", "python3.11", "-S", "-c", program]
        run = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def per_call(directory, setup, two):
    values, names = ("17, 5", "a, b") if two else ("17", "a")
    counts = [
        instructions(directory, PROGRAM.format(setup=setup, values=values, names=names, count=count))
        for count in CALLS
    ]
    return (counts[1] - counts[0]) / (CALLS[1] - CALLS[0])


def main():
    stock, checked = sys.argv[1:]
    for name, setup in CASES.items():
        two = "ldiv" in setup
        before, after = per_call(stock, setup, two), per_call(checked, setup, two)
        print(f"{name}: {before:.0f} instructions a call stock, {after:.0f} patched: {100 * (after - before) / before:+.2f} %")
    nothing = "import ctypes"
    before, after = instructions(stock, nothing), instructions(checked, nothing)
    print(f"import ctypes: {before} instructions stock, {after} patched: {100 * (after - before) / before:+.2f} %")


main()
