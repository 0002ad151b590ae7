"""stock.py PYTHON WORK

CPython's own ctypes tests, and tests/cpython/as_stock.py, under the stock _ctypes of PYTHON with the package and each policy.
They must behave as under the patched _ctypes (tests/cpython/expected-VERSION.txt); as_stock.py must print what it prints
without the package, but for DIFFERENT. WORK is a directory in which tests/cpython/build.sh made out/stock.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CPYTHON = os.path.join(TOP, "tests", "cpython")
POLICIES = "off", "warn", "repair", "error,noextract", "error", "early"

# Until the verdict is known, the class of a function is a subclass that has a __call__. What is kept of it is its attribute.
DIFFERENT = {
    "sorted(vars(echo))",
    "echo.__class__ is lib._FuncPtr",
    "sorted(vars(type(echo)))",
    "inspect.signature(echo)",
    "type(echo).__mro__[1:3] == (_ctypes.CFuncPtr, _ctypes.CFuncPtr.__mro__[1])",
}
# suite.py asks for ctypes.get_typecheck.
WITH_PACKAGE = """
import _ctypes_typecheck_test, runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, %r)
runpy.run_path(sys.argv[0], run_name="__main__")
""" % CPYTHON


SOURCE = os.path.join(TOP, "python", "src")


class Runs:
    def __init__(self, python, work):
        self.python = python
        self.stock = os.path.join(work, "out", "stock")

    def output(self, policy, paths, *command):
        """What a command of this Python prints, and its exit status."""
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([self.stock] + paths), LC_ALL="C.UTF-8", FFITYPECHECK=policy,
                           TYPECHECK_TEST_LIBRARY="", PYTHONWARNINGS="ignore::RuntimeWarning")
        done = subprocess.run([self.python] + list(command), env=environment, stdout=subprocess.PIPE,
                              universal_newlines=True, timeout=600)
        return done.stdout, done.returncode

    def suite(self, policy):
        """Whether CPython's own tests do something else than what is listed."""
        version = self.output("", [], "-c", "import sys; print('%d.%d' % sys.version_info[:2])")[0].strip()
        expected = os.path.join(CPYTHON, "expected-%s.txt" % version)
        text, status = self.output(policy, [SOURCE, HERE], "-c", WITH_PACKAGE, os.path.join(CPYTHON, "suite.py"), expected,
                                   policy, self.stock)
        print(text, end="")
        return status != 0

    def statements(self, policy=None):
        """What as_stock.py prints of each statement: a list, since several are alike."""
        script = os.path.join(CPYTHON, "as_stock.py")
        package = [] if policy is None else ["-m", "ffitypecheck", "run"]
        text, _ = self.output(policy or "", [SOURCE], *package + [script])
        statements = []
        for line in text.splitlines():
            if line.startswith("    ") and statements:
                statements[-1][1].append(line)
            else:
                statements.append((line, []))
        return statements


def main(python, work):
    runs, failed = Runs(python, work), 0
    stock = runs.statements()
    for policy in POLICIES:
        if policy != "early":
            failed += runs.suite(policy)
        now = runs.statements(policy)
        unlike = {old[0] for old, new in zip(stock, now) if old != new}
        if unlike != DIFFERENT or len(now) != len(stock):
            failed += 1
            print("%s: other statements differ: %s" % (policy, sorted(unlike ^ DIFFERENT)))
        print("%s: %d statements, %d of them otherwise than under stock" % (policy, len(now), len(unlike)))
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
