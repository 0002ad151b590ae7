"""What the patch of PyPy sees and the Python package does not. PARTS is the path of parts.c, compiled."""

import ctypes
import os
import subprocess
import sys
import unittest
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, c_double, c_int, c_long

import _ctypes
import _ffi
import _rawffi
from _rawffi import alt

PARTS = os.environ["PARTS"]
WRONG = """
import ctypes
halved = ctypes.CDLL(%r).halved
halved.argtypes = [ctypes.c_int]
try:
    halved(3)
    print("called")
except TypeError as error:
    print(getattr(error, "rule", "not of type checking"))
""" % PARTS


class Case(unittest.TestCase):
    def setUp(self):
        self.addCleanup(ctypes.set_typecheck, ctypes.set_typecheck("error"))

    def assertRefused(self, rule, function, *arguments):
        with self.assertRaises(TypeError) as caught:
            function(*arguments)
        self.assertEqual(getattr(caught.exception, "rule", None), rule)
        self.assertEqual(caught.exception.filename, __file__)


class OwnClassTest(Case):
    def test_class_of_functions(self):
        class Function(_ctypes.CFuncPtr):
            _flags_ = _ctypes.FUNCFLAG_CDECL
            _restype_ = c_int

        add = Function(("point_sum", CDLL(PARTS)))
        add.argtypes = [c_int, c_int]
        self.assertRefused("argument-count", add, 1, 2)

    def test_class_of_libraries(self):
        class Library(CDLL):
            def __init__(self, path):
                stock = CDLL(path)
                self.__dict__.update(vars(stock))

        negated = Library(PARTS).negated
        negated.restype = c_double
        self.assertRefused("number-class", negated, 1)

    def test_derived_from_a_prototype(self):
        class Prototype(CFUNCTYPE(c_int, POINTER(c_int), c_int)):
            _flags_ = _ctypes.FUNCFLAG_CDECL

        self.assertRefused("argument-count", Prototype(("point_sum", CDLL(PARTS))), None, 1)


class RawTest(Case):
    def setUp(self):
        super().setUp()
        self.library = _rawffi.CDLL(PARTS)

    def argument(self, code, value):
        argument = _rawffi.Array(code)(1)
        argument[0] = value
        self.addCleanup(argument.free)
        return argument

    def test_right(self):
        negated = self.library.ptr("negated", ["h"], "h")
        self.assertEqual(negated(self.argument("h", 5))[0], -5)
        self.assertTrue(self.library.ptr("value_integer", ["P"], "l"))

    def test_wrong(self):
        self.assertRefused("number-class", self.library.ptr, "halved", ["d"], "f")
        self.assertRefused("number-class", self.library.ptr, "halved", ["f"], "i")
        self.assertRefused("argument-count", self.library.ptr, "halved", ["f", "i"], "f")
        self.assertRefused("result-narrower", self.library.ptr, "all_ones", [], "i")

    def test_not_said(self):
        self.assertTrue(self.library.ptr("halved", [], "f"))
        point = _rawffi.Structure([("x", "i"), ("y", "i")]), 1
        self.assertTrue(self.library.ptr("point_moved", [point, "i"], point))
        self.assertRaises(AttributeError, self.library.ptr, "absent", [], "i")

    def test_result_is_void(self):
        self.assertTrue(self.library.ptr("point_clear", ["P"], None))

    def test_policies(self):
        ctypes.set_typecheck("off")
        self.assertTrue(self.library.ptr("halved", ["d"], "f"))
        ctypes.set_typecheck("warn")
        with self.assertWarns(ctypes.TypeCheckWarning) as caught:
            self.library.ptr("halved", ["d"], "f")
        self.assertEqual(caught.filename, __file__)

    def test_library_as_before(self):
        self.assertEqual(self.library.name, PARTS)
        self.assertEqual(c_int.from_address(self.library.getaddressindll("counter")).value, 41)


class AltTest(Case):
    """_rawffi.alt, whose types have names. ctypes uses the stock class, from _ffi."""

    def setUp(self):
        super().setUp()
        self.library = alt.CDLL(PARTS)

    def test_right(self):
        types = alt.types
        self.assertEqual(self.library.getfunc("negated", [types.sshort], types.sshort)(5), -5)
        self.assertEqual(self.library.getfunc("halved", argtypes=[types.float], restype=types.float)(3.0), 1.5)
        self.assertEqual(self.library.getfunc("is_even", [types.ubyte], types.ubyte)(4), 1)
        self.assertTrue(self.library.getfunc("point_clear", [types.void_p], types.void))
        self.assertTrue(self.library.getfunc("point_clear", [types.Pointer(types.sint)], types.void))

    def test_wrong(self):
        types = alt.types
        self.assertRefused("number-class", self.library.getfunc, "halved", [types.double], types.float)
        self.assertRefused("argument-count", self.library.getfunc, "halved", [types.float, types.sint], types.float)
        self.assertRefused("result-narrower", self.library.getfunc, "all_ones", [], types.sint)
        self.assertRefused("result-of-void", self.library.getfunc, "point_clear", [types.void_p], types.slong)

    def test_not_said(self):
        self.assertTrue(self.library.getfunc("halved", [], alt.types.float))
        self.assertRaises(AttributeError, self.library.getfunc, "absent", [], alt.types.sint)

    def test_libc(self):
        types = alt.types
        for library in alt.get_libc(), _rawffi.get_libc():
            self.assertTrue(library.getaddressindll("labs"))
        self.assertEqual(alt.get_libc().getfunc("labs", [types.slong], types.slong)(-2 ** 40), 2 ** 40)
        self.assertRefused("argument-too-narrow", alt.get_libc().getfunc, "labs", [types.sint], types.slong)
        self.assertRefused("argument-too-narrow", _rawffi.get_libc().ptr, "labs", ["i"], "l")

    def test_library_as_before(self):
        self.assertIsInstance(self.library, alt.CDLL)
        self.assertEqual(c_int.from_address(self.library.getaddressindll("counter")).value, 41)
        self.assertEqual(int(self.library), int(CDLL(PARTS)._handle))

    def test_ctypes_has_the_stock_class(self):
        self.assertNotIsInstance(_ffi.CDLL(PARTS), alt.CDLL)
        self.assertFalse([value for value in vars(CDLL(PARTS)).values() if isinstance(value, alt.CDLL)])


class WithoutImportTest(Case):
    def outcome(self, **environment):
        done = subprocess.run([sys.executable, "-c", WRONG], env=dict(os.environ, **environment), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        return done.stdout.strip()

    def test_policy_of_the_environment(self):
        self.assertEqual(self.outcome(), "number-class")
        self.assertEqual(self.outcome(PYTHONCTYPESTYPECHECK="early"), "")
        self.assertEqual(self.outcome(PYTHONCTYPESTYPECHECK="off"), "called")
        self.assertEqual(self.outcome(PYTHONCTYPESTYPECHECK="no policy"), "number-class")

    def test_without_the_library(self):
        self.assertEqual(self.outcome(FFITYPECHECK_LIBRARY="/nowhere/libffitypecheck.so.0"), "called")


class PackageTest(Case):
    def test_it_uses_the_patch(self):
        import ffitypecheck
        with ffitypecheck.enable("warn"):
            self.assertEqual(ctypes.get_typecheck(), "warn")
            self.assertIs(ffitypecheck.TypeCheckWarning, ctypes.TypeCheckWarning)
        self.assertEqual(ctypes.get_typecheck(), "error")

        class Point(Structure):
            _fields_ = [("x", c_int), ("y", c_long)]

        self.assertRaises(TypeError, ffitypecheck.verify, Point, "struct point", PARTS)


class CallTest(Case):
    def test_own_functions_are_not_checked(self):
        """Those with which the check asks the library are ctypes' own."""
        from _ctypes.typecheck import _entries
        CDLL(PARTS).negated(1)
        self.assertIs(type(_entries.load().ffi_describe_symbol).__call__, _ctypes.CFuncPtr.__call__)

    def test_nothing_that_calls_read_is_replaced(self):
        from _ctypes import function
        for name in "restype", "__call__", "_call_funcptr", "_build_result", "_getfuncptr":
            value = vars(_ctypes.CFuncPtr)[name]
            self.assertEqual(getattr(value, "fget", value).__code__.co_filename, function.__file__)


if __name__ == "__main__":
    unittest.main()
