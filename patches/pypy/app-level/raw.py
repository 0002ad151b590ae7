"""Functions of _rawffi, whose types are letters, and of _rawffi.alt, whose types have names."""

import ctypes

from . import _library, _policy
from ._check import compare
from ._function import NOT_GIVEN
from ._place import here

_CLASSES = {
    "c": ctypes.c_char, "b": ctypes.c_byte, "B": ctypes.c_ubyte, "h": ctypes.c_short, "H": ctypes.c_ushort,
    "i": ctypes.c_int, "I": ctypes.c_uint, "l": ctypes.c_long, "L": ctypes.c_ulong, "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong, "f": ctypes.c_float, "d": ctypes.c_double, "g": ctypes.c_longdouble, "?": ctypes.c_bool,
    "u": ctypes.c_wchar, "P": ctypes.c_void_p, "s": ctypes.c_char_p, "z": ctypes.c_char_p, "Z": ctypes.c_wchar_p,
    "char": ctypes.c_char, "sbyte": ctypes.c_byte, "ubyte": ctypes.c_ubyte, "sshort": ctypes.c_short, "ushort": ctypes.c_ushort,
    "sint": ctypes.c_int, "uint": ctypes.c_uint, "slong": ctypes.c_long, "ulong": ctypes.c_ulong, "slonglong": ctypes.c_longlong,
    "ulonglong": ctypes.c_ulonglong, "float": ctypes.c_float, "double": ctypes.c_double, "unichar": ctypes.c_wchar,
    "void_p": ctypes.c_void_p, "char_p": ctypes.c_char_p, "unichar_p": ctypes.c_wchar_p,
}


def _class_of(shape):
    """The class of ctypes. None: the shape, a record or a pointer to something, says nothing here."""
    name = getattr(shape, "name", shape)
    return _CLASSES.get(name) if isinstance(name, str) else None


def _result(shape):
    is_void = shape is None or getattr(shape, "name", None) == "void"
    return None if is_void else _class_of(shape) or NOT_GIVEN


def judge(library, name, argtypes, restype):
    """Refuses wrong types of a function of a library of _rawffi.alt, or warns of them."""
    policy = _policy.current
    if policy.name == "off":
        return
    try:
        decl = _library.describe_symbol(library, name)
    except (OSError, _library.LibraryError):
        return
    # Without argtypes, only the address may be wanted.
    classes = tuple(map(_class_of, argtypes)) or None
    place = here(name)
    compare(decl, lambda claim: claim.function(classes, _result(restype)), policy, [place, place])
