"""Structures and unions of a program, held against the library's."""

import ctypes
import sys
import unittest
import warnings
from ctypes import (
    POINTER, BigEndianStructure, LittleEndianStructure, Structure, Union, byref, c_char, c_double, c_float,
    c_int, c_int32, c_long, c_short, c_uint, c_uint8, c_uint16, c_uint32, pointer, sizeof)

from .test_typecheck import Point, TypeCheckCase


class Segment(Structure):
    # "from" is a keyword, but also a name.
    _fields_ = [("from", Point), ("to", Point), ("width", c_double)]


class Flags(Structure):
    _fields_ = [("kind", c_uint, 3), ("level", c_uint, 5), ("rest", c_uint, 24)]


class Packet(Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("kind", c_uint8), ("length", c_uint32), ("port", c_uint16)]


class Record(Structure):
    _fields_ = [("name", c_char * 16), ("scores", c_int * 4)]


class Number(Union):
    _fields_ = [("i", c_int32), ("f", c_float), ("bytes", c_uint8 * 8)]


class Either(Union):
    _fields_ = [("number", c_long), ("real", c_double)]


class Variant(Structure):
    _anonymous_ = ["either"]
    _fields_ = [("tag", c_int), ("either", Either)]


class Wide(Structure):
    _fields_ = [("a", c_double), ("b", c_long), ("c", c_double)]


class RecordCase(TypeCheckCase):
    def takes(self, name, type, *more):
        """Sets a pointer to the type as the function's first parameter, and calls nothing."""
        return self.set_argtypes(name, POINTER(type), *more)

    def taken(self, name, type, *more):
        """The same, and calls it with an instance."""
        return self.takes(name, type, *more)(byref(type()), *(0 for _ in more))

    def record(self, *fields, **attributes):
        base = attributes.pop("base", Structure)
        attributes["_fields_"] = list(fields)
        return type(base)("Claimed", (base,), attributes)


class LayoutTest(RecordCase):
    def test_nested(self):
        span = self.takes("tc_span", Segment)
        self.assertEqual(span(byref(Segment(Point(1, 2), Point(11, 2), 1.0))), 10)
        # How it is grouped does not count, only what lies where.
        flat = self.record(("from_x", c_int), ("from_y", c_int), ("to_x", c_int), ("to_y", c_int), ("width", c_double))
        self.takes("tc_span", flat)
        near = self.record(("x", c_short), ("y", c_short))
        self.refused("pointee-member", self.taken, "tc_span",
                     self.record(("from", near), ("to", near), ("width", c_double)))
        error = self.refused("pointee-member", self.taken, "tc_span",
                             self.record(("from", Point), ("to", self.record(("x", c_int), ("y", c_float))),
                                         ("width", c_double)))
        self.assertIn("to.y", error.path)
        self.assertIn("float y", error.layout)

    def test_members(self):
        move = [c_int, c_int]
        self.refused("pointee-too-small", self.taken, "tc_move", self.record(("x", c_int)), *move)
        self.refused("pointee-member", self.taken, "tc_move", self.record(("x", c_long), ("y", c_long)), *move)
        self.refused("pointee-member", self.taken, "tc_move", self.record(("x", c_float), ("y", c_int)), *move)
        error = self.refused("pointee-member-name", self.taken, "tc_move",
                             self.record(("y", c_int), ("x", c_int)), *move)
        self.assertIn("swapped", error.hint)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.takes("tc_move", self.record(("left", c_int), ("top", c_int)), *move)
            self.takes("tc_move", self.record(("x", c_uint), ("y", c_uint)), *move)
        # A record of the program's own that begins with the library's.
        self.taken("tc_move", self.record(("x", c_int), ("y", c_int), ("mine", c_long)), *move)

    def test_anonymous(self):
        get = self.takes("tc_variant", Variant)
        self.assertEqual(get(byref(Variant(tag=1, number=2 ** 40))), 2 ** 40)
        named = self.record(("tag", c_int), ("either", Either))
        self.takes("tc_variant", named)
        short = self.record(("number", c_int), ("real", c_float), base=Union)
        self.assertRaises(TypeError, self.taken, "tc_variant", self.record(("tag", c_int), ("either", short)))
        twisted = self.record(("either", Either), ("tag", c_int), _anonymous_=["either"])
        self.assertRaises(TypeError, self.taken, "tc_variant", twisted)

    def test_bit_fields(self):
        level = self.takes("tc_level", Flags)
        self.assertEqual(level(byref(Flags(7, 21, 0))), 21)
        for fields in (
            [("kind", c_uint, 4), ("level", c_uint, 4), ("rest", c_uint, 24)],
            [("level", c_uint, 5), ("kind", c_uint, 3), ("rest", c_uint, 24)],
        ):
            self.refused("pointee-bit-field", self.taken, "tc_level", self.record(*fields))
        # The whole word at once, and a part of it.
        self.takes("tc_level", self.record(("all", c_uint)))
        self.takes("tc_level", self.record(("kind", c_uint, 3), ("level", c_uint, 5)))

    def test_packed(self):
        port = self.takes("tc_port", Packet)
        self.assertEqual(port(byref(Packet(1, 2, 3))), 3)
        fields = Packet._fields_
        self.assertNotEqual(sizeof(self.record(*fields)), sizeof(Packet))
        error = self.refused("pointee-member", self.taken, "tc_port", self.record(*fields))
        self.assertIn("packed", error.hint)
        self.assertIn("port", error.layout)
        self.refused("pointee-member", self.taken, "tc_port", self.record(*fields, **{"_pack_": 2, "_layout_": "ms"}))

    def test_arrays(self):
        score = self.takes("tc_score", Record, c_int)
        record = Record(b"name", (5, 6, 7, 8))
        self.assertEqual([score(byref(record), i) for i in range(4)], [5, 6, 7, 8])
        # What is only read may be a part of it.
        self.taken("tc_score", self.record(("name", c_char * 16), ("scores", c_int * 3)), c_int)
        self.refused("pointee-member", self.taken, "tc_score",
                     self.record(("name", c_char * 16), ("scores", c_float * 4)), c_int)
        error = self.refused("pointee-member-name", self.taken, "tc_score",
                             self.record(("scores", c_int * 4), ("name", c_char * 16)), c_int)
        self.assertIn("swapped", error.hint)
        self.takes("tc_score", self.record(("name", (c_char * 8) * 2), ("scores", (c_int * 2) * 2)), c_int)

    def test_union(self):
        number = self.takes("tc_number", Number)
        self.assertEqual(number(byref(Number(i=-5))), -5)
        self.takes("tc_number", self.record(("i", c_int32), ("room", c_uint8 * 8), base=Union))
        self.taken("tc_number", self.record(("i", c_int32), base=Union))
        self.assertRaises(TypeError, self.taken, "tc_number",
                          self.record(("i", c_double), ("room", c_uint8 * 8), base=Union))

    def test_byte_order(self):
        fields = [("x", c_int), ("y", c_int)]
        other, own = BigEndianStructure, LittleEndianStructure
        if sys.byteorder == "big":
            other, own = own, other
        self.takes("tc_move", self.record(*fields, base=own), c_int, c_int)
        # Read in another order than the library has it: said where differences are asked for, not refused.
        self.takes("tc_move", self.record(*fields, base=other), c_int, c_int)
        self.refused("pointee-too-small", self.taken, "tc_move", self.record(fields[0], base=other), c_int, c_int)
        self.refused("pointee-bit-field", self.taken, "tc_level", self.record(*Flags._fields_, base=other))

    def test_inheritance(self):
        class Base(Structure):
            _fields_ = [("x", c_int)]

        class Derived(Base):
            _fields_ = [("y", c_int)]

        class Renamed(Point):
            pass

        class Wrong(Base):
            _fields_ = [("y", c_double)]

        move = self.takes("tc_move", Derived, c_int, c_int)
        derived = Derived(1, 2)
        move(derived, 10, 20)
        self.assertEqual((derived.x, derived.y), (11, 22))
        self.takes("tc_move", Renamed, c_int, c_int)
        self.assertRaises(TypeError, self.taken, "tc_move", Wrong, c_int, c_int)
        self.assertRaises(TypeError, self.taken, "tc_move", Base, c_int, c_int)
        self.assertEqual(self.set_argtypes("tc_dot", Derived, Derived)(Derived(1, 2), Derived(3, 4)), 11)
        self.assertEqual(self.set_argtypes("tc_dot", Point, Point)(Renamed(1, 2), Renamed(3, 4)), 11)


class RecursionTest(RecordCase):
    def test_completed_later(self):
        class Node(Structure):
            pass

        # Nothing is known of it yet.
        chain = self.takes("tc_chain", Node)
        Node._fields_ = [("value", c_int), ("next", POINTER(Node))]
        nodes = (Node * 3)(Node(1), Node(20), Node(300))
        nodes[0].next, nodes[1].next = pointer(nodes[1]), pointer(nodes[2])
        self.assertEqual(chain(byref(nodes[0])), 321)
        self.assertEqual(self.lib.tc_chain(nodes), 321)
        self.assertEqual(Node.in_dll(self.lib, "tc_last").value, 5)
        self.assertEqual(POINTER(Node).in_dll(self.lib, "tc_first").contents.value, 5)

    def test_completed_wrongly(self):
        class Node(Structure):
            pass

        chain = self.takes("tc_chain", Node)
        Node._fields_ = [("next", POINTER(Node)), ("value", c_int)]
        self.refused("pointee-member", chain, byref(Node()))
        self.refused("pointee-member", self.taken, "tc_chain", Node)

    def test_wrong_far_inside(self):
        class Other(Structure):
            _fields_ = [("value", c_double)]

        class Node(Structure):
            _fields_ = [("value", c_int), ("next", POINTER(Other))]

        # Who made what the second pointer leads to is not asked.
        self.assertEqual(self.takes("tc_chain", Node)(byref(Node(5))), 5)

    def test_pointer_completed_later(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            later = POINTER("Later")
        if later is POINTER("Later"):
            self.set_argtypes("tc_chain", later)

            class Later(Structure):
                _fields_ = [("value", c_int), ("next", later)]

            ctypes.SetPointerType(later, Later)
            chain = self.set_argtypes("tc_chain", later)
            self.assertEqual(chain(byref(Later(7))), 7)

    def test_mutual(self):
        class Left(Structure):
            pass

        class Right(Structure):
            _fields_ = [("value", c_int), ("next", POINTER(Left))]

        Left._fields_ = [("value", c_int), ("next", POINTER(Right))]
        right = Right(2)
        self.assertEqual(self.takes("tc_chain", Left)(Left(1, pointer(right))), 3)

    def test_opaque(self):
        class Opaque(Structure):
            pass

        handle = self.lib.tc_open
        handle.argtypes, handle.restype = [c_int], POINTER(Opaque)
        peek = self.takes("tc_peek", Opaque)
        close = self.takes("tc_close", Opaque)
        close.restype = None
        opaque = handle(77)
        self.assertEqual(peek(opaque), 77)
        close(opaque)


class ByValueTest(RecordCase):
    def test_arguments(self):
        self.assertEqual(self.set_argtypes("tc_dot", Point, Point)(Point(1, 2), Point(3, 4)), 11)
        total = self.set_argtypes("tc_total", Wide)
        total.restype = c_double
        self.assertEqual(total(Wide(1.5, 2, 3.5)), 7.0)
        error = self.refused("record-bytes", self.set_argtypes, "tc_dot", Point, Wide)
        self.assertEqual(error.argument, 2)
        self.refused("record-bytes", self.set_argtypes, "tc_dot", self.record(("x", c_float), ("y", c_float)), Point)
        self.refused("pointee-member-name", self.set_argtypes, "tc_dot", Point,
                     self.record(("y", c_int), ("x", c_int)))
        self.refused("record-bytes", self.set_argtypes, "tc_total", POINTER(Wide))
        self.refused("record-bytes", self.set_argtypes, "tc_dot", c_int, Point)

    def test_results(self):
        mirror = self.set_restype("tc_mirror", Point)
        mirror.argtypes = [Point]
        result = mirror(Point(3, 4))
        self.assertEqual((result.x, result.y), (-3, -4))
        widen = self.set_restype("tc_widen", Wide)
        result = widen(9)
        self.assertEqual((result.a, result.b, result.c), (9.0, 9, 9.0))
        self.refused("record-bytes", self.set_restype, "tc_widen", Segment)
        self.refused("record-bytes", self.set_restype, "tc_widen", POINTER(Wide))
        self.refused("record-bytes", self.set_restype, "tc_mirror", c_int)
        self.refused("record-bytes", self.set_restype, "tc_vector",
                     self.record(("x", c_double), ("y", c_double), ("z", c_double)))

    def test_subclass_of_a_structure_as_a_result(self):
        class Shown(Point):
            def __str__(self):
                return "(%d, %d)" % (self.x, self.y)

        self.assertEqual(str(self.set_restype("tc_mirror", Shown)(Point(1, -2))), "(-1, 2)")


if __name__ == "__main__":
    unittest.main()
