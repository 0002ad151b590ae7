"""What could go wrong inside of the patched _ctypes: references, errors on the way, types that change while they are used,
records by value. LIBRARY is hazards.c, compiled with -g. With -R every test runs again and again, and the references that
exist must not grow (a debug build of Python). Runs on Python 2.7 and 3.
"""

from __future__ import print_function

import argparse
import sys
import unittest

import hazards_declaring
import hazards_lifetimes
import hazards_policies
import hazards_reentry
import hazards_values
import leaks
from hazards_base import Base

MODULES = (hazards_reentry, hazards_declaring, hazards_values, hazards_policies, hazards_lifetimes)
CLASSES = dict((cls.__name__, cls) for cls in Base.__subclasses__())


def load(names):
    """The tests with these names, CLASS or CLASS.TEST; all, if there are none."""
    load = unittest.defaultTestLoader
    if not names:
        return unittest.TestSuite(load.loadTestsFromModule(module) for module in MODULES)
    loaded = unittest.TestSuite()
    for name in names:
        cls, _, test = name.partition(".")
        loaded.addTest(CLASSES[cls](test) if test else load.loadTestsFromTestCase(CLASSES[cls]))
    return loaded


def tests_of(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            for test in tests_of(entry):
                yield test
        else:
            yield entry


def growth(suite):
    """The tests whose repetition leaks, and those that failed."""
    bad = []
    for test in tests_of(suite):
        cls, method = type(test), test.id().rpartition(".")[2]
        name = cls.__name__ + "." + method
        failures = []

        def run():
            result = unittest.TestResult()
            cls(method).run(result)
            failures.extend(text for _, text in result.errors + result.failures)

        # Interpreters leak by themselves, with the stock _ctypes too.
        if cls is not hazards_lifetimes.Interpreters:
            bad.extend(leaks.growth(name, run))
        bad.extend(failures)
    return bad


def main(path, repeat, names):
    Base.path = path
    suite = load(names)
    ran = suite.countTestCases()
    if repeat:
        bad = growth(suite)
        for entry in bad:
            print(entry)
        failed = bool(bad)
    else:
        failed = not unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful()
    print("hazards%s: %d tests" % (" -R" if repeat else "", ran))
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-R", dest="repeat", action="store_true")
    parser.add_argument("library")
    parser.add_argument("test", nargs="*")
    arguments = parser.parse_args()
    sys.exit(main(arguments.library, arguments.repeat, arguments.test))
