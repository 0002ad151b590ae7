#!/usr/bin/env python3
"""Instructions and time of questions about zlib, as benches/counts.rs and src/main.rs ask them; writes the table of docs/performance.md."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import page

ROWS = {
    "check known": "`ffi_prep_cif_checked`, a verdict that is known",
    "describe_again known": "`ffi_describe_symbol` of a function that was described before",
    "check_claim built": "a claim of the function with all members of `z_stream`, made and checked",
    "describe_first slim": "the first lookup, types in the library",
    "describe_first full": "the first lookup, full debug information",
}


def run(*command, **environment):
    return subprocess.run(command, cwd=Path(__file__).parent, env=os.environ | environment, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", type=Path)
    parser.add_argument("zlib", type=Path)
    parser.add_argument("directory", type=Path, help="for the two forms of zlib")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()

    zlib = options.directory.absolute()
    full, slim = (zlib / form / "libz.so.1" for form in ("full", "slim"))
    for path in (full, slim):
        path.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(options.zlib.read_bytes())
    run(options.command.absolute(), "slim", full, "-o", slim)
    run("strip", slim)

    counted = run("cargo", "bench", "--locked", "--quiet", "--bench", "counts", ZLIB=str(zlib))
    instructions = re.findall(r"::questions::(\w+) (\w+):.*?\n +Instructions: +(\d+)\|", re.sub(r"\x1b\[[0-9;]*m", "", counted))
    timed = run("cargo", "run", "--locked", "--quiet", "--release", ZLIB=str(zlib), FFITYPECHECK_CACHE="off")
    counts = {f"{question} {form}": int(number) for question, form, number in instructions}
    times = dict(line.rsplit(" ", 1) for line in timed.splitlines())
    lines = ["| `deflateInit2_`, 8 arguments | instructions | ns |", "|---|---|---|"]
    lines += [f"| {text} | {counts[row]:,} | {int(times[row]):,} |" for row, text in ROWS.items()]
    page.show("\n".join(lines), "counts", options.write)


if __name__ == "__main__":
    main()
