"""What the package has beyond the tests of the patch: how it is enabled and disabled, and what it says of a library."""

import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, c_double, c_int, c_long, c_uint, c_void_p

import ffitypecheck

LIBRARY = os.environ["TYPECHECK_TEST_LIBRARY"]
PATCHED = hasattr(ctypes, "set_typecheck")
SOURCE = os.path.dirname(os.path.dirname(ffitypecheck.__file__))
WRONG = """
import ctypes
add = ctypes.CDLL(%r).tc_add
add.argtypes = [ctypes.c_int]
try:
    add(2)
    print("called")
except TypeError as error:
    print(error.rule)
""" % LIBRARY


class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


def wrong(lib):
    function = lib["tc_add"]
    function.argtypes = [c_int, c_double]
    return function


@unittest.skipIf(PATCHED, "the interpreter has the patch")
class NoTraceTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.addCleanup(ffitypecheck.disable)

    def state(self):
        """All that the package replaces, and what classes of functions have."""
        metaclasses = {type(base) for base in (Structure, ctypes.Union, ctypes.Array, ctypes._Pointer, c_int.__base__)}
        state = [vars(ctypes).copy(), vars(CDLL).copy()]
        state += [dict(owner.__dict__) for metaclass in metaclasses for owner in metaclass.__mro__]
        state.append({cls: dict(cls.__dict__) for cls in ctypes._CFuncPtr.__subclasses__()
                      if cls.__module__.partition(".")[0] != "ffitypecheck"})
        return state

    def test_everything_is_put_back(self):
        CFUNCTYPE(c_int, c_long)
        for _ in range(3):
            gc.collect()
        before = self.state()
        for _ in range(2):
            ffitypecheck.enable()
            self.assertNotEqual(self.state()[1], before[1])
            lib = CDLL(LIBRARY)
            self.assertRaises(TypeError, wrong(lib), 1, 2)
            del lib
            ffitypecheck.disable()
            self.assertFalse(ffitypecheck.is_enabled())
            for _ in range(3):
                gc.collect()
            for now, then in zip(self.state(), before):
                self.assertEqual(now, then)

    def test_functions_go_on_as_stock(self):
        before = CDLL(LIBRARY)
        old = before["tc_add"]
        prototype = CFUNCTYPE(c_int, c_int, c_int)
        ffitypecheck.enable()
        lib = CDLL(LIBRARY)
        same, checked, undeclared, bad = lib.tc_same_pointer, lib["tc_add"], lib["tc_scale"], wrong(lib)
        made = prototype(("tc_add", lib))
        checked.argtypes = [c_int, c_int]
        self.assertEqual((same(2 ** 40), checked(2, 3), made(2, 3)), (2 ** 40, 5, 5))
        # What was there before is checked from now on.
        old.argtypes = [c_int]
        self.assertRaises(TypeError, old, 2)
        ffitypecheck.disable()
        self.assertEqual(same(c_void_p(2 ** 40 + 5)), 5)
        self.assertRaises(ctypes.ArgumentError, undeclared, 0.5, 0.5)
        self.assertIsInstance(bad(2, 3), int)
        self.assertEqual(old(2, 3), 5)
        self.assertEqual((checked(2, 3), made(2, 3)), (5, 5))
        for function in same, checked, undeclared, bad, made, old:
            self.assertFalse(hasattr(function, "c_declaration"))
            function.argtypes = [c_int] * 7
            function.restype = c_double
        self.assertIs(CFUNCTYPE(c_int, c_int, c_int), prototype)
        self.assertIs(type(lib["tc_add"]), lib._FuncPtr)
        self.assertEqual((lib["tc_add"](2, 3), prototype(("tc_add", lib))(2, 3)), (5, 5))
        self.assertIsInstance(c_long.in_dll(lib, "tc_table"), c_long)
        self.assertRaises(TypeError, CDLL, LIBRARY, typecheck="off")

    def test_first_functions_of_a_library_in_threads(self):
        """The subclass of a class of functions is made while others want it."""
        ffitypecheck.enable()
        interval = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, interval)
        sys.setswitchinterval(1e-6)
        for _ in range(30):
            lib, start, sums = CDLL(LIBRARY), threading.Event(), []

            def first():
                start.wait()
                add = lib["tc_add"]
                sums.append((add.restype, add.argtypes, add(2, 3)))

            threads = [threading.Thread(target=first) for _ in range(6)]
            for thread in threads:
                thread.start()
            start.set()
            for thread in threads:
                thread.join()
            self.assertEqual(sums, 6 * [(c_int, None, 5)])

    def test_output_without_a_default(self):
        ffitypecheck.enable()
        prototype = CFUNCTYPE(None, c_void_p, c_int)
        store = prototype(("tc_store", CDLL(LIBRARY)), ((2, "place"), (1, "value")))
        with self.assertRaises((TypeError, AttributeError)) as caught:
            store(5)
        self.assertFalse(hasattr(caught.exception, "rule"))     # ctypes' own

    def test_context(self):
        with ffitypecheck.enable("early"):
            self.assertEqual(ffitypecheck.get_typecheck(), "early")
            with ffitypecheck.enable("warn", extract=False):
                self.assertEqual(ffitypecheck.get_typecheck(), "warn,noextract")
            self.assertTrue(ffitypecheck.is_enabled())
            self.assertRaises(TypeError, wrong, CDLL(LIBRARY))
        self.assertFalse(ffitypecheck.is_enabled())
        self.assertRaises(ValueError, ffitypecheck.enable, "on")
        self.assertFalse(ffitypecheck.is_enabled())

    def test_what_is_called_is_ctypes_own(self):
        ffitypecheck.enable()
        lib = CDLL(LIBRARY)
        add = lib.tc_add
        add.argtypes, add.restype = [c_int, c_int], c_int
        add(2, 3)
        self.assertIs(type(add), lib._FuncPtr)
        self.assertIs(type(add).__call__, ctypes._CFuncPtr.__call__)
        names = set(vars(add))
        ffitypecheck.disable()
        self.assertEqual(names - set(vars(add)), {"_typecheck_"})

    def test_nothing_is_kept(self):
        ffitypecheck.enable()
        from ffitypecheck._function import Function

        def kept():
            for _ in range(3):
                gc.collect()
            return sum(type(object) is Function for object in gc.get_objects())

        before = kept()
        for _ in range(50):
            self.assertEqual(CDLL(LIBRARY)["tc_add"](2, 3), 5)
        self.assertLess(kept(), before + 10)

    def test_class_without_a_dict(self):
        """Nothing can be kept of its functions, which are ctypes' own."""
        ffitypecheck.enable()
        lib = CDLL(LIBRARY)

        class Slots(lib._FuncPtr.__base__):
            __slots__ = ()
            _flags_, _restype_ = lib._FuncPtr._flags_, c_int

        enabled_before = type("Small", (lib._FuncPtr,), {"__slots__": (), "_flags_": lib._FuncPtr._flags_})
        for cls in Slots, enabled_before:
            function = cls(("tc_add", lib))
            function.argtypes = [c_int, c_int]
            function.restype = c_int
            self.assertEqual(function(2, 3), 5)

    def test_class_of_another_library(self):
        """A library whose functions are of another one's class has its own functions."""
        ffitypecheck.enable()
        lib, libc = CDLL(LIBRARY), CDLL("libc.so.6")
        lib.tc_add, lib.tc_scale
        libc._FuncPtr = lib._FuncPtr
        for _ in range(2):
            memchr = libc["memchr"]
            memchr.argtypes = [c_void_p, c_int, c_int]
            self.assertRaises(TypeError, memchr, b"", 0, 0)

    def test_made_by_the_class_of_a_function(self):
        ffitypecheck.enable()
        lib = CDLL(LIBRARY)
        for name in "tc_same_pointer", "tc_scale":
            add = type(lib[name])(("tc_add", lib))
            add.argtypes = [c_int]
            self.assertRaises(TypeError, add, 2)
            add.argtypes, add.restype = [c_int, c_int], c_int
            self.assertEqual(add(2, 3), 5)
            self.assertIs(type(add), lib._FuncPtr)

    def test_called_while_the_package_imports(self):
        """As a finalizer may be: such a call is ctypes' own, and is judged the next time."""
        program = textwrap.dedent("""
            import ctypes, sys
            import ffitypecheck

            class Finder:
                names = []

                def find_spec(self, name, path=None, target=None):
                    if name.startswith("ffitypecheck."):
                        self.names.append(name)
                        assert other(2, 3) == 5
                        add.c_declaration
                        add.restype = ctypes.c_int
                        ctypes.c_long.in_dll(lib, "tc_table")

            ffitypecheck.enable()
            lib = ctypes.CDLL(%r)
            other, add = lib["tc_add"], lib["tc_add"]
            add.argtypes = [ctypes.c_int]
            sys.meta_path.insert(0, Finder())
            try:
                add(2)
            except TypeError as error:
                print(error.rule, len(Finder.names) > 3)
            """) % LIBRARY
        environment = dict(os.environ, PYTHONPATH=SOURCE)
        printed = subprocess.run([sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE, text=True,
                                 timeout=60).stdout
        self.assertEqual(printed, "argument-count True\n")

    def test_lines(self):
        """The line that names the function, of the code that declares it and of its callers, also when they take turns."""
        program = textwrap.dedent("""
            def link(lib, name, argtypes):
                function = lib[name]
                function.argtypes = argtypes
                return function

            def link_all(lib, names, argtypes):
                return [link(lib, name, argtypes) for name in names]

            def call(function, *arguments):
                try:
                    function(*arguments)
                except TypeError as error:
                    lines.append(error.lineno)

            lines = []
            for _ in range(3):
                add = link(lib, "tc_add", [c_int])
                scale = link(lib, "tc_scale", [c_int])
                call(add, 2)
                call(scale, 2)
                add.argtypes = [c_double, c_double]
                call(add, 2.0, 3.0)
                link(lib, "tc_add", [c_int])
                call(add, 2.0, 3.0)
                add = link_all(lib, ["tc_add"], [c_int])[0]
                call(add, 2)
                add = link_all(lib, [b"tc_add".decode()], [c_int])[0]
                call(add, 2)
            """)
        lines = program.splitlines()
        expected = [lines.index(line) + 1 for line in (
            '    add = link(lib, "tc_add", [c_int])', '    scale = link(lib, "tc_scale", [c_int])',
            "    add.argtypes = [c_double, c_double]", "    add.argtypes = [c_double, c_double]",
            '    add = link_all(lib, ["tc_add"], [c_int])[0]')]
        # Not named in any line, until here: the whole module names it.
        expected.append(lines.index("    add = link_all(lib, [b\"tc_add\".decode()], [c_int])[0]") + 1)
        ffitypecheck.enable()
        names = {"lib": CDLL(LIBRARY), "c_int": c_int, "c_double": c_double, "__name__": "binding"}
        exec(compile(program, "binding.py", "exec"), names)
        self.assertEqual(names["lines"], 3 * expected)
        # Nothing names it: the line that declares.
        names = {"lib": CDLL(LIBRARY), "c_int": c_int, "__name__": "binding", "name": "tc_add", "lines": []}
        program = program[:program.index("lines = []")] + "call(link(lib, name, [c_int]), 2)"
        exec(compile(program, "binding.py", "exec"), names)
        self.assertEqual(names["lines"], [lines.index("    function.argtypes = argtypes") + 1])

    def test_prototypes_imported_before(self):
        ffitypecheck.enable("early")
        lib = CDLL(LIBRARY)
        # CFUNCTYPE is the object that it was, whoever imported it.
        self.assertRaises(TypeError, CFUNCTYPE(c_int, c_double), ("tc_add", lib))
        if hasattr(ctypes, "PYFUNCTYPE"):
            self.assertRaises(TypeError, ctypes.PYFUNCTYPE(c_int, c_double), ("tc_add", lib))


class RunTest(unittest.TestCase):
    def python(self, *arguments, **environment):
        known = dict(os.environ, PYTHONPATH=SOURCE)
        known.pop("FFITYPECHECK", None)
        known.update(environment)
        done = subprocess.run([sys.executable] + list(arguments), env=known, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, universal_newlines=True)
        return done.returncode, done.stdout.strip()

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.script = os.path.join(self.directory, "script.py")
        with open(self.script, "w") as file:
            file.write("import sys, beside\nprint(__name__, sys.argv[1:])\n" + WRONG)
        with open(os.path.join(self.directory, "beside.py"), "w"):
            pass

    def test_script(self):
        said = "__main__ ['a', '-m']\n"
        run = "-m", "ffitypecheck", "run", self.script, "a", "-m"
        self.assertEqual(self.python(*run), (0, said + "argument-count"))
        self.assertEqual(self.python(*run, FFITYPECHECK="off"), (0, said + "called"))
        code, output = self.python(*run, FFITYPECHECK="early")
        self.assertEqual(code, 1)
        self.assertIn("declares 2 parameters", output)

    @unittest.skipIf(PATCHED, "the interpreter has the patch")
    def test_module(self):
        run = "-m", "ffitypecheck", "run", "-m", "script", "a"
        self.assertEqual(self.python(*run, PYTHONPATH=SOURCE + os.pathsep + self.directory, FFITYPECHECK="error"),
                         (0, "__main__ ['a']\nargument-count"))

    def test_usage(self):
        self.assertEqual(self.python("-m", "ffitypecheck")[0], 2)
        self.assertEqual(self.python("-m", "ffitypecheck", "run")[0], 2)
        code, output = self.python("-m", "ffitypecheck", "--help")
        self.assertEqual(code, 0)
        self.assertIn("run SCRIPT", output)

    @unittest.skipIf(PATCHED, "the interpreter has the patch")
    def test_environment(self):
        """The .pth file, in a virtual environment."""
        import venv
        place = os.path.join(self.directory, "venv")
        venv.create(place, symlinks=True)
        python = os.path.join(place, "bin", "python")
        sites = subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True).strip()
        with open(os.path.join(os.path.dirname(SOURCE), "ffitypecheck.pth")) as file:
            line = file.read()
        for name, text in ("a.pth", SOURCE), ("ffitypecheck.pth", line):
            with open(os.path.join(sites, name), "w") as file:
                file.write(text)

        def outcome(*options, **environment):
            known = dict(os.environ, **environment)
            known.pop("PYTHONPATH", None)
            return subprocess.check_output([python] + list(options) + ["-c", WRONG], env=known, text=True).strip()

        self.assertEqual(outcome(FFITYPECHECK="error"), "argument-count")
        for policy in "off", "", "nonsense":
            self.assertEqual(outcome(FFITYPECHECK=policy), "called")
        self.assertEqual(outcome("-E", FFITYPECHECK="error"), "called")
        self.assertEqual(outcome("-I", FFITYPECHECK="error"), "called")
        # Nobody pays who did not ask.
        imported = textwrap.dedent("import sys; print([name for name in ('ffitypecheck', 'ctypes') if name in sys.modules])")
        known = {name: value for name, value in os.environ.items() if name not in ("FFITYPECHECK", "PYTHONPATH")}
        self.assertEqual(subprocess.check_output([python, "-c", imported], env=known, text=True).strip(), "[]")

    def test_privileges(self):
        from ffitypecheck import _policy
        real = os.geteuid
        os.environ["FFITYPECHECK"] = "warn"
        try:
            self.assertEqual(str(_policy.from_environment()), "warn")
            os.geteuid = lambda: real() + 1
            self.assertIsNone(_policy.from_environment())
        finally:
            os.geteuid = real
            del os.environ["FFITYPECHECK"]


class DescribeTest(unittest.TestCase):
    def test_describe(self):
        for library in LIBRARY, CDLL(LIBRARY):
            add = ffitypecheck.describe(library, "tc_add")
            self.assertEqual((add.kind, add.name, str(add)), ("function", "tc_add", "int tc_add(int a, int b)"))
            self.assertTrue(add.filename.endswith("_ctypes_typecheck_test.c"))
            self.assertIsInstance(add.lineno, int)
            self.assertEqual(ffitypecheck.describe(library, "tc_counter").kind, "variable")
            self.assertEqual(ffitypecheck.describe(library, "struct point").kind, "type")
            self.assertEqual(str(ffitypecheck.describe(library, "operation")), "typedef int operation(int, double)")
            self.assertRaises(ffitypecheck.LibraryError, ffitypecheck.describe, library, "tc_no_such_function")
            self.assertRaises(LookupError, ffitypecheck.describe, library, "struct no_such_struct")

    def test_declaration(self):
        self.assertEqual(ffitypecheck.declaration(LIBRARY, "tc_origin"), "struct point tc_origin")
        self.assertIsNone(ffitypecheck.declaration(LIBRARY, "tc_no_such_function"))
        with ffitypecheck.enable():
            self.assertEqual(ffitypecheck.declaration(CDLL(LIBRARY).tc_add), "int tc_add(int a, int b)")

    def test_verify(self):
        class Swapped(Structure):
            _fields_ = [("y", c_int), ("x", c_int)]

        class Unsigned(Structure):
            _fields_ = [("x", c_uint), ("y", c_int)]

        class node(Structure):
            pass

        node._fields_ = [("value", c_int), ("next", POINTER(node))]
        self.assertEqual(ffitypecheck.verify(Point, "struct point", LIBRARY), [])
        self.assertEqual(ffitypecheck.verify(node, library=LIBRARY), [])
        self.assertEqual([one.verdict for one in ffitypecheck.verify(Unsigned, "struct point", LIBRARY)], ["DIFFERS"])
        with self.assertRaises(TypeError) as caught:
            ffitypecheck.verify(Swapped, "struct point", LIBRARY)
        self.assertIn("struct point (8 bytes)", caught.exception.layout)
        with self.assertRaises(TypeError):
            ffitypecheck.verify(Point, "struct segment", LIBRARY)
        self.assertRaises(LookupError, ffitypecheck.verify, Point, library=LIBRARY)

    def test_sizes(self):
        self.assertEqual(ffitypecheck.sizeof("struct segment", LIBRARY), 24)
        self.assertEqual(ffitypecheck.sizeof("unsigned long", LIBRARY), ctypes.sizeof(ctypes.c_ulong))
        self.assertEqual(ffitypecheck.offsetof("struct segment", "to.y", LIBRARY), 12)
        self.assertEqual(ffitypecheck.offsetof("struct variant", "real", LIBRARY), 8)
        self.assertRaises(AttributeError, ffitypecheck.offsetof, "struct point", "z", LIBRARY)


if __name__ == "__main__":
    unittest.main()
