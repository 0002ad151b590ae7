"""What is kept of a function, and what happens when it is bound and when argtypes or restype are set.

A function whose verdict is not known yet, or that is judged at each call, is an instance of a subclass of its class, which
has a `__call__`. Once it is known that its calls need nothing, the function is an instance of its class again, and its
calls are ctypes' own.
"""

from __future__ import annotations

import os
from _ctypes import FUNCFLAG_CDECL, CFuncPtr
from _thread import allocate_lock
from _weakref import ref

from . import _policy
from ._place import Place, here
from ._report import ARGUMENTS, RESULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._learn import Learned
    from ._library import Declaration

# ctypes' own.
ARGTYPES = CFuncPtr.__dict__["argtypes"]
RESTYPE = CFuncPtr.__dict__["restype"]
ERRCHECK = CFuncPtr.__dict__["errcheck"]
CALL = CFuncPtr.__call__
_INIT = CFuncPtr.__dict__.get("__init__")       # PyPy's is written in Python


class Unchecked(CFuncPtr):
    """A class for functions of this package's own: they are ctypes' own also where CFuncPtr itself is watched."""

    _flags_ = FUNCFLAG_CDECL
    argtypes, restype = ARGTYPES, RESTYPE
    if _INIT is not None:
        __init__ = _INIT


class _NotGiven:
    def __repr__(self) -> str:
        return "NOT_GIVEN"


_FunctionType: Any = type(lambda: None)
NOT_GIVEN = _NotGiven()                 # what was not declared
NOT_BOUND: Any = object()                          # a handle: the address counts, not the name


class Declared:
    """What a program declared of a function."""

    __slots__ = ("has_argtypes", "argtypes", "restype", "places", "globals")

    def __init__(self, function: Function) -> None:
        """A class-level restype without argtypes is the default of a CDLL's functions: nobody said it."""
        of_class = getattr(function.cls, "_argtypes_", None)
        self.has_argtypes = function.has_argtypes or of_class is not None
        self.argtypes: tuple[Any, ...] | None = None
        if function.has_argtypes:
            self.argtypes = function.argtypes
        elif of_class is not None:
            self.argtypes = tuple(of_class)
        self.restype = function.restype
        if self.restype is NOT_GIVEN and of_class is not None:
            self.restype = getattr(function.cls, "_restype_", NOT_GIVEN)
        self.places: list[Place | None] = list(function.places)
        self.globals: dict[str, Any] | None = None


class Function:
    """What is kept of a function object. What most of them never have is the class's."""

    handle: Any
    asked = False                       # the declaration was looked for
    decl: Declaration | None = None
    told: list[Any] | None = None       # of each side, what was warned of last
    places: tuple[Place | None, Place | None] = (None, None)
    # argtypes as they were set, in a tuple. Another sequence than a list or a tuple is not looked at.
    argtypes: tuple[Any, ...] | None = None
    has_argtypes = False
    restype: Any = NOT_GIVEN
    learned: Learned | None = None
    version: object = None              # another one whenever something is declared
    paramflags: Any = None

    def __init__(self, function: Any, handle: Any, name: str | None, own_policy: _policy.Policy | None) -> None:
        self.ref = _Reference(function, _forget)
        self.ref.key = id(function)
        self.cls = type(function)
        self.handle = handle
        self.name = name                # None: by address
        self.own_policy = own_policy    # the dll's own

    @property
    def policy(self) -> _policy.Policy:
        return self.own_policy or _policy.setting()

    @property
    def shown_name(self) -> str:
        return self.name or "function"

    def declare(self, function: Any, side: int, place: Place | None) -> None:
        """Something else is declared: what was learned before and the verdict are void."""
        self.learned = None
        self.places = (place, self.places[RESULT]) if side == ARGUMENTS else (self.places[ARGUMENTS], place)
        self.version = object()
        if type(function) is self.cls:
            function.__class__ = pending_class(self.cls)

    def settle(self, function: Any, learned: Learned | None, version: object) -> None:
        """The verdict is known, unless other types were declared meanwhile: the next call asks again."""
        if self.version is not version:
            return
        self.learned = learned
        if learned is None:
            function.__class__ = self.cls
            if self.version is not version:
                function.__class__ = pending_class(self.cls)


_functions: dict[int, Function] = {}
_PENDING = "_typecheck_pending_"

# While a module is audited: told of each function that is bound, and of each variable that in_dll looks at.
witness: Any = None


class _Reference(ref):        # type: ignore[type-arg]
    __slots__ = ("key",)
    key: int


def _forget(gone: Any) -> None:
    """Takes a function that is no more out of the table."""
    known = _functions.get(gone.key)
    if known is not None and known.ref is gone:
        del _functions[gone.key]


def function_of(function: Any) -> Function | None:
    """What is kept of a function object, None if nothing is."""
    known = _functions.get(id(function))
    return None if known is None or known.ref() is not function else known


def _keep(function: Any, handle: Any, name: str | None, own_policy: _policy.Policy | None) -> Function:
    known = _functions[id(function)] = Function(function, handle, name, own_policy)
    return known


def pending_class(cls: Any) -> Any:
    """The subclass for functions whose calls are not ctypes' own. The class's `__init__` keeps it: so it lives as long as
    the class, is not among its attributes, and no thread sees it before it is whole. A class that inherits that keeps it
    itself."""
    init = cls.__dict__.get("__init__")
    keeper = init if is_bind(init) else cls
    pending = keeper.__dict__.get(_PENDING)
    if pending is None:
        pending = _make_pending(cls)
        setattr(keeper, _PENDING, pending)
    return pending


def _make_pending(cls: Any) -> Any:
    names = {"__slots__": (), "__call__": call, "__module__": cls.__module__, "__qualname__": cls.__qualname__,
             "__doc__": cls.__dict__.get("__doc__")}
    for name in "_flags_", "_restype_", "_argtypes_":
        if hasattr(cls, name):
            names[name] = getattr(cls, name)
    pending = type(cls)(cls.__name__, (cls,), names)
    del pending.__slots__
    return pending


def is_pending(cls: Any) -> bool:
    return cls.__dict__.get("__call__") is call


_checking: Any = None
_loading = allocate_lock()
# A fork waits until no thread imports: the child would wait for a thread that it has not got.
os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def checking() -> Any:
    """The modules that need libffitypecheck, imported when something is first to be known of a function."""
    global _checking
    if _checking is None:
        with _loading:
            from . import _call
        _checking = _call
    return _checking


def call(function: Any, /, *arguments: Any, **keywords: Any) -> Any:
    """The `__call__` of such a subclass."""
    return checking().call_of(function, arguments, keywords)


def bind(function: Any, /, *arguments: Any, **keywords: Any) -> None:
    """The `__init__` of classes of functions: one was bound to the symbol of a dll, or to an address."""
    if _INIT is not None:
        _INIT(function, *arguments, **keywords)
    target = arguments[0] if arguments else None
    dll = handle = name = None
    if isinstance(target, tuple):
        name, dll = target[0], target[1]
        if isinstance(name, bytes):
            name = name.decode()
        handle = dll._handle
        if not isinstance(name, str):
            return
    elif not isinstance(target, int):
        return                          # a callback, or nothing yet
    own_policy = None if dll is None else _policy.of_library(dll)
    known = _keep(function, handle, name, own_policy)
    known.paramflags = arguments[1] if len(arguments) > 1 else keywords.get("paramflags")
    if witness is not None:
        witness.bound(function, known)
    if own_policy is not None and own_policy.name == "off":
        return
    function.__class__ = pending_class(known.cls)
    if getattr(known.cls, "_argtypes_", None) is None:
        return
    # A prototype's types are known now; what is at an address is looked for when it is first called.
    place, globals = here(name)
    known.places = place, place
    if name is not None and known.policy.asks_now:
        declared = Declared(known)
        declared.globals = globals
        checking().check_now(function, known, declared)


def new_bind() -> Any:
    """The `__init__` of one class."""
    return _FunctionType(bind.__code__, bind.__globals__, "__init__")


def is_bind(init: Any) -> bool:
    return getattr(init, "__code__", None) is bind.__code__


def known_function(function: Any) -> Function:
    """A function that was bound before its class was looked after is known by its address."""
    known = function_of(function)
    if known is None:
        name = function.__dict__.get("__name__")
        known = _keep(function, None, None, None)
        known.name = None if name is None else str(name)
        known.handle = NOT_BOUND
    return known


def _set_side(function: Any, side: int, value: Any, given: Any) -> None:
    descriptor = RESTYPE if side == RESULT else ARGTYPES
    known = known_function(function)
    place, globals = here(known.name, 3)
    if (known.own_policy or _policy.setting()).asks_now:
        # ctypes' own complaints come first, and a refusal changes nothing.
        if value is not NOT_GIVEN:
            descriptor.__set__(known.cls(), value)
        declared = Declared(known)
        if side == RESULT and given is not NOT_GIVEN:
            declared.restype = given
        elif side == ARGUMENTS and given is not NOT_GIVEN:
            declared.has_argtypes, declared.argtypes = True, given
        declared.places[side] = place
        declared.globals = globals
        checking().check_now(function, known, declared)
    if value is NOT_GIVEN:
        descriptor.__delete__(function)
    else:
        descriptor.__set__(function, value)
    if side == RESULT:
        known.restype = given
    else:
        known.has_argtypes = given is not NOT_GIVEN
        known.argtypes = given if known.has_argtypes else None
    known.declare(function, side, place)


def _set_argtypes(function: Any, argtypes: Any) -> None:
    if argtypes is None:
        _set_side(function, ARGUMENTS, None, NOT_GIVEN)
    else:
        # Another sequence might not survive to be looked at.
        given = tuple(argtypes) if isinstance(argtypes, (list, tuple)) else None
        _set_side(function, ARGUMENTS, argtypes, given)


def _delete_argtypes(function: Any) -> None:
    _set_side(function, ARGUMENTS, NOT_GIVEN, NOT_GIVEN)


def _set_restype(function: Any, restype: Any) -> None:
    _set_side(function, RESULT, restype, restype)


def _delete_restype(function: Any) -> None:
    _set_side(function, RESULT, NOT_GIVEN, NOT_GIVEN)


def declaration_in_c(function: Any) -> Any:
    """The declaration in C that the library's debug information has."""
    return checking().spelling_of(function)


def _reader(descriptor: Any) -> Any:
    """PyPy's calls read restype: what its compiler sees of that stays as it is."""
    return getattr(descriptor, "fget", None) or descriptor.__get__


argtypes = property(_reader(ARGTYPES), _set_argtypes, _delete_argtypes, ARGTYPES.__doc__)
restype = property(_reader(RESTYPE), _set_restype, _delete_restype, RESTYPE.__doc__)
c_declaration = property(declaration_in_c)
_ATTRIBUTES = {"argtypes": argtypes, "restype": restype, "c_declaration": c_declaration}


def watch_types(cls: Any) -> None:
    """Sees what is declared of functions of a class."""
    for name, value in _ATTRIBUTES.items():
        setattr(cls, name, value)


def watch(cls: Any) -> None:
    """Sees what is bound and declared of functions of a class."""
    cls.__init__ = new_bind()
    watch_types(cls)


def is_watched(cls: Any) -> bool:
    """By this package, also in another interpreter of the process: up to CPython 3.12 they share CFuncPtr's subclasses. The
    modules that the patch of PyPy has beside _ctypes are not this package."""
    own = getattr(cls.__dict__.get("c_declaration"), "fget", None)
    return getattr(own, "__module__", None) == __name__


def watch_no_more(cls: Any) -> None:
    for name, value in _ATTRIBUTES.items():
        if cls.__dict__.get(name) is value:
            delattr(cls, name)
    if is_bind(cls.__dict__.get("__init__")):
        del cls.__init__
    if _PENDING in cls.__dict__:
        delattr(cls, _PENDING)
    if is_pending(cls):
        del cls.__call__            # its instances are called as ever


def in_dll_of(stock: Any) -> Any:
    """The `in_dll` of a metaclass that has this one."""
    def in_dll(cls: Any, library: Any, name: str) -> Any:
        """in_dll(library, name) -> an instance in shared library memory"""
        found = stock(cls, library, name)
        checking().check_variable(cls, library, name)
        return found
    return in_dll


class Documentation:
    """What help() shows of a function, until it gets a __doc__ of its own."""

    def __get__(self, function: Any, owner: Any = None) -> Any:
        return None if function is None else declaration_in_c(function)
