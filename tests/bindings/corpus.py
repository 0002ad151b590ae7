"""Audits the packages of packages.toml with `python -m ffitypecheck audit`, and compares what is found with the labels of labels.jsonl, which were
given by hand. Each MISMATCH must have a label, and so must each DIFFERS of a random sample; and each label must be found. The audit of
the releases in defects.toml must find of the defects, which the trackers of the packages document, those that the list says it finds.
With --write, the tables go into docs/bindings.md.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

import run

sys.path.append(os.path.join(run.TOP, "benches"))
import page

Package = dict
Finding = dict

HERE, TOP, WORK = pathlib.Path(run.HERE), pathlib.Path(run.TOP), pathlib.Path(run.WORK)
PAGE = TOP / "docs" / "bindings.md"
LEVELS = "MISMATCH", "DIFFERS"
# Of each package, so that none outweighs the others.
SEED, SAMPLE = "2026-11-22", 8
with open(HERE / "packages.toml", "rb") as packages:
    KNOWN = {package["name"]: package for package in tomllib.load(packages)["package"]}
# What identifies a finding, and its label.
KEYS = "package", "version", "file", "line", "subject", "verdict", "rule", "path"
LABELS = {
    "MISMATCH": ("true", "false"),
    "DIFFERS": ("defect", "harmless", "false"),
}


def targets_of(package: Package, top: str) -> list[str]:
    """The modules, and our scripts: in the package's directory, so that what it declares counts."""
    targets = []
    for name in package["modules"]:
        targets += ["--script", shutil.copy(HERE / "scripts" / name, top)] if name.endswith(".py") else [name]
    return targets + [option for pattern in package.get("exclude", ()) for option in ("--exclude", pattern)]


def audit(package: Package) -> tuple[str, dict]:
    """The package's directory, and the JSON document of the audit."""
    package["needed"] = [os.path.join(top, KNOWN[other].get("path", "")) for other in package.get("needs", ())
                         for top in [run.fetch(KNOWN[other])]]
    top, libraries = run.fetch(package), run.build(package)
    run.generate(package, top, libraries)
    environment = run.environment_of(package, top, libraries, [str(TOP / "python" / "src")])
    environment.update(FFITYPECHECK_LIBRARY=str(TOP / "build" / "libffitypecheck.so.0"), FFITYPECHECK_CACHE="off")
    command = [*package.get("under", ()), run.PYTHON, "-m", "ffitypecheck", "audit", "--format", "json", "--libraries",
               *targets_of(package, top)]
    done = subprocess.run(command, cwd=os.path.join(top, package.get("path", "")), env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=1800)
    if done.returncode not in (0, 1, 3):
        raise SystemExit("%s: the audit ended with %d\n%s" % (package["name"], done.returncode, done.stderr))
    document = json.loads(done.stdout)
    with open(WORK / ("%s-%s-audit.json" % (package["name"], version_of(package))), "w") as file:
        json.dump(document, file, indent=1)
    return top, document


def version_of(package: Package) -> str:
    return package.get("version") or "Debian 12"


def findings_of(package: Package, top: str, document: dict) -> list[Finding]:
    """The findings of both levels, by what identifies them. Two that are alike have numbers."""
    found, seen = [], collections.Counter()
    for row in document["findings"]:
        if row["verdict"] not in LEVELS or not (row["file"] or "").startswith(top + os.sep):
            continue
        path = " ".join(filter(None, (row["argument"] and "argument %s" % row["argument"], row["path"]))) or row["position"]
        finding = {"package": package["name"], "version": version_of(package), "file": os.path.relpath(row["file"], top), "line": row["line"],
                   "subject": row["subject"], "verdict": row["verdict"], "rule": row["rule"], "path": path}
        key = identity(finding)
        seen[key] += 1
        if seen[key] > 1:
            finding["path"] += " #%d" % seen[key]
        found.append(dict(finding, row=row))
    return found


def identity(finding: Finding) -> str:
    return json.dumps([finding[key] for key in KEYS], ensure_ascii=False)


def to_be_labelled(findings: list[Finding]) -> list[Finding]:
    """Every MISMATCH; of each package's DIFFERS the first ones in an order that depends on nothing but the seed and the finding."""
    chosen = [finding for finding in findings if finding["verdict"] == "MISMATCH"]
    taken: collections.Counter = collections.Counter()
    for finding in sorted(findings, key=lambda finding: hashlib.sha256((SEED + identity(finding)).encode()).digest()):
        taken[finding["package"]] += finding["verdict"] == "DIFFERS"
        if finding["verdict"] == "DIFFERS" and taken[finding["package"]] <= SAMPLE:
            chosen.append(finding)
    return chosen


def read_labels() -> dict[str, dict]:
    labels: dict[str, dict] = {}
    with open(HERE / "labels.jsonl", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            label = json.loads(line)
            if label["label"] not in LABELS[label["verdict"]] or not label["c"] or not label["why"]:
                raise SystemExit("labels.jsonl:%d: not a label of a %s, or without its reason" % (number, label["verdict"]))
            if labels.setdefault(identity(label), label) is not label:
                raise SystemExit("labels.jsonl:%d: labelled twice" % number)
    return labels


def problems_of(findings: list[Finding], labels: dict[str, dict], names: list[str]) -> list[str]:
    """What is not as labels.jsonl has it."""
    wanted = to_be_labelled(findings)
    lines = ["not labelled: %s/%s:%d: %s [%s] %s %s" % (
        finding["package"], finding["file"], finding["line"], finding["verdict"], finding["rule"], finding["subject"], finding["path"])
        for finding in wanted if identity(finding) not in labels]
    found = {identity(finding) for finding in wanted}
    return lines + ["labelled, but not found: %s" % key for key, label in labels.items()
                    if key not in found and (not names or label["package"] in names)]


# Defects that trackers document.

def look_for(defect: dict) -> list[str]:
    """Lines about a documented defect that is not found as the list says."""
    if "unchecked" in defect:
        return []
    package = KNOWN[defect["package"]] | defect.get("release", {})
    found = [(finding["subject"], finding["rule"], finding["verdict"]) for finding in findings_of(package, *audit(package))]
    if "missed" in defect:
        return ["%s: %s is found now" % (defect["tracker"], defect["subject"])] if defect["subject"] in [row[0] for row in found] else []
    return [] if (defect["subject"], defect["rule"], defect["verdict"]) in found else ["%s is not found" % defect["tracker"]]


# The tables.

def interval(part: int, all: int) -> str:
    """The 95 % interval of a proportion, after Wilson, in percent."""
    z, p = 1.96, part / all
    scale = 1 + z * z / all
    middle, half = p + z * z / (2 * all), z * math.sqrt(p * (1 - p) / all + z * z / (4 * all * all))
    return "%.0f to %.0f %%" % (100 * max(0.0, (middle - half) / scale), 100 * min(1.0, (middle + half) / scale))


def libraries_of(document: dict) -> str:
    names = {os.path.basename(path).split(".so")[0] for path, library in document["libraries"].items() if library["described"]}
    return ", ".join(sorted(name or "Python" for name in names)) or "none with types"


def table_of_packages(audits: dict[str, dict], findings: list[Finding], labels: dict[str, dict]) -> str:
    lines = ["| package | libraries | functions | variables | types | MATCH | DIFFERS | UNVERIFIED | without types | MISMATCH | findings: MISMATCH | "
             "of these true | findings: DIFFERS | modules not imported |", "|---|---|" + 12 * "---|"]
    columns = "functions", "variables", "types", "match", "differs", "unverified", "untyped", "mismatch"
    sums: collections.Counter = collections.Counter()
    for name, document in audits.items():
        mine = [finding for finding in findings if finding["package"] == name]
        values = {column: document["counts"][column] for column in columns}
        values["wrong"] = sum(finding["verdict"] == "MISMATCH" for finding in mine)
        values["true"] = sum(labels.get(identity(finding), {}).get("label") == "true" for finding in mine)
        values["other"] = len(mine) - values["wrong"]
        values["left"] = sum(target["status"] != "ok" for target in document["targets"])
        sums.update(values)
        lines.append("| %s %s | %s | %s |" % (name, version_of(KNOWN[name]), libraries_of(document), " | ".join(map(str, values.values()))))
    lines.append("| all %d | | %s |" % (len(audits), " | ".join(str(sums[name]) for name in values)))
    return "\n".join(lines)


def table_of_precision(findings: list[Finding], labels: dict[str, dict]) -> str:
    judged = to_be_labelled(findings)
    lines = ["| level | findings | judged | defects | harmless | false | precision: a defect | what is said is so |", "|---|" + 7 * "---|"]
    for level in LEVELS:
        mine = [labels[identity(finding)]["label"] for finding in judged if finding["verdict"] == level and identity(finding) in labels]
        kinds = collections.Counter(mine)
        defects = kinds["true"] + kinds["defect"]
        said = len(mine) - kinds["false"]
        lines.append("| %s | %d | %d | %d | %d | %d | %.0f %% (%s) | %.0f %% (%s) |" % (
            level, sum(finding["verdict"] == level for finding in findings), len(mine), defects, kinds["harmless"], kinds["false"],
            100 * defects / len(mine), interval(defects, len(mine)), 100 * said / len(mine), interval(said, len(mine))))
    return "\n".join(lines)


def table_of_defects(defects: list[dict]) -> str:
    lines = ["| package | tracker | what it says | found as |", "|---|---|---|---|"]
    for defect in defects:
        version = defect.get("release", KNOWN.get(defect["package"], {})).get("version", "")
        outcome = ("%s of `%s`, %s" % (defect["verdict"], defect["subject"], defect["rule"]) if "rule" in defect
                   else "not found: " + defect["missed"] if "missed" in defect else "not checked: " + defect["unchecked"])
        lines.append("| %s %s | %s | %s | %s |" % (defect["package"], version, defect["tracker"], defect["what"], outcome))
    found, missed = sum("rule" in defect for defect in defects), sum("missed" in defect for defect in defects)
    return "\n".join(lines) + "\n\nFound: %d of %d that could be checked; %d could not be checked." % (
        found, found + missed, len(defects) - found - missed)


def main(names: list[str], write: bool) -> int:
    (WORK / "files").mkdir(parents=True, exist_ok=True)
    with open(HERE / "defects.toml", "rb") as file:
        defects = [defect for defect in tomllib.load(file)["defect"] if not names or defect["package"] in names]
    labels, audits, findings, problems = read_labels(), {}, [], []
    for name in names or [name for name, package in KNOWN.items() if not package.get("tool")]:
        try:
            top, audits[name] = audit(KNOWN[name])
        except (Exception, SystemExit) as error:
            problems.append("%s: %s: %s" % (name, type(error).__name__, error))
            continue
        findings += findings_of(KNOWN[name], top, audits[name])
        print(name, audits[name]["counts"], flush=True)
    problems += problems_of(findings, labels, names)
    for defect in defects:
        problems += look_for(defect)
    with open(WORK / "findings.jsonl", "w", encoding="utf-8") as file:
        for finding in findings:
            file.write(json.dumps(finding, ensure_ascii=False) + "\n")
    print("\n".join(problems))
    if write and not problems:
        page.write_between(PAGE, "corpus-packages", table_of_packages(audits, findings, labels))
        page.write_between(PAGE, "corpus-precision", table_of_precision(findings, labels))
        page.write_between(PAGE, "corpus-defects", table_of_defects(defects))
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/bindings.md; only for all packages")
    arguments = parser.parse_args()
    sys.exit(main(arguments.name, arguments.write))
