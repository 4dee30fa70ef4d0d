"""A screen in memory with a window manager, and the hands that type and click on it."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

WIDTH, HEIGHT = 1600, 1000
STEP_S = 0.02


class Screen:
    """Moves the mouse and presses keys with xdotool: the programs see real events.

    Args:
        environment: Environment of programs that are to be on this screen.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._do("mousemove", str(x), str(y), "click", str(button))

    def move(self, x: int, y: int) -> None:
        self._do("mousemove", str(x), str(y))

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag in many small steps, as a hand does."""
        self.move(*start)
        self._do("mousedown", "1")
        for number in range(1, 31):
            share = number / 30
            x = round(start[0] + (end[0] - start[0]) * share)
            y = round(start[1] + (end[1] - start[1]) * share)
            self.move(x, y)
            time.sleep(STEP_S)
        self._do("mouseup", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after the other, named as xdotool does ("ctrl+shift+s")."""
        self._do("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type text, with Return between its lines."""
        first, *others = text.split("\n")
        self._do("type", "--delay", "6", "--", first)
        for line in others:
            self.key("Return")
            if line:
                self._do("type", "--delay", "6", "--", line)

    def has_window(self, title: str) -> bool:
        found = self._run("search", "--onlyvisible", "--name", title)
        return bool(found.stdout.strip())

    def _do(self, *arguments: str) -> None:
        done = self._run(*arguments)
        assert done.returncode == 0, done.stderr

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@contextmanager
def open_screen() -> Iterator[Screen]:
    """Use the screen of `packaging/test.sh`, else start one; never the user's own desktop."""
    for program in ("Xvfb", "openbox", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    environment["LC_ALL"] = "C.UTF-8"
    with ExitStack() as stack:
        if not os.environ.get("CORRAL_TEST_SCREEN"):
            environment.pop("WAYLAND_DISPLAY", None)
            environment["DISPLAY"] = stack.enter_context(_xvfb())
            if "XDG_RUNTIME_DIR" not in environment:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="corral-run-"))
                environment["XDG_RUNTIME_DIR"] = folder
            manager = ["openbox", "--sm-disable"]
            stack.enter_context(_running(subprocess.Popen(manager, env=environment, **_QUIET)))
        yield Screen(environment)


_QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextmanager
def _xvfb() -> Iterator[str]:
    """Run Xvfb on a display that it chooses itself."""
    reader, writer = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writer], **_QUIET)
    os.close(writer)
    with _running(process), os.fdopen(reader) as numbers:
        yield f":{numbers.readline().strip()}"


@contextmanager
def _running(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def pictures_folder() -> Path:
    """Return the folder for pictures of this run: `CORRAL_PICTURES`, else a new one."""
    chosen = os.environ.get("CORRAL_PICTURES")
    folder = Path(chosen) if chosen else Path(tempfile.mkdtemp(prefix="corral-pictures-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
