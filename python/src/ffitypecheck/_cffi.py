"""cffi in ABI mode: what a cdef declares, compared with the library that dlopen gave. The compiler has checked what is in
API mode."""

from __future__ import annotations

import ast
import gc
import re
import sys

from . import _library as ftc
from ._claim import _CHAR, _WCHAR, Claim
from ._find import Findings
from ._row import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator
    from ._row import Line

_FLOATS = "float", "double", "long double"
_SIGNED_CHAR, _UNSIGNED_CHAR = ("signed char", "int8_t"), ("unsigned char", "uint8_t")


class CffiClaim(Claim):
    """Types of cffi, as libffitypecheck is told them."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend

    def _primitive(self, type: Any) -> int:
        name, size = type.cname, self._backend.sizeof(type)
        if name == "_Bool":
            return self.table.base(ftc.BOOLEAN, size)
        if name in _FLOATS:
            return self.table.base(ftc.FLOAT, size)
        if name == "char":
            return self.table.base(_CHAR, size)
        if name == "wchar_t":
            return self.table.base(_WCHAR, size)
        if "_Complex" in name or name.startswith("char"):
            return self.table.any() if "_Complex" in name else self.table.base(ftc.UNSIGNED, size)
        signed = int(self._backend.cast(type, -1)) < 0
        if size == 1:
            return self.table.base(ftc.SIGNED_CHAR if signed else ftc.UNSIGNED_CHAR, size)
        return self.table.base(ftc.SIGNED if signed else ftc.UNSIGNED, size)

    def _record_of(self, type: Any) -> int:
        tag = re.sub(r"^(struct|union)\s+", "", type.cname)
        id = self._known[type] = self.table.record(ftc.UNION if type.kind == "union" else ftc.STRUCT, tag)
        try:
            # Of an opaque record there is none. To ask for its members may end the process.
            size = self._backend.sizeof(type)
        except (TypeError, ValueError, self._backend.FFI.error):
            return id
        if size == 0:
            return id
        for name, field in type.fields or ():
            inner = self.type(field.type)
            if field.bitsize >= 0:
                self.table.bit_field(id, name, inner, field.offset * 8 + field.bitshift, field.bitsize)
            else:
                self.table.member(id, name or None, inner, field.offset)
        self.table.complete(id, size, self._backend.alignof(type))
        return id

    def _enumeration(self, type: Any) -> int:
        size = self._backend.sizeof(type)
        return self.table.base(ftc.SIGNED if int(self._backend.cast(type, -1)) < 0 else ftc.UNSIGNED, size)

    def _function_of(self, type: Any) -> int:
        parameters = [self.type(argument) for argument in type.args]
        return self.table.function(self.type(type.result), parameters, ftc.VARIADIC if type.ellipsis else 0)

    def type(self, cls: Any) -> int:
        known = self._known.get(cls)
        if known is not None:
            return known
        kind = cls.kind
        if kind == "void":
            return 0
        if kind in ("struct", "union"):
            return self._record_of(cls)
        if kind == "primitive":
            id = self._primitive(cls)
        elif kind == "enum":
            id = self._enumeration(cls)
        elif kind == "pointer":
            id = self.table.pointer(self.type(cls.item))
        elif kind == "array":
            id = self.table.array(self.type(cls.item), cls.length) if cls.length is not None else \
                self.table.pointer(self.type(cls.item))
        elif kind == "function":
            id = self.table.pointer(self._function_of(cls))
        else:
            id = self.table.any()
        self._known[cls] = id
        return id

    def symbol(self, type: Any) -> int:
        return self._function_of(type) if type.kind == "function" else self.type(type)


class _Sources:
    """The texts in the source of modules, to find the line of a cdef in."""

    def __init__(self, modules: list[Any]) -> None:
        self._texts: list[tuple[str, int, str]] = []        # file, first line, text
        self._calls: list[tuple[str, int]] = []
        for module in modules:
            try:
                with open(module.__file__, "rb") as source:
                    text = source.read()
                if b"FFI" not in text and b"cdef" not in text:
                    continue
                tree = ast.parse(text)
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                    value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
                    self._texts.append((module.__file__, node.lineno, value))
                elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("cdef", "FFI"):
                    self._calls.append((module.__file__, node.lineno))

    def line(self, name: str) -> Line:
        """That of the declaration in a cdef, else of the call of cdef, or of the FFI that the compiler of cffi wrote."""
        pattern = re.compile(r"\b%s\s*(?=[(\[;])|(?<=[^\w])%s$" % (re.escape(name), re.escape(name)))
        texts = [place for place in self._texts if name in place[2]]
        for file, first, text in texts:
            found = pattern.search(text)
            if found is not None and (len(text) > len(name) + 8 or "\0" not in text):
                return file, first + text.count("\n", 0, found.start())
        for file, first, text in texts:
            if text.endswith(name) and not text[:-len(name)][-1:].isalnum():
                return file, first
        return self._calls[0] if self._calls else (None, 0)


def _libraries() -> Iterator[Any]:
    """What dlopen gave: of an FFI with cdefs, and of one that was written by cffi's compiler."""
    for object in gc.get_objects():
        cls = type(object)
        if (cls.__name__.startswith("FFILibrary") and cls.__module__ == "cffi.api") or \
                (cls.__module__ == "_cffi_backend" and cls.__name__ in ("Lib", "CompiledLib")):
            yield object


def _is_written(module: Any) -> bool:
    """Whether cffi wrote a module, for a library in ABI mode."""
    return type(module) is type(sys) and type(vars(module).get("ffi")).__module__ == "_cffi_backend" and \
        isinstance(vars(module).get("__file__"), str)


def _is_compiled(library: Any) -> bool:
    """Whether it is one of API mode: there a function is one of Python, which the compiler of C made."""
    for name in dir(library):
        try:
            if type(getattr(library, name)).__name__ == "builtin_function_or_method":
                return True
        except Exception:       # a symbol that is not there
            pass
    return False


def _of(backend: Any, library: Any, name: str) -> tuple[Any, int]:
    """The type and the address of a symbol. Nothing is called: dlsym finds it when the attribute is read."""
    own = getattr(type(library), "__addressof__", None)
    data = backend.FFI().addressof(library, name) if own is None else own(library, name)
    if not isinstance(data, backend.FFI.CData):
        return None, 0
    type_ = backend.typeof(data)
    address = int(backend.cast(backend.new_primitive_type("uintptr_t"), data))
    return (type_ if type_.kind == "function" else type_.item), address


def _symbol(found: Findings, backend: Any, library: Any, name: str, line: Line) -> None:
    try:
        type, address = _of(backend, library, name)
    except Exception:           # the library has no such symbol, or it is an integer constant
        return
    if type is not None:
        subject = Subject("function" if type.kind == "function" else "variable", name, line, "cffi")
        decl = found.lookup.exported(address, name)
        found.compared(subject, decl, lambda claim: claim.symbol(type), make=lambda: CffiClaim(backend))


def look(found: Findings, modules: list[Any]) -> None:
    backend = sys.modules.get("_cffi_backend")
    libraries = [] if backend is None else list(_libraries())
    libraries = [library for library in libraries if hasattr(type(library), "__addressof__") or not _is_compiled(library)]
    # What a module that cffi wrote declares belongs to the module that keeps the library.
    kept = {id(value) for module in modules for value in vars(module).values()}
    written = [module for module in tuple(sys.modules.values()) if libraries and _is_written(module)]
    sources = _Sources(list({id(module): module for module in (*modules, *written)}.values()) if libraries else [])
    for library in libraries:
        for name in sorted(dir(library)):
            line = sources.line(name)
            if found.is_inside(line[0]) or id(library) in kept:
                _symbol(found, backend, library, name, line)
