"""What holds for all tests: a home of their own, no screen except end to end, and the time told."""

import os
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

# Before any test or fixture runs: nothing may touch the files of the person who runs the tests.
_session_home = tempfile.TemporaryDirectory(prefix="corral-tests-")
os.environ["CORRAL_HOME"] = _session_home.name
os.environ["HOME"] = str(Path(_session_home.name) / "user")  # nor look at their models
Path(os.environ["HOME"]).mkdir()
for name in (
    "CORRAL_MODELS",
    "OLLAMA_MODELS",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "LLAMA_CACHE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
):
    os.environ.pop(name, None)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Nor may anything touch that person's keyring, or unlock it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


@pytest.fixture(autouse=True)
def corral_home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home for this test only; the end-to-end tests also get the real screen."""
    home = tmp_path / "corral-home"
    monkeypatch.setenv("CORRAL_HOME", str(home))
    if request.path.is_relative_to(TESTS / "e2e"):
        monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    return home


class FolderTimes:
    """Adds up what the tests of each folder take, and refuses a run in which none ran.

    It also counts the cases of Ollama that passed: tests record them as "cases of NAME".
    """

    def __init__(self) -> None:
        self.cases: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)
        self.tests: dict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = Path(report.nodeid.partition("::")[0]).parts[1]
        self.seconds[folder] += report.duration
        if report.when == "call" and not report.skipped:
            self.tests[folder] += 1
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name.startswith("cases of "):
                    self.cases[name.removeprefix("cases of ")] += int(str(value))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        is_listing = session.config.option.collectonly
        if session.exitstatus == pytest.ExitCode.OK and not self.tests and not is_listing:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("time per folder")
        for folder, seconds in sorted(self.seconds.items()):
            terminalreporter.write_line(f"{folder:10} {self.tests[folder]:5} {seconds:8.1f} s")
        if self.cases:
            passed = ", ".join(f"{name} {count}" for name, count in sorted(self.cases.items()))
            terminalreporter.write_line(f"Ollama's cases that passed: {passed}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FolderTimes(), "folder-times")


def pytest_unconfigure() -> None:
    _session_home.cleanup()
