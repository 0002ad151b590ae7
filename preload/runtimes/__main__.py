"""Runtimes of Debian under the preload library: runtimes COMMAND GLIB [--write PAGE] [NAME...]

Each runtime runs a right program, which must be without a finding, and a wrong one, whose mistake must be named. Runtimes whose
calls do not go through libffi.so.8, or bind to it past the preload library, are listed too: nothing may be seen of them.
COMMAND is the command ffitypecheck. GLIB is a directory with GLib's libraries, compiled with -g."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "benches"))
import page  # noqa: E402

JNA = "/usr/share/java/jna.jar"
# libgirepository passes a gboolean, which is an int, as an unsigned int.
BOOLEAN = "'gboolean' (signed integer, 4 bytes), the caller"
LABS = "imaxabs: argument 1 ('i'): the library declares 'long'"


@dataclass(frozen=True)
class Runtime:
    name: str
    packages: str
    # The command; {} is "right" or "wrong".
    command: list[str]
    # What the findings in the wrong program say. Empty: nothing is seen.
    findings: tuple[str, ...] = (LABS,)
    # Why nothing is seen.
    reason: str = ""
    # Commands that are run before, in the scratch directory with the programs.
    build: list[list[str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    # If given, each pair of the right program is compared, and each DIFFERS says this. The wrong program is run with --differs.
    differs: str = ""


def compiled(*commands):
    """Each command for the right and for the wrong program."""
    return [[part.replace("{}", kind) for part in command] for command in commands for kind in ("right", "wrong")]


RUNTIMES = [
    Runtime("Python, ctypes", "python3", ["/usr/bin/python3", "ctypes/{}.py"]),
    Runtime("Python, cffi (ABI mode)", "python3-cffi", ["/usr/bin/python3", "cffi/{}.py"]),
    Runtime(
        "Python, PyGObject", "python3-gi gobject-introspection", ["/usr/bin/python3", "pygobject/call.py"],
        ("measure_move: argument 2 ('delta'): the library declares 'long'",),
        build=[["gcc", "-g", "-shared", "-fPIC", "-Wl,--build-id,-soname,libmeasure.so", "-o", "libmeasure.so", "pygobject/measure.c"]]
        + compiled(["mkdir", "typelibs-{}"], ["cp", "pygobject/{}.gir", "typelibs-{}/Measure-1.0.gir"],
                   ["g-ir-compiler", "typelibs-{}/Measure-1.0.gir", "-o", "typelibs-{}/Measure-1.0.typelib"]),
        environment={"LD_LIBRARY_PATH": ".", "GI_TYPELIB_PATH": "typelibs-{}"},
    ),
    Runtime(
        "PyGObject: GLib", "python3-gi gobject-introspection", ["/usr/bin/python3", "pygobject/glib/{}.py"],
        ("g_utf8_strlen: argument 2 ('max'): the library declares 'gssize'", "g_get_monotonic_time: result: the library returns 'gint64'",
         "g_random_double_range: argument 1 ('begin'): the library declares 'gdouble'",
         "g_ascii_strncasecmp: the library declares 3 parameters"),
        build=[["g-ir-compiler", "pygobject/glib/Wrong-1.0.gir", "-o", "pygobject/glib/Wrong-1.0.typelib"]],
        environment={"LD_LIBRARY_PATH": "{glib}", "GI_TYPELIB_PATH": "pygobject/glib"}, differs=BOOLEAN,
    ),
    Runtime(
        "PyGObject: Gio", "python3-gi gobject-introspection", ["/usr/bin/python3", "pygobject/gio/{}.py"],
        ("g_content_type_guess: argument 3 ('data_size'): the library declares 'gsize'",
         "g_unix_mounts_changed_since: argument 1 ('time'): the library declares 'guint64'",
         "g_socket_receive: argument 3 ('size'): the library declares 'gsize'"),
        build=[["g-ir-compiler", "pygobject/gio/Wrong-1.0.gir", "-o", "pygobject/gio/Wrong-1.0.typelib"]],
        environment={"LD_LIBRARY_PATH": "{glib}", "GI_TYPELIB_PATH": "pygobject/gio", "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
        differs=BOOLEAN,
    ),
    Runtime("PyPy, ctypes", "pypy3", ["pypy3", "ctypes/{}.py"]),
    Runtime("Ruby, fiddle", "ruby", ["ruby", "fiddle/{}.rb"]),
    Runtime("Ruby, ffi", "ruby-ffi", ["ruby", "ruby-ffi/{}.rb"]),
    Runtime("Guile", "guile-3.0", ["guile", "--no-auto-compile", "guile/{}.scm"]),
    Runtime("Perl, FFI::Platypus", "libffi-platypus-perl", ["perl", "platypus/{}.pl"]),
    Runtime("OCaml, ctypes", "ocaml-nox ocaml-findlib libctypes-ocaml-dev", ["./ocaml-{}"],
            build=compiled(["ocamlfind", "ocamlopt", "-thread", "-package", "threads,ctypes.foreign", "-linkpkg",
                            "ocaml/{}.ml", "-o", "ocaml-{}"])),
    Runtime("Java, JNA", "libjna-java default-jdk-headless", ["java", "-cp", f"{JNA}:jna", "{Kind}"],
            build=[["javac", "-cp", JNA, "jna/Right.java", "jna/Wrong.java"]]),
    Runtime("Haskell, runghc", "ghc", ["runghc", "ghc/{}.hs"]),
    Runtime("Haskell, compiled", "ghc", ["./ghc-{}"], (),
            "no call reached libffi; GHC seems to generate them itself",
            build=compiled(["ghc", "-v0", "ghc/{}.hs", "-o", "ghc-{}"])),
    Runtime("PHP, FFI", "php-cli", ["php", "php/{}.php"], (),
            "ffi.so binds to libffi.so.8 directly (LD_DEBUG=bindings); PHP seems to load it with RTLD_DEEPBIND"),
    Runtime("Racket", "racket", ["racket", "racket/{}.rkt"], (), "no call reached libffi; Racket CS seems to generate them itself"),
    Runtime("SBCL", "sbcl", ["sbcl", "--script", "sbcl/{}.lisp"], (), "no call reached libffi; SBCL seems to generate them itself"),
]


def run(command, runtime, kind, directory, *options):
    """The exit code, what was printed, and the summary."""
    log = directory / "log"
    log.unlink(missing_ok=True)

    def fill(text):
        return text.replace("{}", kind).replace("{Kind}", kind.capitalize())
    environment = {**os.environ, **{name: fill(value) for name, value in runtime.environment.items()}}
    line = [command, "run", "--json", "--output", log, *options, "--", *map(fill, runtime.command)]
    ran = subprocess.run(line, cwd=directory, env=environment, capture_output=True, text=True, timeout=300, check=False)
    return ran, json.loads(log.read_text().splitlines()[-1])


def told(summary, runtime):
    """The sentences of the findings, but for those that its programs are known for."""
    sentences = [finding["sentence"] for finding in summary["findings"]]
    return [sentence for sentence in sentences if not runtime.differs or runtime.differs not in sentence]


def try_runtime(command, runtime, directory):
    """The row of the table, and what is not as it should be."""
    for step in runtime.build:
        subprocess.run(step, cwd=directory, check=True, capture_output=True)
    right, summary = run(command, runtime, "right", directory)
    differs = ["--differs"] if runtime.differs else []
    wrong, wrong_summary = run(command, runtime, "wrong", directory, *differs)
    failures = []

    def expect(holds, what):
        if not holds:
            failures.append(f"{runtime.name}: {what}: {right.stderr}{wrong.stderr}")
    pairs = f"{summary['match']} / {summary['differs']} / {summary['unverified']} / {summary['mismatch']}"
    if not runtime.findings:
        expect(right.returncode == 3 and summary["calls"] == 0, "something was seen of the right program")
        expect(wrong.returncode == 3 and wrong_summary["calls"] == 0, "something was seen of the wrong program")
        return f"| {runtime.name} | `{runtime.packages}` | 0 | - | invisible: {runtime.reason} |", failures
    expect(right.returncode == 0 and not summary["findings"], f"the right program: {right.returncode} {summary['findings']}")
    expect(right.stdout.strip(), "the right program prints nothing")
    sentences = told(wrong_summary, runtime)
    expect(wrong.returncode == 1, f"the wrong program returns {wrong.returncode}")
    named = len(sentences) == len(runtime.findings) and all(map(str.startswith, sentences, runtime.findings))
    expect(named, f"the wrong program: {sentences}")
    if runtime.differs:
        expect(not summary["unverified"], f"not compared: {summary['libraries_without_types']} {summary['functions_without_types']}")
        _, all_summary = run(command, runtime, "right", directory, *differs)
        expect(all_summary["findings"] and not told(all_summary, runtime), f"DIFFERS: {told(all_summary, runtime)}")
    calls = f"calls {summary['calls']}, closures {summary['closures']}"
    return f"| {runtime.name} | `{runtime.packages}` | {calls} | {pairs} | {'; '.join(sentences)} |", failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", type=os.path.abspath)
    parser.add_argument("glib", type=os.path.abspath)
    parser.add_argument("--write", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    lines = ["| runtime | packages | seen of the right program | its pairs: MATCH / DIFFERS / UNVERIFIED / MISMATCH | the wrong program |",
             "|---|---|---|---|---|"]
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        for runtime in RUNTIMES:
            if options.names and runtime.name not in options.names:
                continue
            scratch = Path(directory) / str(len(lines))
            shutil.copytree(HERE, scratch)
            environment = {name: value.replace("{glib}", options.glib) for name, value in runtime.environment.items()}
            row, failed = try_runtime(options.command, replace(runtime, environment=environment), scratch)
            print(row, flush=True)
            lines.append(row)
            failures += failed
    if options.write:
        page.write_between(options.write, "runtimes", "\n".join(lines))
    print("\n".join(failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
