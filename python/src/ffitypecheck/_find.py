"""What an imported module made with ctypes, compared with its libraries: functions, variables, and those functions that the
source declares or calls in code that did not run. Nothing is called."""

from __future__ import annotations

import gc
import sys
from ctypes import CDLL, c_int, c_void_p, cast
from _ctypes import CFuncPtr

from . import _function
from . import _library as ftc
from . import _source
from ._claim import Claim, built
from ._classes import code_of_type
from ._corrected import Correction
from ._function import NOT_GIVEN, RESTYPE, Declared, Function
from ._lookup import Lookup, address_of, place_of
from ._place import here, line_of
from ._row import COUNTED, VERDICTS, Subject, row_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from ._place import Place
    from ._row import Line, Row


class Witness:
    """Keeps each function that is bound, and each variable that in_dll looks at, with its line."""

    def __init__(self) -> None:
        self.functions: list[tuple[Any, Function, Place | None]] = []
        self.variables: list[tuple[Any, Any, str, Place | None]] = []

    def bound(self, function: Any, known: Function) -> None:
        self.functions.append((function, known, here(known.name)))

    def variable(self, cls: Any, dll: Any, name: str) -> None:
        self.variables.append((cls, dll, name, here(name)))


def _line_of(place: Place | None) -> Line:
    return (None, 0) if place is None else line_of(place)


def globals_of(file: str | None) -> dict[str, Any]:
    for module in tuple(sys.modules.values()):
        if file is not None and getattr(module, "__file__", None) == file:
            return vars(module)
    return {}


class Findings:
    """The findings of one process."""

    def __init__(self, is_inside: Callable[[str | None], bool]) -> None:
        self.is_inside = is_inside          # whether a file belongs to what is audited
        self.lookup = Lookup()
        self.reached: set[type] = set()     # classes that were compared as a part of a function
        self.rows: list[Row] = []
        self.counts = dict.fromkeys(COUNTED, 0)

    def compared(self, subject: Subject, decl: ftc.Declaration | None, build: Any, corrected: Any = None,
                 lines: Any = None, limit: str = "MISMATCH", keep: Any = None, make: Any = Claim) -> str | None:
        """Compares one claim. `limit` is the gravest verdict that its evidence allows; `keep` chooses findings. The verdict,
        None if nothing could be compared."""
        self.counts[subject.kind + "s"] += 1
        claim = None if decl is None else built(build, make)
        if decl is None or claim is None:
            self.counts["untyped"] += 1
            return None
        table = getattr(claim[0], "table", claim[0])
        try:
            report = decl.check(table, claim[1]) if subject.kind != "type" else decl.check_type(decl.type, table, claim[1])
        except ftc.LibraryError:
            self.counts["untyped"] += 1
            return None
        findings = [finding for finding in report.findings if keep is None or keep(finding)]
        verdict = max((finding.verdict for finding in findings), key=VERDICTS.index, default="MATCH")
        if limit == "DIFFERS" and verdict == "MISMATCH":
            verdict = limit
        self.counts[verdict.lower()] += 1
        if decl.kind == ftc.FUNCTION:
            self.reached.update(cls for cls in getattr(claim[0], "_known", ()))
        for finding in findings:
            shown = limit if limit == "DIFFERS" and finding.verdict == "MISMATCH" else finding.verdict
            line = None if lines is None else lines(finding)
            text = None if corrected is None or shown in ("MATCH", "UNVERIFIED") else corrected(decl, finding, findings)
            self.rows.append(row_of(subject, decl, finding, line, shown, text))
        return verdict

    # Functions.

    @staticmethod
    def _correction(argtypes: Any, restype: Any, sides: list[Line], is_prototype: bool = False) -> Correction:
        texts = [text_of(*side) for side in sides]
        return Correction(globals_of(sides[0][0] or sides[1][0]), argtypes, restype, texts, is_prototype)

    def _function(self, function: Any, known: Function, bound: Place | None) -> None:
        declared = Declared(known)
        if not any(self.is_inside(line_of(place)[0]) for place in (bound, *declared.places) if place is not None):
            return
        line = _line_of(bound)
        sides = [line if place is None else _line_of(place) for place in declared.places]
        address = cast(function, c_void_p).value or 0
        if known.name is not None and known.origin.handle is not _function.NOT_BOUND:
            name = known.name
            decl = self.lookup.symbol(known.origin.handle, name, address)
        else:
            library, symbol = place_of(address)
            if library is None or symbol is None:
                return                      # a callback, or code without a name
            name = symbol
            decl = self.lookup.address(address, name)
        uses = self._uses_of(function, name)
        if declared.argtypes is None and declared.restype is NOT_GIVEN and decl is not None and decl.kind != ftc.FUNCTION:
            if all(use.side is not None for use in uses):
                return                      # a variable that nobody calls: its address is taken
        is_prototype = known.argtypes is NOT_GIVEN and getattr(known.origin.cls, "_argtypes_", None) is not None
        self.declared(name, decl, declared.argtypes, declared.restype, sides, "ctypes", is_prototype)
        if declared.restype is NOT_GIVEN and RESTYPE.__get__(function) is c_int and decl is not None:
            if not any(use.side == "restype" for use in uses):
                self._default(decl, name, line, uses)

    def declared(self, name: str, decl: ftc.Declaration | None, argtypes: Any, restype: Any, sides: list[Line],
                 origin: str, is_prototype: bool = False) -> None:
        """A function of which something is declared; `sides` are the lines of argtypes and restype."""
        if argtypes is None and restype is NOT_GIVEN and (decl is None or decl.kind == ftc.FUNCTION):
            return
        subject = Subject("function", name, sides[0], origin)
        corrected = self._correction(argtypes, restype, sides, is_prototype)
        # The side that was not declared is "any", which is UNVERIFIED by itself.
        def keep(finding: ftc.Finding) -> bool:
            if finding.verdict != "UNVERIFIED":
                return True
            return not (restype is NOT_GIVEN and finding.position == "result")
        self.compared(subject, decl, lambda claim: claim.function(argtypes, restype), corrected,
                      lambda finding: sides[finding.position == "result"], keep=keep)

    # Functions whose result ctypes takes for an int, because nobody said what it is.

    def _default(self, decl: ftc.Declaration, name: str, line: Line, uses: list[_source.Use]) -> None:
        """It is certain that the result is wrong if the source uses it, sets no restype in a way that is not seen, and the
        library returns what an int never holds. A wider integer may have had room in it."""
        if decl.kind != ftc.FUNCTION:
            return
        result = decl.get(decl.get(decl.type).target)
        if result.kind == ftc.VOID:
            return
        is_used = any(use.is_used for use in uses) and not self._has_other_declarations
        is_wider = code_of_type(decl, result) in ("q", "Q")
        limit = "MISMATCH" if is_used and not is_wider else "DIFFERS"
        subject = Subject("function", name, line, "default-restype")
        counts = dict(self.counts)
        corrected = self._correction(None, c_int, [line, line])
        verdict = self.compared(subject, decl, lambda claim: claim.function(None, c_int), corrected, limit=limit,
                                keep=lambda finding: finding.position == "result" and finding.verdict == "MISMATCH")
        if verdict == "MATCH":
            self.counts = counts

    def _uses_of(self, function: Any, name: str) -> list[_source.Use]:
        return [use for use in self._uses
                if use.dll is function or (use.name == name and vars(use.dll).get(name) is function)]

    # What the source says.

    def _read(self, modules: list[Any]) -> None:
        self._has_other_declarations = False
        self._uses: list[_source.Use] = []
        self._files: dict[int, str] = {}
        for module in modules:
            reader = _source.read(module)
            if reader is None:
                continue
            self._has_other_declarations |= reader.has_other_declarations
            self._uses += reader.uses
            self._files.update((id(use), module.__file__) for use in reader.uses)

    def _lazy(self) -> None:
        """Functions that the source names, and that are not bound yet."""
        waiting: dict[tuple[int, str], list[_source.Use]] = {}
        for use in self._uses:
            if isinstance(use.dll, CDLL) and use.name not in vars(use.dll):
                waiting.setdefault((id(use.dll), use.name), []).append(use)
        for uses in waiting.values():
            dll, name = uses[0].dll, uses[0].name
            decl = self.lookup.symbol(dll._handle, name, address_of(dll, name))
            if decl is None:
                continue
            said = {use.side: use for use in uses if use.side is not None}
            lines: list[Line] = [(self._files[id(use)], use.line) for use in uses]
            if "restype" not in said:
                self._default(decl, name, lines[0], uses)
            if not said:
                continue
            argtypes, restype = self._said(said, uses)
            sides = [(self._files[id(said[side])], said[side].line) if side in said else lines[0]
                     for side in ("argtypes", "restype")]
            self.declared(name, decl, argtypes, restype, sides, "source")

    @staticmethod
    def _said(said: dict[str, _source.Use], uses: list[_source.Use]) -> tuple[Any, Any]:
        """argtypes and restype, of which a side that is not plain, or is said in several ways, is as good as not said."""
        found = []
        for side, missing in ("argtypes", None), ("restype", NOT_GIVEN):
            values = [use.value for use in uses if use.side == side]
            plain = len(values) == 1 and values[0] is not _source.UNKNOWN
            found.append(values[0] if plain else missing)
        argtypes, restype = found
        if not isinstance(argtypes, list) or not all(isinstance(cls, type) for cls in argtypes):
            argtypes = None
        return None if argtypes is None else tuple(argtypes), restype

    def _variables(self, variables: list[tuple[Any, Any, str, Place | None]]) -> None:
        for cls, dll, name, place in variables:
            line = _line_of(place)
            if self.is_inside(line[0]):
                decl = self.lookup.symbol(dll._handle, name)
                self.compared(Subject("variable", name, line, "ctypes"), decl, lambda claim: claim.type(cls))

    def look(self, witness: Witness, modules: list[Any]) -> None:
        self._read(modules)
        for function, known, place in witness.functions:
            self._function(function, known, place)
        self._variables(witness.variables)
        self._lazy()
        self._others()

    def _others(self) -> None:
        """Functions of classes that a program derived itself from ctypes' own."""
        for function in gc.get_objects():
            # Not isinstance: a proxy's __class__ may run code.
            if not issubclass(type(function), CFuncPtr) or _function.function_of(function) is not None:
                continue
            name = str(type(function).__module__)
            module = sys.modules.get(name)
            file = getattr(module, "__file__", None)
            if module is None or name.partition(".")[0] == "ffitypecheck" or not self.is_inside(file):
                continue
            library, symbol = place_of(cast(function, c_void_p).value or 0)
            if library is None or symbol is None:
                continue
            line = file, _source.line_of_class(module, type(function).__name__)
            decl = self.lookup.address(cast(function, c_void_p).value or 0, symbol)
            self.declared(symbol, decl, function.argtypes, function.restype, [line, line], "ctypes")
