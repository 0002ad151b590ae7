"""The findings of an audit as JUnit's XML, which CI servers show as tests: one test for each module, one for each finding."""

from __future__ import annotations

import re
from xml.etree import ElementTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._row import Row

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: Any) -> str:
    """XML has no control characters."""
    return _NOT_XML.sub("?", str(text))


def _case(suite: ElementTree.Element, target: str, name: str, file: str | None, line: int | None) -> ElementTree.Element:
    attributes = {"classname": _clean(target), "name": _clean(name), "time": "0"}
    if file:
        attributes["file"] = _clean(file)
    if line:
        attributes["line"] = str(line)
    return ElementTree.SubElement(suite, "testcase", attributes)


def _finding(suite: ElementTree.Element, row: Row) -> None:
    case = _case(suite, row["target"], "%s %s" % (row["subject"], row["rule"]), row["shown_file"], row["line"])
    lines = ["%s:%s: %s" % (row["shown_file"], row["line"], row["text"]), "library: %s" % row["declaration"]]
    if row["corrected"]:
        lines.append("corrected: %s" % row["corrected"])
    if row["fails"]:
        failure = ElementTree.SubElement(case, "failure", {"type": _clean(row["verdict"]), "message": _clean(row["message"])})
        failure.text = _clean("\n".join(lines))
    else:
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join([row["message"], *lines]))


def document(audit: dict[str, Any]) -> str:
    suite = ElementTree.Element("testsuite", {"name": "ffitypecheck"})
    failures = errors = 0
    for target in audit["targets"]:
        case = _case(suite, target["name"], "audit", target.get("shown_file"), target.get("line"))
        if target["status"] != "ok":
            errors += 1
            error = ElementTree.SubElement(case, "error", {"type": target["status"], "message": _clean(target["message"])})
            error.text = _clean(target.get("output", ""))
    for row in audit["findings"]:
        failures += row["fails"]
        _finding(suite, row)
    suite.attrib.update(tests=str(len(suite)), failures=str(failures), errors=str(errors), skipped="0", time="0")
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"
