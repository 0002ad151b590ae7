"""as_stock.py: what can be done with functions, libraries and types of ctypes besides calling them wrongly.

Runs a list of statements, each in a namespace of its own, and prints what came of it. The output must be the same under the
stock _ctypes, the patched one without the option, and with it under every policy: suites.sh compares. The library that is
called is _ctypes_test, which is compiled with -g. Runs on Python 2.7 and 3.
"""

from __future__ import print_function

import re
import sys
import warnings

SETUP = """
import copy, ctypes, gc, inspect, pickle, pydoc, sys, weakref, _ctypes, _ctypes_test
from ctypes import *
lib = CDLL(_ctypes_test.__file__)
add = lib._testfunc_i_bhilfd
add.argtypes, add.restype = [c_byte, c_short, c_int, c_long, c_float, c_double], c_int
same = lib._testfunc_q_bhilfdq
echo = lib.tf_i
text = lib.my_strdup
class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]
def make(name, base=Structure, **namespace):
    return type(base)(name, (base,), namespace)
OURS = {"c_declaration", "_typecheck_"}
def raises(function, *arguments):
    try:
        function(*arguments)
    except Exception:
        return True
"""

# Functions: what can be set, read and deleted.
FUNCTIONS = r"""
echo.__doc__ = "text"; echo.__doc__
echo.__doc__ = None; echo.__doc__
echo.__doc__ = u"text"; del echo.__doc__; 1
echo.__doc__ = 5; (echo.__doc__, lib.tf_i.__doc__, lib["tf_i"] is echo)
del echo.__doc__
type(echo).__doc__
type(echo).__doc__ = "text"; (type(echo).__doc__, echo.__doc__)
lib._FuncPtr.__doc__
CFUNCTYPE(c_int).__doc__
CFUNCTYPE(c_int)(lambda: 5).__doc__ is CFUNCTYPE(c_int).__doc__
echo.__name__
echo.__name__ = "other"; (echo.__name__, lib.tf_i.__name__)
echo.__module__
echo.__module__ = "other"; echo.__module__
type(echo).__module__
echo.__class__ is lib._FuncPtr
echo.__class__ = object
echo.__class__ = lib._FuncPtr; echo(3)
echo.anything = 1; (echo.anything, vars(echo)["anything"])
echo.anything = 1; del echo.anything; hasattr(echo, "anything")
del echo.anything
setattr(echo, "", 3); getattr(echo, "")
sorted(vars(echo))
echo.__dict__ = {"a": 1, "__name__": "b"}; (echo.a, echo.__name__)
echo.__dict__["restype"] = 5; echo.restype is c_int
sorted(set(dir(echo)) - OURS)
sorted(set(dir(type(echo))) - OURS)
sorted(set(vars(_ctypes.CFuncPtr)) - OURS)
sorted(vars(type(echo)))
sorted(name for name in dir(_ctypes) if "ypecheck" not in name and "ypeCheck" not in name)
re.sub("0x[0-9a-f]+", "", repr(echo))
re.sub("0x[0-9a-f]+", "", str(echo))
u"%s" % (type(echo).__name__,)
hash(echo) == hash(echo), len({echo, echo, lib["tf_i"]})
echo == echo, echo == lib["tf_i"], echo != lib["tf_i"]
isinstance(echo < lib["tf_i"], bool)
bool(echo), bool(CFUNCTYPE(c_int)()), bool(CFUNCTYPE(c_int)(lambda: 1))
callable(echo), callable(CFUNCTYPE(c_int))
len(echo)
echo[0]
iter(echo)
sizeof(echo), sizeof(type(echo)), alignment(echo), sizeof(CFUNCTYPE(c_int))
addressof(echo) == addressof(echo), addressof(echo) == addressof(lib["tf_i"])
cast(echo, c_void_p).value == cast(lib["tf_i"], c_void_p).value
pointer(echo).contents is echo, pointer(echo)[0] == echo
byref(echo) is not None
(type(echo) * 2)(echo, echo)[0](-3)
resize(echo, 4)
resize(echo, 64); echo(3)
memoryview(echo).format if sys.version_info[0] > 2 else None
memoryview(echo).nbytes if sys.version_info[0] > 2 else None
bytes(memoryview(echo)) == bytes(memoryview(lib["tf_i"])) if sys.version_info[0] > 2 else None
type(echo).from_address(addressof(echo))(3)
type(echo).from_buffer_copy(memoryview(echo).tobytes())(3)
echo._objects
echo._b_base_, echo._b_needsfree_
echo._flags_, echo._restype_ is c_int
copy.copy(echo)
copy.deepcopy(echo)
pickle.dumps(echo)
pickle.dumps(echo, 2)
pickle.dumps(lib)
pickle.dumps(c_int(5)) != b"", pickle.loads(pickle.dumps(c_int(5))).value
pickle.loads(pickle.dumps(c_double(0.5), 2)).value
copy.copy(c_long(5)).value, copy.deepcopy((c_int * 2)(1, 2))[1]
echo.__reduce__()
echo.__reduce_ex__(2)
echo.__setstate__(({}, b""))
reference = weakref.ref(echo); reference() is echo
function = lib["tf_i"]; reference = weakref.ref(function); del function; gc.collect(); reference()
own = CDLL(_ctypes_test.__file__); reference = weakref.ref(own); own.tf_i(3); del own; gc.collect(); reference()
own = CDLL(_ctypes_test.__file__); own.tf_i.argtypes = [c_int]; own.tf_i.library = own; reference = weakref.ref(own); del own; gc.collect(); reference()
gc.is_tracked(echo), gc.get_referents(echo) != []
inspect.isfunction(echo), inspect.isbuiltin(echo), inspect.isroutine(echo), inspect.isclass(type(echo))
inspect.isdatadescriptor(echo), inspect.ismethoddescriptor(echo)
inspect.signature(echo)
inspect.getfile(echo)
inspect.getsource(echo)
inspect.getmodule(echo)
sorted(name for name, value in inspect.getmembers(echo) if name not in OURS | {"__doc__"})
pydoc.render_doc(echo) != ""
pydoc.render_doc(type(echo)) != ""
pydoc.render_doc(lib) != ""
isinstance(echo, _ctypes.CFuncPtr), issubclass(type(echo), _ctypes.CFuncPtr)
type(echo).__mro__[1:3] == (_ctypes.CFuncPtr, _ctypes.CFuncPtr.__mro__[1])
class Mine(type(echo)): extra = 1
Mine = type("Mine", (type(echo),), {"__doc__": "own"}); f = Mine(("tf_i", lib)); (f.__doc__, f(3))
Mine = type("Mine", (_ctypes.CFuncPtr,), {"_flags_": 1}); Mine._restype_
function = lib._FuncPtr(("tf_i", lib)); function.argtypes = [c_int]; function(-9)
lib._FuncPtr(("no_such_function", lib))
lib._FuncPtr((5, lib))
lib._FuncPtr(("tf_i", object()))
lib._FuncPtr(("tf_i", 5))
lib._FuncPtr(5, 6)
lib._FuncPtr("tf_i")
bool(lib._FuncPtr()), bool(lib._FuncPtr(0))
lib._FuncPtr(0).restype is c_int
lib._FuncPtr(lambda: 1)
""" + r"""
echo.argtypes, echo.restype is c_int, hasattr(echo, "errcheck") and echo.errcheck
add.argtypes == [c_byte, c_short, c_int, c_long, c_float, c_double], type(add.argtypes).__name__
add.argtypes = add.argtypes; add(1, 2, 3, 4, 5.0, 6.0)
echo.argtypes = (c_int,); (echo.argtypes, echo(-5))
echo.argtypes = [c_int]; (echo.argtypes, echo(-5))
types = [c_int]; echo.argtypes = types; types.append(c_int); (echo(-5), echo.argtypes is types)
echo.argtypes = (kind for kind in [c_int]); echo(-5)
echo.argtypes = iter([c_int]); echo(-5)
echo.argtypes = {c_int: 1}; echo(-5)
echo.argtypes = 5
echo.argtypes = "abc"
echo.argtypes = [5]
echo.argtypes = [int]
echo.argtypes = [c_int]; echo.argtypes = None; (echo.argtypes, echo(3))
echo.argtypes = [c_int]; del echo.argtypes; (echo.argtypes, echo(3))
echo.argtypes = [c_int]; echo()
echo.argtypes = [c_int]; echo("a")
echo.argtypes = [c_int]; echo(1.5)
echo.argtypes = [c_int]; echo(None)
echo.argtypes = [c_int]; echo(1, 2, 3)
echo.argtypes = [c_int]; echo(2 ** 70)
echo.argtypes = [c_int]; echo(2 ** 32 + 3)
echo.restype = c_uint; echo.restype is c_uint
echo.restype = None; (echo.restype, echo(3))
echo.restype = c_int; del echo.restype; (echo.restype is c_int, echo(3))
echo.restype = 5
echo.restype = "abc"
echo.restype = str; echo(33)
echo.restype = lambda value: [value]; echo(33)
echo.restype = lambda: None; echo(33)
echo.restype = bool; echo(33)
Kind = type("Kind", (c_int,), {}); echo.restype = Kind; type(echo(33)).__name__
Kind = type("Kind", (c_int,), {"_check_retval_": lambda self: self.value * 2}); echo.restype = Kind; echo(33)
Kind = type("Kind", (c_int,), {"_check_retval_": 5}); echo.restype = Kind; echo(33)
Kind = type("Kind", (object,), {"_check_retval_": None, "__call__": lambda self, value: value}); echo.restype = Kind(); echo(33)
echo.errcheck = lambda result, function, arguments: (result, function is echo, arguments); echo(33)
echo.errcheck = lambda result, function, arguments: arguments; echo(33)
echo.errcheck = 5
echo.errcheck = None
echo.errcheck = int; echo(33)
echo.errcheck = lambda *arguments: 1 // 0; echo(33)
echo.errcheck = lambda *arguments: 1; del echo.errcheck; echo(33)
echo(*[33])
echo(2 ** 70)
echo(-2 ** 63 - 1)
raises(echo, []), raises(echo, {}), raises(echo, object()), raises(echo, 1.5)
echo(True), echo(c_int(3)), echo(c_short(-3)), echo(c_ubyte(255))
Holder = type("Holder", (object,), {"_as_parameter_": 33}); echo(Holder())
prototype = CFUNCTYPE(c_int, c_int); f = prototype(("tf_i", lib)); (f(33), f.argtypes, f.restype is c_int)
prototype = CFUNCTYPE(c_int, c_int); f = prototype(("tf_i", lib), ((1, "value", 9),)); (f(), f(3), f(value=6))
prototype = CFUNCTYPE(c_int, c_int); f = prototype(("tf_i", lib), ((1, "value"),)); f(other=6)
prototype = CFUNCTYPE(c_int, c_int); prototype(("tf_i", lib), ((9, "value"),))
prototype = CFUNCTYPE(c_int, c_int); prototype(("tf_i", lib), ())
CFUNCTYPE(c_int, c_int) is CFUNCTYPE(c_int, c_int), CFUNCTYPE(c_int, c_int) is CFUNCTYPE(c_int, c_long)
CFUNCTYPE(c_int, c_int)(lambda value: value + 1)(5)
CFUNCTYPE(c_int, c_int)(5).argtypes == (c_int,)
CFUNCTYPE(c_int, 5)
CFUNCTYPE(5)
CFUNCTYPE(c_int, c_int, use_errno=True)(("tf_i", lib))
CFUNCTYPE(c_int, c_int).from_param(None)
CFUNCTYPE(c_int, c_int).from_param(echo)
f = CFUNCTYPE(c_int, c_int)(lambda value: value); f.restype = c_long; f.argtypes = [c_long]; (f.restype is c_long, f.argtypes)
cast(echo, CFUNCTYPE(c_int, c_int))(33)
cast(echo, CFUNCTYPE(c_int, c_int)).argtypes
POINTER(CFUNCTYPE(c_int, c_int))(CFUNCTYPE(c_int, c_int)(lambda value: 7))[0](1)
prototype = PYFUNCTYPE(py_object, py_object); prototype(("PyObject_Str", pythonapi))(5)
pythonapi.PyErr_Clear.argtypes
"""

# Libraries: the same.
LIBRARIES = r"""
lib
str(lib) == repr(lib), repr(lib).split()[0]
lib._name == _ctypes_test.__file__, isinstance(lib._handle, int), lib._FuncPtr.__name__
sorted(vars(lib))
sorted(vars(CDLL(None)))
sorted(name for name in dir(lib) if name != "_typecheck")
lib.tf_i is lib.tf_i, lib["tf_i"] is lib["tf_i"]
lib.no_such_function
lib["no_such_function"]
lib.__no_such_function__
lib[5]
lib[b"tf_i"] is not None
lib[u"tf_i"] is not None
lib.tf_i = 5; lib.tf_i
del lib.tf_i; lib.tf_i(3)
del lib.tf_i; del lib.tf_i
lib.anything = 1; vars(lib)["anything"]
hash(lib) == hash(lib), lib == lib, lib == CDLL(_ctypes_test.__file__), lib != 5
bool(lib)
len(lib)
iter(lib)
lib()
copy.copy(lib).tf_i(3), copy.copy(lib)._handle == lib._handle
weakref.ref(lib)() is lib
class Mine(CDLL): pass
Mine = type("Mine", (CDLL,), {"_func_restype_": c_long}); Mine(_ctypes_test.__file__).tf_i.restype is c_long
Mine = type("Mine", (CDLL,), {"__init__": lambda self, name: CDLL.__init__(self, name, 0, None, False, False)}); Mine(_ctypes_test.__file__).tf_i(3)
Mine = type("Mine", (CDLL,), {"__getattr__": lambda self, name: name}); Mine(_ctypes_test.__file__).tf_i
Mine = type("Mine", (CDLL,), {"__getitem__": lambda self, name: CDLL.__getitem__(self, "tf_i")}); Mine(_ctypes_test.__file__).other(3)
Mine = type("Mine", (CDLL,), {"__slots__": ("extra",)}); Mine(_ctypes_test.__file__).tf_i(3)
Mine = type("Mine", (object,), {"_handle": lib._handle}); lib._FuncPtr(("tf_i", Mine()))(3)
Mine = type("Mine", (object,), {"_handle": property(lambda self: 1 // 0)}); lib._FuncPtr(("tf_i", Mine()))
Mine = type("Mine", (object,), {"__getattr__": lambda self, name: lib._handle if name == "_handle" else None}); lib._FuncPtr(("tf_i", Mine()))(3)
CDLL("no_such_library.so")
CDLL(_ctypes_test.__file__, handle=lib._handle).tf_i(3)
CDLL(None).abs(-3), CDLL(None)._name
CDLL(_ctypes_test.__file__, mode=RTLD_GLOBAL).tf_i(3)
CDLL(_ctypes_test.__file__, use_errno=True).tf_i(3)
CDLL(_ctypes_test.__file__, no_such_option=True)
PyDLL(_ctypes_test.__file__).tf_i(3)
PyDLL(None)._func_flags_, CDLL(None)._func_flags_
cdll.LoadLibrary(_ctypes_test.__file__).tf_i(3)
LibraryLoader(CDLL)
LibraryLoader(CDLL).LoadLibrary(_ctypes_test.__file__).tf_i(3)
c_int.in_dll(lib, "an_integer").value
c_int.in_dll(lib, "no_such_variable")
c_int.in_dll(lib, 5)
c_int.in_dll(5, "an_integer")
c_int.in_dll(object(), "an_integer")
pydll.LoadLibrary(None)._name
"""

# Types and their instances: the same.
TYPES = r"""
Point._fields_, Point.__name__, Point.__doc__
Point.extra = 1; Point(1, 2).extra
Point.x = 5; Point(1, 2).x
del Point.x; Point(1, 2).y
Point._fields_ = []
Point._pack_ = 1; Point(1, 2).y
sorted(vars(Point)), sorted(dir(Point(1, 2)))
Point(1, 2).z
point = Point(1, 2); point.z = 3; vars(point)
hash(Point(1, 2)) != 0
point = Point(1, 2); hash(point) == hash(point), point == point, point == Point(1, 2)
bool(Point()), bool(c_int(0)), bool(c_int(1)), bool(POINTER(c_int)()), bool((c_int * 0)())
copy.copy(Point(1, 2)).y, copy.deepcopy(Point(1, 2)).x
copy.copy(pointer(c_int(1)))
pickle.dumps(pointer(c_int(1)))
pickle.dumps(c_char_p(b"text"))
pickle.dumps(Point)
weakref.ref(Point(1, 2))()
class Sub(Point): pass
Sub = type("Sub", (Point,), {"_fields_": [("z", c_int)]}); (sizeof(Sub), Sub(1, 2, 3).z)
Sub = type("Sub", (Point,), {"__init__": lambda self: None, "__eq__": lambda self, other: True}); Sub() == 5
POINTER(Point) is POINTER(Point), POINTER(Point)._type_ is Point
POINTER(Point).extra = 1; POINTER(Point)().extra
POINTER(Point)._type_ = c_int
c_int._type_, c_int.from_param(5) is not None, c_int(5).value
c_int.__ctype_le__ is c_int or c_int.__ctype_be__ is c_int
c_int.from_param("a")
Point.from_param(Point(1, 2)).x
Point.from_param(5)
POINTER(c_int).from_param(c_int(5)) is not None
POINTER(c_int).from_param(c_long(5))
pointer(c_int(5)).contents.value, pointer(c_int(5))[0]
p = pointer(c_int(5)); p.contents = c_int(6); p[0]
p = pointer(c_int(5)); p._objects
cast(create_string_buffer(b"text"), POINTER(c_char))[1]
sorted(map(str, cast(create_string_buffer(b"text"), c_void_p)._objects.values()))[0][:9]
create_string_buffer(3).raw, create_unicode_buffer(u"ab").value
(c_int * 3)(1, 2)[:], (c_int * 3)._length_
(c_int * 3)(1, 2, 3, 4)
byref(c_int(5), 2) is not None
byref(5)
byref(c_int(5))._obj.value
repr(c_int(5)), repr(c_char_p(b"a"))
sizeof(Point), alignment(Point), addressof(Point()) != 0
resize(Point(), 100)
Point.from_buffer(bytearray(8)).x
Point.from_buffer(bytearray(7))
Point.from_buffer_copy(b"\0" * 8).y
Point.from_address(addressof(Point(7, 8))) is not None
set_errno(5), get_errno()
sorted(name for name in dir(ctypes) if "ypecheck" not in name and "ypeCheck" not in name and name != "_Declaration")
"""

# Calls that are right, declared and not.
CALLS = r"""
add(1, 2, 3, 4, 5.0, 6.0)
add(b"a", 2, 3, 4, 5.0, 6.0)
add(1, 2, 3, 4, 5, 6)
add(c_byte(1), c_short(2), c_int(3), c_long(4), c_float(5), c_double(6))
add(1, 2, 3)
lib.tf_i(c_int(-2147483646))
f = lib.tf_q; f.argtypes, f.restype = [c_longlong], c_longlong; f(-9223372036854775806)
f = lib.tf_Q; f.argtypes, f.restype = [c_ulonglong], c_ulonglong; f(18446744073709551615)
f = lib.tf_d; f.argtypes, f.restype = [c_double], c_double; f(42.0)
f = lib.tf_D; f.argtypes, f.restype = [c_longdouble], c_longdouble; f(42.0)
f = lib.tf_f; f.argtypes, f.restype = [c_float], c_float; f(42.0)
f = lib.tv_i; f.argtypes, f.restype = [c_int], None; f(-42)
f = lib.my_strlen if hasattr(lib, "my_strlen") else lib.my_strtok; f.restype = c_char_p; f.restype is c_char_p
f = lib.my_strchr; f.argtypes, f.restype = [c_char_p, c_char], c_char_p; f(b"abcdef", b"c")
f = lib._testfunc_byval; f.argtypes, f.restype = [Point, POINTER(Point)], c_int; out = Point(); (f(Point(1, 2), byref(out)), out.x, out.y)
f = lib._testfunc_p_p; f.argtypes, f.restype = [c_void_p], c_void_p; (f(None), f(0), f(5))
f = lib._testfunc_p_p; f.argtypes, f.restype = [c_char_p], c_char_p; f(b"text")
f = lib._testfunc_callback_i_if; c = CFUNCTYPE(c_int, c_int); f.argtypes, f.restype = [c_int, c], c_int; f(26, c(lambda value: value))
f = lib._testfunc_v; f.argtypes, f.restype = [c_int, c_int, POINTER(c_int)], None; r = c_int(); f(1, 2, r); r.value
qsort = CDLL(None).qsort; qsort.restype = None; c = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int)); a = (c_int * 4)(4, 1, 3, 2); qsort(a, c_size_t(4), c_size_t(4), c(lambda x, y: x[0] - y[0])); a[:]
"""


def shown(value):
    """Without addresses, which differ from run to run, and with the names of text types as in Python 3."""
    text = re.sub(r"'/[^']*'", "PATH", repr(value))
    return re.sub(r"0x[0-9a-f]+|\bat [0-9a-f]{6,}|handle [0-9a-f]+|\b[0-9]{12,}\b", "ADDRESS", text)


def outcome(setup, statement):
    namespace = {"re": re, "__name__": "as_stock"}
    exec(setup, namespace)
    lines = [part.strip() for part in statement.split("; ") if part.strip()]
    if statement.startswith("class "):
        lines = [statement]
    for line in lines[:-1]:
        exec(line, namespace)
    try:
        code = compile(lines[-1], "statement", "eval")
    except SyntaxError:
        exec(lines[-1], namespace)
        return "done"
    return shown(eval(code, namespace))


def main():
    setup = compile(SETUP, "setup", "exec")
    warnings.simplefilter("ignore")
    for group in FUNCTIONS, LIBRARIES, TYPES, CALLS:
        for statement in filter(None, map(str.strip, group.split("\n"))):
            try:
                result = outcome(setup, statement)
            except Exception:
                kind, error = sys.exc_info()[:2]
                result = "%s: %s" % (kind.__name__, shown(str(error)))
            print("%s\n    %s" % (statement, result))


if __name__ == "__main__":
    main()
