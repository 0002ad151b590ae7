"""python -m ffitypecheck audit: imports bindings in other processes and compares what they declare with the libraries."""

from __future__ import annotations

import argparse
import collections
import json
import os
import sys

from . import _audit_text, _baseline, _entries, _installable, _junit, _sarif
from ._audit_run import Runner
from ._row import COUNTED, VERDICTS
from ._targets import Nothing, groups_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional

NOTHING, FINDINGS, USAGE, NOT_AUDITED = range(4)        # exit codes
_FORMATS = "text", "json", "sarif", "junit"
_EPILOG = """exit codes: 0 nothing was found; 1 findings; 2 wrong usage; 3 no findings, but something could not be audited.
docs/audit.md of the project says what is compared."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ffitypecheck audit", formatter_class=argparse.RawDescriptionHelpFormatter, epilog=_EPILOG,
        description="Imports bindings, each in a child process, and compares all that they declare with their libraries.")
    add = parser.add_argument
    add("targets", nargs="*", metavar="MODULE | FILE.py | DIRECTORY",
        help="MODULE.* is a package with all modules below it; a directory is searched for modules")
    add("--script", action="append", default=[], metavar="FILE", help="run FILE as a program, and compare what it declared")
    add("--typelib", action="append", default=[], metavar="NAME[-VERSION]", help="a namespace of GObject introspection")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="modules that are left out, as mypackage.win*")
    add("--all", action="store_true", help="declarations of other packages too, which the modules import")
    add("--owner", choices=("unknown", "caller"), default="unknown",
        help="who makes the memory that arguments point to; with caller, what is wrong only in the program's memory is a MISMATCH")
    add("--fail-on", choices=("mismatch", "differs"), default="mismatch", help="the mildest verdict that fails; default: mismatch")
    add("--require-types", action="store_true", help="fail, with 3, if a function has no types to be compared with")
    add("--format", choices=_FORMATS, default="text")
    add("--output", metavar="FILE", help="where to write, in place of the standard output")
    add("--baseline", metavar="FILE", help="findings that are known and do not fail")
    add("--write-baseline", metavar="FILE", help="write what fails now as the baseline, and end with 0 or 3")
    add("--libraries", action="store_true", help="what could not be compared for lack of types, and what to install")
    add("--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="for each module; default: 60")
    add("--verbose", action="store_true", help="what is UNVERIFIED too")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("a number of seconds above 0 is expected")
    return value


def _shown(file: Optional[str]) -> Optional[str]:
    """Relative to the working directory, for what lies below it."""
    if not file:
        return None
    real, here = os.path.realpath(file), os.path.realpath(os.getcwd())
    return os.path.relpath(real, here) if real.startswith(here + os.sep) else file


def _rows_once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the files. What several processes told counts once."""
    rows: dict[Any, dict[str, Any]] = {}
    for row in found:
        row["shown_file"] = _shown(row["file"])
        rows.setdefault((row["file"], row["line"], row["subject"], row["rule"], row["message"]), row)
    return sorted(rows.values(), key=lambda row: (row["shown_file"] or "", row["line"], -VERDICTS.index(row["verdict"])))


def _judge(rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Marks the findings that fail."""
    for row in rows:
        if options.owner == "caller" and row["at_call"]:
            row["verdict"] = "MISMATCH"
    _baseline.mark(rows, _baseline.read(options.baseline) if options.baseline else collections.Counter())
    failing = ("MISMATCH",) if options.fail_on == "mismatch" else ("MISMATCH", "DIFFERS")
    for row in rows:
        row["fails"] = row["verdict"] in failing and not row["baseline"]


def _document(audit: dict[str, Any], options: argparse.Namespace) -> str:
    if options.format == "json":
        return json.dumps(audit, indent=1) + "\n"
    if not options.verbose:
        audit = dict(audit, findings=[row for row in audit["findings"] if row["verdict"] != "UNVERIFIED"])
    if options.format == "text":
        return _audit_text.document(audit, options.libraries)
    return _junit.document(audit) if options.format == "junit" else json.dumps(_sarif.document(audit), indent=1) + "\n"


def _code(audit: dict[str, Any], options: argparse.Namespace) -> int:
    if not options.write_baseline and any(row["fails"] for row in audit["findings"]):
        return FINDINGS
    if any(target["status"] != "ok" for target in audit["targets"]):
        return NOT_AUDITED
    if options.require_types and audit["counts"]["untyped"]:
        return NOT_AUDITED
    return NOTHING


def main(arguments: list[str]) -> NoReturn:
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.targets and not options.script and not options.typelib:
        parser.error("nothing is given to be audited")
    try:
        groups = groups_of(options.targets, options.script, options.typelib, options.exclude)
        if options.baseline:
            _baseline.read(options.baseline)
    except (Nothing, _baseline.NoBaseline) as error:
        parser.error(str(error))
    if _entries.load() is None:
        sys.stderr.write("%s: libffitypecheck was not found; FFITYPECHECK_LIBRARY may name it\n" % parser.prog)
        sys.exit(NOT_AUDITED)
    progress = _audit_text.Progress(sum(len(group.targets) for group in groups))
    runner = Runner(options.timeout, options.all, progress)
    try:
        runner.run(groups)
    finally:
        progress.end()
    rows = _rows_once(runner.rows)
    _judge(rows, options)
    for target in runner.targets:
        target["shown_file"] = _shown(target.get("file"))
    if options.libraries:
        _installable.of_libraries(runner.libraries)
    audit = {"ffitypecheck_audit": 1, "targets": runner.targets, "findings": rows, "libraries": runner.libraries,
             "counts": {name: runner.counts.get(name, 0) for name in COUNTED}}
    if options.write_baseline:
        _baseline.write(options.write_baseline, [row for row in rows if row["fails"]])
    text = _document(audit, options)
    if options.output:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    sys.exit(_code(audit, options))
