"""Holds what the command says of eight libraries against tools that others wrote.

Needs the debug packages of the libraries, gcc, binutils, llvm-dwarfdump, abidw and the Python module drgn.
FFITYPECHECK names the command; otherwise it is target/release/ffitypecheck.
Exits with 1 where something differs without a reason, or the page does not agree.
"""

import argparse
import os
import sys
import time

# One thread makes the order in which drgn finds equal names a fixed one.
os.environ["OMP_NUM_THREADS"] = "1"

import compare_abidw
import compare_drgn
import compare_headers
import coverage
import libraries
import ours
import report
import round_trip

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "coverage.md")


def examine(library):
    """The coverage of one library, and what each tool says."""
    described = ours.describe(library)
    exports = libraries.exports(library)
    covered = coverage.cover(library, described, exports)
    results = [compare_drgn.compare(library, described, exports)]
    if library not in compare_abidw.LEFT_OUT:
        results.append(compare_abidw.compare(library, described))
    results.append(compare_headers.compare(library, described, exports))
    results.append(round_trip.compare(library, described))
    return covered, [result for result in results if result is not None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="renew docs/coverage.md, from all libraries")
    parser.add_argument("library", nargs="*", help=", ".join(libraries.LIBRARIES))
    arguments = parser.parse_args()
    write, chosen = arguments.write, arguments.library
    if unknown := set(chosen) - set(libraries.LIBRARIES):
        parser.error(f"unknown: {', '.join(unknown)}")
    if write and chosen:
        parser.error("the page is written from all libraries")
    started = time.time()
    coverages, results, failed = [], [], False
    for library in chosen or libraries.LIBRARIES:
        covered, found = examine(library)
        coverages.append(covered)
        results += found
        for fault in covered.faults:
            print(f"{library}: {fault}")
        for result in found:
            result.show()
        failed |= bool(covered.faults) or any(result.unnamed for result in found)
    print(f"{time.time() - started:.0f} s")
    if failed:
        sys.exit("something differs without a reason")
    if not chosen:
        hold_page(coverages, report.page(coverages, results), write)


def hold_page(coverages, text, write):
    """The committed page must have these figures, unless it is of other builds of the libraries."""
    if write:
        with open(PAGE, "w") as file:
            file.write(text)
        return
    with open(PAGE) as file:
        committed = file.read()
    others = [one.library for one in coverages if one.build_id[:12] not in committed]
    if others:
        print(f"docs/coverage.md is of other builds of {', '.join(others)}: its figures are not compared")
    elif committed != text:
        sys.exit("docs/coverage.md has other figures: python3 oracles --write renews it")


main()
