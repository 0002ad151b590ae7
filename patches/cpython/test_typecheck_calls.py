"""Calls of functions whose types a program did not give: they are the library's."""

import ctypes
import math
import unittest
from ctypes import (
    CFUNCTYPE, POINTER, PyDLL, Structure, byref, c_bool, c_byte, c_char, c_char_p, c_double, c_float,
    c_int, c_long, c_longdouble, c_short, c_size_t, c_ubyte, c_void_p, c_wchar, c_wchar_p,
    cast, create_string_buffer, create_unicode_buffer, pointer, py_object, sizeof)

from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

LONG_MAX = 2 ** (8 * sizeof(c_long) - 1) - 1
SIZE_MAX = 2 ** (8 * sizeof(c_size_t)) - 1


class CallCase(TypeCheckCase):
    def unconvertible(self, name, argument, *arguments):
        """The TypeError of a call whose argument of that number cannot be converted."""
        with self.assertRaises(TypeError) as caught:
            self.lib[name](*arguments)
        error = caught.exception
        self.assertIn("%s: argument %d" % (name, argument), str(error))
        self.assertEqual((error.position, error.argument), ("argument", argument))
        return error


class NumberTest(CallCase):
    def test_full_width(self):
        same = self.lib.tc_same_size
        for value in 0, 1, 2 ** 31, 2 ** 32 + 1, SIZE_MAX:
            self.assertEqual(same(value), value)
        for value in 2 ** 31, LONG_MAX, -LONG_MAX - 1:
            self.assertEqual(self.lib.tc_same_long(value), value)
            self.assertEqual(self.lib.tc_same_llong(value), value)
        self.assertEqual(self.lib.tc_same_ulong(2 * LONG_MAX + 1), 2 * LONG_MAX + 1)
        self.assertEqual(self.lib.tc_same_ullong(2 ** 64 - 1), 2 ** 64 - 1)

    def test_every_width_and_sign(self):
        for name, bits, signed in (
            ("char", 8, self.lib.tc_same_char(255) < 0), ("schar", 8, True), ("uchar", 8, False),
            ("short", 16, True), ("ushort", 16, False), ("int", 32, True), ("uint", 32, False), ("llong", 64, True),
            ("ullong", 64, False), ("color", 32, True), ("mask", 32, False), ("wchar", 8 * sizeof(c_wchar), True),
        ):
            same = self.lib["tc_same_" + name]
            low, high = (-2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1)
            for value in low, 0, 1, high:
                self.assertEqual(same(value), value, name)
            self.assertEqual(same(-1), -1 if signed else high, name)
            # As ctypes has it: cut, as long as a C long or unsigned long has it.
            if bits < 64:
                self.assertEqual(same(high + 1), low, name)

    def test_too_large(self):
        for name in "tc_same_int", "tc_same_char", "tc_same_long", "tc_same_size", "tc_same_bool", "tc_same_pointer":
            for number in 2 ** 64, 1 << 70, -2 ** 63 - 1, -10 ** 400:
                with self.assertRaises(ctypes.ArgumentError) as caught:
                    self.lib[name](number)
                self.assertIn("int too long to convert", str(caught.exception))
        self.assertEqual(self.lib.tc_same_double(2 ** 70), 2.0 ** 70)

    def test_negative_for_an_unsigned_one(self):
        self.assertEqual(self.lib.tc_same_size(-1), SIZE_MAX)
        self.assertEqual(self.lib.tc_same_uint(-1), 2 ** 32 - 1)

    def test_bool(self):
        self.assertIs(self.lib.tc_same_bool(True), True)
        self.assertIs(self.lib.tc_same_bool(False), False)
        # C's rule, not the lowest byte.
        self.assertIs(self.lib.tc_same_bool(256), True)
        self.assertEqual(self.lib.tc_same_int(True), 1)

    def test_floating_point(self):
        self.assertEqual(self.lib.tc_same_double(0.1), 0.1)
        self.assertEqual(self.lib.tc_same_float(0.1), c_float(0.1).value)
        self.assertEqual(self.lib.tc_same_ldouble(0.1), 0.1)
        self.assertEqual(self.lib.tc_same_double(3), 3.0)
        self.assertIsInstance(self.lib.tc_same_double(3), float)
        self.assertEqual(self.lib.tc_same_float(-2), -2.0)
        self.assertEqual(self.lib.tc_scale(1.5, 2), 3.0)
        self.assertTrue(math.isnan(self.lib.tc_same_double(float("nan"))))
        self.assertRaises(ctypes.ArgumentError, self.lib.tc_same_double, 10 ** 400)

    def test_instances(self):
        self.assertEqual(self.lib.tc_same_size(c_size_t(SIZE_MAX)), SIZE_MAX)
        self.assertEqual(self.lib.tc_same_long(c_int(-3)), -3)
        self.assertEqual(self.lib.tc_same_long(c_short(-3)), -3)
        self.assertEqual(self.lib.tc_same_int(c_ubyte(255)), 255)
        self.assertEqual(self.lib.tc_same_int(c_char(b"A")), 65)
        self.assertEqual(self.lib.tc_same_double(c_float(0.5)), 0.5)
        self.assertEqual(self.lib.tc_same_double(c_int(2)), 2.0)
        self.assertEqual(self.lib.tc_same_ldouble(c_longdouble(0.25)), 0.25)
        self.assertIs(self.lib.tc_same_bool(c_bool(True)), True)
        self.assertEqual(self.lib.tc_same_wchar(c_wchar(u"\u20ac")), 0x20ac)

    def test_subclass_of_a_simple_type(self):
        class Number(c_int):
            pass

        self.assertEqual(self.lib.tc_same_size(Number(5)), 5)

    def test_impossible(self):
        for argument in 1.5, None, b"1", u"1", [], object(), c_double(1.5), Point(), (c_int * 2)(), byref(c_int()):
            error = self.unconvertible("tc_add", 2, 1, argument)
            self.assertIn("'int b'", str(error))
        self.assertIn("got float", str(self.unconvertible("tc_add", 1, 1.5, 1)))
        for argument in None, b"1", u"1", [], Point(), pointer(c_double()):
            self.unconvertible("tc_same_double", 1, argument)

    def test_wrong_count(self):
        for arguments in (), (1,), (1, 2, 3):
            error = self.refused("argument-count", self.lib.tc_add, *arguments)
            self.assertIn("tc_add", str(error))
            self.assertIn("2 parameters, %d given" % len(arguments), str(error))
            self.assertIn("int tc_add(int a, int b)", str(error))
            self.assertEqual((error.position, error.argument), ("call", None))
        self.refused("argument-count", self.lib.tc_sum_ints)

    def test_many(self):
        arguments = 1, 2, 3, 4, 0.5, 6.25, 7, True, 9.5, 10, 11.125
        self.assertEqual(self.lib.tc_many(*arguments), sum(arguments))
        self.unconvertible("tc_many", 10, *(arguments[:9] + (None,) + arguments[10:]))

    def test_large_int(self):
        class Index(object):
            def __index__(self):
                return 5

        # What ctypes does not convert, this does not either.
        self.unconvertible("tc_same_int", 1, Index())


class PointerTest(CallCase):
    def test_texts(self):
        self.assertEqual(self.lib.tc_length(b"four"), 4)
        self.assertEqual(self.lib.tc_length(None), 77)
        self.assertEqual(self.lib.tc_length(c_char_p(b"four")), 4)
        self.assertEqual(self.lib.tc_length(create_string_buffer(b"three", 16)), 5)
        self.assertEqual(self.lib.tc_length(byref(create_string_buffer(b"three", 16))), 5)
        self.assertEqual(self.lib.tc_wide_length(u"four\u20ac"), 5)
        self.assertEqual(self.lib.tc_wide_length(create_unicode_buffer(u"three")), 5)
        self.assertEqual(self.lib.tc_wide_length(c_wchar_p(u"four")), 4)
        # A str is wide characters to ctypes: not what the library reads here.
        self.assertIn("'const char *text'", str(self.unconvertible("tc_length", 1, u"four")))

    def test_results_are_not_cut(self):
        for address in 0, 1, 2 ** 32 + 5, 2 ** 47 + 8, SIZE_MAX:
            self.assertEqual(self.lib.tc_same_pointer(address), address)
            self.assertEqual(self.lib.tc_same_pointer(c_void_p(address)), address)
        self.assertEqual(self.lib.tc_same_pointer(None), 0)
        self.assertEqual(self.lib.tc_same_pointer(-1), SIZE_MAX)
        buffer = create_string_buffer(b"text")
        self.assertEqual(self.lib.tc_same_text(buffer), ctypes.addressof(buffer))
        handle = self.lib.tc_open(5)
        self.assertEqual(self.lib.tc_peek(handle), 5)
        self.lib.tc_close(handle)

    def test_arrays(self):
        values = (c_int * 3)(1, 20, 300)
        self.assertEqual(self.lib.tc_sum(values, 3), 321)
        self.assertEqual(self.lib.tc_sum(byref(values), 3), 321)
        self.assertEqual(self.lib.tc_sum(pointer(values), 2), 21)
        self.assertEqual(self.lib.tc_sum(cast(values, POINTER(c_int)), 1), 1)
        self.assertEqual(self.lib.tc_sum(ctypes.addressof(values), 3), 321)
        self.assertEqual(self.lib.tc_sum(byref(values, sizeof(c_int)), 2), 320)
        self.assertEqual(self.lib.tc_sum(None, 3), 0)
        self.assertEqual(self.lib.tc_size_of_bytes(b"\x01\x00\xff", 3), 256)
        self.assertEqual(self.lib.tc_size_of_bytes((c_ubyte * 2)(1, 2), 2), 3)
        error = self.refused("pointee-scalar", self.lib.tc_sum, (c_short * 3)(), 3)
        self.assertIn("tc_sum: argument 1", str(error))
        self.refused("pointee-scalar", self.lib.tc_sum, (c_double * 3)(), 3)
        self.refused("pointee-scalar", self.lib.tc_sum, pointer(c_double()), 3)

    def test_out_parameters(self):
        place = c_int()
        self.assertIsNone(self.lib.tc_store(byref(place), 7))
        self.assertEqual(place.value, 7)
        self.lib.tc_store(pointer(place), -7)
        self.assertEqual(place.value, -7)
        error = self.refused("pointee-scalar", self.lib.tc_store_long, byref(place), 7)
        self.assertEqual((error.position, error.argument), ("argument", 1))
        self.assertEqual(place.value, -7)

    def test_records(self):
        point = Point(1, 2)
        self.lib.tc_move(byref(point), 10, 20)
        self.lib.tc_move(pointer(point), 100, 200)
        self.lib.tc_move((Point * 2).from_buffer(create_string_buffer(16)), 1, 1)
        self.assertEqual((point.x, point.y), (111, 222))
        # By value where a pointer is meant.
        self.unconvertible("tc_move", 1, point, 1, 1)

        class Half(Structure):
            _fields_ = [("x", c_int)]

        error = self.refused("pointee-too-small", self.lib.tc_move, byref(Half()), 1, 1)
        self.assertIn("the caller's memory has 4 bytes", str(error))
        self.refused("pointee-too-small", self.lib.tc_move, pointer(Half()), 1, 1)
        # What fitted last does not stand for what comes now.
        self.lib.tc_move(byref(point), 0, 0)
        self.refused("pointee-too-small", self.lib.tc_move, byref(Half()), 1, 1)

    def test_impossible(self):
        for argument in 1.5, u"text", [], object():
            error = self.unconvertible("tc_length", 1, argument)
            self.assertIn("'const char *text'", str(error))
        error = self.refused("number-class", self.lib.tc_length, c_double())
        self.assertIn("tc_length: argument 1", str(error))


class ResultTest(CallCase):
    def test_void(self):
        self.assertIsNone(self.lib.tc_nothing(12345))

    def test_records_by_value(self):
        mirrored = self.lib.tc_mirror(Point(3, -4))
        self.assertIsInstance(mirrored, Structure)
        self.assertEqual(type(mirrored).__name__, "point")
        self.assertEqual((mirrored.x, mirrored.y), (-3, 4))
        wide = self.lib.tc_widen(9)
        self.assertEqual((wide.a, wide.b, wide.c), (9.0, 9, 9.0))
        vector = self.lib.tc_vector(0.5, 1.5, 2.5)
        self.assertEqual((vector.x, vector.y, vector.z), (0.5, 1.5, 2.5))
        segment = self.lib.tc_segment(3, 4)
        self.assertEqual((getattr(segment, "from").y, segment.to.y, segment.width), (4, 3, 0.5))

    def test_arrays_in_records(self):
        record = self.lib.tc_record(5)
        self.assertEqual((record.name, list(record.scores)), (b"name", [5, 6, 7, 8]))

    def test_result_as_an_argument(self):
        mirrored = self.lib.tc_mirror(self.lib.tc_mirror(Point(3, -4)))
        self.assertEqual(self.lib.tc_dot(mirrored, mirrored), 25)

    def test_no_class_for_it(self):
        for name in "tc_union", "tc_flags", "tc_complex", "tc_small_complex":
            error = self.refused(None, self.lib[name], 5)
            self.assertIn(name, str(error))
            self.assertIn("restype", str(error))
            self.assertEqual(error.position, "result")

    def test_arguments_by_value(self):
        self.assertEqual(self.lib.tc_dot(Point(1, 2), Point(3, 4)), 11)
        self.unconvertible("tc_dot", 2, Point(1, 2), 3)
        self.unconvertible("tc_dot", 2, Point(1, 2), byref(Point(3, 4)))
        self.unconvertible("tc_dot", 1, None, Point(1, 2))

        class Reals(Structure):
            _fields_ = [("x", c_float), ("y", c_float)]

        error = self.refused("record-bytes", self.lib.tc_dot, Point(1, 2), Reals())
        self.assertEqual(error.argument, 2)


class HalfDeclaredTest(CallCase):
    def test_restype_only(self):
        same = self.lib.tc_same_size
        same.restype = c_size_t
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        text = self.lib.tc_same_text
        text.restype = c_char_p
        self.assertEqual(text(b"text"), b"text")
        self.assertRaises(TypeError, text, 1.5)
        mirror = self.lib.tc_mirror
        mirror.restype = Point
        self.assertIsInstance(mirror(Point(1, 2)), Point)

    def test_restype_is_callable(self):
        self.lib.tc_add.restype = lambda value: "<%d>" % value
        self.assertEqual(self.lib.tc_add(2, 3), "<5>")

    def test_argtypes_only(self):
        same = self.lib.tc_same_pointer
        same.argtypes = [c_void_p]
        self.assertEqual(same(2 ** 40), 2 ** 40)
        double = self.lib.tc_same_double
        double.argtypes = [c_double]
        self.assertEqual(double(0.5), 0.5)
        self.assertRaises(ctypes.ArgumentError, double, "text")
        nothing = self.lib.tc_nothing
        nothing.argtypes = [c_int]
        self.assertIsNone(nothing(5))
        self.assertIs(nothing.restype, c_int)
        widen = self.lib.tc_widen
        widen.argtypes = [c_int]
        self.assertEqual(widen(3).b, 3)

    def test_errcheck(self):
        seen = []

        def errcheck(result, function, arguments):
            seen.append((result, arguments))
            return result

        same = self.lib.tc_same_size
        same.errcheck = errcheck
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        self.assertEqual(seen, [(SIZE_MAX, (SIZE_MAX,))])

    def test_declared_after_a_call(self):
        same = self.lib.tc_same_size
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        self.refused("argument-too-narrow", setattr, same, "argtypes", [c_int])
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        same.argtypes, same.restype = [c_size_t], c_size_t
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        same.argtypes = None
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        del same.restype
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)


class OtherWaysTest(CallCase):
    def test_as_parameter(self):
        class Holder(object):
            def __init__(self, value):
                self._as_parameter_ = value

        self.assertEqual(self.lib.tc_same_size(Holder(SIZE_MAX)), SIZE_MAX)
        self.assertEqual(self.lib.tc_length(Holder(Holder(b"four"))), 4)
        self.assertEqual(self.lib.tc_dot(Holder(Point(1, 2)), Point(3, 4)), 11)
        self.unconvertible("tc_add", 1, Holder(1.5), 1)
        endless = Holder(None)
        endless._as_parameter_ = endless
        self.assertRaises(RuntimeError, self.lib.tc_same_int, endless)

        class Temporary(object):
            @property
            def _as_parameter_(self):
                return create_string_buffer(b"kept alive")

        self.assertEqual(self.lib.tc_length(Temporary()), 10)

    def test_as_parameter_raises(self):
        class Broken(object):
            @property
            def _as_parameter_(self):
                raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, self.lib.tc_same_int, Broken())

    def test_from_param_results(self):
        self.assertEqual(self.lib.tc_add(c_int.from_param(2), 3), 5)
        self.assertEqual(self.lib.tc_length(c_char_p.from_param(b"four")), 4)
        self.unconvertible("tc_add", 2, 1, c_double.from_param(1.5))

    def test_names(self):
        self.assertIsNot(self.lib["tc_same_size"], self.lib["tc_same_size"])
        self.assertIs(self.lib.tc_same_size, self.lib.tc_same_size)
        self.assertEqual(self.lib["tc_same_size"](SIZE_MAX), SIZE_MAX)
        self.assertEqual(getattr(self.lib, "tc_same_size")(SIZE_MAX), SIZE_MAX)

    def test_variadic(self):
        self.assertEqual(self.lib.tc_sum_ints(3, 1, 2, -4), -1)
        self.assertEqual(self.lib.tc_sum_ints(2, c_short(-1), c_byte(-2)), -3)
        self.assertEqual(self.lib.tc_sum_ints(0), 0)
        self.assertEqual(self.lib.tc_sum_longs(4, 1, -1, 2 ** 40, -2 ** 40 - 5), -5)
        self.assertEqual(self.lib.tc_sum_longs(1, 2 ** 64 - 7), -7)
        self.assertRaises(ctypes.ArgumentError, self.lib.tc_sum_longs, 1, 2 ** 64)
        self.assertEqual(self.lib.tc_sum_doubles(3, 0.5, c_float(0.25), c_double(4)), 4.75)
        self.assertEqual(self.lib.tc_sum_doubles(*([12] + 12 * [0.5])), 6.0)
        self.unconvertible("tc_sum_ints", 1, 1.5)

    def test_python_objects(self):
        lib = PyDLL(_ctypes_typecheck_test.__file__)
        self.assertEqual(lib.tc_count(py_object([1, 2, 3])), 3)
        marker = object()
        lib.tc_pair.restype = py_object
        self.assertEqual(lib.tc_pair(py_object(marker), py_object(5)), (marker, 5))
        with self.assertRaises(TypeError) as caught:
            lib.tc_count([1, 2, 3])
        self.assertIn("tc_count: argument 1", str(caught.exception))
        # An exception that the function sets.
        self.assertRaises(TypeError, lib.tc_count, py_object(5))

    def test_the_process_itself(self):
        lib = ctypes.CDLL(None)
        self.assertEqual(lib.abs(-5), 5)
        ctypes.CDLL(_ctypes_typecheck_test.__file__, mode=ctypes.RTLD_GLOBAL)
        same = lib.tc_same_size
        self.assertEqual(same.c_declaration, "size_t tc_same_size(size_t value)")
        self.assertEqual(same(SIZE_MAX), SIZE_MAX)
        self.refused("argument-too-narrow", setattr, same, "argtypes", [c_int])

    def test_addresses(self):
        address = self.lib.tc_address(1)
        plain = CFUNCTYPE(c_int, c_int, c_int)(address)
        self.assertEqual(plain(2, 3), 5)
        # Without argtypes in the class nothing was declared, and the address says what the function is.
        bare = self.lib._FuncPtr(address)
        self.assertEqual(bare.c_declaration, "int tc_add(int a, int b)")
        self.assertEqual(bare(2, 3), 5)
        self.assertRaises(TypeError, bare, 2)
        unknown = self.lib._FuncPtr(self.lib.tc_address(0))
        self.assertEqual(unknown(7, 3), 4)

    def test_callbacks(self):
        operation = CFUNCTYPE(c_int, c_int, c_double)
        self.assertEqual(self.lib.tc_apply(operation(lambda a, b: a + int(b)), 6, 2.5), 8)
        self.unconvertible("tc_apply", 1, lambda a, b: 1, 6, 2.5)
        self.unconvertible("tc_apply", 1, b"no function", 6, 2.5)
        wrong = CFUNCTYPE(c_int, c_double, c_int)(lambda a, b: 1)
        error = self.refused("number-class", self.lib.tc_apply, wrong, 6, 2.5)
        self.assertEqual(error.argument, 1)

    def test_errno(self):
        lib = ctypes.CDLL(_ctypes_typecheck_test.__file__, use_errno=True)
        ctypes.set_errno(5)
        self.assertEqual(lib.tc_add(2, 3), 5)
        self.assertEqual(ctypes.get_errno(), 5)


if __name__ == "__main__":
    unittest.main()
