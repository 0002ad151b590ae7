"""Hazards of code that runs during a call: callbacks, conversions, other threads, the collector."""

from __future__ import unicode_literals

import gc
import threading

import ctypes
from ctypes import POINTER, CDLL, Structure, byref, c_double, c_int, c_long, c_void_p, cast, pointer
from hazards_base import CALLBACK, Base, Place


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
            lib = CDLL(self.path)
            results = []
            threads = [threading.Thread(target=lambda: results.append(lib.half(5.0))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(results, [2.5] * 4)


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
