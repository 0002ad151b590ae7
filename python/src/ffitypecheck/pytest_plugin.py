"""A plugin of pytest: pytest --ffitypecheck

ctypes is checked while tests run, and while their modules are imported. Calls are made as they were declared; what is wrong
is told at the end, and fails: the test that declared or called it, or the run if it was found outside of a test. With
--ffitypecheck=summary nothing fails."""

from __future__ import annotations

import os
import warnings

import pytest           # type: ignore[import-not-found, unused-ignore]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

_POLICY = "warn,noextract"          # nothing is refused, and no call is made otherwise than without the plugin
_FAIL, _SUMMARY = "fail", "summary"
_NAME = "ffitypecheck-findings"


class Findings:
    """What was found in this process, each once; with xdist, what the workers found too."""

    def __init__(self, mode: str, root: str) -> None:
        self.mode = mode
        self.root = root
        self.found: dict[tuple[str, int, str], str] = {}       # file, line and message; the test, empty outside of one
        self.test = ""
        self._new: list[str] = []

    def __call__(self, message: str, file: str, line: int) -> None:
        key = self._shown(file), line, message
        if key not in self.found:
            self.found[key] = self.test
            self._new.append("%s:%d: %s" % key)

    def _shown(self, file: str) -> str:
        return os.path.relpath(file, self.root) if file.startswith(self.root + os.sep) else file

    def taken(self) -> list[str]:
        """What is new since the last time."""
        new, self._new = self._new, []
        return new

    @property
    def fails(self) -> bool:
        """Whether something was found that no test failed for."""
        return self.mode == _FAIL and "" in self.found.values()


def pytest_addoption(parser: Any) -> None:
    parser.getgroup("ffitypecheck").addoption(
        "--ffitypecheck", nargs="?", const=_FAIL, default=None, choices=(_FAIL, _SUMMARY),
        help="compare what is declared with ctypes with the libraries' debug information; what is wrong fails, or is "
             "only told at the end (summary)")


def _listen(findings: Findings) -> None:
    import ctypes

    import ffitypecheck
    from ffitypecheck import _entries
    if _entries.load() is None:
        raise pytest.UsageError("--ffitypecheck: libffitypecheck was not found; FFITYPECHECK_LIBRARY may name it")
    ffitypecheck.enable(_POLICY)
    if not hasattr(ctypes, "set_typecheck"):
        from ffitypecheck import _report
        _report.listener = findings


class _Warnings:
    """An interpreter that has the patch warns: the warnings are taken out of those that pytest keeps."""

    def __init__(self, findings: Findings) -> None:
        import ctypes
        self._findings = findings
        self._category = getattr(ctypes, "TypeCheckWarning", None)

    def __enter__(self) -> None:
        if self._category is not None:
            warnings.filterwarnings("always", category=self._category)
            self._before = warnings.showwarning
            warnings.showwarning = self._show

    def __exit__(self, *error: Any) -> None:
        if self._category is not None:
            warnings.showwarning = self._before

    def _show(self, message: Any, category: Any, filename: str, lineno: int, *more: Any, **named: Any) -> None:
        if issubclass(category, self._category):            # type: ignore[arg-type]
            self._findings(str(message), filename, lineno)
        else:
            self._before(message, category, filename, lineno, *more, **named)


class _Plugin:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    @pytest.hookimpl(hookwrapper=True)          # type: ignore[misc, unused-ignore]
    def pytest_make_collect_report(self, collector: Any) -> Iterator[None]:
        with _Warnings(self.findings):
            yield
        self.findings.taken()

    @pytest.hookimpl(hookwrapper=True)          # type: ignore[misc, unused-ignore]
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self.findings.test = item.nodeid
        with _Warnings(self.findings):
            yield
        self.findings.test = ""

    @pytest.hookimpl(hookwrapper=True)          # type: ignore[misc, unused-ignore]
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        outcome: Any = yield
        new = self.findings.taken()
        report = outcome.get_result()
        if new and self.findings.mode == _FAIL and report.outcome == "passed":
            report.outcome = "failed"
            report.longrepr = "ffitypecheck: types that do not agree with the library's:\n" + "\n".join(new)
        elif new and self.findings.mode == _FAIL:
            report.sections.append(("ffitypecheck", "\n".join(new)))

    def pytest_sessionfinish(self, session: Any, exitstatus: int) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_NAME] = [[*key, test] for key, test in self.findings.found.items()]
        elif self.findings.fails and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)         # type: ignore[misc, unused-ignore]
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        for file, line, message, test in getattr(node, "workeroutput", {}).get(_NAME, ()):
            self.findings.found.setdefault((file, line, message), test)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        found = self.findings.found
        if found:
            terminalreporter.section("ffitypecheck")
        for (file, line, message), test in sorted(found.items()):
            terminalreporter.line("%s:%d: %s%s" % (file, line, message, " (in %s)" % test if test else ""))
        if found:
            what = "declaration" if len(found) == 1 else "declarations"
            terminalreporter.line("%d %s with types that are not the library's" % (len(found), what))

    def pytest_unconfigure(self) -> None:
        import ctypes

        import ffitypecheck
        if not hasattr(ctypes, "set_typecheck"):
            from ffitypecheck import _report
            _report.listener = None
        ffitypecheck.disable()


@pytest.hookimpl(tryfirst=True)         # type: ignore[misc, unused-ignore]
def pytest_load_initial_conftests(early_config: Any, parser: Any, args: Any) -> None:
    """Before the first conftest.py is imported, which may import a binding."""
    _start(early_config, getattr(early_config.known_args_namespace, "ffitypecheck", None))


def pytest_configure(config: Any) -> None:
    """With -p ffitypecheck.pytest_plugin, or from a conftest.py, the former is not called."""
    _start(config, config.getoption("ffitypecheck"))


def _start(config: Any, mode: str | None) -> None:
    if mode is not None and not config.pluginmanager.has_plugin(_NAME):
        findings = Findings(mode, str(config.rootpath))
        config.pluginmanager.register(_Plugin(findings), _NAME)
        _listen(findings)
