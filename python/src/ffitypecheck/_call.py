"""A call of a function whose verdict is not known yet, or that takes something from the library: the arguments are judged
and converted, ctypes makes the call, and its result is given as the program expects it."""

from __future__ import annotations

from ctypes import Array, _Pointer

from . import _library as ftc
from ._claim import is_a
from ._convert import convert, convert_variadic
from ._function import ARGTYPES, CALL, ERRCHECK, Function
from ._judge import Call, LetGo, judge_marked
from ._learn import INTEGER, Converted, Learned
from ._repair import give, has_room
from ._report import error_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_IN, _OUT, _LCID = 1, 2, 4


def _wrong_count(call: Call, fixed: int, given: int) -> None:
    finding = ftc.Finding("%s: the library declares %s%d parameter%s, %d given: %s" % (
        call.known.shown_name, "at least " if call.learned.variadic else "", fixed, "" if fixed == 1 else "s", given,
        call.decl.spelling), "call", rule_id="argument-count")
    call.refuse(finding)


def _call_with_own_types(call: Call, arguments: tuple[Any, ...]) -> Any:
    learned = call.learned
    fixed, given = len(learned.parameters or ()), len(arguments)
    try:
        if given < fixed or (given > fixed and not learned.variadic):
            _wrong_count(call, fixed, given)
        converted = [convert(call, i, object) if i < fixed else convert_variadic(object)
                     for i, object in enumerate(arguments)]
    except LetGo:
        return learned.twin_without_argtypes()(*arguments)
    return learned.twin(*converted)


def _convert_repaired(call: Call, index: int, object: Any) -> Any:
    """An argument that is declared as another number, as the library's type, or where that is not possible as it is: the
    declared type has to see to it."""
    parameter = (call.learned.parameters or [])[index]
    if isinstance(object, int) and parameter.conversion == INTEGER and not has_room(object, parameter.size):
        raise error_of(ftc.Finding("%s: argument %d: %s has no room in the library's %d bytes" % (
            call.known.shown_name, index + 1, object, parameter.size), "argument", index + 1),
            call.known.argtypes_place)
    call.quiet = True
    try:
        return Converted(convert(call, index, object))
    except LetGo:
        return object
    finally:
        call.quiet = False


def _call_repaired(call: Call, arguments: tuple[Any, ...]) -> Any:
    """Calls with the library's types for those arguments that were declared as something else."""
    repaired = call.learned.repaired or ()
    return call.learned.twin(*[_convert_repaired(call, i, object) if i in repaired else object
                               for i, object in enumerate(arguments)])


def _bound(known: Function, argtypes: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> dict[int, Any] | None:
    """The argument of each parameter, by the paramflags if there are any. For one that ctypes makes itself, because the
    parameter is only for output, an instance like it stands. None: ctypes will complain."""
    if not known.paramflags or not argtypes:
        return dict(enumerate(arguments))
    bound, left = {}, list(arguments)
    for index, (cls, (flag, *more)) in enumerate(zip(argtypes, known.paramflags)):
        name, default = more[0] if more else None, more[1:]
        if flag & (_IN | _OUT) == _OUT:
            if not default and is_a(cls, Array):
                bound[index] = cls()
            elif not default and is_a(cls, _Pointer):
                bound[index] = cls._type_()
        elif flag & _LCID:
            bound[index] = default[0] if default else 0
        elif left:
            bound[index] = left.pop(0)
        elif name is not None and name in keywords:
            bound[index] = keywords[name]
        elif default:
            bound[index] = default[0]
        else:
            return None
    return bound


def _has_outputs(known: Function) -> bool:
    return any(flag & _OUT for flag, *_ in known.paramflags or ())


def call_of(function: Any, known: Function, learned: Learned, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    call = Call(known, learned)
    bound = _bound(known, ARGTYPES.__get__(function), arguments, keywords) if learned.marks or known.paramflags else None
    if learned.marks and bound is not None:
        judge_marked(call, bound)
    if learned.only_marks or (known.paramflags and (bound is None or _has_outputs(known))):
        return CALL(function, *arguments, **keywords)
    if known.paramflags and bound is not None:
        arguments = tuple(bound.values())
    return _call_twin(call, function, arguments)


def _call_twin(call: Call, function: Any, arguments: tuple[Any, ...]) -> Any:
    learned = call.learned
    errcheck = ERRCHECK.__get__(function)
    if learned.parameters is None:
        result = learned.twin(*arguments)
    elif learned.repaired is not None:
        result = _call_repaired(call, arguments)
    else:
        result = _call_with_own_types(call, arguments)
    if learned.gives:
        result = give(result, learned.declared_restype, call.known.shown_name)
    if errcheck is not None:
        checked = errcheck(result, function, arguments)
        if checked is not arguments:
            return checked
    return result
