"""The audit of cffi in ABI mode."""

import subprocess
import sys
import unittest

from auditing import AuditCase

_CDEF = '''
struct point { long x; long y; };
long add_long(long a, int b);
void *make(size_t size);
const char *name_of(int which);
int sum(const struct point *point);
double half(double);
_Bool is_even(int value);
void sort(void *base, size_t n,
          int (*compare)(const void *, const void *, long));
struct opaque *new_opaque(void);
extern long a_number;
int there_is_none(int);
'''
_FOUND = [("DIFFERS", "sum", "pointee-member"), ("MISMATCH", "a_number", "variable-size"), ("MISMATCH", "add_long", "argument-too-narrow")]


class CffiTest(AuditCase):
    def rows(self, module):
        code, document = self.audit(module)
        self.assertEqual((code, [target["status"] for target in document["targets"]]), (1, ["ok"]), document["targets"])
        self.assertEqual(document["counts"]["functions"], 8)
        self.assertTrue(all(row["origin"] == "cffi" for row in document["findings"]))
        return [row for row in document["findings"] if row["verdict"] != "UNVERIFIED"]

    def test_cdef(self):
        self.write("binding.py", "from cffi import FFI\nffi = FFI()\nffi.cdef('''%s''')\nlib = ffi.dlopen(%r)\n" % (_CDEF, self.library),
                   head=False)
        rows = self.rows("binding")
        self.assertEqual(sorted((row["verdict"], row["subject"], row["rule"]) for row in rows), _FOUND)
        self.assertEqual({row["subject"]: row["line"] for row in rows}, {"sum": 8, "a_number": 14, "add_long": 5})

    def test_module_of_cffis_compiler(self):
        self.write("build.py", "from cffi import FFI\nffi = FFI()\nffi.cdef('''%s''')\nffi.set_source('_written', None)\n"
                               "ffi.compile()\n" % _CDEF, head=False)
        subprocess.run([sys.executable, "build.py"], cwd=self.directory, check=True)
        self.write("binding.py", "from _written import ffi\nlib = ffi.dlopen(%r)\n" % self.library, head=False)
        rows = self.rows("binding")
        self.assertEqual(sorted((row["verdict"], row["subject"], row["rule"]) for row in rows), _FOUND)
        self.assertEqual({row["shown_file"] for row in rows}, {"_written.py"})

    def test_right_cdef(self):
        right = _CDEF.replace("long x", "int x").replace("long a, int b", "long a, long b").replace("extern long", "extern int")
        self.write("binding.py", "from cffi import FFI\nffi = FFI()\nffi.cdef('''%s''')\nlib = ffi.dlopen(%r)\n" % (right, self.library),
                   head=False)
        code, document = self.audit("binding")
        self.assertEqual((code, document["findings"]), (0, []))
        self.assertEqual((document["counts"]["match"], document["counts"]["untyped"]), (9, 0))

    def test_a_cdef_that_does_not_parse(self):
        self.write("package/__init__.py", "", head=False)
        self.write("package/bad.py", "from cffi import FFI\nffi = FFI()\nffi.cdef('int f(;')\n", head=False)
        self.write("package/good.py", "lib.make.argtypes = [c_int]\n")
        code, document = self.audit("package.*")
        self.assertEqual(code, 1)
        [bad] = [target for target in document["targets"] if target["status"] != "ok"]
        self.assertEqual((bad["name"], bad["shown_file"], bad["line"]), ("package.bad", "package/bad.py", 3))
        self.assertIn("CDefError", bad["message"])
        self.assertEqual([row["subject"] for row in document["findings"] if row["verdict"] == "MISMATCH"], ["make"])


if __name__ == "__main__":
    unittest.main()
