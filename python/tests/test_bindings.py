"""`python -m ffitypecheck bindings`: a library with types that ctypes lays out or passes in its own ways (shapes.c)."""

import ctypes
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from ctypes import c_int, c_ubyte

import ffitypecheck
from ffitypecheck import _describe

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "shapes.c")


def bindings(*arguments):
    """What the command does: its exit status, standard output, standard error."""
    done = subprocess.run([sys.executable, "-m", "ffitypecheck", "bindings", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def load(path):
    spec = importlib.util.spec_from_file_location("generated", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class ShapesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.library = os.path.join(cls.directory.name, "libshapes.so")
        subprocess.run(["cc", "-g", "-O1", "-std=gnu11", "-w", "-shared", "-fPIC", "-Wl,--build-id", "-o", cls.library, SOURCE],
                       check=True)
        cls.path = os.path.join(cls.directory.name, "shapes.py")
        cls.status, _, cls.errors = bindings(cls.library, "-o", cls.path)
        with open(cls.path) as file:
            cls.text = file.read()
        cls.shapes = load(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def test_layouts_are_the_compilers(self):
        s = self.shapes
        self.assertEqual(list(s.layout), [
            ctypes.sizeof(s.struct_flags), ctypes.sizeof(s.struct_packed), s.struct_packed.number.offset,
            s.struct_packed.last.offset, ctypes.sizeof(s.struct_packed_bits), s.struct_packed_bits.last.offset,
            ctypes.sizeof(s.struct_aligned), s.struct_aligned.inner.offset, ctypes.sizeof(s.struct_sixteen),
            s.struct_anonymous.high.offset, ctypes.sizeof(s.struct_flexible), s.struct_flexible.items.offset,
            ctypes.sizeof(s.struct_wide), ctypes.sizeof(s.union_value), ctypes.sizeof(s.struct_pair),
            ctypes.sizeof(s.struct_signs)])
        self.assertEqual(ctypes.alignment(s.struct_sixteen), 16)

    def test_each_structure_is_the_librarys(self):
        for name in ("flags", "packed", "packed_bits", "aligned", "sixteen", "anonymous", "flexible", "wide", "pair", "node",
                     "from", "point", "triple", "callbacks", "signs"):
            decl = _describe._type(self.shapes._lib, "struct " + name)
            claim = ffitypecheck._describe.Claim()
            report = decl.check_type(decl.type, claim.table, claim.type(getattr(self.shapes, "struct_" + name)))
            self.assertTrue(report.passes, (name, report.findings))

    def test_calls(self):
        s = self.shapes
        point = s.swap(s.struct_point(1.5, 2.5))
        self.assertEqual((point.x, point.y), (2.5, 1.5))
        self.assertEqual(list(s.twice(s.struct_triple((1, 2, 3))).a), [2, 4, 6])
        last = s.struct_node(None, None, 3)
        seen = []

        @s.visitor
        def visit(node, color, context):
            seen.append((node.contents.value, color, context))
            return node.contents.value

        self.assertEqual(s.walk(s.struct_node(ctypes.pointer(last), None, 4), visit, 7), 7)
        self.assertEqual(seen, [(4, s.GREEN, 7), (3, s.GREEN, 7)])
        room = ctypes.create_string_buffer(4)
        self.assertEqual(ctypes.string_at(s.fill(room, b"x", 3)), b"xxx")
        self.assertEqual((s.color_name(s.GREEN), s.color_name(s.None_)), (b"green", b"other"))
        self.assertEqual(s.next_level(s.LOW), s.HIGH)
        self.assertEqual(s.add_all(2, c_int(40), c_int(2)), 42)
        self.assertEqual((s.old_style(40, 2.5), s.undeclared_parameters(), s.negate(True)), (42, 3, False))
        if sys.implementation.name == "cpython":        # PyPy's ctypes passes no long double
            self.assertEqual(s.half(3), 1.5)
        self.assertEqual(s.checksum((c_ubyte * 3)(250, 5, 3), 3), 2)
        self.assertEqual(s.raise_(1), 2)
        self.assertTrue(s.is_first(s.first_type(1), None))
        self.assertRaises(ctypes.ArgumentError, s.is_first, s.second_type(1), None)

    def test_variables(self):
        s = self.shapes
        self.assertEqual((s.counter.value, s.title.value, bool(s.head)), (42, b"title", False))
        self.assertEqual([list(row) for row in s.table], [[1, 2], [3, 4], [5, 6]])

    def test_what_cannot_be_expressed_is_a_comment(self):
        self.assertEqual(self.status, 1)
        reasons = {
            "by_union": "ctypes does not pass unions by value ('value')",
            "by_bits": "ctypes does not pass bit-fields by value ('flags')",
            "by_packed": "packed or aligned by an attribute ('packed')",
            "conjugate": "ctypes has no 'complex double'", "square": "ctypes has no integer of 16 bytes"}
        if sys.version_info < (3, 14):          # later ones lay these bit-fields out as gcc does
            reasons["some_flags"] = "some_flags._bits_2"
            self.assertIn("# a: 3 bits from bit 8 on", self.text)
        for name, reason in reasons.items():
            self.assertFalse(hasattr(self.shapes, name))
            line = next(line for line in self.text.splitlines() if line.startswith("# %s: " % name))
            self.assertIn(reason, line)

    def test_output_is_the_same_each_time(self):
        self.assertEqual(bindings(self.library)[1], self.text)

    def test_nothing_is_found_in_it(self):
        program = "import ffitypecheck, sys; ffitypecheck.enable('early'); sys.path.insert(0, %r); import shapes" % (
            self.directory.name)
        subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)

    def test_a_changed_line_is_found(self):
        wrong = self.text.replace("fill.argtypes = [POINTER(c_char), c_char, c_size_t]",
                                  "fill.argtypes = [POINTER(c_char), c_char, c_int]")
        self.assertNotEqual(wrong, self.text)
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "wrong.py"), "w") as file:
                file.write(wrong)
            program = "import ffitypecheck, sys; ffitypecheck.enable('early'); sys.path.insert(0, %r); import wrong" % directory
            done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
        self.assertIn("TypeError: fill: argument 3", done.stderr)

    def test_names_types_and_loading(self):
        status, text, _ = bindings(self.library, "s*", "--type", "struct node", "--load", "libshapes.so.1")
        self.assertEqual(status, 1)             # square
        self.assertIn("_lib = CDLL('libshapes.so.1')", text)
        self.assertIn("swap = _lib.swap", text)
        self.assertIn("struct_node._fields_", text)
        self.assertNotIn("twice", text)
        status, text, _ = bindings(self.library, "--type", "first_type")
        self.assertEqual((status, "_lib." in text, "class first_type(Structure)" in text), (0, False, True))
        status, text, errors = bindings(self.library, "no_such_name")
        self.assertEqual(status, 1)
        self.assertIn("no_such_name: the library exports no symbol", errors)
        self.assertEqual(bindings("libno-such-library.so")[0], 3)
        self.assertEqual(bindings(self.library, "--no-such-option")[0], 2)


if __name__ == "__main__":
    unittest.main()
