"""The findings of an audit, for people."""

from __future__ import annotations

import shutil
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator
    from ._row import Row

_WIDTH = 30         # of the progress bar
_MOST_NAMES = 8


def _place(file: str | None, line: int | None) -> str:
    if not file:
        return "(place not known)"
    return "%s:%d" % (file, line) if line else file


def _finding(row: Row, told: set[tuple[Any, ...]]) -> Iterator[str]:
    """`told` is what stands above already, and is not repeated: the members of a record, and its corrected line."""
    marks = [row["rule"] or "other"]
    if row["origin"] == "default-restype":
        marks.append("no restype is set, and ctypes reads an int")
    elif row["origin"] != "ctypes":
        marks.append(row["origin"])
    if row["at_call"]:
        marks.append("at the call: wrong in memory that the program makes")
    if row["baseline"]:
        marks.append("in the baseline")
    yield "%s: %s [%s]" % (_place(row["shown_file"], row["line"]), row["verdict"], "; ".join(marks))
    yield "    %s" % (row["message"] if not row["hint"] else "%s (%s)" % (row["message"], row["hint"]))
    if row["text"]:
        yield "    declared   %s" % row["text"]
    yield "    library    %s    %s" % (row["declaration"], _place(row["declared_file"], row["declared_line"]))
    if row["corrected"] and (row["shown_file"], row["corrected"]) not in told:
        told.add((row["shown_file"], row["corrected"]))
        yield "    corrected  %s" % row["corrected"]
    if row["layout"] and (row["library"], row["layout"]) not in told:
        told.add((row["library"], row["layout"]))
        for line in row["layout"].splitlines():
            yield "    " + line.rstrip()


def _target(target: dict[str, Any]) -> Iterator[str]:
    yield "%s: NOT AUDITED: %s" % (target["name"], target["message"])
    if target.get("shown_file"):
        yield "    at %s" % _place(target["shown_file"], target.get("line"))
    for line in target.get("output", "").splitlines()[-4:]:
        yield "    | %s" % line


def _libraries(libraries: dict[str, Any]) -> Iterator[str]:
    yield "libraries"
    for path, library in sorted(libraries.items()):
        yield "  %s: %d of %d symbols have types" % (path, library["described"], library["symbols"])
        if library["missing"]:
            names = library["missing"]
            more = ", ..." if len(names) > _MOST_NAMES else ""
            yield "    not known: %s%s" % (", ".join(names[:_MOST_NAMES]), more)
            yield "    %s" % library["reason"]
        if library.get("install"):
            yield "    install    %s" % library["install"]


def _sum(audit: dict[str, Any]) -> str:
    counts = audit["counts"]
    names = [("module", len(audit["targets"]))]
    names += [(name, counts[name + "s"]) for name in ("function", "variable", "type")]
    what = ", ".join("%d %s%s" % (count, name, "" if count == 1 else "s") for name, count in names)
    verdicts = ", ".join("%d %s" % (counts[name.lower()], name) for name in ("MATCH", "DIFFERS", "UNVERIFIED", "MISMATCH"))
    return "%s: %s, %d without types" % (what, verdicts, counts["untyped"])


def document(audit: dict[str, Any], show_libraries: bool) -> str:
    lines: list[str] = []
    told: set[tuple[Any, ...]] = set()
    for target in audit["targets"]:
        if target["status"] != "ok":
            lines += _target(target)
    for row in audit["findings"]:
        lines += _finding(row, told)
    if show_libraries:
        lines += _libraries(audit["libraries"])
    lines.append(_sum(audit))
    known = sum(row["baseline"] for row in audit["findings"])
    if known:
        lines.append("%d findings are in the baseline" % known)
    if audit["counts"]["untyped"] and not show_libraries:
        lines.append("--libraries says why types are missing, and what to install")
    return "\n".join(lines) + "\n"


class Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._is_shown = sys.stderr.isatty()

    def __call__(self, done: int, name: str) -> None:
        if self._is_shown:
            filled = _WIDTH * done // max(self._total, 1)
            text = "[%s%s] %d/%d %s" % ("#" * filled, "." * (_WIDTH - filled), done, self._total, name)
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[K" + text[:width])
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
