"""Functions of _rawffi, whose types are letters."""

import ctypes

from _rawffi import alt

from . import _library, _policy
from ._check import compare
from ._function import NOT_GIVEN
from ._place import here
from ._report import Telling

_CLASSES = {
    "c": ctypes.c_char, "b": ctypes.c_byte, "B": ctypes.c_ubyte, "h": ctypes.c_short, "H": ctypes.c_ushort,
    "i": ctypes.c_int, "I": ctypes.c_uint, "l": ctypes.c_long, "L": ctypes.c_ulong, "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong, "f": ctypes.c_float, "d": ctypes.c_double, "g": ctypes.c_longdouble, "?": ctypes.c_bool,
    "u": ctypes.c_wchar, "P": ctypes.c_void_p, "s": ctypes.c_char_p, "z": ctypes.c_char_p, "Z": ctypes.c_wchar_p,
}


def _result(shape):
    return None if shape is None else _CLASSES.get(shape, NOT_GIVEN)


def judge(path, name, argtypes, restype):
    """Refuses wrong types of a function of a library, or warns of them."""
    policy = _policy.setting()
    if policy.name == "off":
        return
    try:
        decl = _library.describe_symbol(alt.CDLL(path), name)
    except (OSError, _library.LibraryError):
        return
    # Without argtypes, only the address may be wanted. A shape that is not among the letters says nothing.
    classes = tuple(_CLASSES.get(shape) for shape in argtypes) or None
    place, globals = here(name)
    compare(decl, lambda claim: claim.function(classes, _result(restype)), Telling(policy, [place, place], globals))
