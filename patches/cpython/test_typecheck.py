"""Types that a program sets, held against those in the library's debug information.

The tests of type checking are in the files test_typecheck*.py; the library that they declare is
_ctypes_typecheck_test.c, which must be compiled with -g.
"""

import ctypes
import os
import pydoc
import subprocess
import sys
import textwrap
import unittest
import warnings
from ctypes import (
    CDLL, CFUNCTYPE, POINTER, PYFUNCTYPE, PyDLL, Structure, byref, c_bool, c_byte, c_char,
    c_char_p, c_double, c_float, c_int, c_long, c_longdouble, c_longlong, c_short, c_size_t, c_ssize_t,
    c_ubyte, c_uint, c_ulong, c_ulonglong, c_void_p, c_wchar, c_wchar_p, cast,
    pointer, py_object, sizeof)

if not hasattr(ctypes, "set_typecheck"):
    raise unittest.SkipTest("ctypes was built without type checking")

import _ctypes_typecheck_test


class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class TypeCheckCase(unittest.TestCase):
    """Tests with one policy, whatever it is outside. Most of them are about what is declared: it is refused at once."""

    default = "early"
    variable = "PYTHONCTYPESTYPECHECK"     # of the environment

    def setUp(self):
        self.addCleanup(ctypes.set_typecheck, ctypes.set_typecheck(self.default))
        self.lib = CDLL(_ctypes_typecheck_test.__file__)

    def refused(self, rule, call, *arguments):
        """The TypeError of a call that must raise one by this rule."""
        with self.assertRaises(TypeError) as caught:
            call(*arguments)
        error = caught.exception
        self.assertEqual(getattr(error, "rule", "not of type checking"), rule, str(error))
        return error

    def run_python(self, program, *options, **environment):
        """What a program prints in a new interpreter, where it must end well."""
        known = dict(os.environ)
        known.pop("PYTHONCTYPESTYPECHECK", None)
        known.update(environment)
        # The options -E and -I must not hide what is tested.
        paths = "import sys; sys.path[:0] = %r\n" % [path for path in sys.path if path]
        process = subprocess.Popen([sys.executable] + list(options) + ["-c", paths + textwrap.dedent(program)],
                                   env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   universal_newlines=True)
        output = process.communicate()[0]
        self.assertEqual(process.returncode, 0, output)
        return output.strip()

    def set_argtypes(self, name, *argtypes):
        function = self.lib[name]
        function.argtypes = argtypes
        return function

    def set_restype(self, name, restype):
        function = self.lib[name]
        function.restype = restype
        return function


class ArgtypesTest(TypeCheckCase):
    def test_right(self):
        add = self.set_argtypes("tc_add", c_int, c_int)
        self.assertEqual(add.argtypes, (c_int, c_int))
        self.assertEqual(add(2, 3), 5)
        add.restype = c_int
        self.assertEqual(add(-2, 3), 1)

    def test_error_says_everything(self):
        error = self.refused("number-class", self.set_argtypes, "tc_add", c_int, c_double)
        for part in "tc_add", "argument 2 ('b')", "'int' (signed integer, 4 bytes)", "'double' (floating point":
            self.assertIn(part, str(error))
        self.assertEqual((error.position, error.argument, error.path), ("argument", 2, ""))
        self.assertEqual((error.hint, error.layout), (None, None))

    def test_hint(self):
        error = self.refused("argument-too-narrow", self.set_argtypes, "tc_same_size", c_int)
        self.assertEqual((error.position, error.argument), ("argument", 1))
        self.assertIn("size_t", error.hint)
        self.assertIn(error.hint, str(error))

    def test_layout(self):
        class Swapped(Structure):
            _fields_ = [("y", c_int), ("x", c_int)]

        error = self.refused("pointee-member-name", self.set_argtypes, "tc_dot", Point, Swapped)
        self.assertEqual(error.argument, 2)
        self.assertIn("struct point (8 bytes)", error.layout)
        self.assertIn("struct Swapped (8 bytes)", error.layout)

    def test_count(self):
        error = self.refused("argument-count", self.set_argtypes, "tc_add", c_int)
        self.assertEqual((error.position, error.argument), ("call", None))
        self.refused("argument-count", self.set_argtypes, "tc_add")
        self.refused("argument-count", self.set_argtypes, "tc_add", c_int, c_int, c_int)

    def test_failure_changes_nothing(self):
        add = self.set_argtypes("tc_add", c_int, c_int)
        self.refused("number-class", setattr, add, "argtypes", [c_int, c_float])
        self.assertEqual(add.argtypes, (c_int, c_int))
        self.refused("number-class", setattr, add, "restype", c_float)
        self.assertEqual(add.restype, c_int)
        self.assertEqual(add(2, 3), 5)

    def test_none_is_not_declared(self):
        add = self.set_argtypes("tc_add", c_int, c_int)
        add.argtypes = None
        self.assertIsNone(add.argtypes)
        self.assertEqual(add(2, 3), 5)
        del add.restype
        self.assertEqual(add.restype, c_int)
        self.assertEqual(add(2, 3), 5)

    def test_every_number(self):
        types = {
            "char": c_char, "schar": c_byte, "uchar": c_ubyte, "short": c_short, "ushort": ctypes.c_ushort,
            "int": c_int, "uint": c_uint, "long": c_long, "ulong": c_ulong, "llong": c_longlong,
            "ullong": c_ulonglong, "size": c_size_t, "bool": c_bool, "float": c_float, "double": c_double,
            "ldouble": c_longdouble, "wchar": c_wchar, "color": c_int, "mask": c_uint,
        }
        floats = (c_float, c_double, c_longdouble)
        for name, right in types.items():
            function = self.set_argtypes("tc_same_" + name, right)
            function.restype = right
            for wrong in types.values():
                if (wrong in floats) != (right in floats) or (wrong in floats and wrong is not right):
                    self.refused("number-class", self.set_argtypes, "tc_same_" + name, wrong)
                    self.refused("number-class", self.set_restype, "tc_same_" + name, wrong)
                elif sizeof(wrong) < sizeof(right) and sizeof(right) > sizeof(c_int):
                    self.refused("argument-too-narrow", self.set_argtypes, "tc_same_" + name, wrong)
                elif wrong not in floats:
                    self.set_argtypes("tc_same_" + name, wrong)

    def test_differs_is_silent(self):
        # The same bits, with another sign; a value that is cut to what the library reads.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertEqual(self.set_argtypes("tc_same_int", c_uint)(2 ** 32 - 1), -1)
            self.assertEqual(self.set_argtypes("tc_same_int", c_long)(7), 7)
            self.assertEqual(self.set_argtypes("tc_same_long", c_void_p)(7), 7)

    def test_pointers(self):
        for argtype in c_void_p, c_char_p, POINTER(c_int), POINTER(Point), POINTER(None), c_char * 4:
            self.set_argtypes("tc_same_pointer", argtype)
        for argtype in c_char_p, c_void_p, POINTER(c_char), POINTER(c_ubyte):
            self.set_argtypes("tc_length", argtype)
        for argtype in c_wchar_p, POINTER(c_wchar), c_void_p:
            self.set_argtypes("tc_wide_length", argtype)
        self.refused("argument-too-narrow", self.set_argtypes, "tc_length", c_int)
        self.refused("number-class", self.set_argtypes, "tc_length", c_double)
        # What they point to is judged at the call.
        for name, wrong in ("tc_store", c_double), ("tc_store", c_short), ("tc_store_long", c_int):
            function = self.set_argtypes(name, POINTER(wrong), c_int if name == "tc_store" else c_long)
            self.refused("pointee-scalar", function, byref(wrong()), 5)

    def test_pointer_arguments(self):
        store = self.set_argtypes("tc_store", POINTER(c_int), c_int)
        store.restype = None
        place = c_int()
        for argument in byref(place), pointer(place), (c_int * 1).from_buffer(place):
            place.value = 0
            self.assertIsNone(store(argument, 7))
            self.assertEqual(place.value, 7)

    def test_subclass_of_a_simple_type(self):
        class Number(c_int):
            pass

        class Long(c_long):
            pass

        add = self.set_argtypes("tc_add", Number, Number)
        add.restype = Number
        self.assertIsInstance(add(Number(2), Number(3)), Number)
        self.assertEqual(add(Number(2), Number(3)).value, 5)
        self.refused("argument-too-narrow", self.set_argtypes, "tc_same_long", Number)
        self.set_argtypes("tc_same_long", Long)
        self.refused("result-wider", self.set_restype, "tc_add", Long)

    def test_from_param_is_anything(self):
        class Doubled(object):
            @classmethod
            def from_param(cls, value):
                return 2 * value

        class Text(c_char_p):
            @classmethod
            def from_param(cls, value):
                return c_char_p.from_param(value.encode("ascii"))

        self.assertEqual(self.set_argtypes("tc_add", Doubled, c_int)(2, 3), 7)
        self.assertEqual(self.set_argtypes("tc_length", Text)(u"four"), 4)
        # Nothing is known of the first argument, but of the second.
        error = self.refused("number-class", self.set_argtypes, "tc_add", Doubled, c_double)
        self.assertEqual(error.argument, 2)

    def test_as_parameter(self):
        class Holder(object):
            _as_parameter_ = 5

        self.assertEqual(self.set_argtypes("tc_add", c_int, c_int)(Holder(), 3), 8)

    def test_python_objects(self):
        lib = PyDLL(_ctypes_typecheck_test.__file__)
        pair = lib.tc_pair
        pair.argtypes = [py_object, py_object]
        pair.restype = py_object
        self.assertEqual(pair("a", None), ("a", None))
        count = lib.tc_count
        count.argtypes = [py_object]
        count.restype = c_ssize_t
        self.assertEqual(count([1, 2, 3]), 3)
        self.assertRaises(TypeError, count, 3)
        self.refused("result-narrower", setattr, pair, "restype", c_int)
        self.refused("number-class", setattr, count, "argtypes", [c_double])

    def test_variadic(self):
        total = self.set_argtypes("tc_sum_ints", c_int)
        total.restype = c_long
        self.assertEqual(total(3, 1, 2, 3), 6)
        self.refused("number-class", self.set_argtypes, "tc_sum_ints", c_double)
        self.refused("argument-count", self.set_argtypes, "tc_sum_ints")

    def test_other_sequences(self):
        # What is neither a list nor a tuple is asked only for what ctypes itself asks.
        class Once(object):
            def __init__(self, items):
                self.items = items

            def __len__(self):
                return len(self.items)

            def __getitem__(self, index):
                return self.items[index]

        add = self.lib["tc_add"]
        add.argtypes = Once([c_int, c_int])
        self.assertEqual(add(2, 3), 5)

    def test_not_a_type(self):
        # ctypes' own complaints come first.
        with self.assertRaises(TypeError) as caught:
            self.set_argtypes("tc_add", 1, 2)
        self.assertFalse(hasattr(caught.exception, "rule"))
        self.assertRaises(TypeError, self.set_restype, "tc_add", 1)


class RestypeTest(TypeCheckCase):
    def test_pointer_cut(self):
        error = self.refused("result-narrower", self.set_restype, "tc_same_pointer", c_int)
        self.assertEqual((error.position, error.argument), ("result", None))
        for part in "tc_same_pointer", "result", "'void *' (pointer, 8 bytes)", "'int' (signed integer, 4 bytes)":
            self.assertIn(part, str(error))
        self.assertIn("cuts a pointer", error.hint)

    def test_wrong(self):
        self.refused("result-of-void", self.set_restype, "tc_nothing", c_int)
        self.refused("number-class", self.set_restype, "tc_same_double", c_int)
        self.refused("number-class", self.set_restype, "tc_same_int", c_double)
        self.refused("number-class", self.set_restype, "tc_same_float", c_double)
        self.refused("result-narrower", self.set_restype, "tc_length", c_int)
        self.refused("result-wider", self.set_restype, "tc_same_bool", c_int)
        self.refused("result-wider", self.set_restype, "tc_same_short", c_int)
        self.refused("result-through-hidden-pointer", self.set_restype, "tc_widen", None)
        self.refused("record-bytes", self.set_restype, "tc_widen", Point)

    def test_right(self):
        self.assertEqual(self.set_restype("tc_same_pointer", c_void_p)(2 ** 40), 2 ** 40)
        self.assertEqual(self.set_restype("tc_same_text", c_char_p)(b"text"), b"text")
        self.assertIsNone(self.set_restype("tc_add", None)(1, 2))
        self.assertIsNone(self.set_restype("tc_nothing", None)(1))
        self.assertIs(self.set_restype("tc_same_bool", c_bool)(3), True)

    def test_callable(self):
        # A callable gets an int, whatever it makes of it.
        self.assertEqual(self.set_restype("tc_add", str)(2, 3), "5")
        self.refused("result-narrower", self.set_restype, "tc_same_pointer", lambda value: value)

    def test_errcheck(self):
        seen = []

        def errcheck(result, function, arguments):
            seen.append((result, function, arguments))
            return "checked"

        add = self.set_restype("tc_add", c_int)
        add.argtypes = [c_int, c_int]
        add.errcheck = errcheck
        self.assertEqual(add(2, 3), "checked")
        self.assertEqual(seen, [(5, add, (2, 3))])


class PrototypeTest(TypeCheckCase):
    def test_bound_to_a_symbol(self):
        for factory in CFUNCTYPE, PYFUNCTYPE:
            add = factory(c_int, c_int, c_int)(("tc_add", self.lib))
            self.assertEqual(add(2, 3), 5)
            error = self.refused("number-class", factory(c_int, c_int, c_double), ("tc_add", self.lib))
            self.assertIn("tc_add", str(error))
            self.refused("result-narrower", factory(c_int, c_void_p), ("tc_same_pointer", self.lib))
            self.refused("argument-count", factory(c_int, c_int), ("tc_add", self.lib))

    def test_paramflags(self):
        prototype = CFUNCTYPE(c_int, c_int, c_int)
        add = prototype(("tc_add", self.lib), ((1, "a"), (1, "b", 10)))
        self.assertEqual(add(2), 12)
        self.assertEqual(add(b=3, a=2), 5)
        store = CFUNCTYPE(None, POINTER(c_int), c_int)(("tc_store", self.lib), ((2, "place"), (1, "value")))
        self.assertEqual(store(9), 9)
        self.assertEqual(store(value=8), 8)

    def test_types_set_on_a_prototype(self):
        add = CFUNCTYPE(c_int, c_int, c_int)(("tc_add", self.lib))
        self.refused("number-class", setattr, add, "argtypes", [c_int, c_double])
        self.refused("number-class", setattr, add, "restype", c_double)
        self.assertEqual(add(2, 3), 5)

    def test_address(self):
        # A function is also known by its address; the verdict comes with the first call.
        address = cast(self.lib.tc_add, c_void_p).value
        self.assertEqual(CFUNCTYPE(c_int, c_int, c_int)(address)(2, 3), 5)
        wrong = CFUNCTYPE(c_int, c_int, c_double)(address)
        error = self.refused("number-class", wrong, 2, 3.0)
        self.assertIn("argument 2", str(error))
        self.refused("number-class", wrong, 2, 3.0)

    def test_address_without_a_symbol(self):
        get = self.lib.tc_address
        get.argtypes, get.restype = [c_int], c_void_p
        self.assertEqual(CFUNCTYPE(c_int, c_int, c_int)(get(0))(7, 3), 4)
        self.assertEqual(CFUNCTYPE(c_int, c_int, c_int)(get(1))(7, 3), 10)

    def test_cast_to_a_prototype(self):
        add = cast(self.lib.tc_add, CFUNCTYPE(c_int, c_int, c_int))
        self.assertEqual(add(2, 3), 5)

    def test_python_function(self):
        # A callback that Python calls itself has no declaration.
        double = CFUNCTYPE(c_int, c_int)(lambda value: 2 * value)
        self.assertEqual(double(4), 8)
        self.assertIsNone(double.c_declaration)


class CallbackTest(TypeCheckCase):
    def test_right(self):
        operation = CFUNCTYPE(c_int, c_int, c_double)
        apply = self.set_argtypes("tc_apply", operation, c_int, c_double)
        self.assertEqual(apply(operation(lambda a, b: int(a * b)), 6, 2.5), 15)

    def test_wrong(self):
        def apply(callback):
            self.set_argtypes("tc_apply", callback, c_int, c_double)

        error = self.refused("result-wider", apply, CFUNCTYPE(c_int, c_long, c_double))
        self.assertEqual(error.argument, 1)
        self.assertIn("parameter 1", error.path)
        error = self.refused("number-class", apply, CFUNCTYPE(c_int, c_int, c_float))
        self.assertIn("parameter 2", error.path)
        error = self.refused("number-class", apply, CFUNCTYPE(c_double, c_int, c_double))
        self.assertIn("result", error.path)
        self.refused("argument-count", apply, CFUNCTYPE(c_int, c_int, c_double, c_int))

    def test_as_an_argument(self):
        # The parameter's type was not given; that of what is passed is known.
        self.assertEqual(self.lib.tc_apply(CFUNCTYPE(c_int, c_int, c_double)(lambda a, b: a), 6, 2.5), 6)
        wrong = CFUNCTYPE(c_int, c_int, c_float)(lambda a, b: a)
        error = self.refused("number-class", self.lib.tc_apply, wrong, 6, 2.5)
        self.assertIn("tc_apply: argument 1", str(error))

    def test_records_by_value(self):
        right = CFUNCTYPE(Point, Point)
        apply = self.set_argtypes("tc_map", right, Point)
        apply.restype = Point

        # ctypes cannot return a structure from a callback, but it can take one.
        class Long(Structure):
            _fields_ = [("x", c_long), ("y", c_long)]

        class Reals(Structure):
            _fields_ = [("x", c_float), ("y", c_float)]

        error = self.refused("record-bytes", self.set_argtypes, "tc_map", CFUNCTYPE(Point, Long), Point)
        self.assertIn("parameter 1", error.path)
        self.refused("record-bytes", self.set_argtypes, "tc_map", CFUNCTYPE(Point, Reals), Point)
        self.refused("record-bytes", self.set_argtypes, "tc_map", CFUNCTYPE(Reals, Point), Point)

    def test_records_by_pointer(self):
        seen = []
        each = CFUNCTYPE(c_int, POINTER(Point), c_void_p)

        def collect(point, data):
            seen.append((point[0].x, point[0].y))
            return 1

        self.assertEqual(self.set_argtypes("tc_each", each, c_void_p)(each(collect), None), 2)
        self.assertEqual(seen, [(1, 2), (3, 4)])

        class Reals(Structure):
            _fields_ = [("x", c_double), ("y", c_double)]

        # The callback would read what the library did not write.
        wrong = CFUNCTYPE(c_int, POINTER(Reals), c_void_p)
        error = self.refused("pointee-member", self.set_argtypes, "tc_each", wrong, c_void_p)
        self.assertIn("parameter 1", error.path)

    def test_sort(self):
        compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
        values = (c_int * 5)(3, 1, 4, 1, 5)
        self.lib.tc_sort(values, len(values), compare(lambda a, b: a[0] - b[0]))
        self.assertEqual(list(values), [1, 1, 3, 4, 5])
        wrong = CFUNCTYPE(c_int, c_double, c_double)
        self.refused("number-class", self.lib.tc_sort, values, 5, wrong(lambda a, b: 0))


class VariableTest(TypeCheckCase):
    def test_right(self):
        self.assertEqual(c_int.in_dll(self.lib, "tc_counter").value, 42)
        self.assertEqual(c_uint.in_dll(self.lib, "tc_counter").value, 42)
        self.assertEqual(c_double.in_dll(self.lib, "tc_ratio").value, 0.25)
        self.assertEqual(c_char_p.in_dll(self.lib, "tc_title").value, b"title")
        self.assertEqual(Point.in_dll(self.lib, "tc_origin").y, 20)
        self.assertEqual(list((c_int * 4).in_dll(self.lib, "tc_table")), [1, 2, 3, 4])
        self.assertEqual(list((c_ubyte * 8).in_dll(self.lib, "tc_bytes")), list(range(1, 9)))

    def test_wrong(self):
        error = self.refused("variable-size", c_long.in_dll, self.lib, "tc_counter")
        self.assertEqual((error.position, error.argument), ("variable", None))
        for part in "tc_counter", "'int' (signed integer, 4 bytes)", "'long' (signed integer, 8 bytes)":
            self.assertIn(part, str(error))
        self.refused("variable-size", c_short.in_dll, self.lib, "tc_counter")
        self.refused("variable-size", (c_int * 5).in_dll, self.lib, "tc_table")
        self.refused("number-class", c_float.in_dll, self.lib, "tc_counter")
        self.refused("number-class", c_long.in_dll, self.lib, "tc_ratio")
        self.refused("function-against-variable", c_int.in_dll, self.lib, "tc_add")

        class Swapped(Structure):
            _fields_ = [("y", c_int), ("x", c_int)]

        self.refused("pointee-member-name", Swapped.in_dll, self.lib, "tc_origin")

    def test_function_pointer(self):
        operation = CFUNCTYPE(c_int, c_int, c_double)
        self.assertFalse(operation.in_dll(self.lib, "tc_hook"))
        self.refused("number-class", CFUNCTYPE(c_int, c_int, c_float).in_dll, self.lib, "tc_hook")

    def test_no_such_variable(self):
        self.assertRaises(ValueError, c_int.in_dll, self.lib, "tc_no_such_variable")

    def test_variable_as_a_function(self):
        counter = self.lib["tc_counter"]
        self.assertEqual(counter.c_declaration, "int tc_counter")
        # Its address may be asked for, but it is not to be called.
        self.assertEqual(cast(counter, POINTER(c_int))[0], 42)
        self.refused("function-against-variable", setattr, counter, "argtypes", [c_int])
        self.refused("function-against-variable", setattr, counter, "restype", None)
        error = self.refused("function-against-variable", counter)
        self.assertIn("tc_counter", str(error))


class DeclarationTest(TypeCheckCase):
    def test_attribute(self):
        add = self.lib.tc_add
        self.assertEqual(add.c_declaration, "int tc_add(int a, int b)")
        self.assertRaises(AttributeError, setattr, add, "c_declaration", "int tc_add(void)")
        self.assertRaises(AttributeError, delattr, add, "c_declaration")
        self.assertIsInstance(add.c_declaration, str)
        self.assertIn("...", self.lib.tc_sum_ints.c_declaration)
        self.assertIn("struct point *p", self.lib.tc_move.c_declaration)
        self.assertEqual(PyDLL(_ctypes_typecheck_test.__file__).tc_count.c_declaration,
                         "Py_ssize_t tc_count(PyObject *object)")

    def test_help(self):
        self.assertEqual(self.lib.tc_add.__doc__, "int tc_add(int a, int b)")
        self.assertIn("int tc_add(int a, int b)", pydoc.plain(pydoc.render_doc(self.lib.tc_add)))

    def test_nothing_to_declare(self):
        self.assertIsNone(CFUNCTYPE(c_int)(0).c_declaration)
        self.assertIsNone(CFUNCTYPE(c_int)().c_declaration)

    def test_types_read_as_before(self):
        add = self.lib.tc_add
        for _ in range(2):
            self.assertIsNone(add.argtypes)
            self.assertIs(add.restype, c_int)
            self.assertIsNone(getattr(add, "errcheck", None))
            self.assertEqual(add(2, 3), 5)
        self.assertIsNone(self.lib.tc_nothing(1))
        self.assertIs(self.lib.tc_nothing.restype, c_int)


if __name__ == "__main__":
    unittest.main()
