"""Runs the processes in which modules are audited. A process that crashes, hangs or ends is a row of the module that it was
at; a new one goes on with the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from ctypes import CDLL, c_int, c_ulong

from ._entries import _Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Target = dict[str, Any]

_MOST_OUTPUT = 4000         # characters of what a module prints that are kept
_PAUSE = 0.02
_MOST_GENERATIONS = 100     # of processes that start others while they are ended
_PR_SET_CHILD_SUBREAPER = 36


class Group:
    """Targets that one process may import: they find their modules in the same places."""

    def __init__(self, paths: list[str], inside: list[str], targets: list[Target]) -> None:
        self.paths = paths
        self.inside = inside            # files and directories whose declarations count; none: those of the module's package
        self.targets = targets


class _Tail(threading.Thread):
    """Reads what a process prints, and keeps the end of it."""

    def __init__(self, pipe: Any) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self.text = b""
        self.start()

    def run(self) -> None:
        try:
            while True:
                more = os.read(self._pipe.fileno(), 65536)
                if not more:
                    return
                self.text = (self.text + more)[-_MOST_OUTPUT:]
        except (OSError, ValueError):
            return


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    for name in "FFITYPECHECK", "PYTHONCTYPESTYPECHECK":
        environment.pop(name, None)
    source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # This package is found even if it is not installed.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), source)))
    return environment


def _adopt() -> None:
    """Makes processes whose parents end children of this one, so that none is left over."""
    prctl = _Function(("prctl", CDLL(None)))
    prctl.argtypes = [c_int, c_ulong, c_ulong, c_ulong, c_ulong]
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _children() -> set[int]:
    try:
        with open("/proc/self/task/%d/children" % os.getpid()) as file:
            return set(map(int, file.read().split()))
    except OSError:
        return set()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _end_of(code: int) -> str:
    if code < 0:
        try:
                return "crashed (%s)" % signal.Signals(-code).name
        except ValueError:
            return "was ended by signal %d" % -code
    return "ended with exit status %d" % code


class Process:
    """One process, for the targets with these numbers."""

    def __init__(self, group: Group, numbers: list[int], timeout: float, all: bool, directory: str) -> None:
        self.targets = [(number, group.targets[number]) for number in numbers]
        self.results: dict[int, dict[str, Any]] = {}        # how each import went
        self.current: int | None = None                     # what is being imported
        self.end: dict[str, Any] | None = None              # what was found
        self._read = 0
        self._timeout = timeout
        self._out = os.path.join(directory, "out")
        job = os.path.join(directory, "job")
        with open(job, "w", encoding="utf-8") as file:
            json.dump({"paths": group.paths, "inside": group.inside, "targets": self.targets, "all": all, "out": self._out}, file)
        open(self._out, "w").close()
        self._others = _children()
        self._process = subprocess.Popen([sys.executable, "-X", "faulthandler", "-m", "ffitypecheck._audit_child", job],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         env=_environment(), start_new_session=True)
        self._tail = _Tail(self._process.stdout)

    def _events(self) -> bool:
        """Reads what is new in the file; whether there was something."""
        before = self._read
        with open(self._out, encoding="utf-8") as file:
            file.seek(self._read)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break
                self._read = file.tell()
                event = json.loads(line)
                kind = event.pop("event")
                if kind == "begin":
                    self.current = event["target"]
                elif kind == "imported":
                    self.results[event.pop("target")] = event
                    self.current = None
                elif kind == "end":
                    self.end = event
        return self._read > before

    def watch(self, progress: Callable[[Process], None]) -> str | None:
        """Waits for the end. What went wrong, None if nothing did."""
        began, problem = time.monotonic(), None
        try:
            while problem is None and self.end is None:
                code = self._process.poll()
                if self._events():
                    began = time.monotonic()
                    progress(self)
                # All is compared at once.
                patience = self._timeout if self.current is not None else self._timeout * len(self.targets)
                if self.end is None and code is not None:
                    problem = _end_of(code)
                elif time.monotonic() - began > patience:
                    problem = "did not end within %g seconds" % patience
                    self._ask_where()
                else:
                    time.sleep(_PAUSE)
        finally:
            self._kill()
        return problem

    def _ask_where(self) -> None:
        """Has faulthandler print where a process is that does not end."""
        try:
            self._process.send_signal(signal.SIGABRT)
            self._process.wait(2)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass

    def _kill(self) -> None:
        """Ends the process and those that it started, also those that left its group."""
        _kill_group(self._process.pid)
        self._process.wait()
        for _ in range(_MOST_GENERATIONS):
            left = _children() - self._others
            for pid in left:
                _kill_group(pid)
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            if not left:
                break
        self._tail.join(1)

    def failure(self, problem: str) -> dict[str, Any]:
        what = "the process of the import" if self.current is not None else "its declarations could not be compared: the process"
        status = "hung" if "within" in problem else "crashed" if "crashed" in problem else "exited"
        return {"status": status, "message": "%s %s" % (what, problem), "files": [],
                "output": self._tail.text.decode("utf-8", "replace"), **_line_in(self._tail.text)}


class Runner:
    def __init__(self, timeout: float, all: bool, progress: Callable[[int, str], None]) -> None:
        _adopt()
        self._timeout = timeout
        self._all = all
        self._progress = progress
        self._done = 0
        self.targets: list[Target] = []             # with how the import went
        self.rows: list[Any] = []
        self.counts: dict[str, int] = {}
        self.libraries: dict[str, Any] = {}

    def run(self, groups: list[Group]) -> None:
        for group in groups:
            known: dict[int, dict[str, Any]] = {}
            batches = [list(range(len(group.targets)))]
            while batches:
                batches += self._batch(group, batches.pop(0), known)
            self.targets += [dict(group.targets[number], **known[number]) for number in sorted(known)]
            self._done += len(group.targets)

    def _batch(self, group: Group, numbers: list[int], known: dict[int, dict[str, Any]]) -> list[list[int]]:
        """Audits some targets of a group. What is left of them, because one ended the process, are further batches."""
        if not numbers:
            return []
        with tempfile.TemporaryDirectory(prefix="ffitypecheck-") as directory:
            self._progress(self._done + len(known), group.targets[numbers[0]]["name"])
            process = Process(group, numbers, self._timeout, self._all, directory)
            problem = process.watch(lambda process: self._show(group, process, known))
            if problem is None:
                known.update(process.results)
                self._keep(process)
                return []
            if process.current is not None:
                known[process.current] = process.failure(problem)
                return [[number for number in numbers if number != process.current]]
            if len(numbers) == 1 or not process.results:
                known.update((number, process.failure(problem)) for number in numbers)
                return []
            # Some of their declarations cannot be compared: each alone.
            return [[number] for number in numbers]

    def _show(self, group: Group, process: Process, known: dict[int, Any]) -> None:
        name = "comparing" if process.current is None else group.targets[process.current]["name"]
        self._progress(self._done + len(known) + len(process.results), name)

    def _keep(self, process: Process) -> None:
        end = process.end or {}
        target_of = {file: target["name"] for number, target in reversed(process.targets)
                     for file in (*process.results[number].pop("files"), target.get("file"))}
        for row in end.get("rows", ()):
            row["target"] = target_of.get(row["file"], process.targets[0][1]["name"])
            self.rows.append(row)
        for name, count in end.get("counts", {}).items():
            self.counts[name] = self.counts.get(name, 0) + count
        for path, library in end.get("libraries", {}).items():
            # Another process counts anew.
            if path not in self.libraries or library["symbols"] > self.libraries[path]["symbols"]:
                self.libraries[path] = library


def _line_in(output: bytes) -> dict[str, Any]:
    """The line at which faulthandler says that the module was: the first that is not of the machinery of imports."""
    for text in output.decode("utf-8", "replace").splitlines():
        if text.startswith('  File "') and "<frozen" not in text and "/ffitypecheck/" not in text and "/ctypes/" not in text:
            file, _, rest = text[8:].partition('", line ')
            number = rest.partition(" ")[0]
            if number.isdigit():
                return {"file": file, "line": int(number)}
    return {}
