# -*- coding: utf-8 -*-
"""Hazards of arguments and results: conversions, records by value, Python objects."""

from __future__ import unicode_literals

import ctypes
from ctypes import (CFUNCTYPE, POINTER, PYFUNCTYPE, PyDLL, Structure, byref, c_byte, c_char, c_double, c_float, c_int,
                    c_long, c_short, c_ubyte, c_void_p, c_wchar, c_wchar_p, cast, pointer, py_object)
from hazards_base import PY2, Base, Place


class Conversions(Base):
    def test_pointer_against_its_pointee(self):
        # What byref() made acceptable is not so by itself.
        numbers = (c_int * 3)(1, 2, 3)
        place = cast(numbers, POINTER(c_int))
        for _ in range(2):
            self.assertTrue(self.lib.advance(byref(place)))
        with self.assertRaises(TypeError):
            self.lib.advance(place)
        self.assertEqual(place[0], 3)

    def test_number_objects(self):
        self.assertEqual(self.lib.add(c_byte(-1), c_short(3)), 2)
        self.assertEqual(self.lib.half(c_float(3)), 1.5)
        self.assertEqual(self.lib.half(3), 1.5)
        self.assertEqual(self.lib.quarter(2.0), 0.5)
        self.assertEqual(self.lib.narrow(c_char(b"A")), 65)
        self.assertEqual(self.lib.wide(c_wchar("é")), 0xe9)
        self.assertIs(self.lib.negate(2), False)
        self.assertIs(self.lib.negate(256), False)
        self.assertIs(self.lib.negate(0), True)
        with self.assertRaises(TypeError):
            self.lib.negate(1.0)
        with self.assertRaises(TypeError):
            self.lib.add(1.0, 2)

    def test_forgotten_byref(self):
        for wrong in (c_int(5), c_double(1), c_char(b"a")):
            with self.assertRaises(TypeError) as caught:
                self.lib.first(wrong)
            self.assertEqual(caught.exception.argument, 1)
        self.assertEqual(self.lib.first(byref(c_long(5))), 5)
        self.assertEqual(self.lib.first((c_long * 2)(6, 7)), 6)
        with self.assertRaises(TypeError) as caught:
            self.lib.first((c_int * 2)(6, 7))
        self.assertEqual(caught.exception.rule, "pointee-scalar")

    def test_texts(self):
        self.assertEqual(self.lib.length(b"abc"), 3)
        self.assertEqual(self.lib.length(ctypes.create_string_buffer(b"abc")), 3)
        self.assertEqual(self.lib.wide_length("äbc"), 3)
        self.assertEqual(self.lib.wide_length(c_wchar_p("äbc")), 3)
        with self.assertRaises(TypeError):
            self.lib.length("abc")
        with self.assertRaises(TypeError):
            self.lib.apply(b"abc", None, 0)

    def test_counts(self):
        for arguments in ((), (1,), (1, 2, 3)):
            with self.assertRaises(TypeError) as caught:
                self.lib.add(*arguments)
            self.assertEqual((caught.exception.position, caught.exception.rule), ("call", "argument-count"))

    def test_variadic(self):
        self.assertEqual(self.lib.total(3, 1.5, c_float(2.5), c_double(3)), 7.0)
        self.assertEqual(self.lib.total_int(4, 1, c_byte(-2), c_short(-3), c_ubyte(250)), 246)
        self.assertEqual(self.lib.total(0), 0.0)
        with self.assertRaises(TypeError):
            self.lib.total()

    def test_function_of_a_library_as_callback(self):
        # Nobody said that add returns an int.
        self.assertEqual(self.lib.chosen(self.lib.add), cast(self.lib.add, c_void_p).value)
        with self.assertRaises(TypeError) as caught:
            self.lib.chosen(CFUNCTYPE(c_int, c_void_p, c_long)(lambda data, number: 0))
        self.assertTrue(caught.exception.rule)

    def test_parameter_is_kept(self):
        class Holder(object):
            @property
            def _as_parameter_(self):
                return ctypes.create_string_buffer(b"kept" * 1000)

        self.assertEqual(self.lib.length(Holder()), 4000)


class Records(Base):
    """By value, of 1 to 17 bytes: as argument and as result, with classes and without."""

    def check_bytes(self, size):
        class Bytes(Structure):
            _fields_ = [("b", c_ubyte * size)]

        function = self.lib["turn_bytes%d" % size]
        given = Bytes((c_ubyte * size)(*range(1, size + 1)))
        wanted = list(range(size, 0, -1))
        if not PY2:
            self.assertEqual(list(function(given).b), wanted)
        with self.assertRaises(TypeError):
            function(5)
        function.restype = Bytes
        self.assertEqual(list(function(given).b), wanted)
        if not PY2:
            function.argtypes = [Bytes]
            self.assertEqual(list(function(given).b), wanted)

        class Larger(Structure):
            _fields_ = [("b", c_ubyte * (size + 1))]

        del function.restype
        with self.assertRaises(TypeError) as caught:
            function.argtypes = [Larger]
        self.assertEqual(caught.exception.rule, "record-bytes")

    def test_bytes(self):
        for size in range(1, 18):
            self.check_bytes(size)

    def test_pairs(self):
        types = {"char": c_byte, "short": c_short, "int": c_int, "long": c_long, "float": c_float, "double": c_double}
        for name in ("char_char", "char_short", "int_int", "int_float", "float_float", "long_int", "long_double_",
                     "double_char", "double_double"):
            a, b = name.rstrip("_").split("_")
            pair = type(str("Pair"), (Structure,), {str("_fields_"): [(str("a"), types[a]), (str("b"), types[b])]})
            function = self.lib["turn_" + name]
            result = function(pair(3, 4))
            self.assertEqual((result.a, result.b), (4, 3), name)
            self.assertIsNot(type(result), pair)
            function.argtypes, function.restype = [pair], pair
            result = function(pair(5, 6))
            self.assertEqual((result.a, result.b), (6, 5), name)

    def test_union(self):
        with self.assertRaisesRegex(TypeError, "needs a restype") as caught:
            self.lib.as_either(5)
        self.assertEqual(caught.exception.position, "result")

    def test_record_for_a_pointer(self):
        with self.assertRaises(TypeError):
            self.lib["sum"](Place(1, 2))
        self.assertEqual(self.lib["sum"](pointer(Place(1, 2))), 3)


class PythonLibraries(Base):
    """PyDLL: with the GIL, and what raises, raises."""

    def test_raises(self):
        lib = PyDLL(self.path)
        lib.item_of.restype = py_object
        self.assertEqual(lib.item_of(py_object({1: 2}), py_object(1)), 2)
        with self.assertRaises(KeyError):
            lib.item_of(py_object({}), py_object(1))
        lib.item_of.argtypes = [py_object, py_object]
        with self.assertRaises(KeyError):
            lib.item_of({}, 1)

    def test_nothing_declared(self):
        lib = PyDLL(self.path)
        with self.assertRaises(KeyError):
            lib.item_of(py_object({}), py_object(1))
        with self.assertRaises(TypeError):
            lib.item_of({}, 1)
        value = "a text that is not interned"
        address = lib.item_of(py_object({1: value}), py_object(1))
        self.assertEqual(address, id(value))
        # The new reference that item_of gave.
        ctypes.pythonapi.Py_DecRef(c_void_p(address))

    def test_prototype(self):
        prototype = PYFUNCTYPE(py_object, py_object, py_object)
        self.assertEqual(prototype((str("item_of"), PyDLL(self.path)))({1: 2}, 1), 2)
        with self.assertRaises(TypeError):
            PYFUNCTYPE(c_int, py_object)((str("item_of"), PyDLL(self.path)))
