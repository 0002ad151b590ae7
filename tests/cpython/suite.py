"""Runs CPython's own ctypes tests against the _ctypes below the directory BUILD and holds what happens against the list
EXPECTED: the number of tests, and every test that fails, errs or is skipped, with the rule of its TypeError.

MODE is "stock" or "plain" for a _ctypes without type checking, otherwise the policy; or "typecheck" for the tests that the
patch adds, in BUILD/typecheck, in place of CPython's own. With -R every module runs again and again afterwards, and the
references that exist must not grow (a debug build of Python). Runs on Python 2.7 and 3.
"""

from __future__ import print_function

import argparse
import collections
import importlib
import os
import sys
import unittest
import warnings

import _ctypes
import _ctypes_test
import ctypes
import leaks

try:
    import test.test_ctypes as package
    package.__path__
except (ImportError, AttributeError):
    import ctypes.test as package

CHECKING = ("off", "warn", "repair", "error,noextract", "error", "typecheck")


class Result(unittest.TextTestResult):
    """Keeps (what happened, test, detail); the detail of an error is its rule."""

    def __init__(self, *arguments):
        super(Result, self).__init__(*arguments)
        self.outcomes = []

    def keep(self, kind, test, detail):
        name = test.id()
        if name.startswith("setUpClass ("):
            name = name[len("setUpClass ("):-1]
        self.outcomes.append((kind, name.replace(package.__name__ + ".", ""), detail))

    def addError(self, test, error):
        super(Result, self).addError(test, error)
        self.keep("error", test, getattr(error[1], "rule", None) or error[0].__name__)

    def addFailure(self, test, error):
        super(Result, self).addFailure(test, error)
        self.keep("failure", test, error[0].__name__)

    def addSubTest(self, test, subtest, error):
        super(Result, self).addSubTest(test, subtest, error)
        if error is not None:
            self.keep("error", test, getattr(error[1], "rule", None) or error[0].__name__)

    def addSkip(self, test, reason):
        super(Result, self).addSkip(test, reason)
        self.keep("skip", test, reason)

    def addUnexpectedSuccess(self, test):
        super(Result, self).addUnexpectedSuccess(test)
        self.keep("unexpected-success", test, "-")


def load(outcomes, directory):
    """All tests of the directory. A module that calls wrongly while it is imported is imported with warnings instead."""
    suite = unittest.TestSuite()
    for entry in sorted(os.listdir(directory)):
        if not (entry.startswith("test_") and entry.endswith(".py")):
            continue
        short = entry[:-len(".py")]
        name = package.__name__ + "." + short
        try:
            importlib.import_module(name)
        except unittest.SkipTest as skipped:
            outcomes.append(("skip", short, str(skipped)))
            continue
        except TypeError as error:
            outcomes.append(("import", short, getattr(error, "rule", "TypeError")))
            sys.modules.pop(name, None)
            policy = ctypes.set_typecheck("warn")
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    importlib.import_module(name)
            finally:
                ctypes.set_typecheck(policy)
        suite.addTests(unittest.defaultTestLoader.loadTestsFromName(name))
    return suite


def read_expected(path, mode):
    """The number of tests, and lists of the outcomes that must be and those that may be, from a file of lines
    "[MODE ...]", "tests N" and "KIND TEST DETAIL: reason"."""
    count, must, may, applies = None, [], [], False
    with open(path) as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                modes = line.strip("[]").split()
                applies = mode in modes
                continue
            words = line.split(None, 2)
            if words[0] == "tests":
                count = int(words[1]) if applies else count
                continue
            if len(words) < 3:
                raise SystemExit("%s:%d: not KIND TEST DETAIL" % (path, number))
            kind, test, detail = words
            if kind not in ("skip", "may-skip"):
                detail, separator, reason = detail.partition(":")
                if not reason.strip():
                    raise SystemExit("%s:%d: no reason" % (path, number))
            if applies:
                (may if kind == "may-skip" else must).append((kind.replace("may-", ""), test, detail))
    return count, must, may


def check_build(mode, build):
    """That what is tested is what was built, and that it checks exactly if it should."""
    for module in (_ctypes, _ctypes_test):
        if not os.path.realpath(module.__file__).startswith(os.path.realpath(build) + os.sep):
            raise SystemExit("%s is %s, not below %s" % (module.__name__, module.__file__, build))
    if (mode in CHECKING) != hasattr(ctypes, "get_typecheck"):
        raise SystemExit("mode %s, but get_typecheck is %s" % (mode, hasattr(ctypes, "get_typecheck")))
    if mode in CHECKING:
        if ctypes.get_typecheck() != mode.replace("typecheck", "error"):
            raise SystemExit("the policy is %s, not %s" % (ctypes.get_typecheck(), mode))
        declaration = ctypes.CDLL(_ctypes_test.__file__)._testfunc_p_p.c_declaration
        if (declaration is None) != (mode == "off"):
            raise SystemExit("mode %s, but _testfunc_p_p is declared %r" % (mode, declaration))


def quietly(suite):
    with open(os.devnull, "w") as nowhere:
        stdout, sys.stdout = sys.stdout, nowhere
        try:
            return unittest.TextTestRunner(stream=nowhere, resultclass=Result).run(suite)
        finally:
            sys.stdout = stdout


def differences(outcomes, must, may):
    """What happened and was not expected, and what was and did not."""
    seen, wanted = collections.Counter(outcomes), collections.Counter(must)
    return [item for item in (seen - wanted).elements() if item not in may], list((wanted - seen).elements())


def growth():
    """The modules whose repetition leaks."""
    bad = []
    for name in sorted(sys.modules):
        # A module that was skipped is None in Python 2.7.
        if name.startswith(package.__name__ + ".test_") and sys.modules[name] is not None:
            bad.extend(leaks.growth(name, lambda: quietly(unittest.defaultTestLoader.loadTestsFromName(name))))
    return bad


def main(path, mode, build, repeat):
    count, must, may = read_expected(path, mode)
    check_build(mode, build)
    directory = list(package.__path__)[0]
    if mode == "typecheck":
        directory = os.path.join(build, mode)
        package.__path__.append(directory)
    outcomes = []
    result = quietly(load(outcomes, directory))
    outcomes += result.outcomes
    details = dict((test.id().replace(package.__name__ + ".", ""), text)
                   for test, text in result.errors + result.failures)
    surplus, missing = differences(outcomes, must, may)
    for item in surplus:
        print("not expected: %s %s %s" % item)
        print(details.get(item[1], ""))
    for item in missing:
        print("expected, but did not happen: %s %s %s" % item)
    if result.testsRun != count:
        print("%d tests ran, not %s" % (result.testsRun, count))
    leaking = growth() if repeat else []
    for sentence in leaking:
        print(sentence)
    kinds = collections.Counter(kind for kind, _, _ in outcomes)
    print("Python %s, %-16s %d tests%s: %s" % (
        sys.version.split()[0], mode + ":", result.testsRun, ", no leaks" if repeat and not leaking else "",
        ", ".join("%d %s" % (kinds[kind], kind) for kind in sorted(kinds)) or "all passed"))
    return 1 if surplus or missing or leaking or result.testsRun != count else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("expected", "mode", "build"):
        parser.add_argument(name)
    parser.add_argument("-R", dest="repeat", action="store_true")
    arguments = parser.parse_args()
    sys.exit(main(arguments.expected, arguments.mode, arguments.build, arguments.repeat))
