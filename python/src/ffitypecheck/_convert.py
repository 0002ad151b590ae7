"""A Python object becomes an argument of the type that the library declares, where the program declared none or its own
is repaired. What comes out is what ctypes passes as the parameter's type: the object itself, or an instance."""

from __future__ import annotations

from ctypes import Array, Union, _SimpleCData, addressof, c_byte, c_double, c_int, c_longlong, c_ubyte, c_void_p, c_wchar, sizeof

from . import _library as ftc
from ._claim import code_of, is_record
from ._classes import simple_class
from ._judge import Call, fits, judge
from ._learn import BOOL, INTEGER, POINTER, REAL, RECORD
from ._objects import address_of_byref, is_byref, is_data, tag_of
from ._repair import has_room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PROMOTED = set("bBhHcu?")
_POINTERS = set("PzZO")
_SIZES = {code: sizeof(simple_class(code)) for code in "cbBhHiIqQfdgP?"}
_SIZES.update({"l": sizeof(c_void_p), "L": sizeof(c_void_p), "z": sizeof(c_void_p), "Z": sizeof(c_void_p), "u": sizeof(c_wchar)})


def _cannot_convert(call: Call, index: int, object: Any) -> None:
    """Raises a TypeError that names the parameter, what the library declares and what was given."""
    decl = call.decl
    parameter = decl.parameter(decl.get(decl.type), index)
    call.refuse(ftc.Finding("%s: argument %d: the library declares '%s', got %s" % (
        call.known.shown_name, index + 1, decl.spell(parameter.type, parameter.name), type(object).__name__),
        "argument", index + 1))


def _parameter(call: Call, index: int) -> Any:
    return call.learned.parameters[index]      # type: ignore[index]


def _convert_carg(call: Call, index: int, object: Any) -> Any:
    """byref() of an instance, or what a from_param returned: that is converted already."""
    parameter, tag = _parameter(call, index), tag_of(object)
    inner = object._obj
    if tag == "P" and inner is not None:
        if parameter.conversion != POINTER:
            _cannot_convert(call, index, object)
        # What its type is says nothing of what is inside of it.
        if is_data(inner) and address_of_byref(object) != addressof(inner):
            judge(call, index, object, None, parameter.seen, True)
        else:
            fits(call, index, object, type(inner), True)
    elif (tag == "V") != (parameter.conversion == RECORD) or _SIZES.get(tag, parameter.size) != parameter.size:
        _cannot_convert(call, index, object)
    return object


def _convert_data(call: Call, index: int, object: Any) -> Any:
    """An instance of a ctypes type that is no simple value."""
    parameter, cls = _parameter(call, index), type(object)
    needed = RECORD if is_record(cls) else POINTER
    # ctypes does not pass a union by value.
    if parameter.conversion != needed or (needed == RECORD and isinstance(object, Union)):
        _cannot_convert(call, index, object)
    # An array is passed as its address.
    fits(call, index, object, cls, isinstance(object, Array))
    return object


def _convert_simple(call: Call, index: int, object: Any) -> Any:
    """An instance of a simple type: a pointer of some kind, or a value."""
    code = code_of(type(object))
    if code in _POINTERS:
        return _convert_data(call, index, object)
    if _parameter(call, index).conversion == POINTER:
        fits(call, index, object, type(object), False)
    if code == "c":
        return convert(call, index, c_byte.from_buffer(object).value)
    if code == "u":
        return convert(call, index, c_int.from_buffer(object).value)
    return convert(call, index, object.value)


def _convert_text(call: Call, index: int, object: Any) -> Any:
    """bytes and str: as ctypes passes them, where the library reads such."""
    parameter = _parameter(call, index)
    if parameter.conversion != POINTER:
        _cannot_convert(call, index, object)
    pointee = call.decl.get(parameter.pointee)
    wide = pointee.kind == ftc.VOID or (pointee.kind == ftc.BASE and pointee.size == sizeof(c_wchar))
    if pointee.kind == ftc.FUNCTION_TYPE or (isinstance(object, str) and not wide):
        _cannot_convert(call, index, object)
    if isinstance(object, bytes):
        judge(call, index, object, None, parameter.seen, False)
    return object


def _convert_number(call: Call, index: int, object: Any) -> Any:
    parameter = _parameter(call, index)
    conversion = parameter.conversion
    if conversion == RECORD or (conversion != REAL and not isinstance(object, int)):
        _cannot_convert(call, index, object)
    # An int that has room in C's: ctypes passes it so by itself.
    if conversion == INTEGER and parameter.code == "i" and -2 ** 31 <= object < 2 ** 31:
        return object
    if conversion == REAL:
        try:
            return simple_class(parameter.code)(object)
        except OverflowError:
            return object               # ctypes itself raises for a number that is too large
    if not has_room(object, 8):
        return object
    if conversion == BOOL:
        return c_ubyte(bool(object))
    return simple_class(parameter.code)(int(object))


def convert(call: Call, index: int, object: Any) -> Any:
    if type(object) is int:
        return _convert_number(call, index, object)
    if is_data(object):
        return _convert_simple(call, index, object) if isinstance(object, _SimpleCData) else _convert_data(call, index, object)
    if is_byref(object):
        return _convert_carg(call, index, object)
    if object is None and _parameter(call, index).conversion == POINTER:
        return None
    if isinstance(object, (int, float)):
        return _convert_number(call, index, object)
    if isinstance(object, (bytes, str)):
        return _convert_text(call, index, object)
    try:
        inner = object._as_parameter_
    except AttributeError:
        _cannot_convert(call, index, object)
    return convert(call, index, inner)


def convert_variadic(object: Any) -> Any:
    """A variadic argument: as without type checking, but with C's promotions: a float is a double, and an integer too
    large for an int is not cut."""
    if isinstance(object, float):
        return c_double(object)
    if isinstance(object, int):
        return c_longlong(object) if not has_room(object, 4) and has_room(object, 8) else object
    if isinstance(object, _SimpleCData):
        code = code_of(type(object))
        if code == "f":
            return c_double(object.value)
        if code == "c":
            return c_int(c_byte.from_buffer(object).value)
        if code in "bBhH?":
            return c_int(object.value)
    return object
