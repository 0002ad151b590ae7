"""tree.py DIRECTORY SOURCE: a copy of ctypes and _ctypes of the PyPy that runs this, with what its packages lack of the tests:
the module _ctypes_test, compiled for it from CPython's SOURCE, and the file that makes a package of them."""

import os
import shutil
import subprocess
import sys
import sysconfig

import _ctypes
import ctypes

PACKAGE = """
import _ctypes
import ctypes
import unittest
from test import support

# What PyPy's own parts provide.
xfail = unittest.expectedFailure
_ctypes.PyObj_FromPtr = None


def need_symbol(name):
    return unittest.skipUnless(hasattr(ctypes, name), "no " + name)


need_longdouble = unittest.skip("PyPy passes no long double")
"""


def main(directory, source):
    for module in ctypes, _ctypes:
        shutil.copytree(os.path.dirname(module.__file__), os.path.join(directory, module.__name__),
                        ignore=shutil.ignore_patterns("__pycache__"))
    with open(os.path.join(directory, "ctypes", "test", "__init__.py"), "w") as file:
        file.write(PACKAGE)
    try:
        import _testcapi        # noqa: F401
    except FileNotFoundError:
        # Debian's package of PyPy 8.0.1 lacks its source, and test.support imports a name of it.
        with open(os.path.join(directory, "_testcapi.py"), "w") as file:
            file.write("unicode_legacy_string = None\n")
    library = os.path.join(directory, "_ctypes_test" + sysconfig.get_config_var("EXT_SUFFIX"))
    subprocess.run(["cc", "-g", "-O2", "-fPIC", "-shared", "-fno-strict-aliasing", "-Wl,--build-id",
                    "-I", sysconfig.get_path("include"), "-o", library, source, "-lm"], check=True)


main(*sys.argv[1:])
