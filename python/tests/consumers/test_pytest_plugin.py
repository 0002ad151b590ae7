"""The plugin of pytest."""

import os
import subprocess
import sys
import unittest

from auditing import SOURCE, AuditCase

_TESTS = """
import binding
def test_right():
    assert binding.lib.is_even(2)
def test_wrong():
    binding.lib.make.argtypes = [c_int]
def test_memory():
    binding.point._fields_ = [("x", c_int)]
    binding.lib.new_point.restype = c_void_p
    binding.lib.fill.argtypes = [POINTER(binding.point)]
    binding.lib.fill(byref(binding.point()))
"""


class PluginTest(AuditCase):
    def pytest(self, *arguments):
        environment = dict(os.environ, PYTHONPATH=SOURCE)
        environment.pop("FFITYPECHECK", None)
        done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "ffitypecheck.pytest_plugin",
                               *arguments], cwd=self.directory, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, universal_newlines=True)
        return done.returncode, done.stdout

    def setUp(self):
        super().setUp()
        self.write("binding.py", "class point(Structure): pass\n")
        self.write("test_binding.py", _TESTS)

    def test_failures(self):
        code, output = self.pytest("--ffitypecheck")
        self.assertEqual(code, 1, output)
        self.assertIn("2 failed, 1 passed", output)
        self.assertIn("test_binding.py:9: make: argument 1 ('size')", output)
        self.assertIn("(in test_binding.py::test_wrong)", output)
        self.assertIn("fill: argument 1 ('point')", output)

    def test_summary(self):
        code, output = self.pytest("--ffitypecheck=summary")
        self.assertEqual(code, 0, output)
        self.assertIn("3 passed", output)
        self.assertIn("2 declarations with types that are not the library's", output)

    def test_without_the_option(self):
        code, output = self.pytest()
        self.assertEqual(code, 0, output)
        self.assertNotIn("ffitypecheck:", output)

    def test_declared_at_import(self):
        """No test is at fault; the run is."""
        self.write("binding.py", "lib.make.argtypes = [c_int]\n")
        self.write("conftest.py", "lib.half.argtypes = [c_int]\n")
        code, output = self.pytest("--ffitypecheck", "-k", "right")
        self.assertEqual(code, 1, output)
        self.assertIn("1 passed", output)
        for line in "binding.py:4: make: argument 1", "conftest.py:4: half: argument 1":
            self.assertIn(line, output)

    def test_in_workers(self):
        self.write("binding.py", "lib.half.argtypes = [c_int]\nclass point(Structure): pass\n")
        code, output = self.pytest("--ffitypecheck", "-n", "2")
        self.assertEqual(code, 1, output)
        self.assertIn("2 failed, 1 passed", output)
        self.assertIn("3 declarations with types", output)

    def test_without_libffitypecheck(self):
        """Nothing would be found, whatever is declared."""
        os.environ["FFITYPECHECK_LIBRARY"], before = "/no/such/library", os.environ.get("FFITYPECHECK_LIBRARY")
        try:
            code, output = self.pytest("--ffitypecheck")
        finally:
            del os.environ["FFITYPECHECK_LIBRARY"]
            os.environ.update({} if before is None else {"FFITYPECHECK_LIBRARY": before})
        self.assertEqual(code, 4, output)
        self.assertIn("libffitypecheck was not found", output)

    def test_nothing_is_found(self):
        self.write("test_binding.py", "import binding\ndef test_right():\n    assert binding.lib.is_even(2)\n")
        code, output = self.pytest("--ffitypecheck")
        self.assertEqual(code, 0, output)
        self.assertNotIn("declaration", output)


if __name__ == "__main__":
    unittest.main()
