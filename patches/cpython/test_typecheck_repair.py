"""The policy "repair": a wrong declaration is told, and the call is made right where the library says what was meant."""

import ctypes
import os
import unittest
import warnings
from ctypes import (
    CFUNCTYPE, POINTER, byref, c_bool, c_byte, c_char_p, c_double, c_float, c_int, c_long, c_longlong, c_short,
    c_size_t, c_uint, c_void_p, create_string_buffer)

from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

PATH = _ctypes_typecheck_test.__file__
SIZE_MAX = 2 ** 64 - 1


class RepairCase(TypeCheckCase):
    default = "repair"

    def setUp(self):
        super(RepairCase, self).setUp()
        catcher = warnings.catch_warnings(record=True)
        self.seen = catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        warnings.simplefilter("always")

    def declared(self, name, argtypes, restype, wrong=1):
        """A function with a declaration that has so many mistakes."""
        function = self.lib[name]
        function.argtypes, function.restype = argtypes, restype
        self.assertEqual([(one.category, os.path.splitext(one.filename)[0]) for one in self.seen],
                         wrong * [(ctypes.TypeCheckWarning, os.path.splitext(__file__)[0])],
                         [str(one.message) for one in self.seen])
        del self.seen[:]
        return function

    def tearDown(self):
        self.assertEqual([str(one.message) for one in self.seen], [])


class ArgumentTest(RepairCase):
    def test_width(self):
        for declared in c_int, c_uint, c_short, c_byte:
            same = self.declared("tc_same_size", [declared], c_size_t)
            for value in 0, 1, 2 ** 31, 2 ** 32 + 1, SIZE_MAX:
                self.assertEqual(same(value), value)
            self.assertEqual(same(-1), SIZE_MAX)
            self.assertEqual(same(declared(5)), 5)
            self.assertEqual(same(True), 1)

    def test_no_room(self):
        same = self.declared("tc_same_size", [c_int], c_size_t)
        for value in 2 ** 64, -2 ** 63 - 1, 10 ** 30:
            with self.assertRaises(TypeError) as caught:
                same(value)
            self.assertEqual((caught.exception.position, caught.exception.argument), ("argument", 1))
            self.assertIn("declared at", str(caught.exception))
        self.assertEqual(same(7), 7)

    def test_pointer(self):
        length = self.declared("tc_length", [c_int], c_size_t)
        text = create_string_buffer(b"four")
        self.assertEqual(length(ctypes.addressof(text)), 4)
        self.assertEqual(length(text), 4)

    def test_floating_point(self):
        for declared in c_int, c_float, c_long:
            same = self.declared("tc_same_double", [declared], c_double)
            self.assertEqual(same(3), 3.0)
        self.assertEqual(self.declared("tc_same_double", [c_float], c_double)(0.1), 0.1)
        self.assertEqual(self.declared("tc_same_float", [c_double], c_float)(0.5), 0.5)

    def test_others_stay(self):
        class Doubled(object):
            @staticmethod
            def from_param(value):
                return c_int(2 * value)

        apply = self.declared("tc_sum", [POINTER(c_int), c_int], c_long)
        self.assertEqual(apply((c_int * 3)(1, 2, 3), 3), 6)
        self.assertRaises(ctypes.ArgumentError, apply, (c_short * 3)(), 3)
        store = self.lib.tc_store
        store.argtypes = [POINTER(c_int), Doubled]
        place = c_int()
        store(byref(place), 4)
        self.assertEqual(place.value, 8)

    def test_what_cannot_be_converted(self):
        # As without the library: the declared type says so.
        same = self.declared("tc_same_size", [c_int], c_size_t)
        for argument in "text", 1.5, [], None:
            self.assertRaises(ctypes.ArgumentError, same, argument)
        self.assertRaises(TypeError, same)

    def test_as_parameter(self):
        class Holder(object):
            _as_parameter_ = 2 ** 40

        self.assertEqual(self.declared("tc_same_size", [c_int], c_size_t)(Holder()), 2 ** 40)

    def test_paramflags(self):
        prototype = CFUNCTYPE(c_size_t, c_int)
        same = prototype(("tc_same_size", self.lib), ((1, "value", 2 ** 40),))
        self.assertEqual(len(self.seen), 1)
        del self.seen[:]
        self.assertEqual((same(), same(value=2 ** 41)), (2 ** 40, 2 ** 41))

    def test_wrong_count(self):
        add = self.declared("tc_add", [c_int, c_int, c_int], c_int)
        self.assertEqual(add(2, 3, 4), 5)

    def test_variadic(self):
        total = self.declared("tc_sum_longs", [c_long], c_longlong, 0)
        self.assertEqual(total(1, c_longlong(2 ** 40)), 2 ** 40)

    def test_errcheck_sees_the_arguments(self):
        seen = []
        same = self.declared("tc_same_size", [c_int], c_size_t)
        same.errcheck = lambda result, function, arguments: seen.append((result, arguments))
        same(2 ** 40)
        self.assertEqual(seen, [(2 ** 40, (2 ** 40,))])

    def test_callback(self):
        wrong = CFUNCTYPE(c_int, c_int, c_double, c_int)
        apply = self.declared("tc_apply", [wrong, c_int, c_double], c_int)
        self.assertEqual(apply(wrong(lambda a, b, c: a), 6, 2.5), 6)


class ResultTest(RepairCase):
    def test_pointer(self):
        same = self.declared("tc_same_pointer", [c_void_p], c_int)
        for value in 0, 5, 2 ** 40, 2 ** 64 - 2 ** 20:
            self.assertEqual(same(value), value if value < 2 ** 63 else value - 2 ** 64)
        self.assertIsInstance(same(None), int)

    def test_the_same_where_it_was_right(self):
        # What the declared type shows, with the sign that it has.
        same = self.declared("tc_same_size", [c_size_t], c_int)
        self.assertEqual([same(5), same(-1), same(2 ** 40), same(2 ** 31)], [5, -1, 2 ** 40, 2 ** 31])
        same = self.declared("tc_same_long", [c_long], c_uint)
        self.assertEqual([same(5), same(-1), same(2 ** 32 - 1), same(2 ** 40)], [5, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 40])
        same = self.declared("tc_same_int", [c_int], c_long)
        self.assertEqual([same(5), same(-1)], [5, -1])
        same = self.declared("tc_same_short", [c_short], c_int)
        self.assertEqual([same(5), same(-1)], [5, -1])
        same = self.declared("tc_same_bool", [c_bool], c_int)
        self.assertEqual([same(0), same(2)], [0, 1])
        self.assertIs(type(same(2)), int)
        same = self.declared("tc_same_long", [c_long], c_bool)
        self.assertEqual([same(0), same(2 ** 40)], [False, True])

    def test_floating_point(self):
        same = self.declared("tc_same_double", [c_double], c_int)
        self.assertEqual([same(2.0), same(2.5), same(-3.0)], [2, 2.5, -3])
        self.assertEqual(self.declared("tc_same_float", [c_float], c_double)(0.5), 0.5)
        self.assertEqual(self.declared("tc_same_int", [c_int], c_double)(5), 5.0)

    def test_subclass(self):
        class Number(c_int):
            pass

        same = self.declared("tc_same_size", [c_size_t], Number)
        self.assertIsInstance(same(5), Number)
        self.assertEqual([same(5).value, same(-1).value], [5, -1])
        # An instance has no more room than its type.
        self.assertRaises(TypeError, same, 2 ** 40)

    def test_callable(self):
        same = self.declared("tc_same_pointer", [c_void_p], lambda value: ("made", value))
        self.assertEqual(same(2 ** 40), ("made", 2 ** 40))
        self.assertEqual(self.declared("tc_same_size", [c_size_t], str)(2 ** 40), str(2 ** 40))

    def test_check_of_a_result(self):
        class Checked(c_int):
            def _check_retval_(self):
                return -self.value

        self.assertEqual(self.declared("tc_same_size", [c_size_t], Checked)(5), -5)

    def test_errcheck(self):
        same = self.declared("tc_same_pointer", [c_void_p], c_int)
        same.errcheck = lambda result, function, arguments: [result]
        self.assertEqual(same(2 ** 40), [2 ** 40])

    def test_hidden_pointer(self):
        # Without a result, the library would write it through its first argument.
        self.assertIsNone(self.declared("tc_widen", [c_int], None)(5))

    def test_void(self):
        self.assertIsInstance(self.declared("tc_nothing", [c_int], c_int)(5), int)

    def test_not_repaired(self):
        add = self.declared("tc_add", [c_int, c_int], c_char_p)
        self.assertIsNone(add(0, 0))


class NotDeclaredTest(RepairCase):
    def test_what_worked_as_an_int(self):
        self.assertEqual(self.lib.tc_same_size(-1), -1)
        self.assertEqual(self.lib.tc_same_uint(-1), -1)
        self.assertEqual(self.lib.tc_same_pointer(None), 0)
        self.assertEqual(self.lib.tc_same_pointer(-1), -1)
        self.assertEqual(self.lib.tc_same_ushort(40000), 40000)
        self.assertIsInstance(self.lib.tc_nothing(5), int)
        self.assertIs(type(self.lib.tc_same_bool(True)), int)

    def test_what_did_not(self):
        self.assertEqual(self.lib.tc_same_size(2 ** 40), 2 ** 40)
        self.assertEqual(self.lib.tc_same_pointer(2 ** 63 + 5), 2 ** 63 + 5)
        self.assertEqual(self.lib.tc_same_double(0.5), 0.5)
        self.assertEqual(self.lib.tc_mirror(Point(3, -4)).y, 4)

    def test_extra_arguments(self):
        self.assertEqual(self.lib.tc_add(2, 3, 4), 5)
        self.assertEqual([one.category for one in self.seen], [ctypes.TypeCheckWarning])
        del self.seen[:]

    def test_variable(self):
        self.assertIsInstance(c_long.in_dll(self.lib, "tc_counter"), c_long)
        self.assertEqual(len(self.seen), 1)
        del self.seen[:]


if __name__ == "__main__":
    unittest.main()
