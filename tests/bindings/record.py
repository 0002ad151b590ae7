"""A plugin of pytest: writes to the file $RECORD_TO, as JSON, what became of each test, every TypeCheckWarning, every
TypeError that made a test fail, and the declaration that ctypes has of $RECORD_PROBE in the library $RECORD_LIBRARY."""

import ctypes
import json
import os
import traceback
import warnings

import _ctypes

record = {"outcomes": {}, "warnings": [], "errors": []}


def lines_of(frames):
    """FILE:LINE of the frames, files below this directory by their relative path."""
    top = os.getcwd() + os.sep
    return ["%s:%d" % (name[len(top):] if name.startswith(top) else name, line) for name, line in frames]


def keep_warning(message, category, filename, lineno, file=None, line=None):
    if category.__name__ == "TypeCheckWarning":
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_stack()]
        record["warnings"].append([str(message), lines_of(frames)])


def pytest_sessionstart(session):
    # Not in pytest_configure: what that sets is taken back.
    warnings.simplefilter("always", RuntimeWarning)
    warnings.showwarning = keep_warning


def pytest_exception_interact(node, call, report):
    if call.excinfo.errisinstance(TypeError):
        frames = [(str(entry.path), entry.lineno + 1) for entry in call.excinfo.traceback]
        record["errors"].append([str(call.excinfo.value), lines_of(frames)])


def pytest_collectreport(report):
    if report.failed:
        record["outcomes"][report.nodeid] = "error"


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        record["outcomes"][report.nodeid] = report.outcome


def pytest_sessionfinish(session):
    name = os.environ["RECORD_LIBRARY"]
    library = ctypes.CDLL(name) if name else ctypes.pythonapi
    record["ctypes"] = _ctypes.__file__
    record["declaration"] = getattr(library[os.environ["RECORD_PROBE"]], "c_declaration", None)
    with open(os.environ["RECORD_TO"], "w") as file:
        json.dump(record, file)
