#!/usr/bin/env python3
"""Libraries with a note are loaded as they are without one.

Every shared library below /usr/lib/x86_64-linux-gnu, or those named, is given a note in four ways and loaded in a fresh process by load.cc: its
constructors run, its program headers in memory are those of the file, the unwinder finds as many functions as before, and what depends on it
uses it. readelf and eu-elflint must say what they said before. A library without debug information is given types of our own.

A library that does not load as it is (a plugin that wants the symbols of a program; Perl's are there) or that has no exports is counted apart. So is one
that `slim --alloc` refuses, which must be a program or a dynamic linker.
"""

import argparse
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path("/usr/lib/x86_64-linux-gnu")
STRIPPED = "slim --alloc, then strip"
# The last is made of the one before.
WAYS = {"slim": [], "slim --zstd": ["--zstd"], "slim --alloc": ["--alloc"], STRIPPED: []}
# For the kernel to start.
REFUSED = {"ld-linux-x86-64.so.2", "pam_cap.so"}
# What slim says of libraries that it leaves as they are: that no build-id tells them apart, that an interpreter calls their only function.
LEFT_ALONE = ("has no build-id", "is an interpreter's module")
EXPORTS = 500
# Whose symbols plugins want: nothing's but their dependencies', and Perl's.
PRELOADED = ["", "libperl.so.5.36"]
# The number of a program header: one more comes first.
NUMBER = re.compile(r"phdr\[\d+\]: |program header entry \d+: ")
# eu-elflint takes a relocation to change as many bytes as the function has whose address it stores, so that the segment behind seems to be
# changed as well.
IMPRECISE = "read-only section modified but text relocation flag not set"


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=300, **more)


def sections(data):
    at, size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
    return [struct.unpack_from("<IIQQQQIIQQ", data, at + number * size) for number in range(count)]


def text(data, at):
    return data[at:data.index(b"\0", at)].decode()


def names(data):
    """The soname, or None, and the exports as pairs of name and kind (1: variable, 2 and 10: function)."""
    soname, exports = None, []
    headers = sections(data)
    for _, kind, _, _, offset, size, link, _, _, each in headers:
        if kind == 6:
            for tag, value in struct.iter_unpack("<qQ", data[offset:offset + size]):
                if tag == 14:
                    soname = text(data, headers[link][4] + value)
        if kind == 11:
            for at in range(offset, offset + size, each):
                name, info, _, section = struct.unpack_from("<IBBH", data, at)
                if info & 15 in (1, 2, 10) and 0 < section < 0xff00 and len(exports) < EXPORTS:
                    exports.append((text(data, headers[link][4] + name), info & 15))
    return soname, exports


def debug_file(library, exports, directory):
    """A debug file that declares the library's exports."""
    lines = [f'extern int x{number}{"" if kind == 1 else "(void)"} __asm__("{name}");' for number, (name, kind) in enumerate(exports)]
    lines.append("void *used[] = {" + ", ".join(f"(void *)&x{number}" for number in range(len(exports))) + "};")
    (directory / "exports.c").write_text("\n".join(lines))
    build_id = re.search(r"Build ID: (\w+)", run(["readelf", "-n", library]).stdout)
    identity = f"-Wl,--build-id=0x{build_id[1]}" if build_id else "-Wl,--build-id=none"
    subprocess.run(["gcc", "-g", "-shared", "-fPIC", "-nostdlib", identity, "-o", "exports.debug", "exports.c"], cwd=directory, check=True)
    return directory / "exports.debug"


def load(loader, path, library, preloaded):
    """What load.cc says of a file: the library, or what was made of it, which the library's dependencies then use as well."""
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{path.parent}:{library.parent}", "LD_PRELOAD": preloaded}
    done = run([loader, path], env=environment, cwd=path.parent, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout if done.returncode == 0 else (done.stderr or done.stdout).strip()


def complaints(path):
    lint = run(["eu-elflint", "--gnu-ld", path])
    lines = [NUMBER.sub("", line) for line in (lint.stdout + lint.stderr).splitlines() if line not in ("No errors", "")]
    lines = [line for line in lines if "owner name 'ffitypecheck'" not in line and IMPRECISE not in line]
    return Counter(lines), run(["readelf", "-lW", path]).stderr.replace(str(path), "")


def judge(command, loader, library, scratch):
    """For each way what became of the library, and why."""
    data = library.read_bytes()
    if data[:5] != b"\x7fELF\2":
        return {way: ("no shared library of this machine", "") for way in WAYS}
    for preloaded in PRELOADED:
        before = load(loader, library, library, preloaded)
        if before[0] == 0:
            break
    else:
        return {way: ("does not load as it is", "") for way in WAYS}
    soname, exports = names(data)
    lint = complaints(library)
    results = {}
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        directory = Path(directory)
        types, out = [], None
        for way, options in WAYS.items():
            last, out = out, directory / way.replace(" ", "") / (soname or library.name)
            out.parent.mkdir()
            if way == STRIPPED:
                if last.exists():
                    run(["strip", "-o", out, last])
            else:
                slim = [command, "slim", "--mangled", *options, "-o", out, library]
                done = run([*slim, *types])
                if done.returncode == 3 and not types and exports:
                    types = ["--debug", debug_file(library, exports, directory)]
                    done = run([*slim, *types])
            if any(reason in done.stderr for reason in LEFT_ALONE):
                results[way] = ("left alone", "")
                continue
            if not out.exists():
                results[way] = ("refused", done.stderr.strip()) if exports else ("has no exports", "")
                continue
            # GNU strip leaves the note's PT_NOTE where the note is no more.
            after = lint if way == STRIPPED else complaints(out)
            if after != lint:
                results[way] = ("FAILED", f"{after[0] - lint[0]} {after[1]}")
                continue
            loaded = load(loader, out, library, preloaded)
            what = "whole, with its own types" if not types else "whole, with types of ours"
            results[way] = (what, "") if loaded == before else ("FAILED", f"{loaded} instead of {before}")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", type=os.path.abspath)
    parser.add_argument("library", type=Path, nargs="*")
    arguments = parser.parse_args()
    command, found = arguments.command, {path.resolve() for path in arguments.library or ROOT.rglob("*.so*") if path.is_file()}
    os.environ.update(FFITYPECHECK_CACHE="off", LC_ALL="C")
    counts = {way: Counter() for way in WAYS}
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        loader = Path(scratch) / "load"
        subprocess.run(["g++", "-O1", "-o", loader, Path(__file__).with_name("load.cc"), "-ldl"], check=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            libraries = sorted(found)
            for library, results in zip(libraries, pool.map(lambda path: judge(command, loader, path, scratch), libraries)):
                for way, (what, why) in results.items():
                    counts[way][what] += 1
                    if what == "FAILED" or (what == "refused" and not ("--alloc" in way and library.name in REFUSED)):
                        failed = True
                        print(f"{library}: {way}: {what}: {why}", flush=True)
    for way, count in counts.items():
        print(f"{way}: " + ", ".join(f"{number} {what}" for what, number in sorted(count.items())))
    sys.exit(failed)


main()
