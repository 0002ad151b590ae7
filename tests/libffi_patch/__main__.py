"""The patch of libffi on what build.sh made: libffi_patch VERSION WORK BUILD

WORK is the directory of build.sh --suite, BUILD that of libffitypecheck.so. Shows that the patched libffi without the option is the one
without the patch, and with it has six more functions; that a program that is linked with -lffi alone is checked by them, or goes on
without libffitypecheck; and that the two libraries, which have functions of the same names, do not get in each other's way."""

import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
HEADERS = os.path.join(TOP, "include")
NODE = "LIBFFI_TYPECHECK_8.0"
FUNCTIONS = {
    "ffi_describe_symbol",
    "ffi_prep_cif_checked",
    "ffi_prep_cif_var_checked",
    "ftc_decl_free",
    "ftc_last_error_message",
    "ftc_report_free",
}
# What program.c prints if libffitypecheck is there, and if it is not. 3 is FFI_BAD_ARGTYPE, -5 is FTC_ERR_IO.
CHECKED = """describe 0
right 0
result 42
wrong 3
message twice: argument 1 ('value'): the library declares 'int' (signed integer, 4 bytes), the caller passes double (8 bytes)
"""
UNCHECKED = """describe -5
right 0
result 42
wrong 0
message libffitypecheck.so.0 cannot be loaded
"""
# The patch's own tests: each is compiled and run.
NEW_TESTS = {"absent.c", "checked.c", "checked_var.c", "threads.c"}


def output(command: list[str], **environment: str) -> str:
    """What a command prints; it must succeed."""
    ran = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}: ends with {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def files(root: str) -> set[str]:
    """The files and links below a directory."""
    return {os.path.relpath(os.path.join(at, name), root) for at, _, names in os.walk(root) for name in names}


def exports(library: str) -> set[str]:
    """The dynamic symbols that a library defines, with their versions."""
    lines = output(["nm", "-D", "--with-symbol-versions", "--defined-only", library]).splitlines()
    return {line.split()[-1] for line in lines if line.split()[-2] != "A"}


def needed(path: str) -> set[str]:
    """The libraries that a file is linked with."""
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", output(["readelf", "-d", path])))


def expect(what: str, got: object, wanted: object) -> None:
    """Ends unless both are the same."""
    if got != wanted:
        sys.exit(f"{what}\n  got    {got}\n  wanted {wanted}")


class Patched:
    """One version of libffi, built three times, and how programs are compiled for it."""

    def __init__(self, work: str, build: str, scratch: str) -> None:
        self.work = work
        self.build = os.path.abspath(build)
        self.scratch = scratch
        self.on = os.path.abspath(os.path.join(work, "on"))
        self.include = os.path.join(self.on, "usr/include")
        self.library = os.path.join(self.on, "usr/lib")

    def compile(self, source: str, name: str, *options: str, compiler: str = "gcc") -> str:
        """Compiles one of the programs here against the patched libffi; options come last."""
        target = os.path.join(self.scratch, name)
        flags = ["-g", "-rdynamic", "-Wall", "-Wextra", "-Werror", f"-I{self.include}", "-pthread"]
        output([compiler, *flags, os.path.join(HERE, source), "-o", target, f"-L{self.library}", *options])
        return target

    def path(self, *more: str) -> str:
        """An LD_LIBRARY_PATH with the patched libffi."""
        return ":".join([self.library, *more])

    def same_without_the_option(self) -> None:
        stock, off = (os.path.join(self.work, name, "usr") for name in ("stock", "off"))
        names = files(stock)
        expect("files that are installed without the option", files(off), names)
        manual = {name for name in names if name.startswith("share/info")}
        different = {name for name in names - manual if not filecmp.cmp(f"{stock}/{name}", f"{off}/{name}", shallow=False)}
        expect("files that differ without the option", different, set())
        added = {name for name in files(self.on) if name.startswith("usr/include")} - {f"usr/{name}" for name in names}
        expect("headers that are new with the option", added, {"usr/include/ffi_typecheck.h"})

    def six_functions_more(self) -> None:
        stock = exports(os.path.join(self.work, "stock/usr/lib/libffi.so.8"))
        new = exports(os.path.join(self.library, "libffi.so.8")) ^ stock
        expect("exports that are new with the option", new, {f"{name}@@{NODE}" for name in FUNCTIONS})
        expect("libraries that libffi needs", needed(f"{self.library}/libffi.so.8"), needed(f"{self.work}/stock/usr/lib/libffi.so.8"))

    def pkg_config(self) -> None:
        for directory, wanted in ((self.library + "/pkgconfig", False), (f"{self.work}/build/libdl", True)):
            static = output(["pkg-config", "--static", "--libs", f"{directory}/libffi.pc"]).split()
            expect(f"-ldl for a static program by {directory}", "-ldl" in static, wanted)

    def own_suite(self) -> None:
        """libffi's own tests do with the option what they do without the patch, and ours pass."""
        lines = {}
        for name in ("stock", "on"):
            with open(f"{self.work}/{name}/libffi.sum", encoding="utf-8") as results:
                lines[name] = sorted(re.findall(r"^[A-Z]+: .*", results.read(), re.MULTILINE))
        ours = [line for line in lines["on"] if "libffi.typecheck/" in line]
        expect("results of libffi's own tests", [line for line in lines["on"] if line not in ours], lines["stock"])
        bad = [line for line in lines["on"] if not line.startswith(("PASS: ", "UNSUPPORTED: "))]
        expect("tests that do not pass", bad, [])
        ran = {re.search(r"typecheck/(\S+)", line)[1] for line in ours}
        expect("tests of the patch", (ran, len(ours)), (NEW_TESTS, 2 * len(NEW_TESTS)))
        print(f"libffi's own suite: {len(lines['stock'])} results without the patch, and {len(ours)} more with it, all as expected")

    def headers(self) -> None:
        """ffi_typecheck.h and ffitypecheck.h in both orders, or one of them, for C and C++."""
        orders = {
            "": ["ffi_typecheck.h"],
            f"-I{HEADERS}": ["ffi_typecheck.h", "ffitypecheck.h", "ffi.h"],
        }
        for option, names in orders.items():
            for order in (names, names[::-1]):
                text = "".join(f"#include <{name}>\n" for name in order)
                text += "const ftc_decl *decl; ftc_status (*describe)(void *, const char *, const ftc_decl **) = ffi_describe_symbol;\n"
                for compiler, standard in (("gcc", "c99"), ("gcc", "c11"), ("clang", "c99"), ("g++", "c++98"), ("g++", "c++17")):
                    language = "c++" if "++" in standard else "c"
                    command = [compiler, "-x", language, f"-std={standard}", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"]
                    command += ["-isystem", self.include, "-fsyntax-only", *filter(None, [option]), "-"]
                    subprocess.run(command, input=text, text=True, check=True)

    def linked_with_libffi_alone(self) -> None:
        program = self.compile("program.c", "alone", "-lffi")
        expect("libraries of the program", needed(program), {"libffi.so.8", "libc.so.6"})
        both = "/libffi.so.8 1\n/libffitypecheck.so.0 1\n"
        expect("checked", output([program], LD_LIBRARY_PATH=self.path(self.build)), CHECKED + both)
        none = "/libffi.so.8 1\n/libffitypecheck.so.0 0\n"
        expect("without libffitypecheck", output([program], LD_LIBRARY_PATH=self.library), UNCHECKED + none)
        # A library of that name that lacks the functions; dlsym finds those of libffi, on which it depends.
        other = os.path.join(self.scratch, "other")
        os.mkdir(other)
        fake = [f"-L{self.library}", "-Wl,--no-as-needed", "-lffi", "-Wl,-soname,libffitypecheck.so.0"]
        output(["gcc", "-shared", "-x", "c", "/dev/null", "-o", f"{other}/libffitypecheck.so.0", *fake])
        expect("with another library", output([program], LD_LIBRARY_PATH=self.path(other)), UNCHECKED + both)
        preload = os.path.join(self.build, "libffitypecheck.so.0")
        expect("preloaded", output([program], LD_LIBRARY_PATH=self.library, LD_PRELOAD=preload), CHECKED + both)
        calls = output([f"{self.build}/ffitypecheck", "run", "--", program], LD_LIBRARY_PATH=self.path(self.build))
        expect("under the preload library", calls.startswith(CHECKED), True)

    def linked_with_both(self) -> None:
        """The linker's order decides whose functions a program calls, and the loader's does not."""
        full = ["-DFULL_HEADER", f"-I{HEADERS}", f"-L{self.build}"]
        both = "/libffi.so.8 1\n/libffitypecheck.so.0 1\n"
        for order, version in (["-lffi", "-lffitypecheck"], NODE), (["-lffitypecheck", "-lffi"], "FTC_0.1"):
            program = self.compile("program.c", "both", *full, "-Wl,--no-as-needed", *order)
            imports = output(["nm", "-D", "--with-symbol-versions", "--undefined-only", program]).split()
            expect(f"whose functions, {order}", f"ffi_describe_symbol@{version}" in imports, True)
            for preload in ("", f"{self.build}/libffitypecheck.so.0", f"{self.library}/libffi.so.8"):
                got = output([program], LD_LIBRARY_PATH=self.path(self.build), LD_PRELOAD=preload)
                expect(f"{order}, {preload or 'nothing'} preloaded", got, CHECKED + both)

    def linked_statically(self) -> None:
        """libffi.a in the program, and then libffitypecheck.a with the shared libffi."""
        program = self.compile("program.c", "static", "-Wl,-Bstatic", "-lffi", "-Wl,-Bdynamic")
        expect("libraries of the program", needed(program), {"libc.so.6"})
        got = output([program], LD_LIBRARY_PATH=self.path(self.build))
        expect("libffi.a", got, CHECKED + "/libffi.so.8 1\n/libffitypecheck.so.0 1\n")
        expect("libffi.a alone", output([program], LD_LIBRARY_PATH=self.library), UNCHECKED + "/libffi.so.8 0\n/libffitypecheck.so.0 0\n")
        full = ["-DFULL_HEADER", f"-I{HEADERS}", f"{self.build}/libffitypecheck.a", "-lffi", "-lm", "-lgcc_s"]
        program = self.compile("program.c", "static-check", *full)
        got = output([program], LD_LIBRARY_PATH=self.library)
        expect("libffitypecheck.a", got, CHECKED + "/libffi.so.8 1\n/libffitypecheck.so.0 0\n")

    def loaded_at_run_time(self) -> None:
        program = self.compile("loaded.c", "loaded", f"-I{HEADERS}", "-Wl,--as-needed")
        names = ["libffi.so.8", "libffitypecheck.so.0"]
        for order in (names, names[::-1]):
            output([program, *order], LD_LIBRARY_PATH=self.path(self.build))

    def threads(self) -> None:
        """Without a deadlock, and without a race that ThreadSanitizer sees in what libffi has of it."""
        program = self.compile("constructor.c", "constructor", "-lffi")
        library = self.compile("constructor.c", "constructor.so", "-DLIBRARY", "-shared", "-fPIC", "-lffi")
        output([program, library], LD_LIBRARY_PATH=self.path(self.build))
        tests = os.path.join(self.work, "tree/testsuite/libffi.typecheck")
        source = os.path.join(self.work, "tree/src/typecheck.c")
        sanitized = ["-fsanitize=thread", f"-I{self.work}/build", source, "-lffi"]
        program = self.compile(os.path.abspath(f"{tests}/threads.c"), "threads", *sanitized)
        # ThreadSanitizer does not see what orders the accesses of a library that was not compiled for it.
        suppressions = os.path.join(self.scratch, "suppressions")
        with open(suppressions, "w", encoding="utf-8") as file:
            file.write("called_from_lib:libffitypecheck.so.0\n")
        output([program], LD_LIBRARY_PATH=self.path(self.build), TSAN_OPTIONS=f"suppressions={suppressions}")

    def for_the_suite(self) -> str:
        """A directory for tests/libffi_suite whose libffitypecheck.so is both libraries, libffi first."""
        directory = os.path.join(self.work, "both")
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        for name, target in (("libffi.so.8", self.library), ("libffitypecheck.so.0", self.build)):
            os.symlink(f"{target}/{name}", f"{directory}/{name}")
        with open(f"{directory}/libffitypecheck.so", "w", encoding="utf-8") as script:
            script.write(f"INPUT({directory}/libffi.so.8 {directory}/libffitypecheck.so.0)\n")
        return directory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("work", "build"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        patched = Patched(arguments.work, arguments.build, scratch)
        patched.same_without_the_option()
        patched.six_functions_more()
        patched.pkg_config()
        patched.headers()
        patched.linked_with_libffi_alone()
        patched.linked_with_both()
        patched.linked_statically()
        patched.loaded_at_run_time()
        patched.threads()
        patched.own_suite()
    print(patched.for_the_suite())


main()
