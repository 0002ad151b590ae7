"""What is kept of a function, and what happens when it is bound and when argtypes or restype are set.

A function whose verdict is not known yet, or that is judged at each call, is an instance of a subclass of its class, which
has a `__call__`. Once it is known that its calls need nothing, the function is an instance of its class again, and its
calls are ctypes' own.
"""

from __future__ import annotations

import os
from _ctypes import FUNCFLAG_CDECL, CFuncPtr
from _thread import RLock

from . import _policy
from ._place import here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._learn import Learned
    from ._library import Declaration
    from ._place import Place

# The two sides of a declaration, which are set one after the other.
ARGUMENTS, RESULT = 0, 1

# ctypes' own.
ARGTYPES = CFuncPtr.__dict__["argtypes"]
RESTYPE = CFuncPtr.__dict__["restype"]
ERRCHECK = CFuncPtr.__dict__["errcheck"]
CALL = CFuncPtr.__call__
_STORE_ARGTYPES, _STORE_RESTYPE = ARGTYPES.__set__, RESTYPE.__set__
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
NOT_BOUND: Any = object()               # a handle: the address counts, not the name
UNKNOWN: Any = object()                 # what was not asked yet


class Origin:
    """What functions that were bound alike have in common."""

    __slots__ = ("cls", "handle", "own_policy", "pending")
    pending: Any

    def __init__(self, cls: Any, handle: Any, own_policy: _policy.Policy | None = None) -> None:
        self.cls = cls
        self.handle = handle            # of the dll
        self.own_policy = own_policy    # the dll's


class Function:
    """What is kept of a function, as an attribute of it. An import may make thousands: `_keep` makes them."""

    __slots__ = ("origin", "name", "paramflags", "decl", "told", "argtypes", "argtypes_place", "restype", "restype_place", "learned")
    origin: Origin
    name: str | None                    # None: by address
    paramflags: Any
    decl: Any                           # a Declaration, None: there is none, or UNKNOWN
    told: list[Any] | None              # of each side, what was warned of last
    argtypes: Any                       # as they were set, in a tuple. None: another sequence, which is not looked at
    argtypes_place: Place | None
    restype: Any
    restype_place: Place | None
    learned: Any                        # a Learned, None: calls are ctypes' own, or UNKNOWN

    @property
    def policy(self) -> _policy.Policy:
        return self.origin.own_policy or _policy.current

    @property
    def shown_name(self) -> str:
        return self.name or "function"

    def settle(self, function: Any, argtypes: Any, restype: Any, learned: Learned | None) -> None:
        """The verdict on what was declared is known. If something else was declared meanwhile, the next call asks again."""
        if self.argtypes is not argtypes or self.restype is not restype:
            return
        self.learned = learned
        if learned is None:
            function.__class__ = self.origin.cls
        if self.argtypes is not argtypes or self.restype is not restype:
            self.unsettle(function)

    def unsettle(self, function: Any) -> None:
        """Something else is declared: what was learned before and the verdict are void."""
        self.learned = UNKNOWN
        if type(function) is self.origin.cls:
            function.__class__ = pending_class(self.origin.cls)


class Declared:
    """What a program declared of a function."""

    __slots__ = ("argtypes", "has_argtypes", "restype", "places")

    def __init__(self, known: Function, side: int = ARGUMENTS, change: tuple[Any, Place | None] | None = None) -> None:
        """`change` is what is about to be declared of one side, and its place. A class-level restype without argtypes is the
        default of a CDLL's functions: nobody said it."""
        given, self.places = [known.argtypes, known.restype], [known.argtypes_place, known.restype_place]
        if change is not None:
            given[side], self.places[side] = change
        argtypes, self.restype = given
        of_class = getattr(known.origin.cls, "_argtypes_", None)
        if argtypes is NOT_GIVEN and of_class is not None:
            argtypes = tuple(of_class)
        if self.restype is NOT_GIVEN and of_class is not None:
            self.restype = getattr(known.origin.cls, "_restype_", NOT_GIVEN)
        self.has_argtypes = argtypes is not NOT_GIVEN
        self.argtypes: tuple[Any, ...] | None = argtypes if self.has_argtypes else None


_PENDING = "_typecheck_pending_"

# While a module is audited: told of each function that is bound, and of each variable that in_dll looks at.
witness: Any = None


def function_of(function: Any) -> Function | None:
    """What is kept of a function object, None if nothing is."""
    known: Function | None = getattr(function, "_typecheck_", None)
    return known


def _keep(function: Any, origin: Origin, name: str | None) -> Function:
    known = Function()
    known.origin = origin
    known.name = name
    known.decl = known.learned = UNKNOWN
    known.argtypes = known.restype = NOT_GIVEN
    known.argtypes_place = known.restype_place = known.paramflags = known.told = None
    try:
        function._typecheck_ = known
    except AttributeError:
        pass                            # its class has __slots__ and no __dict__: nothing can be kept
    return known


def forget(function: Any) -> None:
    """Nothing is kept of it any more."""
    getattr(function, "__dict__", {}).pop("_typecheck_", None)


def pending_class(cls: Any) -> Any:
    """The subclass for functions whose calls are not ctypes' own. The class's `__init__` keeps it: so it lives as long as
    the class, is not among its attributes, and no thread sees it before it is whole. A class that inherits that keeps it
    itself."""
    init = cls.__dict__.get("__init__")
    if init is bind:
        init = cls.__init__ = _FunctionType(bind.__code__, bind.__globals__, "__init__")
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


class Importing(Exception):
    """A finalizer that ran while this thread imports a module of the package needs one: its calls are ctypes' own."""


_modules: dict[str, Any] = {}
_is_importing = False
_loading = RLock()
# A fork waits until no thread imports: the child would wait for a thread that it has not got.
os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def later(name: str) -> Any:
    """A module of this package that is imported when it is first needed: to enable the check costs little."""
    global _is_importing
    module = _modules.get(name)
    if module is None:
        with _loading:
            if _is_importing:
                raise Importing
            _is_importing = True
            try:
                module = _modules[name] = __import__(name, globals(), None, ("*",), 1)
            finally:
                _is_importing = False
    return module


def call(function: Any, /, *arguments: Any, **keywords: Any) -> Any:
    """The `__call__` of such a subclass."""
    known = function_of(function)
    if known is None:
        return CALL(function, *arguments, **keywords)
    try:
        if known.learned is UNKNOWN:
            later("_check").settle(function, known)
        learned = known.learned
        call_of = None if learned is None or learned is UNKNOWN else later("_call").call_of
    except Importing:
        call_of = None
    if call_of is None:
        return CALL(function, *arguments, **keywords)
    return call_of(function, known, learned, arguments, keywords)


def _check_now(function: Any, known: Function, declared: Declared) -> None:
    try:
        later("_check").check_now(function, known, declared)
    except Importing:
        pass


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
    cls: Any = type(function)
    origin = Origin(cls.__base__ if is_pending(cls) else cls, handle, None if dll is None else _policy.of_library(dll))
    known = _keep(function, origin, name)
    known.paramflags = arguments[1] if len(arguments) > 1 else keywords.get("paramflags")
    if witness is not None:
        witness.bound(function, known)
    if origin.own_policy is not None and origin.own_policy.name == "off":
        return
    function.__class__ = pending_class(origin.cls)
    if getattr(origin.cls, "_argtypes_", None) is None:
        return
    # A prototype's types are known now; what is at an address is looked for when it is first called.
    known.argtypes_place = known.restype_place = here(name)
    if name is not None and known.policy.asks_now:
        _check_now(function, known, Declared(known))


bind.__name__ = bind.__qualname__ = "__init__"


def get_item_of(stock: Any) -> Any:
    """The `__getitem__` of CDLL that has this one. An import may take thousands of functions: from the second one on, a
    library's are instances of the subclass from the start, and `bind` is not called."""
    new = CFuncPtr.__new__

    def get_item(dll: Any, name: Any) -> Any:
        cls = dll._FuncPtr
        try:
            origin = cls.__init__._typecheck_origin_
        except AttributeError:
            return _first_item(dll, name, stock)
        if origin.cls is not cls or origin.handle != dll._handle or type(name) is not str:
            return stock(dll, name)
        target = name, dll
        function = new(origin.pending, target)
        if _INIT is not None:
            _INIT(function, target)
        function.__name__ = name
        known = _keep(function, origin, name)
        if witness is not None:
            witness.bound(function, known)
        return function

    return get_item


def _first_item(dll: Any, name: Any, stock: Any) -> Any:
    """A function that `bind` looks at. What it has in common with the library's others is kept for them."""
    function = stock(dll, name)
    known = function_of(function)
    if known is not None and is_pending(type(function)):
        cls = known.origin.cls
        init = cls.__dict__.get("__init__")
        if is_bind(init) and getattr(cls, "_argtypes_", None) is None:
            known.origin.pending = type(function)
            init._typecheck_origin_ = known.origin
    return function


def is_bind(init: Any) -> bool:
    return getattr(init, "__code__", None) is bind.__code__


def known_function(function: Any) -> Function:
    """A function that was bound before its class was looked after is known by its address."""
    known = function_of(function)
    if known is not None:
        return known
    name = getattr(function, "__dict__", {}).get("__name__")
    known = _keep(function, Origin(type(function), NOT_BOUND), None if name is None else str(name))
    known.learned = None            # its calls are ctypes' own
    return known


def _check_change(function: Any, known: Function, side: int, value: Any, given: Any, place: Place | None) -> None:
    """ctypes' own complaints come first, and a refusal changes nothing."""
    if value is not NOT_GIVEN:
        (ARGTYPES, RESTYPE)[side].__set__(known.origin.cls(), value)
    _check_now(function, known, Declared(known, side, (given, place)))


# The next two end alike. One function for both costs an import of thousands of prototypes 1 % more.
def _set_argtypes(function: Any, argtypes: Any = NOT_GIVEN) -> None:
    """Deletes them, too: a property calls that without a value."""
    try:
        known = function._typecheck_
    except AttributeError:
        known = known_function(function)
    place = here(known.name, 2)
    if type(argtypes) is list or isinstance(argtypes, (list, tuple)):
        given: Any = tuple(argtypes)
    else:
        # Another sequence might not survive to be looked at.
        given = NOT_GIVEN if argtypes is None or argtypes is NOT_GIVEN else None
    if (known.origin.own_policy or _policy.current).asks_now:
        _check_change(function, known, ARGUMENTS, argtypes, given, place)
    if argtypes is NOT_GIVEN:
        ARGTYPES.__delete__(function)
    else:
        _STORE_ARGTYPES(function, argtypes)
    known.argtypes = given
    known.argtypes_place = place
    if known.learned is not UNKNOWN:
        known.unsettle(function)


def _set_restype(function: Any, restype: Any = NOT_GIVEN) -> None:
    try:
        known = function._typecheck_
    except AttributeError:
        known = known_function(function)
    place = here(known.name, 2)
    if (known.origin.own_policy or _policy.current).asks_now:
        _check_change(function, known, RESULT, restype, restype, place)
    if restype is NOT_GIVEN:
        RESTYPE.__delete__(function)
    else:
        _STORE_RESTYPE(function, restype)
    known.restype = restype
    known.restype_place = place
    if known.learned is not UNKNOWN:
        known.unsettle(function)


def declaration_in_c(function: Any) -> Any:
    """The declaration in C that the library's debug information has."""
    try:
        return later("_check").spelling_of(function)
    except Importing:
        return None


def _reader(descriptor: Any) -> Any:
    """PyPy's calls read restype: what its compiler sees of that stays as it is."""
    return getattr(descriptor, "fget", None) or descriptor.__get__


argtypes = property(_reader(ARGTYPES), _set_argtypes, _set_argtypes, ARGTYPES.__doc__)
restype = property(_reader(RESTYPE), _set_restype, _set_restype, RESTYPE.__doc__)
c_declaration = property(declaration_in_c)


def watch_types(cls: Any) -> None:
    """Sees what is declared of functions of a class."""
    cls.argtypes, cls.restype, cls.c_declaration = argtypes, restype, c_declaration


def watch(cls: Any) -> None:
    """Sees what is bound and declared of functions of a class."""
    cls.__init__ = bind
    watch_types(cls)


def is_watched(cls: Any) -> bool:
    """By this package, also in another interpreter of the process: up to CPython 3.12 they share CFuncPtr's subclasses. The
    modules that the patch of PyPy has beside _ctypes are not this package."""
    own = getattr(cls.__dict__.get("c_declaration"), "fget", None)
    return getattr(own, "__module__", None) == __name__


def watch_no_more(cls: Any) -> None:
    for name in "argtypes", "restype", "c_declaration":
        if cls.__dict__.get(name) is globals()[name]:
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
        try:
            later("_check").check_variable(cls, library, name)
        except Importing:
            pass
        return found
    return in_dll


class Documentation:
    """What help() shows of a function, until it gets a __doc__ of its own."""

    def __get__(self, function: Any, owner: Any = None) -> Any:
        return None if function is None else declaration_in_c(function)
