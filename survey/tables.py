"""The records of `ffitypecheck survey` as tables. docs/survey.md describes their columns."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars

Record = dict[str, Any]
Tables = dict[str, polars.DataFrame]
# The directories in which the loader finds a library by its name alone. What is elsewhere is a plugin of one program.
LOADER = r"^/(usr/)?lib(32|64|x32)?(/[^/]*-linux-[^/]*)?/[^/]*$"
KEY = ["group", "package", "version", "architecture", "path"]

LIBRARY = {
    **dict.fromkeys([*KEY, "soname", "build_id"], polars.String), "machine": polars.Int64,
    **dict.fromkeys(["file_bytes", "strippable_bytes", "symbols", "functions", "variables", "untyped", "mangled", "described",
                     "mangled_described"], polars.Int64),
    "debug_found": polars.String, "supplementary_build_id": polars.String,
    **dict.fromkeys(["debug_raw_bytes", "debug_file_bytes", "dwz_raw_bytes", "dwz_zlib_bytes", "types", "note_described", "note_types",
                     "note_bytes", "note_zstd_bytes", "noted_library_bytes", "public_types", "public_note_bytes",
                     "public_note_zstd_bytes"], polars.Int64),
    **dict.fromkeys(["dwz_error", "error", "note_error"], polars.String),
}
PACKAGE = {
    **dict.fromkeys([*KEY[:4], "form"], polars.String), "archive_bytes": polars.Int64, "compression": polars.String,
    **dict.fromkeys(["installed_bytes", "debug_bytes", "libraries", "noted", "added_bytes", "built_bytes", "built_noted_bytes"],
                    polars.Int64),
    "error": polars.String,
}
GROUP = {"group": polars.String, "records": polars.Int64, "error": polars.String}
SECTION = {**dict.fromkeys([*KEY, "file", "section"], polars.String), "raw_bytes": polars.Int64, "file_bytes": polars.Int64}
TAG = {**dict.fromkeys([*KEY, "tag"], polars.String), **dict.fromkeys(["entries", "bytes", "name_bytes"], polars.Int64)}
PART = {**dict.fromkeys([*KEY, "part"], polars.String), "bytes": polars.Int64}
UNDESCRIBED = {**dict.fromkeys([*KEY, "reason"], polars.String), "symbols": polars.Int64}
SCHEMAS: dict[str, dict[str, Any]] = {
    "libraries": LIBRARY, "packages": PACKAGE, "groups": GROUP, "sections": SECTION, "tags": TAG, "parts": PART,
    "undescribed": UNDESCRIBED,
}


def read(files: list[Path]) -> dict[str, polars.DataFrame]:
    """The tables of all records. A record that is in two files counts once."""
    lines = sorted({line for file in files for line in file.read_text().splitlines()})
    rows: dict[str, list[Record]] = {name: [] for name in SCHEMAS}
    for line in lines:
        record = json.loads(line)
        if record["record"] == "library":
            for table, row in rows_of_library(record):
                rows[table].append(row)
        else:
            rows[record["record"] + "s"].append(record)
    return {name: polars.DataFrame(rows[name], schema=schema, orient="row") for name, schema in SCHEMAS.items()}


def rows_of_library(record: Record) -> Iterator[tuple[str, Record]]:
    """The row of a library, and its rows of the other tables."""
    key = {name: record.get(name) for name in KEY}
    exports, debug = record["exports"] or {}, record["debug"] or {}
    note, public, dwz = record["note"] or {}, record["public_note"] or {}, debug.get("dwz") or {}
    files = {"library": record["sections"], "separate": debug.get("separate"), "supplementary": debug.get("supplementary"),
             "dwz": dwz.get("sections")}
    for file, sections in files.items():
        for section, size in (sections or {}).items():
            yield "sections", {**key, "file": file, "section": section, "raw_bytes": size["raw"], "file_bytes": size["file"]}
    for tag, share in note.get("tags", {}).items():
        yield "tags", {**key, "tag": tag, "entries": share["entries"], "bytes": share["bytes"], "name_bytes": share["names"]}
    if note:
        parts = {**note["parts"], "header and checksums": note["bytes"] - sum(note["parts"].values())}
        for part, size in parts.items():
            yield "parts", {**key, "part": part, "bytes": size}
    for reason, symbols in exports.get("undescribed", {}).items():
        yield "undescribed", {**key, "reason": reason, "symbols": symbols}
    own = {name: record.get(name) for name in LIBRARY}
    counts = {name: exports.get(name) for name in
              ("functions", "variables", "untyped", "mangled", "described", "mangled_described")}
    raw, in_file = debug_bytes(files["library"], files["separate"])
    dwz_raw, dwz_zlib = debug_bytes(files["dwz"])
    yield "libraries", {
        **own, **key, **counts, "debug_found": debug.get("found"), "supplementary_build_id": debug.get("supplementary_build_id"),
        "debug_raw_bytes": raw, "debug_file_bytes": in_file, "dwz_raw_bytes": dwz_raw, "dwz_zlib_bytes": dwz_zlib,
        "dwz_error": dwz.get("error"), "types": debug.get("types"), "note_described": note.get("described"),
        "note_types": note.get("types"), "note_bytes": note.get("bytes"), "note_zstd_bytes": note.get("zstd_bytes"),
        "noted_library_bytes": note.get("library_bytes"), "public_types": public.get("types"),
        "public_note_bytes": public.get("bytes"), "public_note_zstd_bytes": public.get("zstd_bytes"),
    }


def debug_bytes(*files: Record | None) -> tuple[int | None, int | None]:
    """The `.debug_*` sections of these files, raw and as they are in the files; None if there are none."""
    found = [size for sections in files for name, size in (sections or {}).items() if name.startswith(".debug_")]
    if not found:
        return None, None
    return sum(size["raw"] for size in found), sum(size["file"] for size in found)


def write(tables: dict[str, polars.DataFrame], directory: Path) -> None:
    """Writes each table as a Parquet file."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(directory / f"{name}.parquet")
        print(f"{table.height:8} rows: {directory / name}.parquet")
