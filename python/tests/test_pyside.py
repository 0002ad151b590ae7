"""A hand-written copy of PyTypeObject, for which PySide is known, compared with CPython's own."""

import ctypes
import os
import subprocess
import sys
import tempfile
import unittest
from ctypes import Structure, c_char_p, c_int, c_ssize_t, c_uint, c_ulong, c_void_p

import ffitypecheck

PYTHON = "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"


class Object(Structure):
    _fields_ = [("ob_refcnt", c_ssize_t), ("ob_type", c_void_p)]


class VarObject(Structure):
    _fields_ = [("ob_base", Object), ("ob_size", c_ssize_t)]


def type_object(**changed):
    """PyTypeObject as PySide has to write it under the stable interface of C, which declares it only: by hand. Members that it
    does not use are pointers without a meaning."""
    names = ("tp_name", "tp_basicsize", "tp_itemsize", "tp_dealloc", "tp_vectorcall_offset", "tp_getattr", "tp_setattr",
             "tp_as_async", "tp_repr", "tp_as_number", "tp_as_sequence", "tp_as_mapping", "tp_hash", "tp_call", "tp_str",
             "tp_getattro", "tp_setattro", "tp_as_buffer", "tp_flags", "tp_doc", "tp_traverse", "tp_clear",
             "tp_richcompare", "tp_weaklistoffset", "tp_iter", "tp_iternext", "tp_methods", "tp_members", "tp_getset",
             "tp_base", "tp_dict", "tp_descr_get", "tp_descr_set", "tp_dictoffset", "tp_init", "tp_alloc", "tp_new",
             "tp_free", "tp_is_gc", "tp_bases", "tp_mro", "tp_cache", "tp_subclasses", "tp_weaklist", "tp_del",
             "tp_version_tag", "tp_finalize", "tp_vectorcall")
    types = {"tp_name": c_char_p, "tp_doc": c_char_p, "tp_flags": c_ulong, "tp_version_tag": c_uint}
    types.update((name, c_ssize_t) for name in names if name.endswith(("size", "offset")))
    types.update(changed)
    fields = [("ob_base", VarObject)] + [(name, types.get(name, c_void_p)) for name in names if types.get(name, 0) is not None]
    return type(Structure)("_typeobject", (Structure,), {"_fields_": fields})


class PySideTest(unittest.TestCase):
    library = ctypes.CDLL(PYTHON)           # another build than this process; nothing of it is called

    def verify(self, **changed):
        return ffitypecheck.verify(type_object(**changed), "PyTypeObject", library=self.library)

    def test_right(self):
        for finding in self.verify():
            self.assertEqual(finding.verdict, "DIFFERS", finding)

    def test_a_member_that_a_version_has_no_more(self):
        """Since Python 3.8 the place of tp_print is another member's; before, it was shorter by one."""
        with self.assertRaises(TypeError) as caught:
            self.verify(tp_vectorcall=None)
        self.assertEqual(caught.exception.rule, "pointee-too-small")
        with self.assertRaises(TypeError) as caught:
            self.verify(tp_as_async=None)
        self.assertIn("tp_repr", str(caught.exception))

    def test_a_member_of_another_width(self):
        with self.assertRaises(TypeError) as caught:
            self.verify(tp_flags=c_int)
        self.assertEqual(caught.exception.path, ".tp_flags")

    def test_generated(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "python_types.py")
            subprocess.run([sys.executable, "-m", "ffitypecheck", "bindings", PYTHON, "--type", "PyTypeObject", "-o", path],
                           check=True)
            with open(path) as file:
                text = file.read()
            scope = {}
            exec(text.replace("_lib = CDLL(%r)" % PYTHON, ""), scope)
        self.assertEqual(ctypes.sizeof(scope["PyTypeObject"]), ffitypecheck.sizeof("PyTypeObject", self.library))
        # What a c_void_p of a callback is given is converted, and may be anything.
        for finding in ffitypecheck.verify(scope["PyTypeObject"], "PyTypeObject", self.library):
            self.assertEqual(finding.rule_id, "not-known", finding)


if __name__ == "__main__":
    unittest.main()
