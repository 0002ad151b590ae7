"""What `ffitypecheck diff` finds between two releases of a library, beside libabigail's abidiff: the same exports are
removed, added and changed. compare.py FFITYPECHECK NAME OLD NEW"""

import json
import re
import subprocess
import sys

KINDS = ("removed", "added", "changed")


def ours(tool, old, new):
    """Names by kind, as the command says."""
    run = subprocess.run([tool, "diff", "--as", "json", old, new], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    document = json.loads(run.stdout)
    undescribed = document["undescribed"]
    assert not undescribed, undescribed
    names = {kind: set() for kind in KINDS}
    for kind in KINDS:
        names[kind] = {entry.get("subject") or entry["symbol"] for entry in document[kind]}
    return {kind: {name.split("@")[0] for name in names[kind]} for kind in KINDS}, document["summary"]


def abidiff(old, new):
    """Names by kind, as abidiff says. --redundant: also those that have their cause in common with another."""
    command = ["abidiff", "--redundant", "--no-show-locs", old, new]
    run = subprocess.run(command, capture_output=True, text=True)
    # 1 and 2 are errors, 4 is a change, 8 an incompatible one.
    if run.returncode & 3:
        sys.exit(run.stderr + run.stdout)
    names = {kind: set() for kind in KINDS}
    for letter, kind in (("D", "removed"), ("A", "added")):
        found = re.findall(rf"^  \[{letter}\] '.*'    {{(\w+)", run.stdout, re.M)
        names[kind].update(found)
    names["changed"].update(re.findall(r"^  \[C\] '(?:function|method) .*?(\w+)\(", run.stdout, re.M))
    names["changed"].update(re.findall(r"^  \[C\] '[^(']*?(\w+)'", run.stdout, re.M))
    return names


def main():
    tool, name, old, new = sys.argv[1:]
    found, summary = ours(tool, old, new)
    other = abidiff(old, new)
    same = True
    for kind in KINDS:
        only_ours, only_theirs = found[kind] - other[kind], other[kind] - found[kind]
        print(f"{name}: {kind}: {len(found[kind])} by ffitypecheck, {len(other[kind])} by abidiff")
        for text, names in (("ffitypecheck", only_ours), ("abidiff", only_theirs)):
            if names:
                same = False
                print(f"  only {text} says so: {', '.join(sorted(names))}")
    print(f"{name}: {summary}")
    sys.exit(0 if same else 1)


main()
