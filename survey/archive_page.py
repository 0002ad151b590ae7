"""What the page and docs say of the whole archive and of the recommended subset: tables and plots, in HTML and in Markdown."""

import math
import textwrap
from pathlib import Path

import polars

from page import markdown
from survey import plots, subset, tables
from survey.estimate import Archive, Interval, estimate, fit, left_out, measured, predicted_sums
from survey.plots import figure, size
from survey.report import table

SHOWN = 30
SCALE = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}


def around(found: Interval, unit: str = "") -> str:
    """A value with its interval in the same unit: `93.7 MB (49.1 to 198)`."""
    if unit:
        return f"{found.value:.2f} {unit} ({found.low:.2f} to {found.high:.2f})"
    name = size(found.value).split()[1]
    low, high = (f"{end / SCALE[name]:.3g}" if end < 100 * SCALE[name] else f"{end / SCALE[name]:,.0f}" for end in (found.low, found.high))
    return f"{size(found.value)} ({low} to {high})"


def archive_rows(found: dict[str, Interval]) -> list[list[str]]:
    """The figures of the archive, for libraries, plugins and both."""
    def row(label: str, show: str, unit: str = "") -> list[str]:
        return [label, *(around(found[f"{kind} {show}"], unit) for kind in ("library", "plugin", "all"))]

    numbers = [found[f"{kind} number"] for kind in ("library", "plugin", "all")]
    number = ["number of shared objects", *(f"{each.value:,.0f} ({each.low:,.0f} to {each.high:,.0f})" for each in numbers)]
    return [number, row("stripped", "stripped"), row("notes", "notes"), row("notes, of the stripped bytes", "share", "%"),
            row("notes with zstd", "zstd"), row("the packages grow by, compressed", "growth"),
            row("the same, of all packages with shared objects", "of packages", "%")]


def read(archive: Path) -> Archive:
    return Archive.read(archive / "sample.json", tables.read([archive / "stripped.jsonl"]))


def subset_table(archive: Path, known: tables.Tables) -> str:
    found = subset.rows(archive, known)
    notes, growth = subset.total(found, known), sum(row.growth for row in found)
    shown = (f"All {len(found)} packages: {size(sum(row.stripped for row in found))} stripped, {around(notes)} of notes, and the packages grow by {size(growth)}. "
             f"The notes of {sum(row.measured for row in found)} were measured. The first {SHOWN}:")
    others = textwrap.fill(", ".join(row.package for row in found[SHOWN:]), 118, break_on_hyphens=False)
    return f"{shown}\n\n{subset.table(found, SHOWN)}\n\nThe others:\n{others}."


def archive_table(archive: Path, known: tables.Tables) -> str:
    return markdown([["", "libraries", "plugins", "both"], *archive_rows(estimate(read(archive), known))])


def model_table(known: tables.Tables) -> str:
    """The model, and what it says of each source package if it is fitted on the others."""
    columns = []
    for kind in "library", "plugin":
        made = measured(known).filter(kind=kind)
        model, checked = fit(made), left_out(made)
        both = checked.filter((polars.col("note") > 0) & (polars.col("predicted") > 0))
        factor = (both["predicted"] / both["note"]).log().abs().exp()
        columns.append([f"{made.height} of {made['source'].n_unique()} source packages",
                        f"{model.ratio * math.exp(model.intercept):.0f} · exports^{model.slope:.2f}",
                        f"{checked['predicted'].sum() / checked['note'].sum():.2f} of the measured one",
                        *(f"a factor of {factor.quantile(part):.1f}" for part in (0.5, 0.9))])
    labels = ["fitted on", "note, in bytes", "if each source package is predicted from the others, the sum is", "half of them are within",
              "nine of ten are within"]
    return markdown([["", "libraries", "plugins"], *zip(labels, *columns)])


def compared(known: tables.Tables, others: tables.Tables) -> str:
    """What the model, fitted on some packages, says of libraries of other source packages whose notes were measured."""
    lines = []
    for kind, name in (("library", "libraries"), ("plugin", "plugins")):
        made = measured(known).filter(kind=kind)
        new = measured(others).filter(polars.col("kind") == kind, ~polars.col("source").is_in(made["source"].unique().to_list()))
        if not new.height:
            continue
        predicted = fit(made).predict(new["exports"].to_numpy())
        sums = predicted_sums(made, new)
        lines.append(f"{name}: {new.height} of {new['source'].n_unique()} source packages, {size(new['note'].sum())} measured, "
                     f"{around(Interval.of(predicted.sum(), sums))} predicted")
    return "\n".join(lines)


def sections(archive: Path, known: tables.Tables) -> list[str]:
    """The sections of the page."""
    return [recommended(archive, known), whole(archive, known)]


def recommended(archive: Path, known: tables.Tables) -> str:
    found = subset.rows(archive, known)
    notes = subset.total(found, known)
    shown = [[row.package, f"{row.loading}", f"{row.by_typelib}", about(row, row.notes),
              about(row, row.growth)] for row in found[:SHOWN]]
    stripped, growth = size(sum(row.stripped for row in found)), size(sum(row.growth for row in found))
    return (f"<h2>A subset: the libraries that are loaded through FFI</h2><p>{len(found)} packages with libraries are used by two or more "
            "other packages of Debian 12 through an interpreter: they are named in the code of Python, Ruby, Perl, PHP, Lua or Guile, or they "
            "are what a package without compiled code depends on, or they have a typelib. Not all packages were read, so the counts are lower "
            f"bounds. Their {stripped} of libraries would get notes of {around(notes)}, and their packages would grow by about {growth}. "
            f"{sum(row.measured for row in found)} of the packages were measured; ≈ marks figures that the model below predicts. "
            "Libraries that most packages use come first:</p>"
            + figure("subset", "uses that have types, against bytes", plots.reached([row.users for row in found], [row.notes for row in found]), 0.9)
            + f"<p>The first {len(shown)}:</p>"
            + table(["package", "load it", "by typelib", "notes", "growth"], shown))


def whole(archive: Path, known: tables.Tables) -> str:
    sample = read(archive)
    found = estimate(sample, known)
    taken = sum(len(stratum["sample"]) for stratum in sample.strata.values())
    frame = sum(stratum["packages"] for stratum in sample.strata.values())
    rows = []
    for name in sample.strata:
        kind = name.split()[0]
        each = found[f"{kind} in {name}"]
        rows.append((label(name), each.value, each.low, each.high))
    made = measured(known).filter(kind="library")
    checked = left_out(made)
    model = fit(made)
    return ("<h2>The whole archive, extrapolated</h2>"
            f"<p>Debian 12 has {frame:,} packages for this machine with shared objects. {taken} of them were drawn at random, "
            f"from {len(sample.strata)} strata. Their debug packages are not in the main archive, so their notes cannot be made. A model predicts them from the exports with C names. In brackets: the interval that "
            "has 95 % of the bootstrap's draws.</p>"
            + table(["", "libraries", "plugins", "both"], archive_rows(found))
            + "<p>By stratum, the kind and the installed size of the packages. Packages of libraries have a library that the loader finds by name; "
              "the bars show the notes of such libraries, and of the plugins in packages of plugins:</p>"
            + figure("archive", "notes of the archive by stratum", plots.intervals(rows, "two", "bytes of notes"), 1.4)
            + f"<p>The model for libraries is: note = {model.ratio * math.exp(model.intercept):.0f} · exports<sup>{model.slope:.2f}</sup> bytes, "
              f"fitted on {made.height} libraries of {made['source'].n_unique()} source packages. If each source package is predicted from the "
              f"others, the sum of the notes is {checked['predicted'].sum() / checked['note'].sum():.2f} of the measured sum. "
              "It is assumed that C libraries are built with <code>-g</code>, and that the libraries with measured notes resemble the others in how many types an export reaches.</p>")


def about(row: subset.Row, number: float) -> str:
    return size(number) if row.measured else f"≈\N{NO-BREAK SPACE}{size(number)}"


def label(stratum: str) -> str:
    kind, bound = stratum.split(" ", 1)
    return f"{'libraries' if kind == 'library' else 'plugins'}, {'larger' if bound == 'larger' else '≤ ' + size(1e3 * int(bound.split()[0]))}"
