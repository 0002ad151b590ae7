"""What `ffitypecheck diff` finds between two releases of a library, beside libabigail's abidiff: the same exports are
removed, added and changed, of all types and of those in the public headers."""

import argparse
import json
import re
import subprocess
import sys

KINDS = ("removed", "added", "changed")

# What abidiff 2.2 does not tell, and why.
MISSED = {
    # gcc makes one of functions with the same code; abidiff tells it under one name only.
    ("libpng1.6", False): {
        "png_set_filter_heuristics_fixed",
        "png_set_palette_to_rgb",
        "png_set_tRNS_to_alpha",
    },
}


def ours(tool, old, new, headers):
    """Names by kind, as the command says."""
    command = [tool, "diff", "--as", "json", old, new] + [f"--headers={path}" for path in headers[:1]]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    document = json.loads(run.stdout)
    undescribed = document["undescribed"]
    assert not undescribed, undescribed
    names = {kind: set() for kind in KINDS}
    for kind in KINDS:
        names[kind] = {entry.get("subject") or entry["symbol"] for entry in document[kind]}
    return {kind: {name.split("@")[0] for name in names[kind]} for kind in KINDS}, document["summary"]


def abidiff(old, new, headers):
    """Names by kind, as abidiff says. --redundant: also those that have their cause in common with another."""
    command = ["abidiff", "--redundant", "--no-show-locs", old, new]
    for number, path in enumerate(headers, 1):
        command += [f"--headers-dir{number}", path]
    run = subprocess.run(command, capture_output=True, text=True)
    # 1 and 2 are errors, 4 is a change, 8 an incompatible one.
    if run.returncode & 3:
        sys.exit(run.stderr + run.stdout)
    names = {kind: set() for kind in KINDS}
    for letter, kind in (("D", "removed"), ("A", "added")):
        found = re.findall(rf"^  \[{letter}\] '.*'    {{(\w+)", run.stdout, re.M)
        names[kind].update(found)
    for entry in re.split(r"^  (?=\[C\])", run.stdout, flags=re.M)[1:]:
        heading, *lines = entry.splitlines()
        # Below the headings nothing is said where all of it is in private types.
        if any(line.startswith("   ") and not line.endswith(":") for line in lines):
            function = re.match(r"\[C\] '(?:function|method) .*?(\w+)\(", heading)
            variable = re.match(r"\[C\] '[^(']*?(\w+)'", heading)
            names["changed"].update(found[1] for found in (function, variable) if found)
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tool", "name", "old", "new"):
        parser.add_argument(name)
    parser.add_argument("--headers", nargs=2, default=[], metavar=("OLD", "NEW"), help="the directories of the public headers")
    arguments = parser.parse_args()
    name, old, new, headers = arguments.name, arguments.old, arguments.new, arguments.headers
    found, summary = ours(arguments.tool, old, new, headers)
    other = abidiff(old, new, headers)
    missed = MISSED.get((name, bool(headers)), set())
    shown = f"{name}, public types" if headers else name
    same = True
    for kind in KINDS:
        only_ours, only_theirs = found[kind] - other[kind], other[kind] - found[kind]
        print(f"{shown}: {kind}: {len(found[kind])} by ffitypecheck, {len(other[kind])} by abidiff")
        expected = missed if kind == "changed" else set()
        if only_ours != expected:
            same = False
            print(f"  only ffitypecheck says so: {', '.join(sorted(only_ours))}")
            print(f"  expected are: {', '.join(sorted(expected)) or 'none'}")
        if only_theirs:
            same = False
            print(f"  only abidiff says so: {', '.join(sorted(only_theirs))}")
    print(f"{shown}: {summary}")
    sys.exit(0 if same else 1)


main()
