"""libffi's own test suite with every call checked: libffi_suite SUITE LIBRARY INCLUDE [--all]

SUITE is the folder testsuite of libffi's source, LIBRARY that of libffitypecheck.so, INCLUDE that of its header. gcc at -O0;
--all: also clang and -O2. All programs must pass, and the findings must be those that findings.txt lists."""

import argparse
import collections
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import programs
import run

LIST = os.path.join(run.HERE, "findings.txt")
# Of libffi 3.4.4 on x86-64, in one configuration with gcc and with clang.
NUMBER = {"gcc": 378, "clang": 350}


def finding_lines(outcomes):
    """One line per program and finding, whatever the configuration and however often."""
    lines = set()
    for outcome in outcomes:
        for call in outcome.calls:
            for found in call.findings:
                fields = (outcome.program.name, found.verdict, found.rule, found.position, found.sentence)
                lines.add("\t".join(fields))
    return sorted(lines)


def listed():
    """The listed lines; those that begin with # give the reasons."""
    with open(LIST, encoding="utf-8") as file:
        return sorted(line.rstrip("\n") for line in file if line.strip() and not line.startswith("#"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("library")
    parser.add_argument("include")
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    compilers = ["gcc", "clang"] if arguments.all else ["gcc"]
    levels = list(programs.LEVELS) if arguments.all else ["-O0"]
    chosen = programs.all_programs(arguments.suite, compilers, levels)
    failures = []
    for compiler in compilers:
        number = sum(program.compiler == compiler for program in chosen)
        if number != NUMBER[compiler] * len(levels):
            failures.append(f"{number} programs with {compiler}, expected {NUMBER[compiler] * len(levels)}")
    with tempfile.TemporaryDirectory() as directory:
        checked = {
            (compiler, level): run.compile_checked(compiler, level, arguments.include, directory)
            for compiler in compilers
            for level in levels
        }

        def one(program):
            return run.run(program, arguments.library, checked[program.compiler, program.level])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(one, chosen))
    failures += [
        f"{outcome.program.name} ({outcome.program.configuration}): {outcome.failure}"
        for outcome in outcomes
        if outcome.failure
    ]
    verdicts = collections.Counter()
    for outcome in outcomes:
        for call in outcome.calls:
            verdicts[call.verdict] += call.times
    found, expected = finding_lines(outcomes), listed()
    failures += [f"not in findings.txt: {line}" for line in found if line not in expected]
    failures += [f"in findings.txt, and did not come: {line}" for line in expected if line not in found]
    passed = sum(not outcome.failure for outcome in outcomes)
    closures = collections.Counter(held for outcome in outcomes for held in outcome.closures)
    print(f"libffi's suite: {passed} of {len(outcomes)} programs passed; {sum(o.prepared for o in outcomes)} cifs prepared")
    print(f"calls checked: {', '.join(f'{count} {verdict}' for verdict, count in sorted(verdicts.items()))}")
    print(f"findings: {len(found)}, all listed" if found == expected else "findings: not those listed")
    print(f"closures: {sum(closures.values())}, which nothing declares; {closures[True]} have the cif of a checked call")
    for failure in failures:
        print(f"FAILED {failure}")
    sys.exit(1 if failures else 0)


main()
