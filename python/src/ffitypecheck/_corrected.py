"""The line that would be right: argtypes, restype or _fields_ as the library's declaration has them, written with the
names that the module uses. A line is only given if what it says agrees with the library."""

from __future__ import annotations

import ctypes
import re
from ctypes import Array, _Pointer
from _ctypes import CFuncPtr

from . import _library as ftc
from ._claim import built, is_a, is_record
from ._classes import code_of_type, simple_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    Spelled = Optional[tuple[Any, str]]

_MOST_MEMBERS = 60
_NAMED = {
    "size_t": "c_size_t", "ssize_t": "c_ssize_t", "int8_t": "c_int8", "int16_t": "c_int16", "int32_t": "c_int32",
    "int64_t": "c_int64", "uint8_t": "c_uint8", "uint16_t": "c_uint16", "uint32_t": "c_uint32", "uint64_t": "c_uint64",
    "char": "c_char", "wchar_t": "c_wchar", "long int": "c_long", "long unsigned int": "c_ulong",
    "long long int": "c_longlong", "long long unsigned int": "c_ulonglong",
}
_SIMPLE = {
    "?": "c_bool", "b": "c_byte", "B": "c_ubyte", "h": "c_short", "H": "c_ushort", "i": "c_int", "I": "c_uint",
    "q": "c_int64", "Q": "c_uint64", "f": "c_float", "d": "c_double", "g": "c_longdouble", "P": "c_void_p",
}
_DECLARES = re.compile(r"^(.*[^\s.])\s*\.\s*(?:argtypes|restype|_fields_)\s*(?::[^=]*)?=[^=]")


class Speller:
    """Types of ctypes as the module with these globals writes them."""

    def __init__(self, globals: dict[str, Any], text: str = "") -> None:
        self._globals = globals
        self._words = set(re.findall(r"\w+", text))        # of several names for a class, those that the program uses

    def ctypes_name(self, name: str) -> str:
        if self._globals.get(name) is getattr(ctypes, name):
            return name
        for alias, value in self._globals.items():
            if value is ctypes:
                return "%s.%s" % (alias, name)
        return name

    def _by_name(self, cls: Any) -> str | None:
        names = [name for name, value in self._globals.items() if value is cls and name.isidentifier()]
        return min(names, key=lambda name: (name not in self._words, name != cls.__name__, name)) if names else None

    def of_class(self, cls: Any) -> str | None:
        """What a program would write for a class that it uses itself, or for None."""
        if cls is None:
            return "None"
        named = self._by_name(cls)
        if named is not None:
            return named
        known = (*_NAMED.values(), *_SIMPLE.values(), "c_char_p", "c_wchar_p", "py_object")
        for name in sorted(known, key=lambda name: name not in self._words):
            if getattr(ctypes, name) is cls:
                return self.ctypes_name(name)
        if is_a(cls, Array):
            item = self.of_class(cls._type_)
            return None if item is None else "%s * %d" % (item, cls._length_)
        if is_a(cls, _Pointer) and isinstance(getattr(cls, "_type_", None), type):
            item = self.of_class(cls._type_)
            return None if item is None else "%s(%s)" % (self.ctypes_name("POINTER"), item)
        if is_a(cls, CFuncPtr) and getattr(cls, "_argtypes_", None) is not None:
            parts = [self.of_class(part) for part in (getattr(cls, "_restype_", None), *cls._argtypes_)]
            return None if None in parts else "%s(%s)" % (self.ctypes_name("CFUNCTYPE"), ", ".join(map(str, parts)))
        return cls.__name__ if is_record(cls) else None

    def _named(self, name: str) -> tuple[Any, str]:
        return getattr(ctypes, name), self.ctypes_name(name)

    def _of_pointer(self, decl: ftc.Declaration, type: ftc.Type, spelled: str, is_result: bool) -> Spelled:
        target = decl.get(type.target)
        if target.kind == ftc.BASE and target.name == "char":
            return self._named("c_void_p" if is_result and not spelled.startswith("const ") else "c_char_p")
        if target.kind in (ftc.BASE, ftc.ENUMERATION):
            item = self.of_type(decl, type.target)
            if item is not None and not is_result:
                return ctypes.POINTER(item[0]), "%s(%s)" % (self.ctypes_name("POINTER"), item[1])
        return self._named("c_void_p")

    def of_type(self, decl: ftc.Declaration, id: int, is_result: bool = False) -> Spelled:
        """The class for a type of the library, and how it is written."""
        type, spelled = decl.get(id), decl.spell(id)
        if type.kind == ftc.VOID:
            return None, "None"
        if type.kind == ftc.POINTER:
            return self._of_pointer(decl, type, spelled, is_result)
        if type.kind in ftc.RECORDS:
            known = self._globals.get(type.name or "")
            return (known, str(type.name)) if is_record(known) else None
        if type.kind == ftc.ARRAY:
            item, size = self.of_type(decl, type.target), decl.get(type.target).size
            if item is None or not size or type.size is None:
                return None
            return item[0] * (type.size // size), "%s * %d" % (item[1], type.size // size)
        code = code_of_type(decl, type)
        if not code:
            return None
        plain = re.sub(r"\b(const|volatile|_Atomic)\s+", "", spelled)
        name = _NAMED.get(plain) or _NAMED.get(type.name or "", "")
        if name and ctypes.sizeof(getattr(ctypes, name)) == type.size:
            return self._named(name)
        return self._named(_SIMPLE[code]) if simple_class(code) is not None else None

    def argtypes(self, decl: ftc.Declaration, declared: Any, wrong: set[int]) -> str | None:
        """The list, with the program's own classes where nothing is wrong with them."""
        function = decl.get(decl.type)
        keeps = declared is not None and len(declared) == function.count
        classes, texts = [], []
        for index in range(function.count):
            spelled: Spelled = None
            if keeps and index + 1 not in wrong:
                text = self.of_class(declared[index]) if isinstance(declared[index], type) else None
                spelled = None if text is None else (declared[index], text)
            spelled = spelled or self.of_type(decl, decl.parameter(function, index).type)
            if spelled is None:
                return None
            classes.append(spelled[0])
            texts.append(spelled[1])
        claim = built(lambda claim: claim.function(tuple(classes), ctypes.c_int))
        if claim is None or any(found.verdict == "MISMATCH" and found.position != "result"
                                for found in decl.check(claim[0].table, claim[1]).findings):
            return None
        return "[%s]" % ", ".join(texts)

    def restype(self, decl: ftc.Declaration) -> str | None:
        spelled = self.of_type(decl, decl.get(decl.type).target, True)
        return None if spelled is None else spelled[1]

    def fields(self, decl: ftc.Declaration, id: int) -> str | None:
        """_fields_ of a record of the library, if ctypes lays them out alike."""
        record = decl.get(id)
        if record.kind not in ftc.RECORDS or not 0 < record.count <= _MOST_MEMBERS:
            return None
        fields, texts = [], []
        for index in range(record.count):
            member = decl.member(record, index)
            spelled = self.of_type(decl, member.type)
            if member.flags & (ftc.BIT_FIELD | ftc.BASE_CLASS) or member.name is None or spelled is None:
                return None
            fields.append((member.name, spelled[0]))
            texts.append('("%s", %s)' % (member.name, spelled[1]))
        base: Any = ctypes.Union if record.kind == ftc.UNION else ctypes.Structure
        try:
            made = base.__class__(record.name or "anonymous", (base,), {"_fields_": fields})
        except (TypeError, ValueError, AttributeError):
            return None
        claim = built(lambda claim: claim.type(made))
        if claim is None or decl.check_type(record.id, claim[0].table, claim[1]).verdict not in ("MATCH", "DIFFERS"):
            return None
        return "[%s]" % ", ".join(texts) if ctypes.sizeof(made) == record.size else None


def _object_in(text: str, name: str) -> str:
    """In a line that sets or takes a function, how it is written there; else the name alone."""
    found = _DECLARES.match(text)
    if found is not None:
        return found.group(1).strip()
    found = re.search(r"[\w.]+\.%s\b" % re.escape(name), text)
    return name if found is None else found.group(0)


class Correction:
    """What would be right of one function that is declared with these types, at these lines."""

    def __init__(self, globals: dict[str, Any], argtypes: Any, restype: Any, texts: list[str], is_prototype: bool) -> None:
        self._speller = Speller(globals, " ".join(texts))
        self._argtypes = argtypes
        self._restype = restype
        self._texts = texts                     # of the lines of argtypes and restype
        self._is_prototype = is_prototype       # both are said in one call of CFUNCTYPE

    def _pointee(self, decl: ftc.Declaration, finding: ftc.Finding) -> str | None:
        """Of a record that an argument or the result points to."""
        function, index = decl.get(decl.type), (finding.argument or 0) - 1
        if finding.position == "result":
            cls, type = self._restype, decl.get(function.target)
        elif self._argtypes is not None and 0 <= index < min(len(self._argtypes), function.count):
            cls, type = self._argtypes[index], decl.get(decl.parameter(function, index).type)
        else:
            return None
        pointee: Any = getattr(cls, "_type_", None)
        if type.kind != ftc.POINTER or not hasattr(pointee, "_fields_"):
            return None
        text = self._speller.fields(decl, type.target)
        return None if text is None else "%s._fields_ = %s" % (pointee.__name__, text)

    def __call__(self, decl: ftc.Declaration, finding: ftc.Finding, findings: list[ftc.Finding]) -> str | None:
        if decl.kind != ftc.FUNCTION:
            return None
        if finding.path:
            return self._pointee(decl, finding)
        is_result = finding.position == "result"
        if is_result and not self._is_prototype:
            restype = self._speller.restype(decl)
            return None if restype is None else "%s.restype = %s" % (_object_in(self._texts[1], decl.symbol), restype)
        wrong = {found.argument or 0 for found in findings if not found.path and found.verdict != "UNVERIFIED"}
        argtypes = self._speller.argtypes(decl, self._argtypes, wrong)
        if argtypes is None:
            return None
        if not self._is_prototype:
            return "%s.argtypes = %s" % (_object_in(self._texts[0], decl.symbol), argtypes)
        restype = self._speller.restype(decl)
        if not any(found.position == "result" for found in findings):
            restype = self._speller.of_class(self._restype) or restype
        parts = [part for part in (restype, argtypes[1:-1]) if part]
        return None if restype is None else "%s(%s)" % (self._speller.ctypes_name("CFUNCTYPE"), ", ".join(parts))
