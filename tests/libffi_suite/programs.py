"""The programs of libffi's test suite: each source with the options that its .exp file and its directives give it."""

import os
from dataclasses import dataclass

import directives

COMPILERS = {
    "gcc": {".c": "gcc", ".cc": "g++"},
    "clang": {".c": "clang", ".cc": "clang++"},
}
LEVELS = ("-O0", "-O2")
DIRECTORIES = ("call", "closures", "complex", "go", "bhaible")
# The numbers of the bhaible tests, as in bhaible.exp: each is a program of its own.
BHAIBLE = {"test-call.c": range(1, 82), "test-callback.c": range(1, 81)}
# As in libffi.exp: what mentions ABI_NUM also runs with Microsoft's calling convention, with GCC only.
MICROSOFT = ("-DABI_NUM=FFI_GNUW64", "-DABI_ATTR=__MSABI__")


@dataclass(frozen=True)
class Program:
    """One source, compiled in one way."""

    # libffi.call/many.c, libffi.bhaible/test-call.c 7, libffi.call/many.c ms
    name: str
    source: str
    compiler: str
    level: str
    flags: tuple[str, ...]
    # A regular expression that its output must contain.
    output: str

    @property
    def configuration(self):
        return f"{self.compiler} {self.level}"

    def command(self, here, library, checked, binary):
        """The compiler's command line. `checked` is checked.c, compiled."""
        suite = os.path.dirname(os.path.dirname(self.source))
        suffix = os.path.splitext(self.source)[1]
        return [
            COMPILERS[self.compiler][suffix], "-g", self.level, "-w", *self.flags,
            "-include", os.path.join(here, "checked.h"), f"-I{here}", f"-I{os.path.dirname(suite)}/include",
            "-o", binary, self.source, checked,
            f"-L{library}", f"-Wl,-rpath,{library}", "-lffitypecheck", "-lffi", "-lm",
        ]  # fmt: skip


def variants(directory, source, path):
    """The names and flags of the programs that one source gives."""
    if directory == "bhaible":
        return [(f"{source} {number}", (f"-DDGTEST={number}",)) for number in BHAIBLE[source]]
    plain = [(source, ())]
    with open(path, encoding="utf-8") as file:
        return plain + [(f"{source} ms", MICROSOFT)] if "ABI_NUM" in file.read() else plain


def sources(suite, directory):
    """The sources that are programs."""
    if directory == "bhaible":
        return list(BHAIBLE)
    names = os.listdir(os.path.join(suite, f"libffi.{directory}"))
    return sorted(name for name in names if os.path.splitext(name)[1] in (".c", ".cc"))


def all_programs(suite, compilers, levels):
    """All programs of the suite in all configurations."""
    found = []
    for directory in DIRECTORIES:
        for source in sources(suite, directory):
            path = os.path.join(suite, f"libffi.{directory}", source)
            with open(path, encoding="utf-8") as file:
                wanted = directives.read(file.read())
            for name, flags in variants(directory, source, path):
                for compiler in compilers:
                    if flags == MICROSOFT and compiler != "gcc":
                        continue
                    for level in levels:
                        options = (*flags, *wanted.options)
                        name_ = f"libffi.{directory}/{name}"
                        found.append(Program(name_, path, compiler, level, options, wanted.output))
    return found
