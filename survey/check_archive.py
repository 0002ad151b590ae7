"""The search for libraries that code loads, and the estimate of the archive, on what is made here and therefore known."""

import subprocess
import sys
from pathlib import Path

import numpy
import polars

from survey import archive, ffi_use
from survey.estimate import Archive, estimate
from survey.fetch import Package, file_name
from survey.libraries import Libraries
from survey.tables import SCHEMAS, Tables

# A file of each runtime, and the names that are found in it; None for a place where the name is not known.
SOURCES: dict[str, tuple[str, set[str | None]]] = {
    "a.py": ("import ctypes\nctypes.CDLL('libz.so.1')\nctypes.cdll.LoadLibrary(b'libm.so.6')\n", {"libz.so.1", "libm.so.6"}),
    "b.py": ("from ctypes.util import find_library\nfrom ctypes import CDLL\nname = find_library('magic') or 'libmagic.so.1'\nCDLL(name)\n",
             {"magic", "libmagic.so.1"}),
    "c.py": ("import ctypes\ndef load(first, names):\n    for name in names:\n        return ctypes.CDLL(name)\nload(1, ('libusb-1.0.so.0', 'usb.dll'))\n",
             {"libusb-1.0.so.0"}),
    "d.py": ("from cffi import FFI\nffi = FFI()\nVERSION = 8\nffi.dlopen('lib%s.so' % 'sodium')\nffi.dlopen(f'libgit2.so.{\"1.5\"}')\n", {"libsodium.so", "libgit2.so.1.5"}),
    "e.py": ("import ctypes, sys\nctypes.CDLL(sys.argv[1])\nctypes.CDLL(None)\n", {None, "the process itself"}),
    "f.py": ("import os, other\nother.dlopen('no')\nname = 'CDLL(\"no\")'\nos.CDLL('no')\nname = name + name\nctypes.CDLL(name)\n", {None}),
    "g.py": ("from cffi import FFI\nffi = FFI()\ndef load(path):\n    return ffi.dlopen(path)\n", {None}),
    "script": ("#!/usr/bin/python3\nimport ctypes\nctypes.CDLL('libcups.so.2')\n", {"libcups.so.2"}),
    "a.rb": ("module A\n  extend FFI::Library\n  # ffi_lib 'no'\n  ffi_lib ['yajl', 'libyajl.so.2']\nend\nNAME = 'curl'\nffi_lib NAME, FFI::Library::LIBC\n"
             "Fiddle.dlopen('libssl.so.3')\nffi_lib %w[libarchive.so.13]\nffi_lib :kernel32\nlib.ffi_lib(*found.split(\",\"))\n",
             {"yajl", "libyajl.so.2", "c", "libssl.so.3", "libarchive.so.13", None}),
    "a.pm": ("use FFI::CheckLib qw(find_lib);\nmy $ffi = FFI::Platypus->new( api => 1, lib => find_lib_or_die( lib => 'foo' ) );\n"
             "$ffi->lib('libbar.so.1');\n=pod\n\n $ffi->lib('no');\n\n=cut\n1;\n__END__\n$ffi->lib('no');\n", {"foo", "libbar.so.1"}),
    "a.php": ("<?php\n// FFI::cdef('no', 'no.so');\n$ffi = FFI::cdef(\"int puts(const char *);\n int abs(int);\", \"libc.so.6\");\nFFI::cdef('int abs(int);');\n",
              {"libc.so.6", "c"}),
    "a.h": ("#define FFI_LIB \"libgtk-3.so.0\"\nint x(void);\n", {"libgtk-3.so.0"}),
    "a.lua": ("local ffi = require('ffi')\n-- ffi.load('no')\nlocal z = ffi.load(\"z\")\nlocal s = ffi.load 'sqlite3'\nffi.load(path)\n", {"z", "sqlite3", None}),
    "a.scm": ("(define lib (dynamic-link \"libguile-ssh\"))\n; (dynamic-link \"no\")\n(load-foreign-library \"libgcrypt\")\n", {"libguile-ssh", "libgcrypt"}),
    "a.rkt": ("(define lib (ffi-lib \"libedit\" '(\"2\" \"\")))\n", {"libedit"}),
}
LIBRARIES: dict[str, str] = {"zlib1g": "libz.so.1", "libyajl2": "libyajl.so.2", "libgtk-3-0": "libgtk-3.so.0", "libsodium23": "libsodium.so.23",
                             "libfoo1": "libfoo.so.1", "libfoo2": "libfoo.so.2"}


def scan(directory: Path) -> None:
    """A package with the files above."""
    tree = directory / "tree"
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "usr/bin").mkdir(parents=True, exist_ok=True)
    package: Package = {"Package": "loads", "Version": "1", "Architecture": "all", "Depends": "libfoo1"}
    (tree / "DEBIAN/control").write_text("Package: loads\nVersion: 1\nArchitecture: all\nMaintainer: none\nDescription: none\n")
    for name, (text, _) in SOURCES.items():
        (tree / "usr/bin" / name).write_text(text)
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, directory / file_name(package)], check=True, stdout=subprocess.DEVNULL)
    known = {name: {"Package": name, "Architecture": "amd64"} for name in LIBRARIES}
    libraries = Libraries(((f"usr/lib/x86_64-linux-gnu/{file}", [name]) for name, file in LIBRARIES.items()), known)
    rows = ffi_use.scan(directory, package, libraries)
    for name, (_, expected) in SOURCES.items():
        found = {row["name"] for row in rows if row["file"] == f"/usr/bin/{name}"}
        if found != expected:
            sys.exit(f"the search of code: {name} loads {expected}, and {found} was found")
    provided = {row["name"]: row["library"] for row in rows}
    wanted = {"libz.so.1": "zlib1g", "z": "zlib1g", "yajl": "libyajl2", "libsodium.so": "libsodium23", "foo": "libfoo1", "libc.so.6": None}
    wrong = {name: provided[name] for name, library in wanted.items() if provided[name] != library}
    if wrong:
        sys.exit(f"the packages of libraries: {wrong}")
    print(f"the search of code: {len(rows)} places in {len(SOURCES)} files of seven runtimes, as expected")


# The archive that is made, how often it is sampled, and how many of the intervals have to hold its total. 95 of 100 should.
PACKAGES, SAMPLES, LEAST = 3_000, 24, 19


def estimator() -> None:
    """An archive whose notes are known: does the interval hold their sum as often as it says?"""
    chance = numpy.random.default_rng(1)

    def notes(exports: numpy.ndarray) -> numpy.ndarray:
        return 150 * exports ** 0.8 * numpy.exp(chance.normal(0, 0.8, len(exports)))

    exports = numpy.exp(chance.normal(4, 1.5, PACKAGES)).astype(int) + 1
    truth = notes(exports).sum()
    names = [f"p{number}" for number in range(PACKAGES)]
    frame = {"library small": [name for name, count in zip(names, exports) if count < 200],
             "library large": [name for name, count in zip(names, exports) if count >= 200]}
    objects = polars.DataFrame({"package": names, "exports": exports, "kind": "library", "stripped": 1000 * exports})
    held, values = 0, []
    for number in range(SAMPLES):
        drawn = archive.draw(frame, dict.fromkeys(frame, 60), str(number))
        strata = {name: {"packages": len(frame[name]), "archive_bytes": 1, "sample": dict.fromkeys(one, {})} for name, one in drawn.items()}
        found = estimate(Archive.of(strata, objects), made(notes, chance), 200)["library notes"]
        held += found.low <= truth <= found.high
        values.append(found.value)
    error = numpy.mean(values) / truth - 1
    print(f"the estimate: {held} of {SAMPLES} intervals hold the total of a made archive; their mean is {100 * error:+.1f} % of it")
    if held < LEAST or abs(error) > 0.1:
        sys.exit("the estimate: too few")


def made(notes, chance: numpy.random.Generator) -> Tables:
    """The records of 150 source packages with one or two libraries and of a few plugins, whose notes are as in the archive."""
    libraries = []
    for number in range(300):
        kind = "lib" if number < 250 else "lib/plugins"
        exports = int(numpy.exp(chance.normal(4, 1.5))) + 1
        libraries.append({"group": f"source{number % 150} 1", "package": f"k{number}", "path": f"/usr/{kind}/k{number}.so", "debug_found": "build-id",
                          "functions": exports, "variables": 0, "untyped": 0, "mangled": 0, "file_bytes": 1000 * exports, "strippable_bytes": 0,
                          "note_bytes": int(notes(numpy.array([exports]))[0]) + 1, "note_zstd_bytes": 1})
    return {name: polars.DataFrame(libraries if name == "libraries" else [], schema=schema, orient="row") for name, schema in SCHEMAS.items()}
