"""run.py BUILD: compiles the programs and fragments of docs/c-api.md and the programs of examples/, runs the lines that the pages
show after `$`, and compares what they print with what the pages say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
C99 = "gcc -std=c99 -Wall -Wextra -Werror -O1 -g".split()
GREETING = """const char *greeting(void) { return "hello"; }
__asm__(".globl bare\\n.type bare, @function\\nbare:\\n ret\\n.size bare, .-bare\\n");
"""
# The number of lines that each may have.
LIMITS = {"callname.c": 220, "lua_ffi.c": 231, "ffitypecheck.hpp": 47, "by_ctypes.py": 38, "by_cffi.py": 20}
PAGE_LIMITS = {"callname": 150, "closure": 40}


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def short(name, text, limits):
    lines = text.count("\n")
    assert lines <= limits[name], f"{name} has {lines} lines, and may have {limits[name]}"


def sessions(page):
    """Each line after `$`, and what is printed before the next one."""
    for block in blocks(page, "console"):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            yield session.split("\n", 1)


def run_sessions(name, page, directory, environment):
    count = failed = 0
    for line, expected in sessions(page):
        done = subprocess.run(line, shell=True, cwd=directory, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300)
        count += 1
        if done.stdout != expected:
            failed += 1
            print(f"{name}: $ {line}\nprinted:\n{done.stdout}and not:\n{expected}")
    assert count > 0, f"{name} has no lines to run"
    print(f"{name}: {count - failed} of {count} lines print what the page says")
    return failed


def page_programs(page, compile_c):
    """The programs are named by the first word of their first comment."""
    fragments = []
    for block in blocks(page, "c"):
        if "int main(" not in block:
            fragments.append(block)
            continue
        name = re.match(r"/\* (\w+)", block)[1]
        short(name, block, PAGE_LIMITS)
        compile_c(name, block)
    assert fragments
    functions = [f"static void fragment{i}(const ftc_report *report)\n{{\n(void)report;\n{{\n{text}}}\n}}\n"
                 for i, text in enumerate(fragments)]
    calls = [f"fragment{i}(NULL);" for i in range(len(fragments))]
    compile_c("fragments", "#include <stdio.h>\n#include <stdlib.h>\n#include <ffitypecheck.h>\n" + "".join(functions) +
              "int main(void)\n{\n" + "\n".join(calls) + "\nreturn 0;\n}\n")
    return len(fragments)


def main():
    build = Path(sys.argv[1]).resolve()
    pages, programs = build / "examples/page", build / "examples/programs"
    shutil.rmtree(build / "examples", ignore_errors=True)
    pages.mkdir(parents=True)
    programs.mkdir()
    libraries = [f"-I{ROOT}/include", f"-L{build}", f"-Wl,-rpath,{build}", "-lffitypecheck", "-lffi", "-ldl"]
    environment = dict(os.environ, LD_LIBRARY_PATH=str(build), LUA_CPATH="./?.so", TZ="UTC", LC_ALL="C.UTF-8",
                       FFITYPECHECK_CACHE="off", PATH="/usr/bin:/bin")

    def compile_c(name, text):
        (pages / f"{name}.c").write_text(text)
        subprocess.run([*C99, f"{name}.c", "-o", name, *libraries], cwd=pages, check=True)

    page = (ROOT / "docs/c-api.md").read_text()
    count = page_programs(page, compile_c)
    subprocess.run("./fragments", cwd=pages, env=environment, check=True, stdout=subprocess.DEVNULL)
    print(f"docs/c-api.md: {count} fragments are compiled and run")
    failed = run_sessions("docs/c-api.md", page, pages, environment)

    for name in LIMITS:
        short(name, (EXAMPLES / name).read_text(), LIMITS)
    for file in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.lua"), ROOT / "include/ffitypecheck.h"]:
        shutil.copy(file, programs)
    (programs / "greeting.c").write_text(GREETING)
    for command in [
            ["gcc", "-g", "-shared", "-fPIC", "-o", "libgreeting.so", "greeting.c"],
            [*C99, EXAMPLES / "callname.c", "-o", "callname", *libraries],
            [*C99, "-shared", "-fPIC", "-I/usr/include/lua5.4", EXAMPLES / "lua_ffi.c", "-o", "ffi.so", *libraries],
            ["g++", "-std=c++11", "-Wall", "-Wextra", "-Werror", EXAMPLES / "describe.cpp", "-o", "describe", *libraries]]:
        subprocess.run(command, cwd=programs, check=True)
    failed += run_sessions("examples/README.md", (EXAMPLES / "README.md").read_text(), programs, environment)
    sys.exit(failed != 0)


main()
