"""When a wrong declaration is told: at the first call, or where it stands."""

import ctypes
import gc
import os
import sys
import textwrap
import unittest
import warnings
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, byref, c_double, c_int, c_long, c_void_p, cast

from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

PATH = _ctypes_typecheck_test.__file__
HERE = os.path.splitext(__file__)[0]


def line():
    """The line of the caller."""
    return sys._getframe(1).f_lineno


class DeclaredCase(TypeCheckCase):
    default = "error"

    def refused_here(self, lineno, rule, call, *arguments):
        """The error of a call whose function was declared in this line of this file."""
        error = self.refused(rule, call, *arguments)
        self.assertEqual((os.path.splitext(error.filename)[0], error.lineno), (HERE, lineno))
        self.assertIn("declared at %s:%d" % (error.filename, lineno), str(error))
        return error


class AtTheCallTest(DeclaredCase):
    def test_argtypes(self):
        add = self.lib.tc_add
        add.argtypes = [c_int, c_double]; at = line()
        for _ in range(3):
            error = self.refused_here(at, "number-class", add, 2, 3.0)
        self.assertEqual((error.position, error.argument), ("argument", 2))
        self.assertEqual(add.argtypes, [c_int, c_double])

    def test_restype(self):
        same = self.lib.tc_same_pointer
        same.restype = c_int; at = line()
        same.argtypes = [c_void_p]
        self.refused_here(at, "result-narrower", same, 5)
        self.assertIs(same.restype, c_int)

    def test_each_side_has_its_line(self):
        add = self.lib.tc_add
        add.restype = c_double; restype = line()
        add.argtypes = [c_int]; argtypes = line()
        self.refused_here(restype, "number-class", add, 2)
        add.restype = c_int
        self.refused_here(argtypes, "argument-count", add, 2)
        add.argtypes = [c_int, c_int]
        self.assertEqual(add(2, 3), 5)

    def test_prototype(self):
        prototype = CFUNCTYPE(c_int, c_int)
        add = prototype(("tc_add", self.lib)); at = line()
        self.refused_here(at, "argument-count", add, 2)
        by_address = prototype(cast(self.lib.tc_add, c_void_p).value); at = line()
        self.refused_here(at, "argument-count", by_address, 2)

    def test_helper(self):
        # A function that gets the name from its caller is not where anything is declared; ctypes itself neither.
        def declare(name, argtypes):
            function = self.lib[name]
            function.argtypes = argtypes
            return function

        def method(name, *argtypes):
            return declare("tc_" + name, argtypes)

        def twice(name, *argtypes):
            return declare(name, argtypes)

        add = declare("tc_add", [c_int]); at = line()
        self.refused_here(at, "argument-count", add, 2)
        add = twice("tc_add", c_int); at = line()
        self.refused_here(at, "argument-count", add, 2)
        # Nobody names it: the line that sets it.
        at = declare.__code__.co_firstlineno + 2
        self.refused_here(at, "argument-count", method("move", c_int), 2)

    def test_helper_of_a_module(self):
        text = """
            def declare(name, argtypes):
                function = lib[name]
                function.argtypes = argtypes
                return function

            add = declare("tc_add", [c_int])
            for name in ["_".join(["tc", "move"])]:
                move = declare(name, [c_int])
        """
        names = {"lib": self.lib, "c_int": c_int, "__name__": "binding"}
        exec(compile(textwrap.dedent(text), "binding.py", "exec"), names)
        for function, at in [(names["add"], 7), (names["move"], 4)]:
            error = self.refused("argument-count", function, 2)
            self.assertEqual((error.filename, error.lineno), ("binding.py", at))

    def test_replaced(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            add = self.lib.tc_add
            add.argtypes, add.restype = [c_int], c_double
            add.argtypes, add.restype = [c_int, c_int], c_int
            self.assertEqual(add(2, 3), 5)
            # After a refusal too.
            add.argtypes = [c_int]
            self.refused("argument-count", add, 2)
            add.argtypes = None
            self.assertEqual(add(2, 3), 5)
            add.restype = c_double
            self.refused("number-class", add, 2, 3)
            del add.restype
            self.assertEqual(add(2, 3), 5)

    def test_never_called(self):
        wrong = [self.lib[name] for name in ("tc_add", "tc_move", "tc_same_pointer") for _ in range(3)]
        for function in wrong:
            function.argtypes, function.restype = [c_double] * 7, c_double
        del wrong, function
        gc.collect()

    def test_after_good_calls(self):
        add = self.lib.tc_add
        add.argtypes = [c_int, c_int]
        self.assertEqual(add(2, 3), 5)
        add.argtypes = [c_int, c_double]; at = line()
        self.refused_here(at, "number-class", add, 2, 3.0)

    def test_other_function_object(self):
        self.lib.tc_add.argtypes = [c_int]
        self.assertEqual(self.lib["tc_add"](2, 3), 5)
        self.refused("argument-count", self.lib.tc_add, 2)

    def test_nothing_was_called(self):
        # Neither the library's function nor a conversion.
        seen = []

        class Number(object):
            @property
            def _as_parameter_(self):
                seen.append(self)
                return 5

        store = self.lib.tc_store
        store.argtypes = [POINTER(c_int), c_int, c_int]
        place = c_int(7)
        self.refused("argument-count", store, byref(place), Number(), Number())
        self.assertEqual((place.value, seen), (7, []))

    def test_errcheck_is_not_reached(self):
        add = self.lib.tc_add
        add.argtypes = [c_int]
        add.errcheck = lambda *arguments: self.fail("called")
        self.refused("argument-count", add, 2)

    def test_variable(self):
        error = self.refused("variable-size", c_long.in_dll, self.lib, "tc_counter")
        self.assertEqual(error.position, "variable")

    def test_message(self):
        add = self.lib.tc_add
        add.argtypes = [c_int]
        lines = str(self.refused("argument-count", add, 2)).split("\n")
        self.assertEqual(len(lines), 2)
        self.assertIn("typecheck='warn'", lines[1])
        self.assertIn(self.variable + "=warn", lines[1])

    def test_layout_is_shown(self):
        swapped = type(Structure)("Swapped", (Structure,), {"_fields_": [("y", c_int), ("x", c_int)]})
        error = self.refused("pointee-member-name", swapped.in_dll, self.lib, "tc_origin")
        self.assertIn("struct point (8 bytes)", error.layout)
        self.assertTrue(str(error).endswith("\n" + error.layout))

    def test_without_a_declaration(self):
        error = self.refused("argument-count", self.lib.tc_add, 2)
        self.assertEqual((error.filename, error.lineno), (None, None))
        self.assertNotIn("declared at", str(error))
        self.assertIn(self.variable + "=warn", str(error))

    def test_code_without_a_file(self):
        namespace = {"lib": self.lib, "c_int": c_int}
        exec(compile("\n\nadd = lib.tc_add\nadd.argtypes = [c_int]\n", "<made>", "exec"), namespace)
        error = self.refused("argument-count", namespace["add"], 2)
        self.assertEqual((error.filename, error.lineno), ("<made>", 4))

    def test_the_library_is_not_needed_before(self):
        program = """
            import ctypes, _ctypes_typecheck_test
            def loaded():
                with open("/proc/self/maps") as maps:
                    return "libffitypecheck" in maps.read()
            add = ctypes.CDLL(_ctypes_typecheck_test.__file__).tc_add
            add.argtypes = [ctypes.c_int]
            add.restype = ctypes.c_double
            print(loaded())
            try:
                add(2)
            except TypeError as error:
                print("%s %s" % (error.lineno, loaded()))
        """
        self.assertEqual(self.run_python(program).split(), ["False", "9", "True"])


class EarlyTest(DeclaredCase):
    default = "early"

    def test_where_it_stands(self):
        add = self.lib.tc_add
        at = line() + 2
        with self.assertRaises(TypeError) as caught:
            add.argtypes = [c_int]
        self.assertEqual((caught.exception.rule, caught.exception.lineno), ("argument-count", at))
        self.assertIsNone(add.argtypes)
        self.assertEqual(add(2, 3), 5)

    def test_what_is_completed_later(self):
        class Later(Structure):
            pass

        mirror = self.lib.tc_mirror
        mirror.argtypes = [Point]
        mirror.restype = Later; at = line()
        Later._fields_ = [("x", c_double)]
        self.refused_here(at, "record-bytes", mirror, Point(1, 2))


class WarningTest(DeclaredCase):
    """The policies that warn do so once, of the line that declares."""

    default = "warn"

    def setUp(self):
        super(WarningTest, self).setUp()
        catcher = warnings.catch_warnings(record=True)
        self.seen = catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        warnings.simplefilter("always")

    def told(self, *lines):
        """That exactly these lines were warned of since it was asked last."""
        self.assertEqual([(one.category, os.path.splitext(one.filename)[0], one.lineno) for one in self.seen],
                         [(ctypes.TypeCheckWarning, HERE, lineno) for lineno in lines])
        del self.seen[:]

    def test_one_finding_one_warning(self):
        for policy in "warn", "repair":
            lib = CDLL(PATH, typecheck=policy)
            add = lib.tc_add
            add.argtypes = [c_int, c_int, c_int]; at = line()
            self.told(at)
            add.restype = c_int
            self.told()
            self.assertEqual([add(2, 3, 4), add(2, 3, 4)], [5, 5])
            add.argtypes = [c_int, c_int, c_int]
            self.told()

    def test_restype_first(self):
        add = self.lib.tc_add
        add.restype = c_int
        add.argtypes = [c_int, c_int, c_int]; at = line()
        self.told(at)

    def test_two_findings(self):
        add = self.lib.tc_add
        add.argtypes = [c_int, c_int, c_int]; argtypes = line()
        add.restype = c_double; restype = line()
        self.told(argtypes, restype)
        add.restype = c_int
        add.argtypes = [c_int, c_double]; at = line()
        self.told(at)

    def test_half_of_a_declaration(self):
        # The default result of a library's functions is nothing that was said.
        same = self.lib.tc_same_pointer
        same.argtypes = [c_void_p]
        same.restype = c_void_p
        vector = self.lib.tc_widen
        vector.argtypes = [c_int]
        self.told()

    def test_prototype(self):
        prototype = CFUNCTYPE(c_int, c_int, c_int, c_int)
        add = prototype(("tc_add", self.lib)); at = line()
        self.told(at)
        add(1, 2, 3)
        self.told()
        by_address = prototype(cast(self.lib.tc_add, c_void_p).value); at = line()
        by_address(1, 2, 3)
        self.told(at)
        by_address(1, 2, 3)
        self.told()

    def test_completed_later(self):
        class Later(Structure):
            pass

        mirror = self.lib.tc_mirror
        mirror.restype = Later; at = line()
        self.told()
        Later._fields_ = [("x", c_int), ("y", c_double)]
        mirror.argtypes = []; arguments = line()
        self.told(at, arguments)

    def test_registry(self):
        # As every warning: by default a line is told once, whoever comes by.
        namespace = {"lib": self.lib, "c_int": c_int, "__name__": "module_of_its_own"}
        code = compile("lib['tc_add'].argtypes = [c_int]\n", "<made>", "exec")
        warnings.resetwarnings()
        warnings.simplefilter("default")
        for _ in range(3):
            exec(code, namespace)
        self.assertEqual([(one.filename, one.lineno) for one in self.seen], [("<made>", 1)])
        del self.seen[:]
        warnings.filterwarnings("ignore", module="another_module")
        namespace.update(__name__="another_module")
        namespace.pop("__warningregistry__", None)
        exec(code, namespace)
        self.assertEqual(self.seen, [])

    def test_as_an_error(self):
        warnings.simplefilter("error")
        add = self.lib.tc_add
        self.assertRaises(ctypes.TypeCheckWarning, setattr, add, "restype", c_double)
        self.assertIs(add.restype, c_int)

    def test_at_the_prompt(self):
        program = textwrap.dedent("""
            import ctypes, _ctypes_typecheck_test
            ctypes.CDLL(_ctypes_typecheck_test.__file__).tc_add.argtypes = [ctypes.c_int]
        """)
        self.assertIn("TypeCheckWarning: tc_add", self.run_python(program, PYTHONCTYPESTYPECHECK="warn", PYTHONWARNINGS="default"))


if __name__ == "__main__":
    unittest.main()
