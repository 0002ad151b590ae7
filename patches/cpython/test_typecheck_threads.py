"""Threads, calls within calls, forks and subinterpreters."""

import ctypes
import os
import signal
import sys
import textwrap
import threading
import unittest
import warnings
from ctypes import CDLL, CFUNCTYPE, POINTER, byref, c_double, c_int, c_long, c_size_t

# Skipped by it where the other is not built.
from .test_typecheck import Point, TypeCheckCase

import _ctypes_typecheck_test

PATH = _ctypes_typecheck_test.__file__
FUNCTIONS = """tc_add tc_apply tc_chain tc_dot tc_each tc_flags tc_length tc_level tc_many tc_map tc_mirror tc_move
    tc_port tc_record tc_scale tc_score tc_segment tc_span tc_store tc_sum tc_union tc_variant tc_vector""".split()


class ThreadTest(TypeCheckCase):
    def run_threads(self, *bodies):
        """Runs them all at once until one fails or the time is over. Each is called again and again."""
        errors, started, over = [], threading.Event(), threading.Event()

        def run(body):
            started.wait()
            try:
                while not over.is_set():
                    body()
            except BaseException:
                errors.append(sys.exc_info()[1])
                over.set()

        threads = [threading.Thread(target=run, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        started.set()
        over.wait(1.0)
        over.set()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_one_function(self):
        # Eight threads with one function object: whatever the types are at the moment, the sum is right.
        add = self.lib.tc_add

        def call():
            self.assertEqual(add(2, 3), 5)
            self.assertEqual(add(c_int(2), c_long(3) if add.argtypes is None else 3), 5)

        def tolerant():
            # Between the look at argtypes and the call they may have been set.
            try:
                call()
            except ctypes.ArgumentError:
                pass

        def argtypes():
            add.argtypes = [c_int, c_int]
            add.argtypes = None
            del add.restype
            add.restype = c_int

        def refused():
            self.assertRaises(TypeError, setattr, add, "argtypes", [c_int, c_double])
            self.assertRaises(TypeError, setattr, add, "restype", c_double)

        def declaration():
            self.assertIn(add.c_declaration, (None, "int tc_add(int a, int b)"))
            self.assertIn(add.argtypes, (None, (c_int, c_int), [c_int, c_int]))

        self.run_threads(tolerant, tolerant, tolerant, argtypes, argtypes, refused, declaration, declaration)

    def test_policies(self):
        lib, policies = self.lib, ["off", "warn", "error", "error,noextract"]

        def call():
            self.assertEqual(lib["tc_add"](2, 3), 5)
            self.assertEqual(lib["tc_length"](b"four"), 4)

        def point():
            moved = Point(1, 2)
            lib["tc_move"](byref(moved), 1, 1)
            self.assertEqual((moved.x, moved.y), (2, 3))

        def policy():
            for one in policies:
                ctypes.set_typecheck(one)

        def declare():
            move = lib["tc_move"]
            try:
                move.argtypes = [POINTER(Point), c_int]
            except TypeError:
                pass
            move.argtypes = [POINTER(Point), c_int, c_int]
            c_int.in_dll(lib, "tc_counter")

        def declaration():
            lib["tc_segment"].c_declaration

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.run_threads(call, call, point, point, policy, policy, declare, declaration)

    def test_first_use(self):
        # Nobody has asked for these functions before.
        for _ in range(20):
            lib, declarations, barrier = CDLL(PATH), [], threading.Event()

            def ask():
                barrier.wait()
                declarations.append([lib[name].c_declaration for name in FUNCTIONS])

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            barrier.set()
            for thread in threads:
                thread.join()
            self.assertEqual(len(declarations), 8)
            for one in declarations:
                self.assertEqual(one, declarations[0])
                self.assertNotIn(None, one)

    def test_callbacks(self):
        operation = CFUNCTYPE(c_int, c_int, c_double)

        def apply():
            self.assertEqual(self.lib.tc_apply(operation(lambda a, b: a + int(b)), 6, 2.5), 8)

        def sort():
            values = (c_int * 3)(3, 1, 2)
            compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
            self.lib.tc_sort(values, 3, compare(lambda a, b: a[0] - b[0]))
            self.assertEqual(list(values), [1, 2, 3])

        self.run_threads(*([apply, sort] * 4))


class CallInCallTest(TypeCheckCase):
    """Converting an argument runs Python code, which may set the very types that are being used."""

    def during(self, action, value):
        """An object that does something when it becomes an argument, and then is the value."""

        class Argument(object):
            @property
            def _as_parameter_(self):
                action()
                return value

        return Argument()

    def test_types_change(self):
        many = self.lib.tc_many
        arguments = [1, 2, 3, 4, 0.5, 6.25, 7, True, 9.5, 10, 11.125]
        types = [ctypes.c_char, ctypes.c_short, c_int, c_long, ctypes.c_float, c_double, c_size_t, ctypes.c_bool,
                 ctypes.c_longdouble, ctypes.c_ubyte, c_double]

        def set_all():
            many.argtypes, many.restype = types, c_double

        def set_nothing():
            many.argtypes = None
            del many.restype

        def set_and_call():
            set_nothing()
            self.assertEqual(many(*arguments), sum(arguments))
            set_all()

        def set_void():
            many.restype = None

        for action in set_all, set_nothing, set_and_call:
            for position in range(len(arguments)):
                set_nothing()
                changed = list(arguments)
                changed[position] = self.during(action, arguments[position])
                self.assertEqual(many(*changed), sum(arguments))
        set_nothing()
        # The types of a call are those that it began with.
        self.assertEqual(many(self.during(set_void, 1), *arguments[1:]), sum(arguments))
        self.assertIsNone(many.restype)

    def test_policy_changes(self):
        for policy in "off", "warn", "error,noextract":
            ctypes.set_typecheck("error")
            argument = self.during(lambda: ctypes.set_typecheck(policy), 2 ** 40)
            self.assertEqual(self.lib.tc_same_size(argument), 2 ** 40)

    def test_declared_while_it_is_checked(self):
        # Looking at a class's fields runs Python code, too.
        function = self.lib.tc_move

        class Meta(type(Point)):
            def __getattribute__(cls, name):
                if name == "_fields_":
                    function.argtypes = None
                return super(Meta, cls).__getattribute__(name)

        class Moving(Meta("Base", (ctypes.Structure,), {})):
            _fields_ = [("x", c_int), ("y", c_int)]

        function.argtypes = [POINTER(Moving), c_int, c_int]
        moving = Moving(1, 2)
        function(byref(moving), 1, 1)
        self.assertEqual((moving.x, moving.y), (2, 3))

    def test_recursion_through_a_callback(self):
        apply, depths = self.lib.tc_apply, []
        operation = CFUNCTYPE(c_int, c_int, c_double)

        def again(a, b):
            depths.append(a)
            apply.argtypes = None if a % 2 else [operation, c_int, c_double]
            return 0 if a == 0 else apply(callback, a - 1, b) + 1

        callback = operation(again)
        self.assertEqual(apply(callback, 9, 0.5), 9)
        self.assertEqual(depths, list(range(9, -1, -1)))

    def test_released_during_the_call(self):
        # The last reference to the function goes while its arguments are converted.
        holder = [self.lib["tc_length"]]

        class Argument(object):
            @property
            def _as_parameter_(self):
                del holder[:]
                return b"four"

        self.assertEqual(holder[0](Argument()), 4)


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class ForkTest(TypeCheckCase):
    def in_child(self, action):
        """Runs it in a forked process, which must end well and soon."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)     # a fork beside threads
            child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(20)
                action()
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def use(self):
        lib = CDLL(PATH)
        self.assertEqual(lib.tc_same_size(2 ** 40), 2 ** 40)
        self.refused("argument-count", setattr, lib.tc_add, "argtypes", [c_int])
        self.assertEqual(lib.tc_add(2, 3), 5)
        for name in FUNCTIONS:
            self.assertIsNotNone(lib[name].c_declaration)

    def test_after_use(self):
        self.use()
        same = self.lib.tc_same_size
        self.assertEqual(same(1), 1)

        def child():
            self.use()
            self.assertEqual(same(2 ** 40), 2 ** 40)
            self.in_child(self.use)

        self.in_child(child)
        self.use()

    def test_before_use(self):
        # In a process that has not asked for anything yet.
        self.run_python("""
            import ctypes, os, _ctypes_typecheck_test
            lib = ctypes.CDLL(_ctypes_typecheck_test.__file__)
            same = lib.tc_same_size
            child = os.fork()
            assert same(2 ** 40) == 2 ** 40
            if child == 0:
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        """)

    def test_during_use(self):
        # The child gets the locks of the parent's other threads as they are at that moment.
        over = threading.Event()

        def ask():
            while not over.is_set():
                lib = CDLL(PATH)
                for name in FUNCTIONS:
                    lib[name].c_declaration

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(60):
                self.in_child(self.use)
        finally:
            over.set()
            for thread in threads:
                thread.join()


class SubinterpreterTest(TypeCheckCase):
    """In a process of its own: an interpreter that has imported ctypes leaks, with and without type checking."""

    INNER = textwrap.dedent("""
        import sys
        sys.path[:0] = %r
        import ctypes, warnings, _ctypes_typecheck_test
        lib = ctypes.CDLL(_ctypes_typecheck_test.__file__)
        assert lib.tc_same_size(2 ** 40) == 2 ** 40
        assert lib.tc_add.c_declaration == "int tc_add(int a, int b)"
        wrong = lib["tc_add"]
        wrong.argtypes = [ctypes.c_int]
        try:
            wrong(2)
        except TypeError as error:
            assert error.rule == "argument-count"
        else:
            raise AssertionError
        class Point(ctypes.Structure):
            _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]
        point = Point(1, 2)
        lib.tc_move(ctypes.byref(point), 1, 1)
        assert (point.x, point.y) == (2, 3)
        assert lib.tc_mirror(point).x == -2
        operation = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_double)
        assert lib.tc_apply(operation(lambda a, b: a), 6, 2.5) == 6
        warn = ctypes.CDLL(_ctypes_typecheck_test.__file__, typecheck="warn")
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            warn.tc_add.argtypes = [ctypes.c_int]
        assert [one.category for one in seen] == [ctypes.TypeCheckWarning]
    """)
    OUTER = """
        import threading
        import _interpreters as interpreters
        inner = %r
        errors = []

        def run_in_new():
            try:
                interpreter = interpreters.create()
                failure = interpreters.run_string(interpreter, inner)
                interpreters.destroy(interpreter)
                assert failure is None, failure
            except BaseException as error:
                errors.append(error)

        def run_here():
            exec(inner, {"__name__": "here"})
    """

    def run_outer(self, program):
        inner = self.INNER % ([path for path in sys.path if path],)
        program = textwrap.dedent(self.OUTER) % inner + textwrap.dedent(program) + "assert errors == [], errors\n"
        self.assertEqual(self.run_python(program), "")

    def test_before_the_main_interpreter(self):
        self.run_outer("""
            run_in_new()
            run_in_new()
            run_here()
        """)

    def test_after_the_main_interpreter(self):
        self.run_outer("""
            run_here()
            run_in_new()
            run_here()
            run_in_new()
        """)

    def test_at_once(self):
        self.run_outer("""
            threads = [threading.Thread(target=run_in_new) for _ in range(8)]
            for thread in threads:
                thread.start()
            for _ in range(20):
                run_here()
            for thread in threads:
                thread.join()
            run_in_new()
        """)


if __name__ == "__main__":
    unittest.main()
