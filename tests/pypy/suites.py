"""suites.py: the patch in a copy of what the PyPy that runs this has of ctypes. PyPy's own ctypes tests, which must behave
under each policy, and where the patch has nothing beside it, as without the patch, but for what expected.txt lists; then what
the patch adds to the package, and the tests that CPython's patch adds."""

import collections
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CPYTHON = os.path.join(TOP, "tests", "cpython")
VERSION = "%d.%d.%d" % sys.pypy_version_info[:3]
WORK = os.path.join(TOP, "build", "pypy", VERSION)
LEAST = 490             # tests of PyPy's
# The tree of each mode; the others are policies of the patched one.
TREES = {"stock": "stock", "absent": "absent"}
MODES = "stock", "absent", "off", "warn", "repair", "error,noextract", "error"


def make_trees():
    stock, patched, absent = (os.path.join(WORK, name) for name in ("stock", "patched", "absent"))
    shutil.rmtree(WORK, ignore_errors=True)
    source = os.path.join(TOP, "build", "pypy", "_ctypes_test.c")
    subprocess.run([sys.executable, os.path.join(HERE, "tree.py"), stock, source], check=True)
    shutil.copytree(stock, patched)
    subprocess.run([os.path.join(TOP, "patches", "pypy", "app-level", "apply.sh"), patched], check=True)
    shutil.copytree(patched, absent)
    shutil.rmtree(os.path.join(absent, "_ctypes", "typecheck"))


def outcomes(mode, build):
    """In a process of its own: prints how many tests ran, and what did not pass."""
    sys.path.insert(0, CPYTHON)
    import suite
    suite.check_build(mode, build)
    seen = []
    result = suite.quietly(suite.load(seen, list(suite.package.__path__)[0]))
    texts = {test.id(): text for test, text in result.errors + result.failures}
    print(json.dumps([result.testsRun, seen + result.outcomes, texts]))


def run(mode):
    tree = os.path.join(WORK, TREES.get(mode, "patched"))
    environment = dict(os.environ, PYTHONPATH=tree, PYTHONCTYPESTYPECHECK=mode, PYTHONWARNINGS="ignore::RuntimeWarning",
                       LC_ALL="C.UTF-8")
    done = subprocess.run([sys.executable, __file__, mode, tree], env=environment, stdout=subprocess.PIPE, text=True,
                          check=True, timeout=900)
    count, seen, texts = json.loads(done.stdout.splitlines()[-1])
    return count, collections.Counter(map(tuple, seen)), texts


def read_expected(mode):
    """Tests that behave otherwise, from lines "[WORD ...]", which are modes or versions, and "KIND TEST: reason"."""
    expected, applies = set(), False
    with open(os.path.join(HERE, "expected.txt")) as lines:
        for line in map(str.strip, lines):
            if line.startswith("["):
                words = line.strip("[]").split()
                applies = mode in words and (VERSION in words or not any(word[0].isdigit() for word in words))
            elif applies and line and not line.startswith("#"):
                what, _, reason = line.partition(": ")
                assert reason, line
                expected.add(tuple(what.split()))
    return expected


def run_own():
    failed, (count, stock, _) = 0, run("stock")
    print("%s, stock: %d tests, %d of them not passed or skipped" % (VERSION, count, sum(stock.values())))
    if count < LEAST:
        failed += 1
        print("only %d tests ran" % count)
    for mode in MODES[1:]:
        ran, seen, texts = run(mode)
        other = {(kind, test) for kind, test, _ in seen - stock}
        other |= {("passed", test) for _, test, _ in stock - seen if not any(name == test for _, name in other)}
        for kind, test in sorted(other ^ read_expected(mode)):
            failed += 1
            what = "not expected" if (kind, test) in other else "expected, but did not happen"
            print("%s: %s: %s %s" % (mode, what, kind, test))
            print("\n".join(text for name, text in texts.items() if name.endswith(test)))
        failed += ran != count
        print("%s, %s: %d tests, %d otherwise than stock" % (VERSION, mode, ran, len(other)))
    return failed


def main():
    os.environ["FFITYPECHECK_CACHE"] = "off"
    make_trees()
    failed = run_own()
    parts = os.path.join(WORK, "parts.so")
    subprocess.run(["cc", "-g", "-O1", "-shared", "-fPIC", "-Wall", "-Wl,--build-id", "-o", parts,
                    os.path.join(HERE, "parts.c")], check=True)
    paths = os.path.join(WORK, "patched"), os.path.join(TOP, "python", "src")
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(paths), PARTS=parts)
    failed += subprocess.call([sys.executable, os.path.join(HERE, "test_beyond.py"), "-q"], env=environment)
    failed += subprocess.call([sys.executable, os.path.join(TOP, "python", "tests", "run.py"), "--common"], env=environment)
    return failed


if __name__ == "__main__":
    if sys.argv[1:]:
        outcomes(*sys.argv[1:])
    else:
        sys.exit(1 if main() else 0)
