"""Imports modules, MODULE.* with all below it, and writes what they declare of functions to OUT, as JSON: for each library its claims, in the form of docs/json.md. "source" is where the last part was declared.

It runs under the stock ctypes, so that what is counted does not depend on what the patched one refuses. A function that
is declared twice counts twice if the declarations are not the same. MODULE may be one of our scripts (*.py), which is run:
some packages declare when they need it.
"""

import argparse
import ctypes
import importlib
import json
import os
import pkgutil
import runpy
import sys

CODES = {
    "c": ("signed-char", 1), "b": ("signed-char", 1), "B": ("unsigned-char", 1), "h": ("signed", 2),
    "H": ("unsigned", 2), "i": ("signed", 4), "I": ("unsigned", 4), "l": ("signed", 8), "L": ("unsigned", 8),
    "q": ("signed", 8), "Q": ("unsigned", 8), "f": ("float", 4), "d": ("float", 8), "g": ("float", 16),
    "?": ("boolean", 1), "u": ("signed", 4),
}
ANY = {"kind": "any"}
functions = []


def is_a(type_, base):
    return isinstance(type_, type) and issubclass(type_, base)


class Claims:
    """The types of one library's claims."""

    def __init__(self):
        self.types, self.known, self.declarations = {}, {}, []

    def add(self, type_):
        text = json.dumps(type_, sort_keys=True)
        if text not in self.known:
            self.known[text] = "t%d" % len(self.types)
            self.types[self.known[text]] = type_
        return self.known[text]

    def pointer(self, target):
        return self.add({"kind": "pointer", "target": target})

    def base(self, encoding, size):
        return self.add({"kind": "base", "encoding": encoding, "size": size})

    def of_type(self, type_):
        if type_ in self.known:
            return self.known[type_]
        if is_a(type_, (ctypes.Structure, ctypes.Union)):
            return self.of_record(type_)
        if is_a(type_, ctypes._SimpleCData):
            id_ = self.of_simple(type_)
        elif is_a(type_, ctypes.Array):
            id_ = self.add({"kind": "array", "element": self.of_type(type_._type_), "dimensions": [type_._length_]})
        elif is_a(type_, ctypes._Pointer):
            pointee = getattr(type_, "_type_", None)
            id_ = self.pointer(self.add({"kind": "void"}) if pointee is None else self.of_type(pointee))
        elif is_a(type_, ctypes._CFuncPtr) and hasattr(type_, "_argtypes_"):
            result = getattr(type_, "_restype_", None)
            id_ = self.pointer(self.of_function(type_._argtypes_, self.of_result(result)))
        else:
            id_ = self.add(ANY)
        self.known[type_] = id_
        return id_

    def of_simple(self, type_):
        code = type_._type_
        if code == "P":
            return self.pointer(self.add({"kind": "void"}))
        if code == "O":
            return self.pointer(self.add({"kind": "record", "name": "_object", "incomplete": True}))
        if code in "zZ":
            return self.pointer(self.base(*CODES["c" if code == "z" else "u"]))
        if code not in CODES or getattr(type_, "__ctype_le__", type_) is not type_:
            return self.add(ANY)
        return self.base(*CODES[code])

    def of_record(self, type_):
        id_ = self.known[type_] = "t%d" % len(self.types)
        record = {"kind": "record", "name": type_.__name__,
                  "class": "union" if is_a(type_, ctypes.Union) else "struct"}
        self.types[id_] = record
        if not hasattr(type_, "_fields_") or ctypes.sizeof(type_) == 0:
            record["incomplete"] = True
            return id_
        record.update(size=ctypes.sizeof(type_), align=ctypes.alignment(type_), members=[])
        for class_ in reversed(type_.__mro__):
            for name, field, *width in class_.__dict__.get("_fields_", ()):
                place = class_.__dict__[name]
                hidden = name in class_.__dict__.get("_anonymous_", ())
                member = {"name": None if hidden else name, "type": self.of_type(field), "offset": place.offset}
                if width:
                    member.update(bit_offset=place.offset * 8 + (place.size & 0xffff), bit_width=place.size >> 16)
                record["members"].append(member)
        return id_

    def of_result(self, restype):
        if restype is None:
            return self.add({"kind": "void"})
        if not hasattr(restype, "from_param") or not is_a(restype, ctypes._SimpleCData.__mro__[1]):
            return self.base("signed", 4)
        return self.of_type(restype)

    def of_parameter(self, type_):
        own = not isinstance(type_, type) or any("from_param" in class_.__dict__ for class_ in type_.__mro__)
        return self.add(ANY) if own else self.of_type(type_)

    def of_function(self, argtypes, result):
        function = {"kind": "function", "result": result, "parameters": [], "prototyped": argtypes is not None}
        function["parameters"] = [{"type": self.of_parameter(type_)} for type_ in argtypes or ()]
        return self.add(function)

    def of(self, function):
        """Adds what a program declared of a function."""
        result = self.of_result(function["restype"]) if "restype" in function else self.add(ANY)
        claim = {"symbol": function["name"], "kind": "function", "source": function["source"],
                 "type": self.of_function(function.get("argtypes"), result)}
        if not any(same(claim, other) for other in self.declarations):
            self.declarations.append(claim)


def same(one, other):
    return (one["symbol"], one["type"]) == (other["symbol"], other["type"])


def place():
    """FILE:LINE of the frame that declares."""
    frame = sys._getframe(2)
    while frame and (frame.f_code.co_filename == __file__
                     or os.path.dirname(frame.f_code.co_filename).endswith("ctypes")):
        frame = frame.f_back
    return {"file": frame.f_code.co_filename, "line": frame.f_lineno} if frame else None


class Declared:
    """Stands in front of argtypes or restype of a class of function pointers."""

    def __init__(self, name):
        self.name = name

    def __get__(self, function, owner):
        return self if function is None else getattr(ctypes._CFuncPtr, self.name).__get__(function)

    def __set__(self, function, value):
        getattr(ctypes._CFuncPtr, self.name).__set__(function, value)
        entry = function.__dict__.get("entry")
        if entry is not None:
            entry[self.name] = value if self.name == "restype" or value is None else tuple(value)
            entry["source"] = place()

    def __delete__(self, function):
        getattr(ctypes._CFuncPtr, self.name).__delete__(function)
        function.__dict__.get("entry", {}).pop(self.name, None)


def entry_of(function, name):
    if isinstance(name, bytes):
        name = name.decode()
    entry = {"name": name, "address": ctypes.cast(function, ctypes.c_void_p).value, "keep": function, "source": place()}
    functions.append(entry)
    return entry


def listen_to_libraries():
    initialize = ctypes.CDLL.__init__

    def __init__(self, *arguments, **options):
        initialize(self, *arguments, **options)
        bare = self._FuncPtr

        class _FuncPtr(bare):
            _flags_, _restype_ = bare._flags_, bare._restype_
            argtypes, restype = Declared("argtypes"), Declared("restype")

            def __init__(self, *what):
                if what and isinstance(what[0], tuple):
                    self.__dict__["entry"] = entry_of(self, what[0][0])

        self._FuncPtr = _FuncPtr

    ctypes.CDLL.__init__ = __init__
    ctypes.pythonapi.__init__(None)


def listen_to_prototypes(name):
    make = getattr(ctypes, name)

    def prototype(restype, *argtypes, **options):
        class_ = make(restype, *argtypes, **options)

        def __init__(self, *what):
            if what and isinstance(what[0], tuple) and isinstance(what[0][0], (str, bytes)):
                entry_of(self, what[0][0]).update(restype=restype, argtypes=argtypes)

        class_.__init__ = __init__
        return class_

    setattr(ctypes, name, prototype)


def import_all(name):
    if name.endswith(".py"):
        runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts", name), run_name="__main__")
        return
    module = importlib.import_module(name.removesuffix(".*"))
    if name.endswith(".*"):
        for info in pkgutil.walk_packages(module.__path__, module.__name__ + ".", onerror=lambda name: None):
            try:
                importlib.import_module(info.name)
            except (Exception, SystemExit) as error:
                print("%s: %r" % (info.name, error), file=sys.stderr)


class Place(ctypes.Structure):
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p), ("symbol", ctypes.c_char_p),
                ("address", ctypes.c_void_p)]


def main(out, modules):
    dladdr = ctypes.CDLL(None).dladdr
    dladdr.argtypes = [ctypes.c_void_p, ctypes.POINTER(Place)]
    listen_to_libraries()
    listen_to_prototypes("CFUNCTYPE")
    listen_to_prototypes("PYFUNCTYPE")
    for name in modules:
        import_all(name)
    libraries = {}
    for function in functions:
        found = Place()
        declared = function.get("argtypes") is not None or "restype" in function
        if declared and dladdr(function["address"], found) and found.file:
            libraries.setdefault(os.path.realpath(os.fsdecode(found.file)), Claims()).of(function)
    with open(out, "w") as file:
        json.dump({name: {"declarations": claims.declarations, "types": claims.types}
                   for name, claims in libraries.items()}, file, indent=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("module", nargs="+")
    arguments = parser.parse_args()
    main(arguments.out, arguments.module)
