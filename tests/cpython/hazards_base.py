"""What the hazard tests share: the library and the policy that they run with."""

from __future__ import unicode_literals

import sys
import unittest

import ctypes
from ctypes import CFUNCTYPE, CDLL, Structure, c_int, c_long, c_void_p

PY2 = sys.version_info[0] == 2
CALLBACK = CFUNCTYPE(c_long, c_void_p, c_long)


class Place(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class Base(unittest.TestCase):
    # hazards.c, compiled with -g.
    path = None

    def setUp(self):
        self.policy = ctypes.get_typecheck()
        ctypes.set_typecheck(str("early"))
        self.lib = CDLL(self.path)

    def tearDown(self):
        ctypes.set_typecheck(self.policy)

    if PY2:
        def assertRaisesRegex(self, *arguments):
            return self.assertRaisesRegexp(*arguments)
