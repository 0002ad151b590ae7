"""Hazards of lifetimes: what must go when its last user goes, and interpreters in one process."""

from __future__ import unicode_literals

import gc
import sys
import unittest
import weakref

import ctypes
from ctypes import POINTER, CDLL, Structure, byref, c_double, c_int
from hazards_base import CALLBACK, PY2, Base, Place


class IntPair(Structure):
    _fields_ = [("a", c_int), ("b", c_int)]


class Lifetimes(Base):
    def test_cycle_through_what_was_accepted(self):
        class Cycle(Place):
            pass

        Cycle.function = CDLL(self.path)["sum"]
        self.assertEqual(Cycle.function(byref(Cycle(1, 2))), 3)
        gone = weakref.ref(Cycle)
        del Cycle
        gc.collect()
        self.assertIsNone(gone())

    def test_cycle_through_argtypes(self):
        class Cycle(Place):
            pass

        Cycle.function = CDLL(self.path)["sum"]
        Cycle.function.argtypes = [POINTER(Cycle)]
        gone = weakref.ref(Cycle)
        ctypes._pointer_type_cache.pop(Cycle)
        del Cycle
        gc.collect()
        self.assertIsNone(gone())

    def test_result_classes_go(self):
        function = self.lib.turn_int_int
        gone = weakref.ref(type(function(IntPair(1, 2))))
        function.restype = IntPair
        gc.collect()
        self.assertIsNone(gone())

    def test_incomplete_then_completed(self):
        class Later(Structure):
            pass

        function = self.lib["sum"]
        function.argtypes = [POINTER(Later)]
        Later._fields_ = [("x", c_int), ("y", c_double)]
        with self.assertRaises(TypeError):
            function(byref(Later()))
        ctypes._pointer_type_cache.pop(Later)

    def test_variables(self):
        self.assertEqual(Place.in_dll(self.lib, str("global_place")).y, 2)
        with self.assertRaises(TypeError) as caught:
            c_double.in_dll(self.lib, str("global_place"))
        self.assertEqual(caught.exception.position, "variable")
        with self.assertRaises(TypeError):
            c_int.in_dll(self.lib, str("add"))

    def test_declarations(self):
        self.assertEqual(self.lib.add.c_declaration, "long add(long a, long b)")
        self.assertEqual(self.lib.add.__doc__, "long add(long a, long b)")
        self.assertIsNone(CALLBACK(lambda data, number: 0).c_declaration)
        with self.assertRaises(AttributeError):
            self.lib.add.c_declaration = ""


class Interpreters(Base):
    @unittest.skipIf(PY2, "no module for them")
    def test_subinterpreters(self):
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        code = ("import ctypes, sys\n"
                "sys.path[:] = {!r}\n"
                "lib = ctypes.CDLL({!r})\n"
                "assert lib.add(2, 3) == 5\n"
                "try:\n"
                "    lib.same.restype = ctypes.c_int\n"
                "    lib.same(5)\n"
                "except TypeError:\n"
                "    pass\n"
                "else:\n"
                "    raise AssertionError\n").format(sys.path, self.path)
        for _ in range(3):
            interpreter = interpreters.create()
            error = interpreters.run_string(interpreter, code)
            interpreters.destroy(interpreter)
            self.assertIsNone(error)
        self.assertEqual(self.lib.add(2, 3), 5)
        with self.assertRaises(TypeError):
            self.lib.same.restype = c_int
