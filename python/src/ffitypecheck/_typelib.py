"""A typelib of GObject introspection, compared with its library: what it says of functions and records with certainty.

Certain are the number of arguments, whether an argument or a result is a pointer or a number and of which width and sign,
and the sizes and offsets of records. What a pointer points to is not compared, nor what the typelib does not say."""

from __future__ import annotations

import warnings
from ctypes import CDLL, c_void_p, sizeof

from . import _library as ftc
from ._find import Findings
from ._lookup import address_of
from ._row import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

_NUMBERS = {
    "gboolean": (ftc.SIGNED, 4), "gint8": (ftc.SIGNED_CHAR, 1), "guint8": (ftc.UNSIGNED_CHAR, 1), "gint16": (ftc.SIGNED, 2),
    "guint16": (ftc.UNSIGNED, 2), "gint32": (ftc.SIGNED, 4), "guint32": (ftc.UNSIGNED, 4), "gint64": (ftc.SIGNED, 8),
    "guint64": (ftc.UNSIGNED, 8), "gfloat": (ftc.FLOAT, 4), "gdouble": (ftc.FLOAT, 8), "GType": (ftc.UNSIGNED, sizeof(c_void_p)),
    "gunichar": (ftc.UNSIGNED, 4),
}
_UNKNOWN_OFFSET = 0xffff
_POINTERS = "utf8", "filename", "array", "glist", "gslist", "ghash", "error"


class Typelib:
    """One namespace of the introspection repository, which GIRepository itself reads."""

    def __init__(self, found: Findings, namespace: str, version: str | None) -> None:
        import gi                                       # type: ignore[import-not-found, unused-ignore]
        gi.require_version("GIRepository", "2.0")
        from gi.repository import GIRepository          # type: ignore[import-not-found, unused-ignore]
        self._gi: Any = GIRepository
        self._found = found
        self._namespace = namespace
        repository = GIRepository.Repository.get_default()
        repository.require(namespace, version, 0)
        self._repository = repository
        self.file = repository.get_typelib_path(namespace)
        # A namespace without a library of its own, or with several.
        names = repository.get_shared_library(namespace)
        self._dlls = [CDLL(name) for name in (names or "").split(",") if name]

    def _infos(self) -> Iterator[Any]:
        for index in range(self._repository.get_n_infos(self._namespace)):
            yield self._repository.get_info(self._namespace, index)

    def look(self) -> None:
        gi = self._gi
        kinds = gi.InfoType
        of_methods = {
            kinds.OBJECT: (gi.object_info_get_n_methods, gi.object_info_get_method),
            kinds.INTERFACE: (gi.interface_info_get_n_methods, gi.interface_info_get_method),
            kinds.STRUCT: (gi.struct_info_get_n_methods, gi.struct_info_get_method),
            kinds.UNION: (gi.union_info_get_n_methods, gi.union_info_get_method),
            kinds.ENUM: (gi.enum_info_get_n_methods, gi.enum_info_get_method),
            kinds.FLAGS: (gi.enum_info_get_n_methods, gi.enum_info_get_method),
        }
        for info in self._infos():
            kind = info.get_type()
            if kind == kinds.FUNCTION:
                self._function(info)
            if kind in of_methods:
                count, get = of_methods[kind]
                for index in range(count(info)):
                    self._function(get(info, index))
            if kind == kinds.STRUCT:
                self._record(info)

    # What the typelib says of a type.

    def _type(self, claim: ftc.Claim, type: Any) -> int:
        gi = self._gi
        tag = gi.type_tag_to_string(gi.type_info_get_tag(type))
        if gi.type_info_is_pointer(type):
            return claim.pointer(0)
        if tag == "void":
            return 0
        if tag in _NUMBERS:
            return claim.base(*_NUMBERS[tag])
        if tag in _POINTERS:
            return claim.pointer(0) if tag != "array" else claim.any()
        if tag == "interface":
            interface = gi.type_info_get_interface(type)
            kind = interface.get_type()
            if kind in (gi.InfoType.ENUM, gi.InfoType.FLAGS):
                storage = gi.type_tag_to_string(gi.enum_info_get_storage_type(interface))
                return claim.base(*_NUMBERS[storage]) if storage in _NUMBERS else claim.any()
            if kind == gi.InfoType.CALLBACK:
                return claim.pointer(0)
        return claim.any()

    def _signature(self, claim: ftc.Claim, info: Any) -> int:
        gi = self._gi
        parameters = [claim.pointer(0)] if gi.callable_info_is_method(info) else []
        for index in range(gi.callable_info_get_n_args(info)):
            argument = gi.callable_info_get_arg(info, index)
            is_in = gi.arg_info_get_direction(argument) == gi.Direction.IN
            parameters.append(self._type(claim, gi.arg_info_get_type(argument)) if is_in else claim.pointer(0))
        if gi.callable_info_can_throw_gerror(info):
            parameters.append(claim.pointer(0))
        return claim.function(self._type(claim, gi.callable_info_get_return_type(info)), parameters)

    def _function(self, info: Any) -> None:
        symbol = self._gi.function_info_get_symbol(info)
        for dll in self._dlls:
            address = address_of(dll, symbol)
            if address:
                subject = Subject("function", symbol, (self.file, 0), "typelib")
                decl = self._found.lookup.symbol(dll._handle, symbol, address)
                # What is not said is no finding.
                self._found.compared(subject, decl, lambda table: self._signature(table, info), make=ftc.Claim,
                                     keep=lambda finding: finding.verdict != "UNVERIFIED")
                return

    def _record(self, info: Any) -> None:
        """A struct with members: its size and where they lie. In C it has the namespace's prefix."""
        gi = self._gi
        size, count = gi.struct_info_get_size(info), gi.struct_info_get_n_fields(info)
        fields = [gi.struct_info_get_field(info, index) for index in range(count)]
        if not size or not count or gi.struct_info_is_gtype_struct(info) or \
                any(gi.field_info_get_size(field) or gi.field_info_get_offset(field) == _UNKNOWN_OFFSET for field in fields):
            return
        prefixes = (self._repository.get_c_prefix(self._namespace) or "").split(",")
        names = [kind + prefix + info.get_name() for prefix in prefixes for kind in ("", "struct ")]
        for dll in self._dlls:
            for name in names:
                decl = self._found.lookup.type(dll._handle, name)
                if decl is not None and decl.get(decl.type).kind in ftc.RECORDS and decl.get(decl.type).size is not None:
                    subject = Subject("type", name, (self.file, 0), "typelib")
                    # Members of a type that the typelib does not say are not in the claim.
                    self._found.compared(
                        subject, decl, lambda table: self._layout(table, info, name, fields), make=ftc.Claim,
                        keep=lambda found: found.verdict != "UNVERIFIED" and found.rule_id != "missing-member")
                    return

    def _layout(self, claim: ftc.Claim, info: Any, name: str, fields: list[Any]) -> int:
        gi = self._gi
        record = claim.record(ftc.STRUCT, name)
        for field in fields:
            claim.member(record, field.get_name().replace("-", "_"), self._type(claim, gi.field_info_get_type(field)) or
                         claim.any(), gi.field_info_get_offset(field))
        claim.complete(record, gi.struct_info_get_size(info), gi.struct_info_get_alignment(info))
        return record


def look(found: Findings, name: str) -> None:
    """`name` is a namespace, or a namespace and its version: Gio-2.0."""
    namespace, _, version = name.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Typelib(found, namespace, version or None).look()
