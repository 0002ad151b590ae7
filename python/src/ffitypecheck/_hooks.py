"""What is replaced in ctypes, and how it is put back.

- Each class of functions (that of a CDLL, a prototype) gets `__init__`, `argtypes`, `restype` and `c_declaration`. Those
  that exist already are found among the subclasses of CFuncPtr; new ones come through `CDLL.__init__`, the cache of
  CFUNCTYPE and PYFUNCTYPE.
- CDLL gets `typecheck=` and `_typecheck`, the policy of one library, and a `__getitem__` that takes many functions quickly.
- `in_dll` of ctypes' metaclasses, which cannot be set from Python: the entry in their dict is replaced.

Afterwards all of these are the objects that they were, and functions made meanwhile are called and declared as ever. What was
kept of functions is found by the garbage collector.
"""

from __future__ import annotations

import ctypes as _ctypes_module
import gc
from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_PYTHONAPI, CFuncPtr

from ._function import Documentation, Unchecked, forget, get_item_of, in_dll_of, is_watched, watch, watch_no_more

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ctypes: Any = _ctypes_module                # much of what is replaced is not in its stub


def _is_own(cls: Any) -> bool:
    return str(cls.__dict__.get("__module__")).partition(".")[0] == "ffitypecheck"


def _install(cls: Any) -> None:
    if not _is_own(cls) and not is_watched(cls):
        watch(cls)


def _document(cls: Any) -> None:
    """Of the functions of a CDLL, the declaration is the documentation."""
    if cls.__dict__.get("__doc__") is None:
        cls.__doc__ = Documentation()


def _uninstall(cls: Any) -> None:
    watch_no_more(cls)
    if isinstance(cls.__dict__.get("__doc__"), Documentation):
        cls.__doc__ = None


class _Prototypes(dict):        # type: ignore[type-arg]
    """ctypes' cache of the classes that CFUNCTYPE made."""

    def __setitem__(self, key: Any, cls: Any) -> None:
        watch(cls)
        super().__setitem__(key, cls)


def _init_cdll(self: Any, name: Any, *arguments: Any, typecheck: str | None = None, **keywords: Any) -> None:
    if typecheck is not None:
        self._typecheck = typecheck
    _stock["CDLL.__init__"](self, name, *arguments, **keywords)
    if "_FuncPtr" in self.__dict__:
        _install(self._FuncPtr)
        _document(self._FuncPtr)


def _pyfunctype(restype: Any, *argtypes: Any) -> Any:
    cls = _stock["PYFUNCTYPE"](restype, *argtypes)
    watch(cls)
    return cls


_HAS_PYFUNCTYPE = hasattr(ctypes, "PYFUNCTYPE")         # PyPy has not


def _named_like(new: Any, old: Any) -> None:
    new.__name__, new.__qualname__, new.__doc__ = old.__name__, old.__qualname__, old.__doc__


_named_like(_init_cdll, ctypes.CDLL.__init__)
if _HAS_PYFUNCTYPE:
    _named_like(_pyfunctype, ctypes.PYFUNCTYPE)


def _set_entry(cls: Any, name: str, value: Any) -> None:
    """Sets an attribute of a class, also of one that is written in C, whose dict its __dict__ is only a view of."""
    try:
        setattr(cls, name, value)
    except TypeError:
        gc.get_referents(cls.__dict__)[0][name] = value
        modified = _PyType_Modified(("PyType_Modified", ctypes.pythonapi))
        modified(cls)


class _PyType_Modified(Unchecked):
    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI
    _argtypes_ = (ctypes.py_object,)
    _restype_ = None


def _metaclasses_with_in_dll() -> list[Any]:
    bases = ctypes.Structure, ctypes.Union, ctypes.Array, ctypes._Pointer, ctypes._SimpleCData, CFuncPtr
    metaclasses: list[Any] = [type(base) for base in bases]
    owners = [next(owner for owner in cls.__mro__ if "in_dll" in owner.__dict__) for cls in metaclasses]
    return list(dict.fromkeys(owners))


_stock: dict[str, Any] = {}
_stock_in_dll: dict[Any, Any] = {}


def is_on() -> bool:
    return bool(_stock)


def turn_on() -> None:
    if _stock:
        return
    _stock["CDLL.__init__"] = ctypes.CDLL.__init__
    _stock["CDLL.__getitem__"] = ctypes.CDLL.__getitem__
    if _HAS_PYFUNCTYPE:
        _stock["PYFUNCTYPE"] = ctypes.PYFUNCTYPE
        ctypes.PYFUNCTYPE = _pyfunctype
    _stock["_c_functype_cache"] = ctypes._c_functype_cache
    for owner in _metaclasses_with_in_dll():
        _stock_in_dll[owner] = owner.__dict__["in_dll"]
        _set_entry(owner, "in_dll", in_dll_of(_stock_in_dll[owner]))
    # Found before a CDLL's __getattr__ is asked, which would look for a function of that name.
    ctypes.CDLL._typecheck = None
    ctypes.CDLL.__init__ = _init_cdll
    ctypes.CDLL.__getitem__ = get_item_of(ctypes.CDLL.__getitem__)
    _named_like(ctypes.CDLL.__getitem__, _stock["CDLL.__getitem__"])
    ctypes._c_functype_cache = _Prototypes(ctypes._c_functype_cache)
    for cls in CFuncPtr.__subclasses__():
        _install(cls)


def turn_off() -> None:
    if not _stock:
        return
    cache = _stock["_c_functype_cache"]
    cache.clear()
    cache.update(ctypes._c_functype_cache)
    ctypes._c_functype_cache = cache
    if _HAS_PYFUNCTYPE:
        ctypes.PYFUNCTYPE = _stock["PYFUNCTYPE"]
    ctypes.CDLL.__init__ = _stock["CDLL.__init__"]
    ctypes.CDLL.__getitem__ = _stock["CDLL.__getitem__"]
    del ctypes.CDLL._typecheck
    for owner, stock in _stock_in_dll.items():
        _set_entry(owner, "in_dll", stock)
    left = CFuncPtr.__subclasses__()
    while left:
        cls = left.pop()
        left += cls.__subclasses__()
        _uninstall(cls)
    for object in gc.get_objects():
        if issubclass(type(object), CFuncPtr):
            forget(object)
    _stock.clear()
    _stock_in_dll.clear()
