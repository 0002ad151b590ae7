"""run.py [--common | TEST ...]

Runs the tests of the patch of CPython (patches/cpython/test_typecheck*.py) with the interpreter that runs this, and holds
what happens against expected.txt; then the package's own tests. An interpreter that has the patch runs the same. With
names, only those tests of the patch: test_typecheck_calls.NumberTest. With --common, not the package's own.
"""

import collections
import importlib
import os
import re
import subprocess
import sys
import sysconfig
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PATCH = os.path.join(TOP, "patches", "cpython")
BUILD = os.path.join(TOP, "build", "python")
COMMON = "common"           # the package in which the patch's tests find each other
sys.path[:0] = [os.path.join(TOP, "python", "src"), HERE]


def build():
    """The library that the tests declare, for this interpreter."""
    os.makedirs(BUILD, exist_ok=True)
    library = os.path.join(BUILD, "typecheck-test-%s.so" % sys.implementation.cache_tag)
    source = os.path.join(PATCH, "_ctypes_typecheck_test.c")
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(source):
        with open(source) as file:
            text = file.read()
        if sys.version_info < (3, 13):
            # Slots that older headers do not have; the library is not imported as a module here.
            text = re.sub(r"^ *\{Py_mod_.*", "", text, flags=re.MULTILINE)
        subprocess.run(["cc", "-g", "-O2", "-fPIC", "-shared", "-fno-strict-aliasing", "-Wl,--build-id",
                        "-I", sysconfig.get_path("include"), "-o", library, "-x", "c", "-"],
                       input='#line 1 "%s"\n%s' % (source, text), text=True, check=True)
    return library


class Programs:
    """subprocess, for tests that run a program in another interpreter: the package is imported there first."""

    def __getattr__(self, name):
        return getattr(subprocess, name)

    def Popen(self, command, env, **options):
        env = dict(env)
        policy = env.pop("PYTHONCTYPESTYPECHECK", None)
        if policy is not None:
            env["FFITYPECHECK"] = policy
        # Its first line sets sys.path, and the numbers of the others must stay.
        program = command[-1].replace("\n", "; import _ctypes_typecheck_test\n", 1)
        return subprocess.Popen(command[:-1] + [program], env=env, **options)


def load(names):
    package = sys.modules[COMMON] = types.ModuleType(COMMON)
    package.__path__ = [PATCH]
    modules = sorted(entry[:-3] for entry in os.listdir(PATCH) if entry.startswith("test_") and entry.endswith(".py"))
    import ctypes
    patched = hasattr(ctypes, "set_typecheck")
    import _ctypes_typecheck_test           # noqa: F401
    first = importlib.import_module(COMMON + ".test_typecheck")
    if not patched:
        first.subprocess = Programs()
        first.TypeCheckCase.variable = "FFITYPECHECK"
    for module in modules:
        importlib.import_module("%s.%s" % (COMMON, module))
    return unittest.defaultTestLoader.loadTestsFromNames("%s.%s" % (COMMON, name) for name in names or modules)


class Result(unittest.TextTestResult):
    """Keeps which tests did not pass."""

    def __init__(self, *arguments):
        super(Result, self).__init__(*arguments)
        self.failed = collections.OrderedDict()

    def keep(self, test, error):
        name = test.id().replace("setUpClass (", "").rstrip(")").replace(COMMON + ".", "")
        self.failed[name] = error

    def addError(self, test, error):
        super(Result, self).addError(test, error)
        self.keep(test, self.errors[-1][1])

    def addFailure(self, test, error):
        super(Result, self).addFailure(test, error)
        self.keep(test, self.failures[-1][1])

    def addSkip(self, test, reason):
        super(Result, self).addSkip(test, reason)
        self.keep(test, "skipped: " + reason)


def names_of_this_python():
    """By which a section of expected.txt says that it is meant."""
    import ctypes

    import ffitypecheck
    kind = "package" if ctypes.set_typecheck is ffitypecheck.set_typecheck else "patch"
    implementation = sys.implementation.name
    return {kind, implementation, "%s-%d.%d" % ((implementation,) + sys.version_info[:2])}


def read_expected():
    """Tests that do not pass here, from lines "[WORD ...]", whose words must all hold, and "TEST: reason"."""
    expected, applies, words = {}, False, names_of_this_python()
    with open(os.path.join(HERE, "expected.txt")) as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if line.startswith("["):
                applies = set(line.strip("[]").split()) <= words
            elif line and not line.startswith("#"):
                test, separator, reason = line.partition(": ")
                if not reason:
                    raise SystemExit("expected.txt:%d: no reason" % number)
                if applies:
                    expected[test] = reason
    return expected


def run_common(names):
    suite = load(names)
    result = unittest.TextTestRunner(stream=open(os.devnull, "w"), resultclass=Result).run(suite)
    expected = {} if names else read_expected()
    bad = 0
    for test, error in result.failed.items():
        if test not in expected:
            bad += 1
            print("failed: %s\n%s" % (test, error))
    for test in expected:
        if test not in result.failed:
            bad += 1
            print("expected to fail, but passed: %s" % test)
    print("%s: %d tests of the patch, %d not passed, %d of them expected" % (
        " ".join(sorted(names_of_this_python())), result.testsRun, len(result.failed),
        len(set(expected) & set(result.failed))))
    return bad


def run_own():
    """Each module in a process of its own: what is replaced in ctypes is the process's."""
    bad = 0
    for entry in sorted(os.listdir(HERE)):
        if entry.startswith("test_") and entry.endswith(".py"):
            paths = os.pathsep.join(sys.path[:2])
            bad += subprocess.call([sys.executable, "-m", "unittest", "-q", entry[:-3]], cwd=HERE,
                                   env=dict(os.environ, PYTHONPATH=paths)) != 0
    return bad


if __name__ == "__main__":
    os.environ["TYPECHECK_TEST_LIBRARY"] = build()
    os.environ.setdefault("FFITYPECHECK_CACHE", "off")
    failed = run_common([name for name in sys.argv[1:] if name != "--common"])
    if not sys.argv[1:]:
        failed += run_own()
    sys.exit(1 if failed else 0)
