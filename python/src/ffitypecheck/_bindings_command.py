"""python -m ffitypecheck bindings"""

from __future__ import annotations

import argparse
import ctypes
import struct
import sys

from ._bindings import Source, Writer
from ._library import LibraryError

_DESCRIPTION = """Writes a Python module that declares a library's functions, variables and types, as the library's debug
information has them. Each declaration is compared with the library's before it is written. What ctypes or cffi cannot
express is a comment with the reason."""
_STATUS = """exit status: 0, all is declared; 1, something is not: the module names it with the reason; 2, the command line is
wrong; 3, the library cannot be used"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ffitypecheck bindings", description=_DESCRIPTION, epilog=_STATUS)
    parser.add_argument("library", metavar="LIB", help="a soname or a path; the library is loaded")
    parser.add_argument("names", metavar="NAME", nargs="*",
                        help="exported functions and variables, or globs such as 'sqlite3_*'; all if none is given, unless "
                             "there is a --type")
    parser.add_argument("--all", action="store_true", help="every export, also with --type")
    parser.add_argument("--type", metavar="TYPE", action="append", default=[],
                        help="a type by its name in C, such as 'struct stat'; may be repeated")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--ctypes", action="store_true", help="a module for ctypes (the default)")
    form.add_argument("--cffi", action="store_true", help="a module for cffi's ABI mode; cffi must be installed")
    parser.add_argument("--load", metavar="NAME", help="what the module loads, a soname or a path [default: LIB]")
    parser.add_argument("--hold-lock", action="store_true",
                        help="calls and callbacks hold Python's lock (PyDLL, PYFUNCTYPE), as Python's own library needs it")
    parser.add_argument("-o", metavar="FILE", dest="output", help="where the module is written [default: standard output]")
    return parser


def main(arguments: list[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.cffi and options.hold_lock:
        parser.error("--hold-lock is for ctypes: cffi always releases the lock")
    if options.hold_lock and not hasattr(ctypes, "PyDLL"):
        parser.error("this Python has no PyDLL")
    every = options.all or not (options.names or options.type)
    try:
        source = Source(options.library, options.load, options.hold_lock)
        symbols = source.select(["*"] if every else options.names)
        if options.cffi:
            from ._bindings_cffi import CffiWriter
            bindings = CffiWriter(source, symbols, options.type).write()
        else:
            bindings = Writer(source, symbols, options.type).write()
    except (OSError, ValueError, struct.error, LibraryError, ImportError) as error:
        print("bindings: %s" % error, file=sys.stderr)
        return 3
    for name in set(options.names) & set(bindings.omitted):
        print("bindings: %s: %s" % (name, bindings.omitted[name]), file=sys.stderr)
    if options.output is None:
        sys.stdout.write(bindings.text)
    else:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(bindings.text)
    if bindings.omitted:
        print("bindings: not declared: %d; the module's last comment says why" % len(bindings.omitted), file=sys.stderr)
    return 1 if bindings.omitted else 0
