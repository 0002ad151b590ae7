"""The audit: what it finds in bindings, and what it does with modules that crash, hang or end the process."""

import json
import os
import pty
import sys
import unittest

from auditing import AuditCase, library

PYPY = sys.implementation.name == "pypy"
NARROW = "argument-too-narrow"


class DeclarationTest(AuditCase):
    def test_right_declarations(self):
        self.assertEqual(self.found("""\
            lib.add_long.argtypes = [c_long, c_long]
            lib.add_long.restype = c_long
            class point(Structure):
                _fields_ = [("x", c_int), ("y", c_long)]
            lib.sum.argtypes = [POINTER(point)]
            lib.new_point.argtypes = []
            lib.new_point.restype = POINTER(point)
            half = CFUNCTYPE(c_double, c_double)(("half", lib))
            number = c_int.in_dll(lib, "a_number")
            """), [])
        self.assertEqual(self.document["counts"]["functions"], 4)
        self.assertEqual(self.document["counts"]["match"], 5)

    def test_each_way_to_declare(self):
        self.assertEqual(self.found("""\
            lib.add_long.argtypes = [c_long, c_int]
            lib.half.restype = c_float
            make = CFUNCTYPE(c_void_p, c_int)(("make", lib))
            number = c_long.in_dll(lib, "a_number")
            class Library:
                count = lib["count"]
                count.restype = c_short
            def declare(name, *types):
                getattr(lib, name).argtypes = types
            declare("name_of", c_double)
            class point(Structure):
                _fields_ = [("x", c_long), ("y", c_long)]
            lib.new_point.restype = POINTER(point)
            """), [
                # The two have no restype either.
                ("DIFFERS", "add_long", "result-narrower", 1), ("DIFFERS", "name_of", "result-narrower", 10),
                ("MISMATCH", "a_number", "variable-size", 4), ("MISMATCH", "add_long", NARROW, 1),
                ("MISMATCH", "count", "result-narrower", 7), ("MISMATCH", "half", "number-class", 2),
                ("MISMATCH", "make", NARROW, 3), ("MISMATCH", "name_of", "number-class", 10),
                ("MISMATCH", "new_point", "pointee-member", 13)])

    def test_variables_taken_as_functions(self):
        """The address of a variable, as of PyTypeObjects in pythonapi, is right; a call of it is not."""
        self.assertEqual(self.found("number = cast(lib.a_number, POINTER(c_int))[0]\n"), [])
        self.assertEqual(self.found("""\
            def call():
                return lib.a_number()
            lib.a_number
            """), [("MISMATCH", "a_number", "function-against-variable", 3)])
        self.assertEqual(self.found("lib.a_number.restype = c_int\n"),
                         [("MISMATCH", "a_number", "function-against-variable", 1)])

    def test_own_class_of_functions(self):
        self.assertEqual(self.found("""\
            class Function(ctypes._CFuncPtr):
                _flags_ = 1
                _restype_ = c_long
            function = Function(("add_long", lib))
            function.argtypes = [c_long, c_short]
            """), [("MISMATCH", "add_long", NARROW, 1)])       # where the class is

    def test_the_corrected_lines_are_right(self):
        wrong = """\
            lib.add_long.argtypes = [c_long, c_int]
            lib.add_long.restype = c_int
            lib.half.restype = c_float
            lib.make.argtypes = [c_size_t, c_size_t]
            lib.make.restype = c_void_p
            lib.name_of.restype = c_int
            lib.die.argtypes = [c_int]
            lib.die.restype = c_int
            """
        self.assertEqual([row[0] for row in self.found(wrong)], 7 * ["MISMATCH"])
        lines = [row["corrected"] for row in self.document["findings"] if row["verdict"] == "MISMATCH"]
        self.assertIn("lib.add_long.argtypes = [c_long, c_long]", lines)
        self.assertEqual(self.found("\n".join(lines) + "\nlib.make.restype = c_void_p\n"), [])
        self.assertEqual(self.document["counts"]["functions"], 5)

    def test_other_packages_are_left_out(self):
        self.write("other.py", "lib.make.argtypes = [c_int]\n")
        self.assertEqual(self.found("import other\nother.lib.half.argtypes = [c_double]\nother.lib.half.restype = c_double\n"), [])
        _, document = self.audit("binding", "--all")
        self.assertIn("make", [row["subject"] for row in document["findings"]])

    def test_what_is_said_last_counts(self):
        self.assertEqual(self.found("lib.make.argtypes = [c_int]\nlib.make.argtypes = [c_size_t]\nlib.make.restype = c_void_p\n"), [])


class DefaultResultTest(AuditCase):
    def test_levels(self):
        self.assertEqual(self.found("""\
            def use():
                a = lib.make(3)
                lib.new_point()
                b = lib.count()
                lib.reset()
                return lib.half(2.0), lib.is_even(3)
            """), [
                ("DIFFERS", "count", "result-narrower", 4), ("DIFFERS", "new_point", "result-narrower", 3),
                ("MISMATCH", "half", "number-class", 6), ("MISMATCH", "is_even", "result-wider", 6),
                ("MISMATCH", "make", "result-narrower", 2)])

    def test_a_function_that_is_only_bound(self):
        self.assertEqual(self.found("lib.make\nlib.reset\n"), [("DIFFERS", "make", "result-narrower", 1)])

    def test_restype_is_set_elsewhere(self):
        self.assertEqual(self.found("""\
            def use():
                return lib.make(3)
            def prepare():
                lib.make.restype = c_void_p
            """), [])
        # Nobody knows of which functions this one sets it.
        self.assertEqual(self.found("""\
            def use():
                return lib.make(3)
            def prepare(function):
                function.restype = c_void_p
            """), [("DIFFERS", "make", "result-narrower", 2)])

    def test_a_name_of_another_object(self):
        self.assertEqual(self.found("""\
            class Other:
                def make(self, n): return n
            def use(lib):
                return lib.make(3)
            """), [])

    def test_module_level_names(self):
        self.assertEqual(self.found("make = lib.make\ndef use():\n    return make(2)\n"),
                         [("MISMATCH", "make", "result-narrower", 1)])


class LazyTest(AuditCase):
    def test_code_that_did_not_run(self):
        wrong = self.found("""\
            class Binding:
                _lib = lib
                def first(self):
                    self._lib.add_long.argtypes = [c_long, c_int]
                def second(self):
                    function = lib["make"]
                    function.argtypes = (c_int,)
                    function.restype = c_void_p
                def third(self):
                    getattr(lib, "half").argtypes = [c_float]
            """)
        self.assertEqual([row for row in wrong if row[0] == "MISMATCH"], [("MISMATCH", "add_long", NARROW, 4), ("MISMATCH", "half", "number-class", 10), ("MISMATCH", "make", NARROW, 7)])
        # And these two have no restype.
        self.assertEqual([row[:2] for row in wrong if row[0] == "DIFFERS"], [("DIFFERS", "add_long"), ("DIFFERS", "half")])

    def test_types_that_are_not_plain(self):
        self.assertEqual(self.found("""\
            def use(types):
                lib.make.argtypes = [types[0]]
                lib.make.restype = c_void_p if types else c_int
            """), [])

    def test_nothing_is_called(self):
        found = self.found("""\
            lib.die
            TABLE = [("die", [c_int], c_char_p), ("half", [c_double], c_double)]
            def use():
                return lib.die(3)
            """)
        self.assertEqual([row[:2] for row in found], [("MISMATCH", "die")])

    def test_tables(self):
        self.assertEqual(self.found("""\
            ROWS = [
                ("add_long", [c_long, c_int], c_long),
                ("make", [c_size_t], c_void_p, None),
            ]
            BY_NAME = {
                "half": ((c_float,), c_double),
                "name_of": ([c_int], c_char_p),
            }
            class Entry:
                def __init__(self, name, restype, argtypes):
                    self.name, self.restype, self.argtypes = name, restype, argtypes
            single = Entry("count", c_int, [])
            """), [("MISMATCH", "add_long", NARROW, 2), ("MISMATCH", "count", "result-narrower", 12),
                   ("MISMATCH", "half", "number-class", 6)])

    def test_what_is_no_table(self):
        self.assertEqual(self.found("""\
            ONE = [("add_long", [c_int], c_int)]
            MOST_UNKNOWN = [("add_long", [c_int], c_int), ("nothing", [c_int], c_int), ("nobody", [c_int], c_int)]
            TWO_RESULTS = [("add_long", [c_int], c_int, c_int), ("make", [c_int], c_int, c_int)]
            """), [])


class TypeTest(AuditCase):
    def test_by_name(self):
        self.assertEqual(self.found("""\
            class point(Structure):
                _fields_ = [("x", c_long), ("y", c_long)]
            """), [("DIFFERS", "struct point", "pointee-member", 2)])
        self.assertTrue(self.document["findings"][0]["at_call"])
        code, document = self.audit("binding", "--owner", "caller")
        self.assertEqual((code, document["findings"][0]["verdict"]), (1, "MISMATCH"))
        corrected = document["findings"][0]["corrected"]
        self.assertEqual(self.found("class point(Structure): pass\n%s\n" % corrected), [])
        self.assertEqual(self.document["counts"]["types"], 1)

    def test_another_type_of_that_name(self):
        self.assertEqual(self.found("""\
            class point(Structure):
                _fields_ = [("left", c_double), ("top", c_double), ("x", c_double)]
            """), [])
        self.assertEqual(self.document["counts"]["types"], 0)

    def test_callback(self):
        self.assertEqual(self.found("compare_fn = CFUNCTYPE(c_int, c_void_p, c_double, c_long)\n"),
                         [("DIFFERS", "compare_fn", "number-class", 1)])
        self.assertEqual(self.found("compare_fn = CFUNCTYPE(c_int, c_void_p, c_double, c_long)\n"
                                    "lib.sort.argtypes = [c_void_p, c_size_t, compare_fn]\n"),
                         [("MISMATCH", "sort", "number-class", 2)])


BAD = {
    "crash": "import ctypes\nctypes.string_at(1)\n",
    "killed": "import os\nos.kill(os.getpid(), 9)\n",
    "hang": "import time\nprint('x')\nwhile True:\n    time.sleep(1)\n",
    "forks": "import os\nif os.fork() == 0:\n    print('the copy')\n",
    "forks_and_hangs": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\n",
    "exits": "import sys\nsys.exit('bye')\n",
    "ends": "import os\nos._exit(0)\n",
    "prints": "import os, sys\nprint('{\"event\": \"end\"}', flush=True)\nos.close(1)\nos.close(2)\n",
    "missing": "import ctypes\nctypes.CDLL('libthere-is-none.so.9')\n",
    "syntax": "def f(:\n",
    "interrupt": "raise KeyboardInterrupt\n",
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n",
    "at_exit": "import atexit, os\natexit.register(os.abort)\n",
    "rude": "import os, sys\nos.chdir('/')\nsys.stdout = None\nsys.modules['json'] = None\ndel sys.path[:]\n",
}
GOOD = "lib.make.argtypes = [c_int]\n"


class BadInputTest(AuditCase):
    def test_each_is_a_row(self):
        for name, text in BAD.items():
            self.write("package/%s.py" % name, text, head=False)
        self.write("package/__init__.py", "", head=False)
        for name in "a_good", "z_good":
            self.write("package/%s.py" % name, GOOD)
        code, document = self.audit(".", "--timeout", "10")
        status = {target["name"].partition(".")[2]: target["status"] for target in document["targets"]}
        self.assertEqual(status, {
            "": "ok", "a_good": "ok", "z_good": "ok", "crash": "crashed", "killed": "crashed", "hang": "hung", "forks": "ok",
            "forks_and_hangs": "ok", "exits": "exited", "ends": "exited", "prints": "ok", "missing": "failed", "syntax": "failed",
            "interrupt": "failed", "threads": "ok", "at_exit": "ok", "rude": "ok"})
        self.assertEqual([(row["shown_file"], row["subject"], row["target"]) for row in document["findings"]
                          if row["verdict"] == "MISMATCH"],
                         [("package/%s.py" % name, "make", "package.%s" % name) for name in ("a_good", "z_good")])
        self.assertEqual(code, 1)
        targets = {target["name"]: target for target in document["targets"]}
        lines = {name: targets["package." + name].get("line") for name in ("missing", "syntax", "interrupt", "crash", "hang")}
        expected = {"missing": 2, "syntax": 1, "interrupt": 1, "crash": 2, "hang": 4}
        if PYPY:                # its faulthandler writes other lines
            del lines["crash"], lines["hang"], expected["crash"], expected["hang"]
        self.assertEqual(lines, expected)
        self.assertIn("libthere-is-none.so.9", targets["package.missing"]["message"])

    def test_nothing_is_left_over(self):
        self.write("forks.py", BAD["forks_and_hangs"].replace("600", "601.5"), head=False)
        self.assertEqual(self.run_audit("forks").code, 0)
        left = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % process, "rb") as file:
                    left += [process] if self.directory.encode() in file.read() else []
            except OSError:
                continue
        self.assertEqual(left, [])


class CommandTest(AuditCase):
    def test_exit_codes(self):
        self.write("wrong.py", GOOD)
        self.write("right.py", "lib.make.argtypes = [c_size_t]\nlib.make.restype = c_void_p\n")
        self.write("differs.py", "lib.count.argtypes = []\nlib.count.restype = c_long\n")
        self.write("broken.py", "1 / 0\n")
        for expected, arguments in (
                (0, ["right"]), (1, ["wrong"]), (1, ["wrong", "broken"]), (3, ["right", "broken"]), (2, []),
                (3, ["nomodule"]), (0, ["differs"]),
                (1, ["differs", "--fail-on", "differs"]), (2, ["right", "--baseline", "nofile"]), (2, ["--script", "nofile"]),
                (2, ["right", "--timeout", "0"]), (0, ["right", "broken", "--exclude", "bro*"])):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_audit(*arguments).code, expected)

    def test_without_libffitypecheck(self):
        self.write("binding.py", GOOD)
        os.environ["FFITYPECHECK_LIBRARY"], before = "/no/such/library", os.environ.get("FFITYPECHECK_LIBRARY")
        try:
            result = self.run_audit("binding")
        finally:
            if before is None:
                del os.environ["FFITYPECHECK_LIBRARY"]
            else:
                os.environ["FFITYPECHECK_LIBRARY"] = before
        self.assertEqual((result.code, result.output), (3, ""))
        self.assertIn("libffitypecheck was not found", result.errors)

    def test_baseline(self):
        self.write("binding.py", "lib.make.argtypes = [c_int]\nlib.half.argtypes = [c_int]\n")
        self.assertEqual(self.run_audit("binding", "--write-baseline", "known.json").code, 0)
        self.assertEqual(self.run_audit("binding", "--baseline", "known.json").code, 0)
        # Lines are moved.
        self.write("binding.py", "\n\n# more\nlib.half.argtypes = [c_int]\n\nlib.make.argtypes = [c_int]\n")
        self.assertEqual(self.run_audit("binding", "--baseline", "known.json").code, 0)
        # Another finding, and the same once more.
        self.write("binding.py", "lib.make.argtypes = [c_int]\nlib.add_long.argtypes = [c_int, c_long]\n")
        self.assertEqual(self.run_audit("binding", "--baseline", "known.json").code, 1)
        self.write("binding.py", "lib.make.argtypes = [c_int]\nother = lib['make']\nother.argtypes = [c_int]\n")
        self.assertEqual(self.run_audit("binding", "--baseline", "known.json").code, 1)
        with open(os.path.join(self.directory, "known.json")) as file:
            self.assertEqual([entry["subject"] for entry in json.load(file)["findings"]], ["half", "make"])

    def test_directory(self):
        for name in "src/package/__init__.py", "src/package/inner/__init__.py", "src/package/inner/binding.py", "single.py":
            self.write(name, GOOD if "binding" in name or "single" in name else "", head="binding" in name or "single" in name)
        for name in "setup.py", "tests/test_all.py", "conftest.py", "package/__main__.py", ".hidden/module.py":
            self.write(name, "1 / 0\n", head=False)
        code, document = self.audit(".")
        self.assertEqual(sorted(target["name"] for target in document["targets"]),
                         ["package", "package.inner", "package.inner.binding", "single"])
        self.assertEqual([row["shown_file"] for row in document["findings"] if row["verdict"] == "MISMATCH"],
                         ["single.py", "src/package/inner/binding.py"])
        code, document = self.audit("src/package/inner/binding.py")
        self.assertEqual((code, [target["name"] for target in document["targets"]]), (1, ["package.inner.binding"]))
        self.assertEqual(self.run_audit("tests").code, 2)

    def test_all_modules_of_a_package(self):
        self.write("package/__init__.py", "", head=False)
        self.write("package/one.py", GOOD)
        self.write("package/two/__init__.py", "1 / 0\n", head=False)
        self.write("package/two/three.py", GOOD)
        _, document = self.audit("package.*")
        self.assertEqual([(target["name"], target["status"]) for target in document["targets"]],
                         [("package", "ok"), ("package.one", "ok"), ("package.two", "failed"), ("package.two.three", "failed")])

    def test_script(self):
        self.write("tool.py", "if __name__ == '__main__':\n    lib.make.argtypes = [c_int]\n    raise SystemExit(4)\n")
        code, document = self.audit("--script", "tool.py")
        self.assertEqual((code, [row["line"] for row in document["findings"] if row["verdict"] == "MISMATCH"]), (1, [5]))

    def test_libraries(self):
        stripped = library("libaudit-untyped.so", "-g0")
        self.write("binding.py", "from ctypes import *\nlib = CDLL(%r)\nlib.make.argtypes = [c_int]\n" % stripped, head=False)
        result = self.run_audit("binding", "--libraries")
        self.assertEqual(result.code, 0)
        self.assertIn("%s: 0 of 1 symbols have types" % stripped, result.output)
        self.assertIn("install", result.output)
        self.assertEqual(self.run_audit("binding", "--require-types").code, 3)
        _, document = self.audit("binding")
        self.assertEqual((document["counts"]["untyped"], document["findings"]), (1, []))

    def test_text(self):
        self.write("binding.py", "lib.make.argtypes = [c_int]\n")
        lines = self.run_audit("binding").output.splitlines()
        self.assertEqual(lines[0], "binding.py:4: MISMATCH [argument-too-narrow]")
        self.assertIn("    declared   lib.make.argtypes = [c_int]", lines)
        self.assertIn("    corrected  lib.make.argtypes = [c_size_t]", lines)
        self.assertTrue([line for line in lines if line.startswith("    library    void *make(size_t size)")
                         and line.endswith("audit_library.c:10")], lines)

    def test_progress_on_a_terminal(self):
        self.write("binding.py", GOOD)
        ours, theirs = pty.openpty()
        try:
            import subprocess
            environment = dict(os.environ, PYTHONPATH=os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))
            done = subprocess.run([sys.executable, "-m", "ffitypecheck", "audit", "binding"], cwd=self.directory, env=environment,
                                  stdout=subprocess.PIPE, stderr=theirs)
            shown = os.read(ours, 65536).decode()
        finally:
            os.close(ours)
            os.close(theirs)
        self.assertEqual(done.returncode, 1)
        self.assertIn("0/1 binding", shown)
        self.assertTrue(shown.endswith("\x1b[K"), shown)
        self.assertEqual(self.run_audit("binding").errors, "")


if __name__ == "__main__":
    unittest.main()
