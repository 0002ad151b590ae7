"""What calls of a function take from the library is learned before the first of them: the class of the result, how each
argument is converted, and which declared arguments are marked, because the memory that they point to has to be judged at
each call."""

from __future__ import annotations

from ctypes import _Pointer, _SimpleCData, c_void_p, cast

from . import _library as ftc
from ._claim import code_of, has_own_from_param, is_a, is_ctypes, is_record, is_swapped
from ._classes import NO_CLASS, code_of_type, result_class
from ._function import ARGTYPES, NOT_GIVEN, RESTYPE, Declared, Function, Unchecked
from ._objects import PYPY
from ._policy import Policy
from ._report import error_of, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How a Python object becomes an argument.
INTEGER, BOOL, REAL, POINTER, RECORD = range(5)
_Metaclass: Any = type(Unchecked)
KEPT: Any = object()                # a result that is read as declared

_NUMBERS = set("bBhHiIlLqQfdg?P")
_INTEGERS = set("bBhHiIlLqQ?")


class Seen:
    """Memory that an argument may point to: by this type, with as many bytes or more, at a multiple of this power of
    two."""

    __slots__ = ("last",)

    def __init__(self) -> None:
        self.last: tuple[Any, int, int] | None = None


class Mark:
    """An argument that is declared so that what it points to is judged at each call."""

    __slots__ = ("index", "pointee", "told", "seen")

    def __init__(self, index: int, pointee: Any) -> None:
        self.index = index
        self.pointee = pointee          # of which an instance is passed by address
        self.told = False               # was warned of
        self.seen = Seen()


class Parameter:
    __slots__ = ("conversion", "code", "kind", "pointee", "size", "accepted", "seen")

    def __init__(self, decl: ftc.Declaration, id: int) -> None:
        type = decl.get(id)
        self.size = type.size or 0
        self.kind = type.kind
        self.code = ""
        self.pointee = 0
        # What fitted last: objects of this type, or their addresses; and whether the memory is still to be judged.
        self.accepted: tuple[Any, bool, bool] | None = None
        self.seen = Seen()
        if type.kind in ftc.RECORDS:
            self.conversion = RECORD
            if type.flags & ftc.BY_REFERENCE:
                raise Unusable
            return
        self.code = code_of_type(decl, type)
        if self.code == "":
            raise Unusable
        if self.code == "P":
            self.conversion, self.pointee = POINTER, type.target
        elif self.code in "fdg":
            self.conversion = REAL
        else:
            self.conversion = BOOL if self.code == "?" else INTEGER


class Unusable(Exception):
    """A parameter of a type that ctypes does not know."""


class AsItIs:
    """A parameter that changes nothing."""

    @staticmethod
    def from_param(object: Any) -> Any:
        return object


class Converted:
    """An argument that is the library's already."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Repaired:
    """A parameter that takes what is converted as it is, and everything else as it was declared."""

    def __init__(self, declared: Any) -> None:
        self.declared = declared

    def from_param(self, object: Any) -> Any:
        return object.value if type(object) is Converted else self.declared.from_param(object)


class Learned:
    """What calls take from the library because the program did not declare it, or declared it wrongly and it is repaired.
    Never changed once a function has it, but for what a parameter accepted."""

    __slots__ = ("restype", "gives", "parameters", "variadic", "repaired", "marks", "policy", "declared_restype", "twin",
                 "_address")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.restype = KEPT
        self.gives = False              # what was read is given as declared
        self.parameters: list[Parameter] | None = None      # None: arguments as ever
        self.variadic = False
        self.repaired: set[int] | None = None   # parameters that are the library's; None: all of them are
        self.marks: list[Mark] = []
        self.declared_restype: Any = None
        self.twin: Any = None
        self._address = 0

    @property
    def only_marks(self) -> bool:
        return self.restype is KEPT and self.parameters is None

    def prepare(self, function: Any, known: Function, declared: Declared) -> None:
        """The twin: another function object for the same address, whose calls are ctypes' own. It reads the library's
        result, and passes what it gets."""
        self.declared_restype = RESTYPE.__get__(function) if declared.restype is NOT_GIVEN else declared.restype
        self._address = cast(function, c_void_p).value or 0
        argtypes: Any = None
        if declared.has_argtypes:
            argtypes = ARGTYPES.__get__(function) if declared.argtypes is None else declared.argtypes
        if self.repaired is not None:
            argtypes = [Repaired(cls) if index in self.repaired else cls for index, cls in enumerate(argtypes)]
        elif self.parameters is not None and (self.variadic or PYPY):
            # How many there are tells ctypes which arguments are not variadic; PyPy takes all others to be.
            argtypes = [AsItIs] * len(self.parameters)
        flags = known.origin.cls._flags_
        cls = _Metaclass("_FuncPtr", (Unchecked,), {"_flags_": flags, "_restype_": None, "__module__": __name__})
        self.twin = cls(self._address)
        self.twin.restype = self.declared_restype if self.restype is KEPT else self.restype
        self.twin.argtypes = argtypes

    def twin_without_argtypes(self) -> Any:
        twin = type(self.twin)(self._address)
        twin.restype = self.twin.restype
        return twin


def _learn_parameters(learned: Learned, decl: ftc.Declaration, type: ftc.Type) -> None:
    """If a type is none that ctypes knows, arguments stay as ever."""
    try:
        learned.parameters = [Parameter(decl, decl.parameter(type, index).type) for index in range(type.count)]
    except Unusable:
        return
    learned.variadic = bool(type.flags & ftc.VARIADIC)


def _needs_restype(known: Function, policy: Policy, decl: ftc.Declaration, id: int) -> None:
    """A result that is no integer, and that no class could be made for: an int would be read from where it is not."""
    type = decl.get(id)
    by_value = type.kind in ftc.RECORDS or type.kind == ftc.ARRAY
    if not by_value and (type.kind != ftc.BASE or code_of_type(decl, type)):
        return
    finding = ftc.Finding("%s: result: the library returns '%s' by value, which needs a restype"
                          % (known.shown_name, decl.spell(id)), "result")
    if policy.refuses:
        raise error_of(finding, None)
    warn(str(finding), None)


def _contradicts(report: ftc.Report, position: str, argument: int | None) -> bool:
    """Whether a report says of a result, or of an argument as a whole, that it does not agree."""
    return any(finding.verdict == "MISMATCH" and finding.position == position and finding.argument == argument
               and not finding.path for finding in report.findings)


def _is_number_class(cls: Any) -> bool:
    """Whether a declared type is a number or an address that Python shows as such."""
    return is_a(cls, _SimpleCData) and code_of(cls) in _NUMBERS and not is_swapped(cls)


def _learn_repaired_result(learned: Learned, decl: ftc.Declaration, id: int, restype: Any) -> None:
    """The policy "repair": a result is read by the library's type, whatever the program declared."""
    if is_ctypes(restype) and not _is_number_class(restype):
        return
    cls = result_class(decl, id)
    if cls is NO_CLASS or cls is None or is_record(cls) != (restype is None):
        return
    learned.restype, learned.gives = cls, True


def _learn_result(known: Function, learned: Learned, decl: ftc.Declaration, id: int, declared: Declared,
                  report: ftc.Report | None) -> None:
    policy = learned.policy
    if declared.restype is not NOT_GIVEN:
        if policy.name == "repair" and report is not None and _contradicts(report, "result", None):
            _learn_repaired_result(learned, decl, id, declared.restype)
        return
    if not policy.extract:
        return
    cls = result_class(decl, id)
    if cls is NO_CLASS:
        _needs_restype(known, policy, decl, id)
        return
    learned.restype = cls
    if policy.name != "repair":
        return
    # What worked as an int works on: nothing is repaired where the int was whole, or where nothing is returned.
    if cls is None:
        learned.restype = KEPT
    elif is_a(cls, _SimpleCData) and code_of(cls) in _INTEGERS:
        learned.gives = True
        if decl.get(id).size == 4:
            learned.restype, learned.gives = KEPT, False


def _learn_repaired_arguments(learned: Learned, decl: ftc.Declaration, type: ftc.Type, declared: Declared,
                              report: ftc.Report | None) -> None:
    """The policy "repair": arguments that were declared as another number go as the library's type."""
    if learned.policy.name != "repair" or report is None or declared.argtypes is None:
        return
    repaired = {index for index, cls in enumerate(declared.argtypes[:type.count])
                if _contradicts(report, "argument", index + 1) and not has_own_from_param(cls) and _is_number_class(cls)}
    if repaired:
        _learn_parameters(learned, decl, type)
        learned.repaired = repaired if learned.parameters is not None else None


def _learn_marks(learned: Learned, declared: Declared, report: ftc.Report | None) -> None:
    """Which of the declared arguments depend on the memory that they point to."""
    if report is None or not report.at_call or declared.argtypes is None:
        return
    indices = {(finding.argument or 0) - 1 for finding in report.findings
               if finding.at_call and finding.position == "argument"}
    for index in sorted(indices):
        if 0 <= index < len(declared.argtypes):
            cls = declared.argtypes[index]
            learned.marks.append(Mark(index, getattr(cls, "_type_", None) if is_a(cls, _Pointer) else None))


def learn(function: Any, known: Function, policy: Policy, decl: ftc.Declaration, declared: Declared,
          report: ftc.Report | None) -> Learned | None:
    """What calls of the function take from the library; None if that is nothing."""
    type = decl.get(decl.type)
    if decl.kind != ftc.FUNCTION:
        return None
    learned = Learned(policy)
    _learn_result(known, learned, decl, type.target, declared, report)
    if declared.has_argtypes:
        _learn_repaired_arguments(learned, decl, type, declared, report)
        _learn_marks(learned, declared, report)
    elif policy.extract:
        _learn_parameters(learned, decl, type)
    if learned.only_marks:
        return learned if learned.marks else None
    learned.prepare(function, known, declared)
    return learned
