"""Compiles and runs one program, and reads what checked.c wrote of it."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
# Seconds; every program ends within one.
TIMEOUT = 60


@dataclass(frozen=True)
class Finding:
    verdict: str
    rule: str
    position: str
    sentence: str


@dataclass
class Call:
    verdict: str
    function: str
    # The declaration, or why there is none.
    about: str
    times: int = 1
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Outcome:
    """What became of a program. `failure` is empty if it passed."""

    program: object
    failure: str = ""
    prepared: int = 0
    calls: list[Call] = field(default_factory=list)
    # Of each closure whether a checked call was made with its cif before.
    closures: list[bool] = field(default_factory=list)


def read_log(text, outcome):
    """Adds what checked.c wrote."""
    for line in text.splitlines():
        kind, *fields = line.split("\t")
        if kind == "prepared":
            outcome.prepared += 1
        elif kind == "call":
            outcome.calls.append(Call(*fields))
        elif kind == "finding":
            outcome.calls[-1].findings.append(Finding(*fields))
        elif kind == "again":
            outcome.calls[-1].times += int(fields[0])
        elif kind == "closure":
            outcome.closures.append(fields == ["held"])
        else:
            raise ValueError(f"no line of checked.c: {line}")


def compile_checked(compiler, level, library_include, directory):
    """checked.c as an object; without -g, so that its functions do not mix with those of the tests."""
    target = os.path.join(directory, f"checked-{compiler}{level}.o")
    command = [compiler, "-std=gnu11", level, "-Wall", "-Wextra", "-Werror", "-fexceptions", f"-I{library_include}", "-c"]
    subprocess.run([*command, "-o", target, os.path.join(HERE, "checked.c")], check=True)
    return target


def run(program, library, checked):
    """The outcome of one program."""
    outcome = Outcome(program)
    with tempfile.TemporaryDirectory() as directory:
        binary, log = os.path.join(directory, "program"), os.path.join(directory, "log")
        compiled = subprocess.run(program.command(HERE, library, checked, binary), capture_output=True, text=True, check=False)
        if compiled.returncode:
            outcome.failure = f"does not compile: {compiled.stderr.strip()}"
            return outcome
        environment = {**os.environ, "LIBFFI_SUITE_LOG": log}
        try:
            ran = subprocess.run([binary], capture_output=True, env=environment, timeout=TIMEOUT, cwd=directory, check=False)
        except subprocess.TimeoutExpired:
            outcome.failure = f"runs for more than {TIMEOUT} seconds"
            return outcome
        output = ran.stdout.decode(errors="replace")
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                read_log(file.read(), outcome)
        if ran.returncode:
            outcome.failure = f"ends with {ran.returncode}: {ran.stderr.decode(errors='replace').strip()}"
        elif not re.search(program.output, output):
            outcome.failure = f"its output lacks {program.output!r}"
    return outcome
