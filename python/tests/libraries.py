"""libraries.py COMMAND LIBRARY=PATH ...

Bindings of real libraries, written by `python -m ffitypecheck bindings`. The module for ctypes is imported while the package
checks each declaration ("early"), and what is not declared must have a reason that is known. What the module for cffi
declares is compared with the library by `COMMAND check`. Both must come out the same a second time. Then the programs of
python/examples do something with them.
"""

import collections
import os
import re
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(os.path.dirname(HERE), "examples")
# The name of the bindings' module, the program, and the end of its output.
PROGRAMS = {
    "sqlite3": ("query_sqlite.py", "Jupiter 95\nMars 2\nEarth 1\n"),
    "zlib": ("stream_zlib.py", "4300 bytes, packed 75, crc 6a247092\n"),
    "archive": ("list_archive.py", "GNU tar format\n"),
    "git": ("commit_git.py", "First\n"),
}
# What cannot be declared of these libraries.
KNOWN = (
    "is written in assembly", "ctypes does not pass unions by value", "ctypes has no '", "its length is not known",
    "only declared", "no unit declares it", "is part of the kernel", "ctypes passes no record by value",
)
EARLY = """
import ffitypecheck
ffitypecheck.enable("early")
import %s_binding as binding
functions = [value for value in vars(binding).values() if isinstance(value, binding._lib._FuncPtr)]
for function in functions:
    # The kernel's own code, to which the loader resolves these, has no types.
    assert function.c_declaration is not None or "time" in function.__name__, function.__name__
print(len(functions))
"""
INCLUDES = "#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>\n#include <wchar.h>\ntypedef long ssize_t;\n"


def written(path, *options):
    command = [sys.executable, "-m", "ffitypecheck", "bindings", path, *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def omitted(text):
    return [line for line in text.rpartition("# Not declared:\n#\n")[2].splitlines()] if "# Not declared:" in text else []


class Bindings:
    def __init__(self, name, path, directory, command):
        self.name, self.path, self.directory, self.command = name, path, directory, command
        self.failures = []

    def fail(self, what):
        self.failures.append("%s: %s" % (self.name, what))

    def ctypes(self):
        """How many functions the module declares, and how many names it does not."""
        options = ["--hold-lock"] if self.name == "python" else []
        text = written(self.path, *options)
        if written(self.path, *options) != text:
            self.fail("another output the second time")
        with open(os.path.join(self.directory, self.name + "_binding.py"), "w") as file:
            file.write(text)
        for line in omitted(text):
            if not any(reason in line for reason in KNOWN):
                self.fail(line)
        done = subprocess.run([sys.executable, "-W", "error", "-c", EARLY % self.name], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=dict(os.environ, PYTHONPATH=self.paths()))
        if done.returncode != 0:
            self.fail("imported under early: %s" % done.stderr[-1000:])
            return 0, 0
        return int(done.stdout), len(omitted(text))

    def paths(self):
        return os.pathsep.join([self.directory, os.environ["PYTHONPATH"]])

    def cffi(self):
        """The verdicts of COMMAND on what the module for cffi declares."""
        text = written(self.path, "--cffi")
        if "lib = ffi.dlopen(" not in text:
            self.fail("no module for cffi")
            return {}
        scope = {}
        exec(text, scope)
        path = os.path.join(self.directory, self.name + ".h")
        with open(path, "w") as file:
            file.write(INCLUDES + "\n".join(re.findall(r'ffi\.cdef\("""\n(.*?)\n"""\)', text, re.DOTALL)))
        done = subprocess.run([self.command, "check", self.path, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        verdicts = collections.Counter({verdict: int(count) for count, verdict in re.findall(
            r"(\d+) (match|differ|unverified|mismatch)", done.stdout.splitlines()[-1] if done.stdout else "")})
        if done.returncode != 0 or not verdicts["match"]:
            self.fail("cffi: %s" % (done.stdout + done.stderr)[-1000:])
        return verdicts

    def example(self):
        program, end = PROGRAMS[self.name]
        arguments = []
        if self.name == "archive":
            arguments.append(os.path.join(self.directory, "examples.tar"))
            with tarfile.open(arguments[0], "w", format=tarfile.GNU_FORMAT) as archive:
                archive.add(EXAMPLES, "examples")
        elif self.name == "git":
            arguments.append(os.path.join(self.directory, "repository"))
        for enabled in [], ["-m", "ffitypecheck", "run"]:
            done = subprocess.run([sys.executable] + enabled + [os.path.join(EXAMPLES, program)] + arguments,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=dict(os.environ, PYTHONPATH=self.paths(), FFITYPECHECK="error"))
            if done.returncode != 0 or not done.stdout.endswith(end):
                self.fail("%s: %s" % (program, done.stdout[-1000:]))
            if self.name == "git":
                arguments = [arguments[0] + "2"]


def main(command, *libraries):
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        for library in libraries:
            name, _, path = library.partition("=")
            bindings = Bindings(name, path, directory, command)
            functions, others = bindings.ctypes()
            line = "%-8s %5d functions declared for ctypes, %d names not" % (name, functions, others)
            if name in PROGRAMS:
                line += "; cffi: " + ", ".join("%d %s" % (count, verdict) for verdict, count in bindings.cffi().items())
                bindings.example()
                line += "; %s" % PROGRAMS[name][0]
            print(line, flush=True)
            failures += bindings.failures
    for failure in failures:
        print(failure)
    print("%d libraries, %d failures" % (len(libraries), len(failures)))
    return 1 if failures or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
