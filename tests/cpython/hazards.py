# -*- coding: utf-8 -*-
"""What could go wrong inside of the patched _ctypes: references, errors on the way, types that change while they are used,
records by value. LIBRARY is hazards.c, compiled with -g. With -R every test runs again and again, and the references that
exist must not grow (a debug build of Python). Runs on Python 2.7 and 3.
"""

from __future__ import print_function, unicode_literals

import argparse
import gc
import sys
import threading
import unittest
import warnings
import weakref

import ctypes
import leaks
from ctypes import (CFUNCTYPE, POINTER, PYFUNCTYPE, CDLL, PyDLL, Structure, Union, byref, c_byte, c_char, c_char_p, c_double,
                    c_float, c_int, c_long, c_short, c_size_t, c_ubyte, c_void_p, c_wchar, c_wchar_p, cast, pointer,
                    py_object, sizeof)

PY2 = sys.version_info[0] == 2
CALLBACK = CFUNCTYPE(c_long, c_void_p, c_long)
PATH = None


class Place(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class Base(unittest.TestCase):
    def setUp(self):
        self.policy = ctypes.get_typecheck()
        ctypes.set_typecheck(str("early"))
        self.lib = CDLL(PATH)

    def tearDown(self):
        ctypes.set_typecheck(self.policy)

    if PY2:
        def assertRaisesRegex(self, *arguments):
            return self.assertRaisesRegexp(*arguments)


class ChangesDuringACall(Base):
    """What a call uses stays while it lasts."""

    def test_callback_sets_types(self):
        apply = self.lib.apply

        def back(data, number):
            apply.argtypes = [CALLBACK, c_void_p, c_long]
            apply.restype = c_void_p
            del apply.restype
            apply.argtypes = None
            gc.collect()
            return number + 1

        for _ in range(20):
            self.assertEqual(apply(CALLBACK(back), None, 4), 5)

    def test_callback_sets_restype_of_declared_call(self):
        # The class of the result is only referenced by the function.
        apply = self.lib.apply

        def back(data, number):
            apply.restype = c_void_p
            gc.collect()
            return 7

        for _ in range(20):
            apply.argtypes = [CALLBACK, c_void_p, c_long]
            apply.restype = type(str("Result"), (c_void_p,), {})
            result = apply(CALLBACK(back), None, 0)
            self.assertEqual(getattr(result, "value", result), 7)

    def test_conversion_sets_types(self):
        add = self.lib.add

        class Sneaky(object):
            @property
            def _as_parameter_(self):
                add.argtypes = [c_long, c_long]
                add.argtypes = None
                return 3

        for _ in range(20):
            self.assertEqual(add(Sneaky(), 4), 7)

    def test_threads(self):
        add = self.lib.add
        failures = []
        stop = threading.Event()

        def change():
            while not stop.is_set():
                add.argtypes = [c_long, c_long]
                add.restype = c_long
                add.argtypes = None
                del add.restype

        def call():
            try:
                for number in range(400):
                    if add(number, 1) != number + 1:
                        failures.append(number)
            except Exception as error:
                failures.append(error)

        changer = threading.Thread(target=change)
        callers = [threading.Thread(target=call) for _ in range(3)]
        for thread in callers + [changer]:
            thread.start()
        for thread in callers:
            thread.join()
        stop.set()
        changer.join()
        self.assertEqual(failures, [])

    def test_first_calls_at_once(self):
        for _ in range(5):
            lib = CDLL(PATH)
            results = []
            threads = [threading.Thread(target=lambda: results.append(lib.half(5.0))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(results, [2.5] * 4)


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

        lib = Other(PATH)
        for value in ("bad", 5, "error,", "off,extract"):
            lib._typecheck = value
            with self.assertRaises(ValueError):
                lib["add"]
        for error in (KeyboardInterrupt, ZeroDivisionError):
            def get(self, error=error):
                raise error
            Other._typecheck = property(get)
            lib = CDLL(PATH)
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
        lib = PyDLL(PATH)
        lib.item_of.restype = py_object
        self.assertEqual(lib.item_of(py_object({1: 2}), py_object(1)), 2)
        with self.assertRaises(KeyError):
            lib.item_of(py_object({}), py_object(1))
        lib.item_of.argtypes = [py_object, py_object]
        with self.assertRaises(KeyError):
            lib.item_of({}, 1)

    def test_nothing_declared(self):
        lib = PyDLL(PATH)
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
        self.assertEqual(prototype((str("item_of"), PyDLL(PATH)))({1: 2}, 1), 2)
        with self.assertRaises(TypeError):
            PYFUNCTYPE(c_int, py_object)((str("item_of"), PyDLL(PATH)))


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


class Wide(Structure):
    _fields_ = [("x", c_double), ("y", c_double)]


class Memory(Base):
    """What arguments point to is looked at while other code may run."""

    def setUp(self):
        super(Memory, self).setUp()
        ctypes.set_typecheck(str("error"))
        self.sum = self.lib["sum"]
        self.sum.argtypes = [POINTER(Wide)]

    def foreign(self):
        self.place = Place(2, 3)
        return cast(ctypes.addressof(self.place), POINTER(Wide))

    def test_refused_again_and_again(self):
        for _ in range(20):
            with self.assertRaises(TypeError) as caught:
                self.sum(byref(Wide()))
            self.assertEqual(caught.exception.argument, 1)
            self.assertEqual(self.sum(self.foreign()), 5)

    def test_looking_declares(self):
        function, foreign = self.sum, self.foreign()

        class Sneaky(object):
            @property
            def _as_parameter_(self):
                function.argtypes = [c_void_p]
                function.argtypes = [POINTER(Wide)]
                gc.collect()
                return foreign

        for _ in range(20):
            self.assertEqual(function(Sneaky()), 5)

    def test_cycle_of_kept_objects(self):
        class Node(Structure):
            pass

        Node._fields_ = [("next", POINTER(Node)), ("x", c_int)]
        node = Node()
        node.next = pointer(node)
        node.next.contents.next = node.next
        self.sum.argtypes = [POINTER(Node)]
        with self.assertRaises(TypeError):
            self.sum(node.next)
        node.next = None

    def test_many_kept_objects(self):
        pointers = (POINTER(Wide) * 2000)()
        wide = [Wide() for _ in pointers]
        for number, one in enumerate(wide):
            pointers[number] = pointer(one)
        self.assertEqual(self.lib.length(b"abc"), 3)
        for number in (0, 1999):
            # Found or not: it is no crash, and takes no time to speak of.
            try:
                self.sum(pointers[number])
            except TypeError:
                pass

    def test_threads(self):
        failures, function = [], self.sum

        def call():
            try:
                for _ in range(300):
                    place = Place(2, 3)
                    if function(cast(ctypes.addressof(place), POINTER(Wide))) != 5:
                        failures.append("sum")
                    try:
                        function(byref(Wide()))
                        failures.append("not refused")
                    except TypeError:
                        pass
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


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


class Lifetimes(Base):
    def test_cycle_through_what_was_accepted(self):
        class Cycle(Place):
            pass

        Cycle.function = CDLL(PATH)["sum"]
        self.assertEqual(Cycle.function(byref(Cycle(1, 2))), 3)
        gone = weakref.ref(Cycle)
        del Cycle
        gc.collect()
        self.assertIsNone(gone())

    def test_cycle_through_argtypes(self):
        class Cycle(Place):
            pass

        Cycle.function = CDLL(PATH)["sum"]
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
                "    raise AssertionError\n").format(sys.path, PATH)
        for _ in range(3):
            interpreter = interpreters.create()
            error = interpreters.run_string(interpreter, code)
            interpreters.destroy(interpreter)
            self.assertIsNone(error)
        self.assertEqual(self.lib.add(2, 3), 5)
        with self.assertRaises(TypeError):
            self.lib.same.restype = c_int


class IntPair(Structure):
    _fields_ = [("a", c_int), ("b", c_int)]


def tests_of(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            for test in tests_of(entry):
                yield test
        else:
            yield entry


def growth(names):
    """The tests whose repetition leaks, and those that failed."""
    bad = []
    for test in tests_of(unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules[__name__])):
        name = test.id().replace(__name__ + ".", "")
        failures = []

        def run():
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromName(name, sys.modules[__name__]).run(result)
            failures.extend(text for _, text in result.errors + result.failures)

        # Interpreters leak by themselves, with the stock _ctypes too.
        if not name.startswith("Interpreters."):
            bad.extend(leaks.growth(name, run))
        bad.extend(failures)
    return bad


def main(path, repeat, names):
    global PATH
    PATH = path
    names = names or [cls.__name__ for cls in Base.__subclasses__()]
    if not repeat:
        program = unittest.main(argv=[sys.argv[0], "-q"] + names, exit=False)
        ran = program.result.testsRun
        failed = not program.result.wasSuccessful()
    else:
        bad = growth(names)
        for entry in bad:
            print(entry)
        ran = unittest.defaultTestLoader.loadTestsFromNames(names, sys.modules[__name__]).countTestCases()
        failed = bool(bad)
    print("hazards%s: %d tests" % (" -R" if repeat else "", ran))
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-R", dest="repeat", action="store_true")
    parser.add_argument("library")
    parser.add_argument("test", nargs="*")
    arguments = parser.parse_args()
    sys.exit(main(arguments.library, arguments.repeat, arguments.test))
