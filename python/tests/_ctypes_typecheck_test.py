"""In place of the module that the patch's tests import: it names the same library, and where the interpreter has no patch,
the package does its work, by the names that the tests ask for."""

import ctypes
import os
import sys

import ffitypecheck

__file__ = os.environ["TYPECHECK_TEST_LIBRARY"]

if not hasattr(ctypes, "PyDLL"):
    # PyPy has neither, and a C function that got a Python object would crash. What the tests do with them is listed in
    # expected.txt.
    ctypes.PyDLL, ctypes.PYFUNCTYPE = type("PyDLL", (ctypes.CDLL,), {}), ctypes.CFUNCTYPE
    ctypes.py_object = type("py_object", (), {})

if not hasattr(ctypes, "set_typecheck"):
    ffitypecheck.enable()
    ctypes.set_typecheck = ffitypecheck.set_typecheck
    ctypes.get_typecheck = ffitypecheck.get_typecheck
    ctypes.TypeCheckWarning = ffitypecheck.TypeCheckWarning

try:
    # The tests have its name since 3.13.
    import _xxsubinterpreters
    sys.modules.setdefault("_interpreters", _xxsubinterpreters)
except ImportError:
    pass
