"""What the notes add to the packages that survey/build.py and survey/rpm.py made, by the kind of their libraries."""

from pathlib import Path

import polars

from page import markdown
from survey import tables
from survey.build import kinds as built
from survey.plots import size
from survey.report import percent, prepared, shares
from survey.rpm import descriptions

KEY = ["group", "package", "version", "architecture"]
# The packages that grow the most are shown.
SHOWN = 10


def kinds(file: str) -> dict[str, str]:
    """The kind of each source package of built.toml or rpm.toml."""
    return built() if file == "built.toml" else {source: about["kind"] for source, about in descriptions().items()}


def with_kinds(records: Path, file: str) -> tuple[polars.DataFrame, polars.DataFrame, polars.DataFrame]:
    """All libraries, those with a note, and the packages that were built again, with their kinds; without plugins."""
    libraries, noted, packages = (frame.filter(plugin=False) for frame in prepared(tables.read([records])))
    kind = polars.col("group").str.split(" ").list.first().replace_strict(kinds(file))
    return libraries.with_columns(kind=kind), noted.with_columns(kind=kind), packages.with_columns(kind=kind)


def by_kind(debian: Path, rpm: Path) -> str:
    head = ["kind", "source packages", "packages", "libraries", "with a note", "exports with C names described", "stripped", "notes",
            "note of one: median, highest", "packages with notes: growth of all", "of one: median, highest"]
    frames = with_kinds(debian, "built.toml")
    rows = [row(kind, *(frame.filter(kind=kind) for frame in frames)) for kind in dict.fromkeys(kinds("built.toml").values())]
    rows += [row("all of Debian", *frames), row("rpm", *with_kinds(rpm, "rpm.toml"))]
    return markdown([head, *rows])


def row(kind: str, libraries: polars.DataFrame, noted: polars.DataFrame, packages: polars.DataFrame) -> list[str]:
    stripped, notes, share = noted["stripped_bytes"].sum(), noted["note_bytes"].sum(), shares(noted, "note_bytes")
    # What has no type is made by the linker, as `_end`.
    symbols = sum(libraries[name].sum() for name in ("functions", "variables")) - libraries["mangled"].sum()
    before, after = packages["built_bytes"].sum(), packages["built_noted_bytes"].sum()
    counts = [str(number) for number in (libraries["group"].n_unique(), libraries.n_unique(KEY), libraries.height, noted.height)]
    return [kind, *counts, f"{libraries['described'].sum()} of {symbols}", size(stripped),
            f"{size(notes)}, {percent(notes, stripped):.2f} %", two(share),
            f"{packages.height}: {size(before)} by {percent(after - before, before):.2f} %", two(packages["growth"])]


def two(values: polars.Series) -> str:
    return f"{values.median():.1f} %, {values.max():.1f} %" if len(values) else "–"


def largest(debian: Path) -> str:
    """The packages that grow the most, with what their notes have in them."""
    _, noted, packages = with_kinds(debian, "built.toml")
    sums = noted.group_by(KEY).agg(polars.col("stripped_bytes", "note_bytes", "public_note_bytes", "note_described", "note_types").sum())
    rows = packages.join(sums, on=KEY).sort("growth", descending=True).head(SHOWN)
    head = ["package", "kind", "built again", "grows by", "libraries, stripped", "notes", "without private records",
            "functions and variables", "types"]
    return markdown([head, *([one["package"], one["kind"], size(one["built_bytes"]), f"{one['growth']:.1f} %", size(one["stripped_bytes"]),
                              size(one["note_bytes"]), size(one["public_note_bytes"]), str(one["note_described"]), str(one["note_types"])]
                             for one in rows.iter_rows(named=True))])


def rebuilt(plain: Path, noted: Path) -> str:
    """The files that rpmbuild wrote, without our macro and with it. Fails if the macro's note is not the one that the survey measured."""
    _, libraries, _ = with_kinds(plain, "rpm.toml")
    found, other = tables.read([plain]), tables.read([noted])
    sections = other["sections"].filter(file="library", section=".note.ffitypecheck")
    expected = {(one["package"], one["path"]): one["note_bytes"] for one in libraries.iter_rows(named=True)}
    made = {(one["package"], one["path"]): one["file_bytes"] for one in sections.iter_rows(named=True)}
    if made != expected:
        raise SystemExit(f"the macro's notes differ from those of the survey: {set(made.items()) ^ set(expected.items())}")
    files = found["packages"].join(other["packages"], on=KEY, suffix="_noted").filter(polars.col("libraries") > 0)
    debug = {group: part["archive_bytes"].sum() for (group,), part in found["packages"].filter(polars.col("debug_bytes") > 0).group_by("group")}
    rows = []
    for one in files.sort("package").iter_rows(named=True):
        source, before, after = one["group"].split()[0], one["archive_bytes"], one["archive_bytes_noted"]
        notes = libraries.filter(group=one["group"])["note_bytes"].sum()
        rows.append([one["package"], kinds("rpm.toml")[source], str(before), str(after), f"{percent(after - before, before):.1f} %", str(notes),
                     str(debug.get(one["group"], 0))])
    return markdown([["package", "kind", "rpm file, bytes", "with our macro", "grows by", "notes", "debuginfo rpm"], *rows])
