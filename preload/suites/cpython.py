"""CPython's own tests of ctypes under the preload library: cpython.py PYTHON STOCK COMMAND

STOCK is a folder with _ctypes and _ctypes_test, compiled with -g. The tests must do what tests/cpython/expected-3.11.txt says of
the stock _ctypes. The findings must be those that cpython.txt lists."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "cpython.txt")
TESTS = os.path.join(HERE, "..", "..", "tests", "cpython")


def listed():
    """The listed lines; those that begin with # give the reasons."""
    with open(LIST, encoding="utf-8") as file:
        return sorted(line.rstrip("\n") for line in file if line.strip() and not line.startswith("#"))


def main():
    python, stock, command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        environment = {**os.environ, "PYTHONPATH": os.path.abspath(stock)}
        suite = [os.path.join(TESTS, "suite.py"), os.path.join(TESTS, "expected-3.11.txt"), "stock", os.path.abspath(stock)]
        ran = subprocess.run([os.path.abspath(command), "run", "--json", "--output", log, "--", python, *suite],
                             env=environment, check=False)
        with open(log, encoding="utf-8") as file:
            summary = json.loads(file.readlines()[-1])
    found = sorted({f"{finding['verdict']}\t{finding['sentence']}" for finding in summary["findings"]})
    print({key: summary[key] for key in ("calls", "closures", "match", "differs", "unverified", "mismatch", "not_checked")})
    for line in found:
        print("listed  " if line in listed() else "NOT LISTED", line, sep="\t")
    for line in set(listed()) - set(found):
        print("NOT FOUND", line, sep="\t")
    # 1: the tests passed, and there are findings.
    return ran.returncode != 1 or found != listed()


if __name__ == "__main__":
    sys.exit(main())
