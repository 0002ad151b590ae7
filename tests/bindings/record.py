"""A plugin of pytest, and with python -m record SCRIPT [ARGUMENT...] a runner of scripts: appends lines of JSON to the file
$RECORD_TO: what became of each test, every TypeCheckWarning, every TypeError that made a test or a script fail, and at the
end the declaration that ctypes has of $RECORD_PROBE in the library $RECORD_LIBRARY."""

import ctypes
import json
import os
import runpy
import sys
import traceback
import warnings

import _ctypes


def write(kind, *values):
    with open(os.environ["RECORD_TO"], "a") as file:
        file.write(json.dumps([kind, *values]) + "\n")


def lines_of(frames):
    """FILE:LINE of the frames, files below the package's directory and below this one by their relative path."""
    tops = (os.environ["RECORD_TOP"] + os.sep, os.path.dirname(os.path.abspath(__file__)) + os.sep)
    lines = []
    for name, line in frames:
        for top in tops:
            name = name.removeprefix(top)
        lines.append("%s:%d" % (name, line))
    return lines


def keep_warning(message, category, filename, lineno, file=None, line=None):
    if category.__name__ == "TypeCheckWarning":
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_stack()]
        write("warning", str(message), lines_of(frames))


def listen():
    warnings.simplefilter("always", RuntimeWarning)
    warnings.showwarning = keep_warning


def finish():
    name = os.environ["RECORD_LIBRARY"]
    library = ctypes.CDLL(name) if name else ctypes.pythonapi
    declaration = getattr(library[os.environ["RECORD_PROBE"]], "c_declaration", None)
    write("session", _ctypes.__file__, declaration)


def pytest_sessionstart(session):
    # Not in pytest_configure: what that sets is taken back.
    listen()


def pytest_exception_interact(node, call, report):
    if call.excinfo.errisinstance(TypeError):
        frames = [(str(entry.path), entry.lineno + 1) for entry in call.excinfo.traceback]
        write("error", str(call.excinfo.value), lines_of(frames))


def pytest_collectreport(report):
    if report.failed:
        write("outcome", report.nodeid, "error")


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        write("outcome", report.nodeid, report.outcome)


def pytest_sessionfinish(session):
    finish()


def main():
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    listen()
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except TypeError as error:
        write("error", str(error), lines_of((frame.filename, frame.lineno)
                                            for frame in traceback.extract_tb(error.__traceback__)))
        raise
    finally:
        finish()


if __name__ == "__main__":
    main()
