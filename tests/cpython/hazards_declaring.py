"""Hazards of declaring: assignments that raise, and types that cannot be read."""

from __future__ import unicode_literals

from ctypes import CFUNCTYPE, POINTER, CDLL, Structure, byref, c_char_p, c_int, c_long, c_size_t, c_void_p, cast
from hazards_base import Base


class Setters(Base):
    """An assignment that raises changes nothing."""

    def test_rejected_restype(self):
        function = self.lib.same
        function.restype = c_void_p
        with self.assertRaises(TypeError) as caught:
            function.restype = c_int
        self.assertEqual(caught.exception.rule, "result-narrower")
        self.assertEqual(caught.exception.position, "result")
        self.assertIs(function.restype, c_void_p)
        self.assertEqual(function(5), 5)

    def test_rejected_argtypes(self):
        function = self.lib.length
        function.argtypes = [c_char_p]
        with self.assertRaises(TypeError) as caught:
            function.argtypes = [c_int]
        self.assertEqual((caught.exception.rule, caught.exception.argument), ("argument-too-narrow", 1))
        self.assertEqual(function.argtypes, [c_char_p])
        self.assertEqual(function(b"four"), 4)

    def test_invalid_ones_raise_as_ever(self):
        with self.assertRaisesRegex(TypeError, "has no from_param method"):
            self.lib.add.argtypes = [5, 5]
        with self.assertRaisesRegex(TypeError, "restype must be a type"):
            self.lib.add.restype = 5
        self.assertIsNone(self.lib.add.argtypes)
        self.assertEqual(self.lib.add(1, 2), 3)

    def test_iterator(self):
        # ctypes takes any iterable; looking at this one would use it up.
        add = self.lib.add
        add.argtypes = (type_ for type_ in (c_long, c_long))
        self.assertEqual(add(2, 3), 5)

    def test_list_that_changes(self):
        types = [c_long, c_long]
        self.lib.add.argtypes = types
        del types[:]
        self.assertEqual(self.lib.add(2, 3), 5)

    def test_prototypes(self):
        with self.assertRaises(TypeError) as caught:
            CFUNCTYPE(c_int, c_int)(("length", self.lib))
        self.assertEqual(caught.exception.position, "result")
        self.assertEqual(CFUNCTYPE(c_size_t, c_char_p)((str("length"), self.lib))(b"abc"), 3)
        address = cast(self.lib.length, c_void_p).value
        by_address = CFUNCTYPE(c_int, c_char_p)(address)
        with self.assertRaises(TypeError):
            by_address(b"abc")
        self.assertEqual(CFUNCTYPE(c_size_t, c_char_p)(address)(b"abc"), 3)


class Broken(Base):
    """Types that cannot be looked at are as good as not declared; an interrupt is not swallowed."""

    def make(self, **namespace):
        namespace[str("_fields_")] = [("x", c_int), ("y", c_int)]
        return type(str("Broken"), (Structure,), namespace)

    def test_fields_changed_later(self):
        for change in (lambda fields: fields.append(5), lambda fields: fields.append(("z", c_int)),
                       lambda fields: fields.append((1, 2, 3, 4)), lambda fields: fields.insert(0, ())):
            broken = self.make()
            value = broken(2, 3)
            change(broken._fields_)
            self.lib["sum"].argtypes = [POINTER(broken)]
            self.assertEqual(self.lib["sum"](byref(value)), 5)

    def test_descriptor_replaced(self):
        broken = self.make()
        broken.x = 17
        self.lib["sum"].argtypes = [POINTER(broken)]
        del broken.y
        self.lib["sum"].argtypes = [POINTER(broken)]

    def raising(self, error):
        class Raising(type(Structure)):
            @property
            def __mro__(self):
                raise error

        return Raising(str("R"), (Structure,), {str("_fields_"): [("x", c_int), ("y", c_int)]})

    def test_errors(self):
        for error in (ValueError, RuntimeError, AttributeError):
            self.lib["sum"].argtypes = [POINTER(self.raising(error))]

    def test_interrupt(self):
        for error in (KeyboardInterrupt, MemoryError, SystemExit):
            broken = POINTER(self.raising(error))
            with self.assertRaises(error):
                self.lib["sum"].argtypes = [broken]
            self.assertIsNone(self.lib["sum"].argtypes)

    def test_policy_attribute(self):
        class Other(CDLL):
            pass

        lib = Other(self.path)
        for value in ("bad", 5, "error,", "off,extract"):
            lib._typecheck = value
            with self.assertRaises(ValueError):
                lib["add"]
        for error in (KeyboardInterrupt, ZeroDivisionError):
            def get(self, error=error):
                raise error
            Other._typecheck = property(get)
            lib = CDLL(self.path)
            lib.__class__ = Other
            with self.assertRaises(error):
                lib["add"]

    def test_dll_without_policy(self):
        class Handle(object):
            _handle = self.lib._handle

        self.assertEqual(CFUNCTYPE(c_long, c_long, c_long)((str("add"), Handle()))(1, 2), 3)

    def test_endless_parameter(self):
        class Endless(object):
            pass

        endless = Endless()
        endless._as_parameter_ = endless
        with self.assertRaises(RuntimeError):
            self.lib.add(endless, 1)

    def test_deep_type(self):
        deep = c_int
        for _ in range(3000):
            deep = POINTER(deep)
        self.lib.same.argtypes = [deep]
        self.assertEqual(self.lib.add(1, 1), 2)
