"""libffi's own test suite under the preload library: libffi.py SUITE COMMAND

SUITE is the folder testsuite of libffi's source, COMMAND the command ffitypecheck. gcc at -O0. All programs must pass without a
finding: their calls are right."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "libffi_suite")
sys.path.insert(0, TESTS)
import programs  # noqa: E402

NUMBER = 378
TIMEOUT = 300


def run(program, suite, command):
    """Why the program fails, or None, and the summary."""
    with tempfile.TemporaryDirectory() as directory:
        binary, log = os.path.join(directory, "program"), os.path.join(directory, "log")
        compiler = programs.COMPILERS[program.compiler][os.path.splitext(program.source)[1]]
        options = ["-g", program.level, "-w", "-Wl,--build-id", *program.flags, f"-I{TESTS}", f"-I{os.path.dirname(os.path.abspath(suite))}/include"]
        compiled = subprocess.run([compiler, *options, "-o", binary, program.source, "-lffi", "-lm"],
                                  capture_output=True, text=True, check=False)
        if compiled.returncode:
            return f"does not compile: {compiled.stderr.strip()}", {}
        ran = subprocess.run([command, "run", "--json", "--output", log, "--", binary],
                             capture_output=True, timeout=TIMEOUT, cwd=directory, check=False)
        with open(log, encoding="utf-8") as file:
            summary = json.loads(file.readlines()[-1])
        output = ran.stdout.decode(errors="replace")
        # 3: no pair was compared, because all calls have another ABI or go to closures.
        if ran.returncode not in (0, 3):
            return f"ends with {ran.returncode}: {ran.stderr.decode(errors='replace')} {summary['findings']}", summary
        if not re.search(program.output, output):
            return f"its output lacks {program.output!r}", summary
    return None, summary


def main():
    suite, command = sys.argv[1:]
    command = os.path.abspath(command)
    chosen = programs.all_programs(suite, ["gcc"], ["-O0"])
    failures = [] if len(chosen) == NUMBER else [f"{len(chosen)} programs, expected {NUMBER}"]
    total = Counter()
    reasons = Counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for program, (failure, summary) in zip(chosen, pool.map(lambda program: run(program, suite, command), chosen)):
            if failure:
                failures.append(f"{program.name}: {failure}")
            for key in ("calls", "closures", "match", "differs", "unverified", "mismatch"):
                total[key] += summary.get(key, 0)
            reasons.update(summary.get("not_checked", {}))
    print("\n".join(failures))
    print(f"{len(chosen)} programs, {len(failures)} failed;", ", ".join(f"{key} {number}" for key, number in total.items()))
    for reason, calls in reasons.items():
        print(f"{calls} calls not checked: {reason}")
    return bool(failures) or total["match"] < len(chosen) // 2


if __name__ == "__main__":
    sys.exit(main())
