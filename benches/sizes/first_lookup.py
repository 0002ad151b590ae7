#!/usr/bin/env python3
"""The first question for a function's type in a fresh process: libffitypecheck, libctf and libbpf, in turn, in one run.

usage: first_lookup.py BUILD INCLUDE [--runs N] [--write docs/performance.md]

BUILD has the command and libffitypecheck.so. Each reader gets the same stripped library with its own kind of type information in
it. All must give the same answer, or the run fails.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import sizes
from page import markdown, show

CASES = [("libz", "deflateInit2_"), ("sqlite3", "sqlite3_create_function_v2"), ("glib", "g_hash_table_insert"),
         ("libcrypto", "EVP_DigestInit_ex")]
READERS = {"ffitypecheck": ("FTC", ["-lffitypecheck"]), "ffitypecheck, slim --zstd": ("FTC", ["-lffitypecheck"]),
           "libctf": ("CTF", ["-lctf"]), "libbpf": ("BTF", ["-lbpf"])}


def compile_reader(reader, build, include, directory):
    """The program for one reader; it is linked to nothing of the others."""
    define, libraries = READERS[reader]
    program = directory / define
    if not program.exists():
        sizes.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", f"-DREADER_{define}", f"-I{include}", "-o", program,
                   sizes.HERE / "first_lookup.c", f"-L{build}", f"-Wl,-rpath,{build}", *libraries, "-ldl"])
    return program


def prepare(library, reader, command):
    """The stripped library with the type information that the reader reads."""
    out = library.scratch / (reader.replace(" ", "-") + ".so")
    if reader.startswith("ffitypecheck"):
        options = ["--zstd"] if reader.endswith("--zstd") else []
        sizes.run([command, "slim", *options, "--debug", library.full, "-o", out, library.stripped])
    elif reader == "libctf":
        sizes.run(["strip", "-o", out, library.built])
        if ".ctf" not in sizes.section_sizes(out):
            raise sizes.Failed("strip leaves no .ctf")
    else:
        sizes.run(["objcopy", f"--add-section=.BTF={library.btf_file()}", library.stripped, out])
    return out


def ask(program, path, function):
    """Nanoseconds, and the answer."""
    time, answer = sizes.run([program, path, function]).split(" ", 1)
    return int(time), answer.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("include", type=Path)
    parser.add_argument("--runs", type=int, default=201)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    build, include = options.build.resolve(), options.include.resolve()
    rows = [["library, stripped kB", "function", *(f"{reader}, µs" for reader in READERS)]]
    for name, function in CASES:
        with tempfile.TemporaryDirectory() as scratch:
            library = sizes.Library(name, scratch)
            tasks = {reader: (compile_reader(reader, build, include, library.scratch),
                              prepare(library, reader, build / "ffitypecheck")) for reader in READERS}
            times, answers = {reader: [] for reader in READERS}, {}
            for _ in range(options.runs):
                for reader, (program, path) in tasks.items():
                    time, answers[reader] = ask(program, path, function)
                    times[reader].append(time)
            if len(set(answers.values())) != 1:
                sys.exit(f"{name} {function}: the answers differ: {answers}")
            rows.append([f"{name} {sizes.size(library.stripped) / 1e3:.0f}", function,
                         *(f"{statistics.median(taken) / 1e3:.0f}" for taken in times.values())])
    table = markdown(rows)
    show(table, "first-lookup", options.write)


if __name__ == "__main__":
    main()
