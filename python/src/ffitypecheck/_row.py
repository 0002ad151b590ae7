"""One finding of an audit, as the JSON document has it: what is declared where, what the library says, and the line that
would be right."""

from __future__ import annotations

import linecache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from ._library import Declaration, Finding

    Row = dict[str, Any]
    Line = tuple[Optional[str], int]



VERDICTS = "MATCH", "DIFFERS", "UNVERIFIED", "MISMATCH"        # from the mildest to the gravest
COUNTED = "functions", "variables", "types", "match", "differs", "unverified", "mismatch", "untyped"


class Subject:
    """What a program declares: a function, a variable or a type, and where."""

    __slots__ = ("kind", "name", "file", "line", "origin")

    def __init__(self, kind: str, name: str, line: Line, origin: str) -> None:
        self.kind = kind
        self.name = name
        self.file, self.line = line
        self.origin = origin


def text_of(file: str | None, line: int) -> str:
    return "" if file is None else linecache.getline(file, line).strip()


def row_of(subject: Subject, decl: Declaration, finding: Finding, line: Line | None = None, verdict: str | None = None,
           corrected: str | None = None) -> Row:
    file, number = line or (subject.file, subject.line)
    source, source_line = decl.source
    return {
        "kind": subject.kind, "subject": subject.name, "origin": subject.origin,
        "verdict": verdict or finding.verdict, "rule": finding.rule_id, "position": finding.position,
        "argument": finding.argument, "path": finding.path, "at_call": finding.at_call,
        "message": finding.sentence, "hint": finding.hint, "layout": finding.layout,
        "file": file, "line": number, "text": text_of(file, number),
        "library": decl.library, "declaration": decl.spelling, "declared_file": source,
        "declared_line": source_line or None, "corrected": corrected,
    }
