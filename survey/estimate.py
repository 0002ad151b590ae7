"""What notes would take of the whole archive, from a random sample of it (archive.py).

The sample has no debug information, so its notes cannot be made. Double sampling: a cheap figure is measured for each library of the
sample, its exports with C names, and a model predicts the note from it. The model is fitted on libraries whose notes were measured:
log(note) = a + b log(exports), for libraries and for plugins. All libraries of a source package weigh as much as one library, so
that no package with many plugins decides. What the logarithm leaves out is put back by the ratio of the measured notes to the fitted
ones. The interval is a bootstrap of all: packages of each stratum, source packages of the model, and a library's distance from it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars

from survey.tables import LOADER, Tables

Numbers = numpy.ndarray
# Draws of the bootstrap, and the part of them that an interval leaves out at each end.
DRAWS = 2_000
TAIL = 2.5
SEED = 16
# An interpreter's module exports its entry alone, and then gets no note.
MODULE = r"/(python|pypy|perl|ruby|lua|php)[^/]*/|cpython-"
ENTRIES = 3
KIND = polars.when(polars.col("path").str.contains(LOADER)).then(polars.lit("library")).otherwise(polars.lit("plugin"))


def shared_objects(tables: Tables) -> polars.DataFrame:
    """Of each library what the model uses: `kind`, `source`, `exports` with C names, `stripped` bytes."""
    exports = polars.col("functions") + polars.col("variables") + polars.col("untyped") - polars.col("mangled")
    module = polars.col("path").str.contains(MODULE) & (exports <= ENTRIES)
    return tables["libraries"].filter(polars.col("functions").is_not_null()).select(
        "package", "path", "note_bytes", "note_zstd_bytes", "debug_found", "debug_raw_bytes",
        kind=KIND,
        source=polars.col("group").str.replace(" .*", ""), exports=polars.when(module).then(0).otherwise(exports),
        stripped=polars.col("file_bytes") - polars.col("strippable_bytes"))


def measured(tables: Tables) -> polars.DataFrame:
    """The libraries whose notes are known, with `note`: 0 for one that has debug information and gets none."""
    whole = shared_objects(tables).filter(polars.col("debug_found").is_in(["build-id", "debuglink", "path"]) & (polars.col("exports") > 0))
    # A package that was built here and is in the archive too counts once.
    once = whole.unique(["package", "path"], keep="last", maintain_order=True)
    return once.with_columns(note=polars.col("note_bytes").fill_null(0), zstd=polars.col("note_zstd_bytes").fill_null(0))


@dataclass
class Model:
    """Of one kind of libraries."""

    intercept: float
    slope: float
    # The mean of the notes, divided by what the line says; and the same for each library of the fit, with its weight.
    ratio: float
    ratios: Numbers
    weights: Numbers
    # The bytes with zstd, for each byte of a note.
    zstd: float

    def predict(self, exports: Numbers, chance: numpy.random.Generator | None = None) -> Numbers:
        """The notes; with `chance` each is as far from the line as one of the fit."""
        line = numpy.exp(self.intercept + self.slope * numpy.log(numpy.maximum(exports, 1)))
        factor: float | Numbers = self.ratio
        if chance:
            mean = numpy.average(self.ratios, weights=self.weights)
            factor = chance.choice(self.ratios, len(exports), p=self.weights / self.weights.sum()) * self.ratio / mean
        return numpy.where(exports > 0, line * factor, 0.0)


def fit(rows: polars.DataFrame, times: dict[str, int] | None = None) -> Model:
    """`times` says how often a source package counts; without it, each counts once."""
    sources = rows["source"].to_list()
    size = {source: sources.count(source) for source in set(sources)}
    weights = numpy.array([(times.get(source, 0) if times is not None else 1) / size[source] for source in sources])
    note, zstd, exports = (rows[name].to_numpy().astype(float) for name in ("note", "zstd", "exports"))
    known = (note > 0) & (weights > 0)
    root = numpy.sqrt(weights[known])
    terms = numpy.column_stack([numpy.ones(known.sum()), numpy.log(exports[known])])
    (intercept, slope), *_ = numpy.linalg.lstsq(terms * root[:, None], numpy.log(note[known]) * root, rcond=None)
    line = numpy.exp(intercept + slope * numpy.log(exports))
    return Model(intercept, slope, (weights * note).sum() / (weights * line).sum(), note / line, weights, (weights * zstd).sum() / (weights * note).sum())


def left_out(rows: polars.DataFrame) -> polars.DataFrame:
    """Each library with the note that is predicted from the other source packages."""
    parts = []
    for source in sorted(set(rows["source"])):
        others, own = rows.filter(polars.col("source") != source), rows.filter(source=source)
        parts.append(own.with_columns(predicted=fit(others).predict(own["exports"].to_numpy())))
    return polars.concat(parts)


@dataclass
class Interval:
    value: float
    low: float
    high: float

    @staticmethod
    def of(value: float, draws: list[float]) -> "Interval":
        return Interval(value, *(float(numpy.percentile(draws, at)) for at in (TAIL, 100 - TAIL)))


@dataclass
class Archive:
    """The strata, as `sample.json` has them, and their sample."""

    strata: dict[str, dict[str, Any]]
    # The shared objects of the sample's packages, with the column `stratum`.
    objects: polars.DataFrame

    @staticmethod
    def read(strata: Path, tables: Tables) -> "Archive":
        return Archive.of(json.loads(strata.read_text()), shared_objects(tables))

    @staticmethod
    def of(strata: dict[str, dict[str, Any]], objects: polars.DataFrame) -> "Archive":
        of_package = {package: name for name, stratum in strata.items() for package in stratum["sample"]}
        return Archive(strata, objects.filter(polars.col("package").is_in(list(of_package)))
                       .with_columns(stratum=polars.col("package").replace_strict(of_package)))

    def totals(self, models: dict[str, Model], growth: dict[str, float], times: dict[str, float], chance: numpy.random.Generator | None) -> dict[str, float]:
        """The sums of the archive. `times` is how many packages of the archive a package of the sample stands for."""
        found: dict[str, float] = {}
        every = polars.DataFrame({"package": list(times), "weight": list(times.values())}, schema_overrides={"weight": polars.Float64})
        for kind, model in models.items():
            own = self.objects.filter(kind=kind).join(every, on="package", how="left", maintain_order="left")
            weight = own["weight"].to_numpy()
            note = model.predict(own["exports"].to_numpy(), chance)
            found[f"{kind} number"] = weight.sum()
            found[f"{kind} stripped"] = (weight * own["stripped"].to_numpy()).sum()
            found[f"{kind} notes"] = (weight * note).sum()
            found[f"{kind} zstd"] = found[f"{kind} notes"] * model.zstd
            found[f"{kind} growth"] = found[f"{kind} notes"] * growth[kind]
            sums = dict(own.select("stratum", notes=weight * note).group_by("stratum").agg(polars.col("notes").sum()).iter_rows())
            found |= {f"{kind} in {name}": sums.get(name, 0.0) for name in self.strata}
        for what in ("number", "stripped", "notes", "zstd", "growth"):
            found[f"all {what}"] = found[f"library {what}"] + found[f"plugin {what}"]
        for kind in ("library", "plugin", "all"):
            found[f"{kind} share"] = 100 * found[f"{kind} notes"] / max(found[f"{kind} stripped"], 1)
            found[f"{kind} of packages"] = 100 * found[f"{kind} growth"] / sum(stratum["archive_bytes"] for stratum in self.strata.values())
        return found


def compressed(tables: Tables) -> polars.DataFrame:
    """Of each source package and kind, the bytes of the notes and what the packages grow by."""
    kinds = (tables["libraries"].filter(polars.col("note_bytes").is_not_null()).with_columns(kind=KIND)
             .group_by("group", "package", "architecture").agg(polars.col("kind").unique()).filter(polars.col("kind").list.len() == 1)
             .with_columns(polars.col("kind").list.first()))
    built = tables["packages"].filter(polars.col("built_noted_bytes").is_not_null()).join(kinds, on=["group", "package", "architecture"])
    return built.group_by("kind", source=polars.col("group").str.replace(" .*", "")).agg(
        notes=polars.col("added_bytes").sum(), growth=(polars.col("built_noted_bytes") - polars.col("built_bytes")).sum())


def growth_per_byte(grown: polars.DataFrame, times: dict[str, int] | None = None) -> float:
    """What packages grow by for each byte of their notes, compressed."""
    weight = numpy.array([times.get(source, 0) if times is not None else 1 for source in grown["source"]])
    return (weight * grown["growth"].to_numpy()).sum() / max((weight * grown["notes"].to_numpy()).sum(), 1)


def estimate(archive: Archive, known: Tables, draws: int = DRAWS) -> dict[str, Interval]:
    """The sums of the archive, each with its interval."""
    rows, grown = measured(known), compressed(known)
    of_kind = {kind: rows.filter(kind=kind) for kind in ("library", "plugin")}
    chance = numpy.random.default_rng(SEED)

    every = {name: stratum["packages"] / len(stratum["sample"]) for stratum in archive.strata.values() for name in stratum["sample"]}
    value = archive.totals({kind: fit(own) for kind, own in of_kind.items()}, {kind: growth_per_byte(grown.filter(kind=kind)) for kind in of_kind}, every, None)
    found: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(draws):
        times = {kind: resampled(sorted(set(own["source"])), chance) for kind, own in of_kind.items()}
        models = {kind: fit(own, times[kind]) for kind, own in of_kind.items()}
        grows = {kind: growth_per_byte(grown.filter(kind=kind), times[kind]) for kind in of_kind}
        weights: dict[str, float] = {}
        for stratum in archive.strata.values():
            # One draw less than packages, as a sample of a sample has too small a spread (Rao and Wu).
            taken = sorted(stratum["sample"])
            one_less = max(len(taken) - 1, 1)
            weights |= {name: number * stratum["packages"] / one_less for name, number in resampled(taken, chance, one_less).items()}
        for name, number in archive.totals(models, grows, weights, chance).items():
            found[name].append(number)
    return {name: Interval.of(value[name], found[name]) for name in value}


def resampled(names: list[str], chance: numpy.random.Generator, number: int | None = None) -> dict[str, int]:
    """How often each is drawn."""
    drawn = numpy.bincount(chance.integers(len(names), size=number or len(names)), minlength=len(names))
    return dict(zip(names, drawn.tolist()))


def predicted_sums(made: polars.DataFrame, others: polars.DataFrame, draws: int = DRAWS) -> list[float]:
    """The sum of the notes of other libraries, in each draw of the source packages of the model."""
    chance = numpy.random.default_rng(SEED)
    sources, exports = sorted(set(made["source"])), others["exports"].to_numpy()
    return [fit(made, resampled(sources, chance)).predict(exports, chance).sum() for _ in range(draws)]
