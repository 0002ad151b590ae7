"""python -m ffitypecheck run SCRIPT [ARGUMENT ...]
python -m ffitypecheck run -m MODULE [ARGUMENT ...]
python -m ffitypecheck audit MODULE | FILE.py | DIRECTORY ... (--help says more)
python -m ffitypecheck bindings LIB [NAME ...] (--help says more)

"run" runs a program with ctypes checked, without a change of the program. The environment variable FFITYPECHECK has the policy:
off, warn, repair, error (the default) or early, and may end in ",noextract". "audit" imports bindings and compares all that
they declare. "bindings" writes declarations of a library's functions.
"""

from __future__ import annotations

import os
import runpy
import sys

from . import enable


def _run(arguments: list[str]) -> None:
    if arguments[:1] == ["-m"]:
        name, sys.argv = arguments[1], arguments[1:]
        enable()
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    sys.argv = arguments
    # As Python does: beside the script its modules are.
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
    enable()
    runpy.run_path(arguments[0], run_name="__main__")


def main() -> None:
    command, arguments = sys.argv[1:2], sys.argv[2:]
    if command == ["audit"]:
        from . import _audit
        _audit.main(arguments)
    if command == ["bindings"]:
        from ._bindings_command import main as bindings
        sys.exit(bindings(arguments))
    if command != ["run"] or not arguments or arguments == ["-m"]:
        print(__doc__, file=sys.stderr)
        sys.exit(0 if command in (["-h"], ["--help"]) else 2)
    _run(arguments)


if __name__ == "__main__":
    main()
