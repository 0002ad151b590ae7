"""An argument is judged at the call: whether its type is what the library's parameter takes, and whether the memory that
it points to is long enough and laid out as the library needs it. What is not is refused, or warned of."""

from __future__ import annotations

from . import _library as ftc
from ._claim import built
from ._function import ARGTYPES, Function
from ._learn import Learned, Mark, Seen
from ._memory import Memory, memory_of
from ._objects import is_byref, is_data
from ._report import error_of, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class LetGo(Exception):
    """What was refused has been warned of; the call goes on as without type checking."""


class Call:
    """One call of a function that is not ctypes' own."""

    __slots__ = ("known", "decl", "learned", "quiet")

    def __init__(self, known: Function, learned: Learned) -> None:
        self.known = known
        self.decl: Any = known.decl
        self.learned = learned
        self.quiet = False              # a refusal is not warned of

    def refuse(self, finding: ftc.Finding, short: bool = False) -> None:
        """Raises what makes the call impossible, or LetGo, with a warning. `short`: memory is too short."""
        learned, place = self.learned, None
        if learned.parameters is None or learned.repaired is not None:
            place = self.known.argtypes_place
        if learned.policy.refuses or (short and learned.policy.name == "repair"):
            raise error_of(finding, place)
        if not self.quiet:
            warn(str(finding), place)
        raise LetGo

    def follow(self, report: ftc.Report, short: bool = False) -> None:
        if not report.passes and report.findings:
            self.refuse(report.findings[0], short)


def _is_short(call: Call, index: int, bytes: int) -> bool:
    """Whether there are fewer bytes than what the library declares has."""
    decl = call.decl
    try:
        function = decl.get(decl.type)
        size = decl.get(decl.get(decl.parameter(function, index).type).target).size
    except ftc.LibraryError:
        return False
    return size is not None and bytes < size


def _check_memory(call: Call, index: int, memory: Memory) -> None:
    claim = built(lambda claim: 0 if memory.type is None else claim.type(memory.type))
    if claim is None:
        return
    try:
        report = call.decl.check_argument(index + 1, claim[0].table, claim[1], memory.address, memory.bytes)
    except ftc.LibraryError:
        return
    call.follow(report, not report.passes and _is_short(call, index, memory.bytes))


def _alignment_of(address: int) -> int:
    """The power of two that an address is a multiple of, up to a page."""
    return (address | 4096) & -(address | 4096)


def _is_seen(seen: Seen, memory: Memory) -> bool:
    """Whether memory like this, or less of it, passed before."""
    last = seen.last
    if last is None or last[0] is not memory.type:
        return False
    return memory.bytes >= last[1] and _alignment_of(memory.address) >= last[2]


def judge(call: Call, index: int, argument: Any, pointee: Any, seen: Seen, by_type: bool) -> None:
    """Judges the memory that an argument points to, if it is known, by its type or only whether it is enough."""
    memory = memory_of(argument, pointee)
    if memory is None:
        return
    if not by_type:
        memory.type = None
    if _is_seen(seen, memory):
        return
    _check_memory(call, index, memory)
    last, bytes, alignment = seen.last, memory.bytes, _alignment_of(memory.address)
    if last is not None and last[0] is memory.type:
        bytes, alignment = min(bytes, last[1]), min(alignment, last[2])
    seen.last = memory.type, bytes, alignment


def _stand_in(object: Any) -> Any:
    """What stands for an object as an argument: its _as_parameter_, if it is none that ctypes passes as it is."""
    for _ in range(16):
        if object is None or isinstance(object, (int, bytes, str)) or is_data(object) or is_byref(object):
            break
        try:
            object = object._as_parameter_
        except Exception:
            break                       # ctypes asks once more, and says itself what is wrong
    return object


def _judge_mark(call: Call, mark: Mark, argument: Any) -> None:
    if mark.told and call.learned.policy.name == "warn":
        return
    call.quiet = mark.told
    try:
        judge(call, mark.index, _stand_in(argument), mark.pointee, mark.seen, True)
    except LetGo:
        mark.told = True
    finally:
        call.quiet = False


def judge_marked(call: Call, arguments: Any) -> None:
    """Judges the memory of the arguments that are marked."""
    for mark in call.learned.marks:
        if mark.index in arguments:
            _judge_mark(call, mark, arguments[mark.index])


def fits(call: Call, index: int, object: Any, cls: Any, address: bool) -> None:
    """Judges an argument by its type, or with address as a pointer to that, and then the memory of the object; what
    fitted last passes at once."""
    parameter = (call.learned.parameters or [])[index]
    accepted = parameter.accepted
    if accepted is not None and accepted[0] is cls and accepted[1] is address:
        at_call = accepted[2]
    else:
        at_call = _check_type(call, index, cls, address)
        parameter.accepted = cls, address, at_call
    # Of a pointer that has the right type, it may have been made by a cast; of everything else, the type has the bytes
    # that it says.
    if at_call or not is_byref(object):
        judge(call, index, object, None, parameter.seen, at_call)


def _check_type(call: Call, index: int, cls: Any, address: bool) -> bool:
    """Whether the type fits the parameter; true: as far as the memory is not concerned."""
    learned = call.learned
    count = len(learned.parameters or [])
    claim = built(lambda claim: claim.argument(count, learned.variadic, index, cls, address))
    if claim is None:
        return False
    try:
        report = call.decl.check(claim[0].table, claim[1])
    except ftc.LibraryError:
        return False
    call.follow(report)
    return bool(report.at_call)
