"""What the policy changes, and what stays as it is where nothing is known of a library."""

import ctypes
import os
import shutil
import subprocess
import tempfile
import unittest
import warnings
from ctypes import (
    CDLL, CFUNCTYPE, POINTER, PyDLL, Structure, byref, c_char_p, c_double, c_int, c_long, c_void_p)

from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

PATH = _ctypes_typecheck_test.__file__


class Half(Structure):
    _fields_ = [("x", c_int)]


POLICIES = "off", "warn", "repair", "error", "early"
ALL = POLICIES + tuple(policy + ",noextract" for policy in POLICIES)


class PolicyCase(TypeCheckCase):
    default = "error"

    def refused_at_the_call(self, lib):
        """That a wrong declaration may stand, but not be used."""
        add = lib["tc_add"]
        add.argtypes = [c_int]
        for _ in range(2):
            self.refused("argument-count", add, 1)


class FunctionTest(PolicyCase):
    def test_set_and_get(self):
        for policy in ALL:
            previous = ctypes.get_typecheck()
            self.assertEqual(ctypes.set_typecheck(policy), previous)
            self.assertEqual(ctypes.get_typecheck(), policy)
        self.assertIsInstance(ctypes.get_typecheck(), str)

    def test_bad_policies(self):
        for policy in "", "on", "Error", "error,", "error,extract", "error,noextract,", ",noextract", "off ":
            self.assertRaises(ValueError, ctypes.set_typecheck, policy)
            self.assertRaises(ValueError, self.bound_with, policy)
        for policy in None, 1, True, ["error"]:
            self.assertRaises((TypeError, ValueError), ctypes.set_typecheck, policy)
        self.assertEqual(ctypes.get_typecheck(), "error")

    def bound_with(self, policy):
        return CDLL(PATH, typecheck=policy).tc_add

    def test_text(self):
        self.assertEqual(ctypes.set_typecheck(u"warn"), "error")
        self.assertEqual(ctypes.get_typecheck(), "warn")

    def test_category(self):
        self.assertTrue(issubclass(ctypes.TypeCheckWarning, Warning))
        self.assertEqual(ctypes.TypeCheckWarning.__module__, "ctypes")


class OffTest(PolicyCase):
    def setUp(self):
        super(OffTest, self).setUp()
        ctypes.set_typecheck("off")

    def test_nothing_is_checked(self):
        add = self.lib.tc_add
        add.argtypes, add.restype = [c_int], c_void_p
        self.lib.tc_move.argtypes = [POINTER(Half), c_int, c_int]
        self.assertEqual(len((c_int * 2).in_dll(self.lib, "tc_ratio")), 2)
        CFUNCTYPE(c_int, c_double)(("tc_add", self.lib))

    def test_nothing_is_taken(self):
        # An int, whatever it was.
        self.assertEqual(self.lib.tc_same_pointer(c_void_p(2 ** 40 + 5)), 5)
        self.assertRaises(ctypes.ArgumentError, self.lib.tc_same_double, 0.5)

    def test_no_declaration(self):
        self.assertIsNone(self.lib.tc_add.c_declaration)
        self.assertIsNone(self.lib.tc_add.__doc__)

    def test_on_again(self):
        add = self.lib.tc_same_pointer
        ctypes.set_typecheck("error")
        # It was not called yet.
        self.assertEqual(add(2 ** 40), 2 ** 40)
        self.assertIsNotNone(add.c_declaration)

    def test_off_after_a_mistake(self):
        ctypes.set_typecheck("error")
        add = self.lib.tc_add
        add.argtypes = [c_int] * 3
        self.refused("argument-count", add, 2, 3, 4)
        ctypes.set_typecheck("off")
        self.assertEqual(add(2, 3, 4), 5)


class WarnTest(PolicyCase):
    def setUp(self):
        super(WarnTest, self).setUp()
        ctypes.set_typecheck("warn")

    def warned(self, text, call, *arguments):
        """The result of a call that must warn once, with this text, of this line."""
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            result = call(*arguments)
        self.assertEqual([one.category for one in seen], [ctypes.TypeCheckWarning])
        self.assertIn(text, str(seen[0].message))
        self.assertEqual(os.path.splitext(seen[0].filename)[0], os.path.splitext(__file__)[0])
        return result

    def silent(self, call, *arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return call(*arguments)

    def test_setting(self):
        add = self.lib.tc_add
        self.warned("tc_add", setattr, add, "argtypes", [c_int, c_long, c_int])
        self.assertEqual(list(add.argtypes), [c_int, c_long, c_int])
        # Said once.
        self.assertEqual(self.silent(add, 2, 3, 4), 5)
        self.assertEqual(self.silent(add, 2, 3, 4), 5)
        self.silent(setattr, add, "argtypes", [c_int, c_int])

    def test_result(self):
        same = self.lib.tc_same_pointer
        self.warned("the value is cut", setattr, same, "restype", c_int)
        self.assertEqual(self.silent(same, c_void_p(2 ** 40 + 5)), 5)

    def test_prototype(self):
        add = self.warned("tc_add", CFUNCTYPE(c_int, c_int, c_int, c_int), ("tc_add", self.lib))
        self.assertEqual(self.silent(add, 2, 3, 4), 5)

    def test_address(self):
        add = CFUNCTYPE(c_int, c_int, c_int, c_int)(ctypes.cast(self.lib.tc_add, c_void_p).value)
        self.assertEqual(self.warned("3 arguments", add, 2, 3, 4), 5)
        self.assertEqual(self.silent(add, 2, 3, 4), 5)

    def test_variable(self):
        self.assertIsInstance(self.warned("tc_origin", c_double.in_dll, self.lib, "tc_origin"), c_double)

    def test_calls(self):
        self.assertEqual(self.warned("3 given", self.lib.tc_add, 2, 3, 4), 5)
        half = (Half * 2)()
        self.warned("pointee", self.lib.tc_move, byref(half[0]), 5, 6)
        self.assertEqual((half[0].x, half[1].x), (5, 6))
        self.assertEqual(self.silent(self.lib.tc_same_pointer, 2 ** 40), 2 ** 40)
        # What ctypes cannot convert either stays an error.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertRaises(ctypes.ArgumentError, self.lib.tc_add, 2, [])

    def test_warnings_as_errors(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertRaises(ctypes.TypeCheckWarning, setattr, self.lib.tc_add, "argtypes", [c_int])
            self.assertIsNone(self.lib.tc_add.argtypes)


class NoExtractTest(PolicyCase):
    def setUp(self):
        super(NoExtractTest, self).setUp()
        ctypes.set_typecheck("error,noextract")

    def test_checked_but_not_taken(self):
        self.refused_at_the_call(self.lib)
        self.refused("variable-size", c_long.in_dll, self.lib, "tc_counter")
        self.assertEqual(self.lib.tc_same_pointer(c_void_p(2 ** 40 + 5)), 5)
        self.assertRaises(ctypes.ArgumentError, self.lib.tc_same_double, 0.5)
        self.assertEqual(self.lib.tc_add(2, 3, 4), 5)
        self.assertEqual(self.lib.tc_add.c_declaration, "int tc_add(int a, int b)")


class LibraryTest(PolicyCase):
    def test_own_policy(self):
        off, strict = CDLL(PATH, typecheck="off"), CDLL(PATH, typecheck="error")
        early = CDLL(PATH, typecheck="early")
        warn, plain = CDLL(PATH, typecheck="warn"), CDLL(PATH, typecheck="error,noextract")
        for default in POLICIES:
            ctypes.set_typecheck(default)
            off["tc_add"].argtypes = [c_int]
            self.assertIsNone(off["tc_add"].c_declaration)
            self.refused_at_the_call(strict)
            self.refused("argument-count", setattr, early["tc_add"], "argtypes", [c_int])
            self.assertEqual(strict["tc_same_pointer"](2 ** 40), 2 ** 40)
            self.assertEqual(plain["tc_same_pointer"](c_void_p(2 ** 40 + 5)), 5)
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                warn["tc_add"].argtypes = [c_int]
            self.assertEqual(len(seen), 1)
            c_long.in_dll(off, "tc_table")
            self.refused("variable-size", c_long.in_dll, strict, "tc_counter")

    def test_none_is_the_default(self):
        lib = CDLL(PATH, typecheck=None)
        self.refused_at_the_call(lib)
        ctypes.set_typecheck("off")
        self.assertEqual(lib["tc_add"](2, 3, 4), 5)

    def test_other_kinds(self):
        lib = PyDLL(PATH, typecheck="off")
        lib.tc_add.argtypes = [c_int]
        self.refused_at_the_call(PyDLL(PATH, typecheck="error"))

    def test_settled_functions_stay(self):
        same = self.lib.tc_same_pointer
        self.assertEqual(same(2 ** 40), 2 ** 40)
        ctypes.set_typecheck("off")
        self.assertEqual(same(2 ** 40), 2 ** 40)
        # Another object of that function asks anew.
        self.assertEqual(self.lib["tc_same_pointer"](c_void_p(2 ** 40 + 5)), 5)


class EnvironmentTest(PolicyCase):
    def policy(self, *options, **environment):
        return self.run_python("import ctypes; print(ctypes.get_typecheck())", *options, **environment)

    def test_default(self):
        self.assertEqual(self.policy(), "error")

    def test_values(self):
        for policy in ALL:
            self.assertEqual(self.policy(PYTHONCTYPESTYPECHECK=policy), policy)
        for nonsense in "", "on", "0", "error,", "x" * 5000:
            self.assertEqual(self.policy(PYTHONCTYPESTYPECHECK=nonsense), "error")

    def test_ignored(self):
        self.assertEqual(self.policy("-E", PYTHONCTYPESTYPECHECK="off"), "error")
        self.assertEqual(self.policy("-I", PYTHONCTYPESTYPECHECK="off"), "error")

    def test_loaded_on_first_use(self):
        program = """
            import ctypes, _ctypes_typecheck_test
            def loaded():
                with open("/proc/self/maps") as maps:
                    return "libffitypecheck" in maps.read()
            lib = ctypes.CDLL(_ctypes_typecheck_test.__file__)
            add = lib.tc_add
            before = loaded()
            result = add(2, 3)
            print("%s %s %s" % (before, loaded(), result))
        """
        self.assertEqual(self.run_python(program), "False True 5")
        self.assertEqual(self.run_python(program, PYTHONCTYPESTYPECHECK="off"), "False False 5")

    def test_library_missing(self):
        # Without libffitypecheck all is as if there were no type checking.
        program = """
            import ctypes, _ctypes_typecheck_test
            lib = ctypes.CDLL(_ctypes_typecheck_test.__file__)
            try:
                ctypes.CDLL("libffitypecheck.so.0")
            except OSError:
                pass
            else:
                print("it is there")
            lib.tc_add.argtypes = [ctypes.c_int]
            ctypes.c_long.in_dll(lib, "tc_table")
            ctypes.CFUNCTYPE(None)(("tc_add", lib))
            print(lib.tc_same_pointer(ctypes.c_void_p(2 ** 40 + 5)))
            print(lib["tc_add"](2, 3, 4))
            print(lib.tc_add.c_declaration)
            print(ctypes.get_typecheck())
        """
        output = self.run_python(program, LD_LIBRARY_PATH="")
        if output.startswith("it is there"):
            self.skipTest("libffitypecheck is installed where the linker finds it")
        self.assertEqual(output.split(), ["5", "5", "None", "error"])


class NothingKnownTest(PolicyCase):
    """A copy of the library without debug information."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp()
        cls.path = os.path.join(cls.directory, "stripped.so")
        try:
            # Without a build-id nothing that is kept elsewhere is taken for its types.
            subprocess.check_call(["objcopy", "--strip-debug", "--remove-section=.note.gnu.build-id", PATH, cls.path])
        except OSError:
            shutil.rmtree(cls.directory)
            raise unittest.SkipTest("needs objcopy")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def setUp(self):
        super(NothingKnownTest, self).setUp()
        self.lib = CDLL(self.path)

    def test_as_without_checking(self):
        for policy in POLICIES:
            ctypes.set_typecheck(policy)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                add = self.lib["tc_add"]
                self.assertIsNone(add.c_declaration)
                self.assertEqual(add(2, 3), 5)
                add.argtypes, add.restype = [c_int], c_void_p
                self.lib["tc_move"].argtypes = [POINTER(Half), c_int, c_int]
                c_long.in_dll(self.lib, "tc_table")
                CFUNCTYPE(c_int, c_double)(("tc_add", self.lib))
                self.assertEqual(self.lib["tc_same_pointer"](c_void_p(2 ** 40 + 5)), 5)
                self.assertRaises(ctypes.ArgumentError, self.lib["tc_same_double"], 0.5)
                self.assertRaises(ctypes.ArgumentError, self.lib["tc_add"], [])

    def test_no_such_symbol(self):
        for lib in self.lib, CDLL(PATH), CDLL(None), PyDLL(PATH):
            self.assertRaises(AttributeError, getattr, lib, "tc_no_such_function")
            self.assertRaises(AttributeError, lib.__getitem__, "tc_no_such_function")
            self.assertRaises(ValueError, c_int.in_dll, lib, "tc_no_such_variable")
            self.assertRaises(AttributeError, CFUNCTYPE(c_int), ("tc_no_such_function", lib))

    def test_nothing_said(self):
        # An int (*)() says nothing of its arguments; a claim of anything cannot be wrong.
        class Anything(object):
            @staticmethod
            def from_param(value):
                return value

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lib = CDLL(PATH)
            lib.tc_same_text.argtypes, lib.tc_same_text.restype = [Anything], c_char_p
            self.assertEqual(lib.tc_same_text(b"text"), b"text")
            lib.tc_dot.argtypes = [Anything, Anything]
            self.assertEqual(lib.tc_dot(Point(1, 2), Point(3, 4)), 11)


if __name__ == "__main__":
    unittest.main()
