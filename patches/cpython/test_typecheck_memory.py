"""The memory that an argument points to: short memory of the caller's is refused, the library's own is not."""

import ctypes
import unittest
import warnings
from ctypes import (
    CDLL, CFUNCTYPE, POINTER, Structure, addressof, byref, c_char_p, c_double, c_int, c_long,
    c_void_p, cast, create_string_buffer, pointer, resize, sizeof)

from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

PATH = _ctypes_typecheck_test.__file__


class Half(Structure):
    _fields_ = [("x", c_int)]


class Reals(Structure):
    _fields_ = [("x", c_double), ("y", c_double)]


class Outer(Structure):
    _fields_ = [("half", Half), ("more", c_int), ("halves", Half * 2)]


class Holder(object):
    def __init__(self, value):
        self._as_parameter_ = value


class MemoryCase(TypeCheckCase):
    default = "error"

    def move(self, type, lib=None):
        """tc_move(struct point *p, int dx, int dy), which writes eight bytes, declared with a pointer to another type."""
        function = (lib or self.lib)["tc_move"]
        function.argtypes, function.restype = [POINTER(type), c_int, c_int], None
        return function

    def foreign(self, type):
        """A pointer to eight bytes that ctypes knows nothing of."""
        self.kept = (c_int * 2)(1, 2)
        return cast(addressof(self.kept), POINTER(type))


class ShortTest(MemoryCase):
    def short(self):
        """Ways to point to four bytes of one's own."""
        half = Half(7)
        pointed = pointer(half)
        array = (Half * 2)()
        outer = Outer()
        yield half
        yield byref(half)
        yield pointed
        yield pointed.contents
        yield byref(pointed.contents)
        yield pointer(pointed.contents)
        yield byref(pointed[0])
        yield array[1]
        yield byref(array[0])
        yield pointer(array[0])
        yield (Half * 1)()
        yield byref((Half * 1)())
        yield outer.halves[0]
        yield cast(pointed, POINTER(Half))
        yield cast(cast(pointed, c_void_p), POINTER(Half))
        yield cast(create_string_buffer(7), POINTER(Half))
        yield cast(create_string_buffer(b"1234567"[:6]), POINTER(Half))
        yield cast(pointer(c_int(5)), POINTER(Half))
        yield cast(c_char_p(b"1234"), POINTER(Half))
        yield (POINTER(Half) * 2)(pointed, pointed)[1]
        yield Holder(byref(half))
        yield Holder(Holder(half))
        yield Half.from_buffer(bytearray(7))
        yield Half.from_buffer(bytearray(8), 4)

    def test_declared(self):
        move = self.move(Half)
        for number, argument in enumerate(self.short()):
            for _ in range(2):
                with self.assertRaises(TypeError) as caught:
                    move(argument, 1, 1)
                error = caught.exception
                self.assertEqual((error.position, error.argument), ("argument", 1), number)
                self.assertIn("declared at", str(error))
        self.assertIsInstance(error.lineno, int)

    def test_not_declared(self):
        for number, argument in enumerate(self.short()):
            if isinstance(argument, (Half, Holder)):
                continue                # by value where a pointer is meant
            with self.assertRaises(TypeError) as caught:
                self.lib.tc_move(argument, 1, 1)
            self.assertEqual((caught.exception.position, caught.exception.argument), ("argument", 1), number)
        self.assertRaises(TypeError, self.lib.tc_move, b"1234567"[:6], 1, 1)
        # The right type, but not as many bytes; and a part of something else.
        self.assertRaises(TypeError, self.lib.tc_move, cast(create_string_buffer(7), POINTER(Point)), 1, 1)
        self.assertRaises(TypeError, self.lib.tc_move, byref(Outer(), 12), 1, 1)
        self.assertRaises(TypeError, self.lib.tc_sum, byref((c_double * 2)(), 8), 1)

    def test_nothing_is_written(self):
        place = (c_int * 2)(1, 2)
        move = self.move(Half)
        self.assertRaises(TypeError, move, pointer(Half()), 1, 1)
        self.assertEqual(list(place), [1, 2])

    def test_out_parameter(self):
        store = self.lib.tc_store_long
        store.argtypes, store.restype = [POINTER(c_int), c_long], None
        self.refused("pointee-scalar", store, byref(c_int()), 5)
        prototype = CFUNCTYPE(None, POINTER(c_int), c_long)
        store = prototype(("tc_store_long", self.lib), ((2, "place"), (1, "value")))
        self.refused("pointee-scalar", store, 5)

    def test_other_layout(self):
        error = self.refused("pointee-member", self.move(Reals), byref(Reals()), 1, 1)
        self.assertIn("double x", error.layout)
        self.assertTrue(str(error).endswith(error.layout))
        self.refused("pointee-member", self.lib.tc_move, byref(Reals()), 1, 1)

    def test_first_good_then_bad(self):
        # What was seen does not stand for what has less.
        move = self.move(Half)
        for _ in range(2):
            move(self.foreign(Half), 1, 1)
            move(cast(create_string_buffer(16), POINTER(Half)), 1, 1)
            move(cast(create_string_buffer(8), POINTER(Half)), 1, 1)
            self.assertRaises(TypeError, move, cast(create_string_buffer(7), POINTER(Half)), 1, 1)
            self.assertRaises(TypeError, move, byref(Half()), 1, 1)


class EnoughTest(MemoryCase):
    def enough(self):
        """Ways to point to eight bytes, or to what is not known."""
        large = Half()
        resize(large, 8)
        outer = Outer()
        buffer = create_string_buffer(16)
        result = self.lib["tc_same_pointer"]
        result.argtypes, result.restype = [c_void_p], POINTER(Half)
        self.place = (c_int * 2)()
        stored = POINTER(Half)()
        stored.contents = Half()
        ctypes.memmove(byref(stored), byref(c_void_p(addressof(self.place))), sizeof(c_void_p))
        yield large
        yield byref(large)
        yield outer.half
        yield byref(outer.half)
        yield cast(buffer, POINTER(Half))
        yield cast(byref(buffer, 8), POINTER(Half))
        yield cast(cast(buffer, c_void_p), POINTER(Half))
        yield cast((c_int * 2)(), POINTER(Half))
        yield cast(pointer(Point()), POINTER(Half))
        yield self.foreign(Half)
        yield self.foreign(Half).contents
        yield byref(self.foreign(Half).contents)
        yield Half.from_address(addressof(self.kept))
        yield Half.in_dll(CDLL(PATH, typecheck="off"), "tc_origin")
        yield result(addressof(self.kept))
        yield stored
        yield Holder(self.foreign(Half))
        yield Half.from_buffer(bytearray(8))
        yield Half.from_buffer(create_string_buffer(8))

    def test_declared(self):
        move = self.move(Half)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for argument in self.enough():
                self.assertIsNone(move(argument, 1, 1))

    def test_not_declared(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for argument in self.enough():
                if not isinstance(argument, (Half, Holder)):
                    self.assertIsNone(self.lib.tc_move(argument, 1, 1))

    def test_the_library_made_it(self):
        # The header of a larger record that the library allocates.
        class Head(Structure):
            _fields_ = [("secret", c_int)]

        handle = self.lib.tc_open
        handle.argtypes, handle.restype = [c_int], POINTER(Head)
        close = self.lib.tc_close
        close.argtypes, close.restype = [POINTER(Head)], None
        opened = handle(5)
        self.assertEqual(opened.contents.secret, 5)
        close(opened)

    def test_null(self):
        chain = self.lib.tc_chain
        chain.argtypes = [POINTER(Half)]
        self.assertEqual(chain(None), 0)
        self.assertEqual(chain(POINTER(Half)()), 0)

    def test_read_only(self):
        # A pointer to const: at most a part is missing of what is read.
        span = self.lib.tc_number
        span.argtypes = [POINTER(Half)]
        self.assertEqual(span(byref(Half(7))), 7)

    def test_other_arguments(self):
        move = self.move(Half)
        self.assertRaises(ctypes.ArgumentError, move, self.foreign(Half), "text", 1)
        self.assertRaises(TypeError, move, self.foreign(Half))
        self.assertRaises(ctypes.ArgumentError, move, 1.5, 1, 1)

    def test_errcheck(self):
        move = self.move(Half)
        seen = []
        move.errcheck = lambda result, function, arguments: seen.append(arguments)
        argument = self.foreign(Half)
        move(argument, 1, 1)
        self.assertIs(seen[0][0], argument)

    def test_as_parameter_raises(self):
        class Broken(object):
            @property
            def _as_parameter_(self):
                raise ZeroDivisionError

        self.assertRaises((ZeroDivisionError, ctypes.ArgumentError), self.move(Half), Broken(), 1, 1)


class PolicyTest(MemoryCase):
    def call(self, policy, type):
        """A call with memory of a wrong type, but enough of it behind, and the warnings that came."""
        lib = CDLL(PATH, typecheck=policy)
        array = (type * 2)()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            move = self.move(type, lib)
            for _ in range(3):
                move(byref(array[0]), 1, 2)
        return seen, array

    def test_warn(self):
        seen, array = self.call("warn", Half)
        self.assertEqual([one.category for one in seen], [ctypes.TypeCheckWarning])
        self.assertEqual((array[0].x, array[1].x), (3, 6))

    def test_repair(self):
        # Too short is too short; otherwise it is the program's own affair.
        with self.assertRaises(TypeError) as caught:
            self.call("repair", Half)
        self.assertEqual(caught.exception.argument, 1)
        seen, array = self.call("repair", Reals)
        self.assertEqual([one.category for one in seen], [ctypes.TypeCheckWarning])

    def test_off(self):
        seen, array = self.call("off", Half)
        self.assertEqual((len(seen), array[1].x), (0, 6))

    def test_not_declared(self):
        half = (Half * 2)()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            CDLL(PATH, typecheck="warn").tc_move(byref(half[0]), 1, 2)
        self.assertEqual((len(seen), half[0].x, half[1].x), (1, 1, 2))
        self.assertRaises(TypeError, CDLL(PATH, typecheck="repair").tc_move, byref(half[0]), 1, 2)


if __name__ == "__main__":
    unittest.main()
