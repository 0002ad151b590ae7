"""Hazards of the policies "warn" and "repair"."""

from __future__ import unicode_literals

import gc
import warnings

import ctypes
from ctypes import c_double, c_float, c_int, c_long, c_short
from hazards_base import Base


class Warnings(Base):
    """With the policy "warn" nothing of ours raises: the call is made as without type checking."""

    def setUp(self):
        super(Warnings, self).setUp()
        ctypes.set_typecheck(str("warn"))

    def count(self, call, *arguments):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = call(*arguments)
        self.assertTrue(all(issubclass(entry.category, ctypes.TypeCheckWarning) for entry in caught))
        return len(caught), result

    def test_calls(self):
        self.assertEqual(self.count(self.lib.add, 1, 2), (0, 3))
        self.assertEqual(self.count(self.lib.add, 1, 2, 3), (1, 3))
        self.assertEqual(self.count(self.lib.length, "a"), (1, 1))
        self.assertEqual(self.count(self.lib.as_either, 5)[0], 1)

    def test_setters(self):
        def declare():
            self.lib.same.restype = c_int

        self.assertEqual(self.count(declare)[0], 1)
        self.assertIs(self.lib.same.restype, c_int)
        self.assertEqual(self.count(self.lib.same, 5), (0, 5))

    def test_as_errors(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error", ctypes.TypeCheckWarning)
            with self.assertRaises(ctypes.TypeCheckWarning):
                self.lib.add(1)
            with self.assertRaises(ctypes.TypeCheckWarning):
                self.lib.same.restype = c_int
            with self.assertRaises(ctypes.TypeCheckWarning):
                c_double.in_dll(self.lib, str("global_place"))

    def test_error_of_the_program(self):
        class Raises(object):
            @property
            def _as_parameter_(self):
                raise TypeError("mine")

        with self.assertRaisesRegex(TypeError, "mine"):
            self.lib.add(Raises(), 1)


class Repaired(Base):
    def setUp(self):
        super(Repaired, self).setUp()
        ctypes.set_typecheck(str("repair"))

    def test_again_and_again(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(20):
                add = self.lib[str("add")]
                add.argtypes, add.restype = [c_int, c_short], c_int
                self.assertEqual(add(2 ** 40, 5), 2 ** 40 + 5)
                self.assertEqual(add(c_int(3), 5), 8)
                with self.assertRaises(TypeError):
                    add(2 ** 70, 5)
                with self.assertRaises(ctypes.ArgumentError):
                    add("a", [])
                add.restype = lambda value: value + 1
                self.assertEqual(add(2, 3), 6)

    def test_warning_declares(self):
        # What is told may change what it is told of.
        add, seen = self.lib.add, []

        def show(message, *arguments, **more):
            seen.append(message)
            if len(seen) < 3:
                add.argtypes = [c_float, c_long]
                add.argtypes = [c_long, c_long]
            gc.collect()

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = show
            add.argtypes = [c_int, c_int]
            add.restype = c_double
            self.assertEqual(add(2, 3), 5)
        self.assertTrue(seen)
