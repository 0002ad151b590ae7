"""A baseline: findings that are known, and do not count. A finding is known by what it says of which name in which file,
not by its line, so that it stays known when lines are moved. Two findings that are alike count as two."""

from __future__ import annotations

import collections
import hashlib
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._row import Row

_VERSION = 1


def fingerprint(row: Row) -> str:
    parts = row["shown_file"], row["kind"], row["subject"], row["rule"], row["position"], row["argument"], row["path"]
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]


class NoBaseline(Exception):
    """A file that is none."""


def read(path: str) -> collections.Counter[str]:
    try:
        with open(path, encoding="utf-8") as file:
            document: Any = json.load(file)
        if document["ffitypecheck_baseline"] != _VERSION:
            raise ValueError("its version is %r" % document["ffitypecheck_baseline"])
        return collections.Counter(str(entry["fingerprint"]) for entry in document["findings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoBaseline("%s is no baseline: %s" % (path, error)) from None


def write(path: str, rows: list[Row]) -> None:
    entries = [{"fingerprint": fingerprint(row), "file": row["shown_file"], "subject": row["subject"], "rule": row["rule"],
                "message": row["message"]} for row in rows]
    entries.sort(key=lambda entry: (str(entry["file"]), entry["subject"], entry["fingerprint"]))
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"ffitypecheck_baseline": _VERSION, "findings": entries}, file, indent=1)
        file.write("\n")


def mark(rows: list[Row], known: collections.Counter[str]) -> None:
    """Each row gets its fingerprint, and whether it is in the baseline."""
    left = collections.Counter(known)
    for row in rows:
        row["fingerprint"] = fingerprint(row)
        row["baseline"] = left[row["fingerprint"]] > 0
        left[row["fingerprint"]] -= 1
