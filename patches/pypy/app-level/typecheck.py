"""What a program binds, declares or takes with in_dll is compared with the debug information of the library.

Goes to _ctypes/typecheck/__init__.py. The modules of the Python package ffitypecheck lie beside it and do all of it; this file
puts them in front of CFuncPtr and _CDataMeta when ctypes is imported.

Of CFuncPtr nothing is replaced that a call reads. PyPy compiles the value of an attribute of a class into a loop as long as the
attribute was set once only; so each class of functions gets its own argtypes and restype when it is made.
"""

import _rawffi
from _ctypes.basics import _CDataMeta
from _ctypes.function import CFuncPtr
from _rawffi import alt

from . import _policy
from ._function import Documentation, Unchecked, bind, c_declaration, in_dll_of, watch_types
from ._report import TypeCheckWarning

TypeCheckWarning.__module__ = "ctypes"
_policy.variable = "PYTHONCTYPESTYPECHECK"
_policy.current = _policy.from_environment() or _policy.current


class _Library:
    """A library of _rawffi. It is held, because instances of a subclass would be ordinary ones."""

    _libc = _rawffi.get_libc().name

    def __init__(self, *arguments, **keywords):
        self._library = self._stock(*arguments, **keywords)

    def __getattr__(self, name):
        return getattr(self._library, name)

    @classmethod
    def get_libc(cls):
        return cls(cls._libc)


class AltCDLL(_Library):
    """Of _rawffi.alt. ctypes has taken the stock class before, from the module _ffi."""

    _stock = alt.CDLL

    def __int__(self):
        return int(self._library)

    def getfunc(self, name, argtypes, restype, *variadic, **variadic_args):
        function = self._library.getfunc(name, argtypes, restype, *variadic, **variadic_args)
        from . import raw
        raw.judge(self._library, name, argtypes, restype)
        return function


class CDLL(_Library):
    _stock = _rawffi.CDLL

    def ptr(self, name, argtypes, restype, *flags):
        function = self._library.ptr(name, argtypes, restype, *flags)
        if isinstance(name, str):
            from . import raw
            raw.judge(AltCDLL._stock(self.name), name, argtypes, restype)
        return function


def _watch_class(cls, **keywords):
    super(CFuncPtr, cls).__init_subclass__(**keywords)
    if not issubclass(cls, Unchecked) and CFuncPtr in cls.__bases__:
        watch_types(cls)


CFuncPtr.__init__ = bind
CFuncPtr.c_declaration = c_declaration
CFuncPtr.__init_subclass__ = classmethod(_watch_class)
_CDataMeta.in_dll = in_dll_of(_CDataMeta.in_dll)
_rawffi.CDLL, _rawffi.get_libc = CDLL, CDLL.get_libc
alt.CDLL, alt.get_libc = AltCDLL, AltCDLL.get_libc


def get_typecheck():
    """The policy that holds."""
    return str(_policy.current)


def set_typecheck(policy):
    """Sets the policy and returns the previous one. It holds for functions that were not called yet, and for types that
    are set from now on."""
    return _policy.change(policy)
