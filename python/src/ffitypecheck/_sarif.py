"""The findings of an audit as SARIF 2.1.0, which code hosts show in a review."""

from __future__ import annotations

import os
from urllib.parse import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._row import Row

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"MISMATCH": "error", "DIFFERS": "warning", "UNVERIFIED": "note"}


def _uri(file: str) -> str:
    return quote(file.replace(os.sep, "/"))


def _location(file: str, line: int | None, text: str = "") -> dict[str, Any]:
    """A file below the working directory is told relative to it, as code hosts need it."""
    artifact: dict[str, Any] = {"uri": _uri(file)}
    if os.path.isabs(file):
        artifact["uri"] = "file://" + artifact["uri"]
    else:
        artifact["uriBaseId"] = "SRCROOT"
    place: dict[str, Any] = {"artifactLocation": artifact}
    if line:
        place["region"] = {"startLine": line}
        if text:
            place["region"]["snippet"] = {"text": text}
    return {"physicalLocation": place}


def _result(row: Row) -> dict[str, Any]:
    lines = [row["message"] + (" (%s)" % row["hint"] if row["hint"] else "")]
    if row["declaration"]:
        lines.append("The library declares: %s" % row["declaration"])
    if row["corrected"]:
        lines.append("Corrected: %s" % row["corrected"])
    result: dict[str, Any] = {
        "ruleId": row["rule"] or "other", "level": _LEVELS.get(row["verdict"], "note"),
        "message": {"text": "\n".join(lines)}, "partialFingerprints": {"ffitypecheck/v1": row["fingerprint"]},
    }
    if row["shown_file"]:
        result["locations"] = [_location(row["shown_file"], row["line"], row["text"])]
    # Debug information may name a file relative to where the library was compiled.
    if row["declared_file"] and os.path.exists(row["declared_file"]):
        related = _location(row["declared_file"], row["declared_line"])
        related["message"] = {"text": row["declaration"]}
        result["relatedLocations"] = [related]
    if row["baseline"]:
        result["suppressions"] = [{"kind": "external", "justification": "in the baseline"}]
    return result


def _notification(target: dict[str, Any]) -> dict[str, Any]:
    notification: dict[str, Any] = {"level": "error", "message": {"text": "%s: %s" % (target["name"], target["message"])}}
    if target.get("shown_file"):
        notification["locations"] = [_location(target["shown_file"], target.get("line"))]
    return notification


def document(audit: dict[str, Any]) -> dict[str, Any]:
    from . import __version__
    rows = audit["findings"]
    rules = sorted({row["rule"] or "other" for row in rows})
    failed = [target for target in audit["targets"] if target["status"] != "ok"]
    return {
        "$schema": _SCHEMA, "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ffitypecheck", "version": __version__, "semanticVersion": __version__,
                "rules": [{"id": rule, "shortDescription": {"text": rule.replace("-", " ")},
                           "help": {"text": "Rule %s of docs/compatibility.md of libffitypecheck." % rule}} for rule in rules],
            }},
            "originalUriBaseIds": {"SRCROOT": {"uri": "file://%s/" % _uri(os.getcwd())}},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": not failed,
                             "toolExecutionNotifications": [_notification(target) for target in failed]}],
            "results": [_result(row) for row in rows],
        }],
    }
