"""The policy "repair": a result that was read by the library's type becomes what the program declared. The value is the
same wherever the declared type has it. Where that has not got it, a Python number has: nothing is cut."""

from __future__ import annotations

from ctypes import _SimpleCData, sizeof

from ._claim import code_of, is_a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIGNED, _UNSIGNED = set("bhilq"), set("BHILQ")


def has_room(number: int, size: int) -> bool:
    """Whether an integer has room in a number of bytes, with or without sign."""
    return bool(-2 ** (8 * size - 1) <= number < 2 ** (8 * size))


def _as_declared(value: int, size: int, signed: bool) -> tuple[int, bool]:
    """The number that a declared integer type would have shown: the value, or, where only the sign differs, the same
    bits. False if the declared type has not got it, and the value is given as it is."""
    bits, half = value % 2 ** 64, 2 ** (8 * size - 1)
    number = bits - 2 ** 64 if bits >= 2 ** 63 else bits
    if size == 8:
        return (number if signed else bits), True
    if -half <= number < half:
        return (number if signed else number % (2 * half)), True
    return value, bits < 2 * half and not signed


def _as_simple(value: Any, cls: Any, name: str) -> Any:
    """The value as a simple type shows it."""
    code = code_of(cls)
    if code == "?":
        return bool(value)
    if code == "P":
        if not value or isinstance(value, float):
            return value or None
        return _as_declared(value, 8, False)[0]
    fits = True
    if code not in _SIGNED and code not in _UNSIGNED:
        number = float(value)
    elif isinstance(value, float):
        fits = value.is_integer() and -2 ** 63 <= value < 2 ** 63
        number = int(value) if fits else value
        fits = fits and has_room(int(value), sizeof(cls))
    else:
        number, fits = _as_declared(value, sizeof(cls), code in _SIGNED)
    if cls.__bases__[0] is _SimpleCData:
        return number
    if not fits:
        raise TypeError("%s: result: %s returned by the library has no room in '%s'" % (name, value, cls.__name__))
    return cls(number)


def give(result: Any, restype: Any, name: str) -> Any:
    if not isinstance(result, (int, float)):
        given = None if restype is None else result         # a structure, or None
    elif not is_a(restype, _SimpleCData):
        # An int, or what a callable makes of one.
        given = result if isinstance(result, float) else _as_declared(result, 4, True)[0]
        if restype is not None:
            given = restype(given)
    else:
        given = _as_simple(result, restype, name)
    checker = getattr(restype, "_check_retval_", None)
    return given if checker is None else checker(given)
