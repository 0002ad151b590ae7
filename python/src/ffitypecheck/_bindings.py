"""Bindings of a library, written from its debug information: a Python module that declares functions, variables and types for
ctypes. Each declaration is compared with the library's before it is written; what does not agree becomes a comment."""

from __future__ import annotations

import ctypes
import fnmatch
import os

from . import _library as ftc
from ._claim import Claim
from ._exports import Exports
from ._model import CType, Model, resolved
from ._module import Module
from ._names import identifier, one_line
from ._spell_ctypes import Unsupported, promoted_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RTLD_DI_LINKMAP = 2


class _LinkMap(ctypes.Structure):
    _fields_ = [("l_addr", ctypes.c_size_t), ("l_name", ctypes.c_char_p)]


def path_of(library: ctypes.CDLL) -> str:
    """The file of a library that is loaded."""
    map = ctypes.POINTER(_LinkMap)()
    dlinfo = ctypes.CDLL(None).dlinfo
    dlinfo.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    dlinfo.restype = ctypes.c_int
    if dlinfo(int(library._handle), _RTLD_DI_LINKMAP, ctypes.byref(map)) != 0:
        raise OSError("the file of %s is not known" % library._name)
    return os.path.realpath(os.fsdecode(map.contents.l_name or b""))


class Source:
    """The library that bindings are written for. It is loaded, by its soname or path."""

    def __init__(self, library: str, load: str | None = None, holds_lock: bool = False) -> None:
        self.cdll = ctypes.PyDLL(library) if holds_lock else ctypes.CDLL(library)
        self.holds_lock = holds_lock
        self.load = library if load is None else load
        self.path = path_of(self.cdll)
        self.exports = Exports(self.path)
        self.name = self.exports.soname or os.path.basename(self.path)

    def select(self, patterns: list[str]) -> list[str]:
        """The exports that names and globs mean, and the names that are none."""
        chosen: set[str] = set()
        for pattern in patterns:
            if any(letter in pattern for letter in "*?["):
                found = fnmatch.filter(self.exports.names, pattern)
                # The mangled names of C++, Rust and D are meant only by globs that begin with an underscore.
                chosen.update(name for name in found if pattern[0] == "_" or name[:2] not in ("_Z", "_R", "_D"))
            else:
                chosen.add(pattern)
        return sorted(chosen)

    def describe(self, name: str) -> ftc.Declaration:
        return ftc.describe_symbol(self.cdll._handle, name)

    def describe_type(self, name: str) -> ftc.Declaration:
        return ftc.describe_type(self.cdll._handle, name)


class Bindings:
    """What was written: the text, what could not be declared with the reasons, and the verdict of each declaration."""

    def __init__(self) -> None:
        self.text = ""
        self.omitted: dict[str, str] = {}
        self.findings: dict[str, list[ftc.Finding]] = {}
        self.verdicts: dict[str, str] = {}

    def not_declared(self) -> list[str]:
        """The module's last part, if it needs one."""
        lines = ["# %s: %s" % (one_line(name), one_line(reason)) for name, reason in sorted(self.omitted.items())]
        return ["# Not declared:\n#\n" + "\n".join(lines)] if lines else []


def _lookup(symbol: str) -> str:
    """An attribute is kept by the CDLL, and means the symbol if it is no attribute of its own."""
    return "_lib.%s" % symbol if identifier(symbol) == symbol and symbol[0] != "_" else "_lib[%r]" % symbol


class _Declared(Claim):
    """What bindings declare: a c_void_p is a void pointer, although a call converts more to it."""

    def _parameter(self, cls: Any) -> int:
        return self._type(cls)


class Writer:
    """Writes the module of one library."""

    def __init__(self, source: Source, symbols: list[str], types: list[str]) -> None:
        self.source, self.symbols, self.types = source, symbols, types
        self.model = Model()
        self.module = Module(symbols, source.holds_lock)
        self.claim = _Declared()
        self.bindings = Bindings()

    def write(self) -> Bindings:
        declared = [(symbol, self._declared(symbol)) for symbol in self.symbols]
        statements = [(symbol, decl, self._spelled(symbol, decl)) for symbol, decl in declared if decl is not None]
        named = [text for name in self.types for text in self._named_type(name)]
        self.module.complete_all()
        self._check_records()
        self.module.namespace["_lib"] = self.source.cdll
        written = [self._checked(symbol, decl, text) for symbol, decl, text in statements]
        loader = self.module.use("PyDLL" if self.source.holds_lock else "CDLL")
        parts = [self._head(), self.module.imports(), "_lib = %s(%r)" % (loader, self.source.load)]
        parts += self.module.parts + named + [text for text in written if text]
        self.bindings.text = "\n\n".join(parts + self.bindings.not_declared()) + "\n"
        return self.bindings

    def _head(self) -> str:
        return ('"""%s, as its debug information declares it.\n\nWritten by "python -m ffitypecheck bindings"; %s, %d-byte '
                'pointers.\n"""' % (one_line(self.source.name).replace('"', "'"), os.uname().machine, ctypes.sizeof(ctypes.c_void_p)))

    def _omit(self, name: str, reason: str) -> None:
        self.bindings.omitted[name] = reason

    def _declared(self, symbol: str) -> ftc.Declaration | None:
        try:
            try:
                return self.source.describe(symbol)
            except ftc.LibraryError as error:
                if error.status in (ftc.NO_SYMBOL, ftc.NO_TYPE, ftc.AMBIGUOUS):
                    raise
                # What the loader resolved it to may lie elsewhere: glibc's `time` is the kernel's.
                return ftc.describe_in_file(self.source.path, symbol)
        except ftc.LibraryError as error:
            self._omit(symbol, str(error))
            return None

    def _spelled(self, symbol: str, decl: ftc.Declaration) -> str | None:
        """The statements that declare a symbol."""
        type = self.model.add(decl)
        try:
            if decl.kind == ftc.FUNCTION:
                lines = self._function(symbol, resolved(type))
            else:
                lines = self._variable(symbol, type)
        except Unsupported as error:
            self._omit(symbol, "%s: %s" % (one_line(decl.spelling), error))
            return None
        return "\n".join(["# %s;" % one_line(decl.spelling)] + lines)

    def _function(self, symbol: str, type: CType) -> list[str]:
        spell, name = self.module.spell, self.module.symbols[symbol]
        result, arguments = type.target, []
        assert result is not None
        for one in type.members:
            promoted = None if type.flags & ftc.PROTOTYPED else promoted_name(one.type)
            arguments.append(spell.by_value(one.type) if promoted is None else self.module.use(promoted))
        restype = "None" if resolved(result).kind == ftc.VOID else spell.by_value(result)
        if self.module.is_of_long_double(resolved(result)):
            raise Unsupported("libffi does not return a record of one long double as C does")
        lines = ["%s = %s" % (name, _lookup(symbol))]
        if type.flags & ftc.PROTOTYPED or arguments:
            lines.append("%s.argtypes = [%s]" % (name, ", ".join(arguments)))
        else:
            lines.append("# Its parameters are not declared.")
        if type.flags & ftc.VARIADIC:
            lines[-1] += "        # and more: give each as an instance of a ctypes type"
        return lines + ["%s.restype = %s" % (name, restype)]

    def _variable(self, symbol: str, type: CType) -> list[str]:
        behind = resolved(type)
        if behind.kind == ftc.ARRAY and None in behind.dimensions:
            raise Unsupported("its length is not known")
        text = self.module.spell.value(type)
        text = "(%s)" % text if " " in text else text
        return ["%s = %s.in_dll(_lib, %r)" % (self.module.symbols[symbol], text, symbol)]

    def _named_type(self, name: str) -> list[str]:
        """Writes a type that is asked for by its name in C."""
        try:
            decl = self.source.describe_type(name)
            text = self.module.spell.value(self.model.add(decl))
        except (ftc.LibraryError, Unsupported) as error:
            self._omit(name, str(error))
            return []
        known = text in self.module.namespace and not text.startswith("c_")
        return [] if known or not name.isidentifier() else ["%s = %s" % (self.module.spell.names.new(name), text)]

    def _keep(self, name: str, report: ftc.Report) -> bool:
        self.bindings.verdicts[name] = report.verdict
        if report.findings:
            self.bindings.findings[name] = report.findings
        return report.passes

    def _check_records(self) -> None:
        """Compares each class with the record of the library. The probes were right already: this is the library's word."""
        for type, cls in self.module.classes():
            if type.origin is None or not type.size:
                continue
            decl, id = type.origin
            report = decl.check_type(id, self.claim.table, self.claim.type(cls))
            if not self._keep(cls.__name__, report):
                self._omit(cls.__name__, str(report.findings[0]))

    def _checked(self, symbol: str, decl: ftc.Declaration, text: str | None) -> str | None:
        """The statements, if what they declare passes as a call's types."""
        if text is None:
            return None
        name = self.module.symbols[symbol]
        try:
            exec(text, self.module.namespace)
        except (TypeError, AttributeError, ValueError) as error:
            self._omit(symbol, "%s: %s" % (one_line(decl.spelling), error))
            return None
        made: Any = self.module.namespace[name]
        if decl.kind == ftc.FUNCTION:
            argtypes = made.argtypes
            claimed = self.claim.function(None if argtypes is None else tuple(argtypes), made.restype)
        else:
            claimed = self.claim.type(type(made))
        report = decl.check(self.claim.table, claimed)
        if self._keep(symbol, report):
            return text
        if decl.kind == ftc.FUNCTION and made.restype is not ctypes.c_void_p and report.findings[0].position == "result":
            # A pointer to a record that ctypes cannot lay out: its address is right.
            head, _, pointee = text.rpartition("restype = ")
            if issubclass(made.restype, ctypes._Pointer):
                self.module.use("c_void_p")
                return self._checked(symbol, decl, "%srestype = c_void_p        # %s" % (head, pointee))
        self._omit(symbol, "%s: %s" % (one_line(decl.spelling), report.findings[0]))
        return None
