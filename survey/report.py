"""The page: what a distribution decides by, from the records of a survey. All figures are computed here from the tables."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import polars

from page import markdown
from survey import plots
from survey.plots import figure, size
from survey.tables import LOADER, Tables

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --faint: #8b949e; --one: #0969da; --two: #bc4c00; --three: #57606a;
  --four: #1a7f37; --line: #d0d7de; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --faint: #7d8590; --one: #58a6ff; --two: #f0883e;
  --three: #a5b0bb; --four: #56d364; --line: #30363d; } }
body { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
figure { margin: 1rem 0; } svg { display: block; width: 100%; height: auto; } svg.narrow { display: none; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.6rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
td.text:last-child { white-space: normal; } tr.noted td { border-bottom: 0; padding-bottom: 0; }
pre { border: 1px solid var(--line); padding: 0.6rem; font-size: 0.85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 640px) { svg.wide { display: none; } svg.narrow { display: block; } body { padding: 0.6rem; }
  th, td { font-size: 0.8rem; padding: 0.2rem 0.3rem; white-space: normal; } td:first-child { overflow-wrap: anywhere; } }
"""

PARTS = {"DW_TAG_formal_parameter": "parameters", "DW_TAG_member": "members", "DW_TAG_enumerator": "enumerators",
         "DW_TAG_subprogram": "functions", "DW_TAG_structure_type": "structs", "DW_TAG_typedef": "typedefs",
         "DW_TAG_subroutine_type": "function types", "DW_TAG_pointer_type": "pointers", "DW_TAG_variable": "variables",
         "DW_TAG_enumeration_type": "enumerations", "names": "names, shared", "name_offsets": "offsets of names",
         "index": "index by symbol", "abbreviations": "abbreviations", "header and checksums": "header, checksums"}


def write(tables: Tables, path: Path, more: Sequence[str] = ()) -> None:
    """Writes the page. `more` are sections of it."""
    path.write_text(page(tables, more))
    print(f"page: {path}")


def percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def prepared(tables: Tables) -> tuple[polars.DataFrame, polars.DataFrame, polars.DataFrame]:
    """All libraries, those with a note, and the packages that were built again. Each has the column `plugin`; a package is one of
    plugins if all of its notes are. Libraries with their debug information in them, which no user installs, are in the first only."""
    libraries = tables["libraries"].with_columns(stripped_bytes=polars.col("file_bytes") - polars.col("strippable_bytes"),
                                                 plugin=~polars.col("path").str.contains(LOADER))
    noted = libraries.filter(polars.col("note_bytes").is_not_null() & (polars.col("debug_found") != "embedded"))
    kinds = noted.group_by("group", "package", "version", "architecture").agg(polars.col("plugin").all())
    packages = tables["packages"].filter(polars.col("built_noted_bytes").is_not_null()).with_columns(
        growth=100 * (polars.col("built_noted_bytes") - polars.col("built_bytes")) / polars.col("built_bytes"))
    return libraries, noted, packages.join(kinds, on=["group", "package", "version", "architecture"])


def page(tables: Tables, more: Sequence[str] = ()) -> str:
    libraries, noted, packages = prepared(tables)
    parts = [summary(tables, noted), *more, growth(packages, noted), by_package(noted), one_library(noted), contents(tables, noted),
             private(noted), described(tables, libraries), not_measured(tables, libraries), method(tables)]
    head = ('<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Types in shared libraries: what they cost</title><style>{STYLE}</style></head><body>")
    return head + "\n".join(parts) + "</body></html>\n"


def costs(tables: Tables) -> str:
    """The main figures as a table in Markdown."""
    return markdown([["", "libraries", "plugins"], *cost_rows(tables)])


def cost_rows(tables: Tables) -> list[list[str]]:
    """The main figures, for the libraries that the loader finds and for plugins."""
    _, all_noted, all_packages = prepared(tables)
    labels = ["number with a note", "stripped", "their debug information, uncompressed", "notes, of the stripped bytes", "the same with zstd",
              "note of one: median, nine of ten below, highest", "the same with zstd", "with headers: notes; without private records",
              "packages built again, compressed: growth of all",
              "growth of one package: median, nine of ten below, highest"]
    columns = []
    for plugin in (False, True):
        noted, packages = all_noted.filter(plugin=plugin), all_packages.filter(plugin=plugin)
        if not noted.height or not packages.height:
            columns.append(["–"] * len(labels))
            continue
        stripped, share, zstd = noted["stripped_bytes"].sum(), shares(noted, "note_bytes"), shares(noted, "note_zstd_bytes")
        before, after = packages["built_bytes"].sum(), packages["built_noted_bytes"].sum()
        columns.append([
            f"{noted.height}", size(stripped), size(noted["debug_raw_bytes"].sum()),
            *(f"{size(noted[name].sum())}, {percent(noted[name].sum(), stripped):.2f} %" for name in ("note_bytes", "note_zstd_bytes")),
            spread(share), spread(zstd), without_private(noted), f"{packages.height}: {size(before)} to {size(after)}, {percent(after - before, before):.2f} %",
            spread(packages["growth"])])
    return [list(row) for row in zip(labels, *columns)]


def without_private(noted: polars.DataFrame) -> str:
    known = noted.filter(polars.col("public_note_bytes").is_not_null())
    return f"{known.height}: {size(known['note_bytes'].sum())}; {size(known['public_note_bytes'].sum())}"


def spread(values: polars.Series) -> str:
    return f"{values.median():.1f} %, {values.quantile(0.9, 'lower'):.1f} %, {values.max():.1f} %"


def shares(libraries: polars.DataFrame, column: str) -> polars.Series:
    return 100 * libraries[column] / libraries["stripped_bytes"]


def unbroken(text: str) -> str:
    """Keeps a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=%|[kMG]?B\b)", "\N{NO-BREAK SPACE}", text)


def table(head: list[str], rows: list[list[str]], text: tuple[int, ...] = (0,), notes: list[str] | None = None) -> str:
    """The columns in `text` are text, the others numbers. Each row may have a note below it."""
    def row(cells: list[str], tag: str) -> str:
        kinds = [' class="text"' if at in text else "" for at in range(len(cells))]
        return "".join(f"<{tag}{kind}>{escape(unbroken(cell))}</{tag}>" for kind, cell in zip(kinds, cells))

    lines = [f"<tr>{row(head, 'th')}</tr>"]
    for number, cells in enumerate(rows):
        lines.append(f"<tr{' class=noted' if notes else ''}>{row(cells, 'td')}</tr>")
        if notes:
            lines.append(f'<tr><td class="text" colspan="{len(head)}">{escape(notes[number])}</td></tr>')
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def summary(tables: Tables, noted: polars.DataFrame) -> str:
    return ("<h1>Types in shared libraries: what they cost</h1>"
            "<p>Most libraries are shipped without debug information. A library can keep the types of its exported functions and variables "
            f"in a note. This page measures what that costs, in {noted.height} libraries of {noted['package'].n_unique()} packages. "
            "<em>Libraries</em> are those in the directories where the loader finds them by name. <em>Plugins</em> are in other directories; one "
            "program loads them. They are small, and many export a table of that program's private types.</p>"
            + table(["", "libraries", "plugins"], cost_rows(tables)))


def growth(packages: polars.DataFrame, noted: polars.DataFrame) -> str:
    text = "<h2>How much packages grow</h2><p>Each package was built again twice, from the same files, without and with the notes, and compressed as before.</p>"
    for plugin, name in ((False, "packages of libraries"), (True, "packages of plugins only")):
        own = packages.filter(plugin=plugin)
        if not own.height:
            continue
        worst = own.sort("growth", "package", descending=[True, False]).head(5 if plugin else 10)
        rows = [[row["package"], size(row["built_bytes"]), f"{row['built_noted_bytes'] - row['built_bytes']:+,}", f"{row['growth']:.2f} %"]
                for row in worst.iter_rows(named=True)]
        reasons = [reason(row, noted) for row in worst.iter_rows(named=True)]
        text += (figure(f"growth-{'plugins' if plugin else 'libraries'}", f"growth of {name}", plots.histogram(own["growth"].to_list(), f"growth of {own.height} {name}"), 0.75)
                 + f"<p>The {name} that grow the most:</p>" + table(["package", "size", "bytes more", "growth"], rows, notes=reasons))
    return text


def reason(package: dict, noted: polars.DataFrame) -> str:
    """What makes the note large: how much of the package are libraries, and how many types there are for the code."""
    own = noted.filter((polars.col("package") == package["package"]) & (polars.col("architecture") == package["architecture"])
                       & (polars.col("version") == package["version"]))
    exports, types = own["note_described"].sum(), own["note_types"].sum()
    stripped, note = own["stripped_bytes"].sum(), own["note_bytes"].sum()
    code = f"{size(stripped)} of libraries export {exports} symbols with {types} types: {size(note)} of notes"
    public = own["public_note_bytes"].sum()
    return code + (f", {size(public)} without private records" if public and public < 0.8 * note else "")


def by_package(noted: polars.DataFrame) -> str:
    sums = noted.group_by("package").agg(polars.col("stripped_bytes", "debug_raw_bytes", "note_bytes").sum())
    return ("<h2>Sizes by package</h2><p>The libraries of each package together. The scale is logarithmic.</p>"
            + figure("packages", "sizes by package", plots.sizes_by_package(sums))
            + "<p>A few libraries have most of the bytes:</p>"
            + figure("cumulative", "cumulative share of the bytes", plots.cumulative(noted)))


def one_library(noted: polars.DataFrame) -> str:
    return ("<h2>Note against stripped library</h2><p>One point for each library and plugin. The lines are shares of the library.</p>"
            + figure("libraries", "note against stripped library", plots.note_against_stripped(noted)))


def contents(tables: Tables, noted: polars.DataFrame) -> str:
    tags = tables["tags"].group_by("tag").agg(polars.col("bytes").sum())
    parts = tables["parts"].filter(polars.col("part") != "entries").group_by("part").agg(polars.col("bytes").sum())
    found: dict[str, int] = {}
    for name, number in [*tags.iter_rows(), *parts.iter_rows()]:
        label = PARTS.get(name, "other entries")
        found[label] = found.get(label, 0) + number
    whole = sum(found.values())
    shares = sorted(((name, percent(number, whole)) for name, number in found.items()), key=lambda row: (row[0] == "other entries", -row[1]))
    debug = tables["sections"].filter(polars.col("section").str.starts_with(".debug_") & polars.col("file").is_in(["library", "separate"]))
    by_section = debug.group_by("section").agg(polars.col("raw_bytes").sum()).sort("raw_bytes", "section", descending=[True, False]).head(8)
    return ("<h2>What the bytes are</h2><p>In the notes of all libraries, before compression:</p>"
            + figure("contents", "what the bytes of the notes are", plots.bars(shares, "two", "of the bytes of all notes", True), 1.3)
            + "<p>In the debug information of all libraries, uncompressed:</p>"
            + figure("sections", "debug sections", plots.bars(list(by_section.iter_rows()), "three", "bytes", False)))


def private(noted: polars.DataFrame) -> str:
    """Where a package with headers was measured together with the library."""
    known = noted.filter(polars.col("public_note_bytes").is_not_null()).with_columns(
        private=polars.col("note_bytes") - polars.col("public_note_bytes"))
    if not known.height:
        return ""
    most = known.sort("private", "path", descending=[True, False]).head(15)
    rows = [(row["path"].rsplit("/", 1)[-1].split(".so")[0], percent(row["private"], row["note_bytes"])) for row in most.iter_rows(named=True)]
    left = percent(known["private"].sum(), known["note_bytes"].sum())
    return ("<h2>Where types are private</h2><p>A record is private if no header of the -dev package declares it. Callers have only pointers to it. "
            f"In {known.height} libraries with headers, private records take {left:.1f} % of the notes; <code>--headers</code> leaves them out. "
            "A header of the same name elsewhere makes a record count as public, so this is a lower bound. "
            "The libraries with the most private bytes:</p>"
            + figure("private", "share of private types", plots.bars(rows, "one", "of the note are private records", True), 1.3))


def described(tables: Tables, libraries: polars.DataFrame) -> str:
    known = libraries.filter(polars.col("described").is_not_null())
    all_exports = sum(known[name].sum() for name in ("functions", "variables", "untyped"))
    mangled = known["mangled"].sum()
    reasons = tables["undescribed"].group_by("reason").agg(polars.col("symbols").sum()).sort("symbols", "reason", descending=[True, False])
    named = all_exports - mangled
    rows = [["described", f"{known['described'].sum():,}", f"{percent(known['described'].sum(), named):.2f} %"]]
    rows += [[reason, f"{count:,}", f"{percent(count, named):.2f} %"] for reason, count in reasons.iter_rows()]
    return (f"<h2>What is described</h2><p>{known.height} libraries with debug information export {all_exports:,} symbols. {mangled:,} have "
            f"mangled names (C++, Rust, D), which are not in the notes; {known['mangled_described'].sum():,} of these have a known type. "
            "The other symbols:</p>" + table(["", "symbols", "share"], rows))


def not_measured(tables: Tables, libraries: polars.DataFrame) -> str:
    shorten = polars.col("why").str.replace(r"\(build-id \w+", "(build-id …").str.replace(r"nothing but '[^']*'", "nothing but '…'").str.replace(r"\d+ have mangled", "N have mangled")
    reasons = libraries.filter(polars.col("note_bytes").is_null()).select(why=polars.coalesce("error", "note_error")).with_columns(shorten)
    counted = reasons.group_by("why").agg(number=polars.len()).sort("number", "why", descending=[True, False])
    rows = [[str(number), why or "unknown"] for why, number in counted.iter_rows()]
    for name in ("packages", "groups"):
        rows += [["1", f"{row['group']}: {row['error']}"] for row in tables[name].filter(polars.col("error").is_not_null()).iter_rows(named=True)]
    if not rows:
        return ""
    return "<h2>Libraries without a note, and errors</h2>" + table(["number", "why"], rows, (1,))


def method(tables: Tables) -> str:
    return ("<h2>Method</h2><p>A library is a file <code>*.so</code> or <code>*.so.*</code> that begins as an ELF file. Its debug information is the "
            "full one, found in the debug packages of the same source package by build-id or path. Stripped size is the file without its "
            "<code>.debug_*</code>, <code>.symtab</code> and <code>.strtab</code> sections. The note is what <code>ffitypecheck slim</code> writes, without "
            "options; exports with mangled names are not in it. zstd is <code>slim --zstd</code>. A package is built again by "
            "<code>dpkg-deb --build</code> with its own compression and one thread; of an rpm package, the payload. One kB is 1,000 bytes.</p>"
            f"<p>{tables['groups'].height} source packages, {tables['packages'].height} packages and {tables['libraries'].height} libraries were read. "
            "<code>docs/survey.md</code> defines every figure. These commands make the records, the tables and this page again:</p>"
            "<pre>ffitypecheck survey DIRECTORY --output records.jsonl\npython -m survey report records.jsonl --output report</pre>"
            "<p>The tables are beside this page as Parquet files.</p>")
