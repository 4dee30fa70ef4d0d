"""A model is dragged out of the window into another program, which gets a file with a name."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.desktop import Program, until
from helpers.models import smollm2_path
from helpers.screen import Screen

TARGET = Path(__file__).with_name("drop_target.py")
PLACE = (1440, 880, 150, 60)
NOWHERE = (1500, 700)
MODEL, FILE_NAME = "smollm2:135m", "smollm2-135m-Q4_1.gguf"


@contextmanager
def drop_target(screen: Screen, folder: Path) -> Iterator[Callable[[], str]]:
    """Show the other program; yields what waits until it has copied what was dropped."""
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, str(TARGET), str(folder), ",".join(map(str, PLACE))],
        env=screen.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        said = process.stdout
        try:
            assert said.readline().strip() == "ready"
            until(lambda: screen.has_window("drop_target"), "the other program is there")
            yield lambda: said.readline().strip()
        finally:
            process.terminate()


def outgoing(program: Program) -> Path:
    return program.home / "data" / "models" / ".corral" / "outgoing"


def drag_model(program: Program, to: tuple[int, int]) -> None:
    x, y, width, height = program.row(MODEL)["rect"]
    program.screen.drag((x + width // 2, y + height // 2), to)


def test_another_program_gets_a_file_with_a_name(program: Program, tmp_path: Path) -> None:
    program.start()
    program.row(MODEL)
    with drop_target(program.screen, tmp_path / "received") as copied:
        x, y, width, height = PLACE
        drag_model(program, (x + width // 2, y + height // 2))
        assert copied() == "copied"
    received = tmp_path / "received" / FILE_NAME
    assert received.read_bytes() == smollm2_path().read_bytes()
    # The window goes on as before: nothing was left in the drag's own event loop.
    program.screen.key("ctrl+shift+l")
    program.wait_for("the page of models opens", lambda: "Models" in program.tabs())
    program.screen.key("ctrl+q")
    program.wait_end()


def test_a_drag_that_nobody_takes_leaves_nothing(program: Program) -> None:
    program.start()
    program.row(MODEL)
    drag_model(program, NOWHERE)
    program.wait_for("a file was offered", outgoing(program).exists)
    program.wait_for("nothing is left", lambda: not list(outgoing(program).iterdir()))
    program.screen.key("ctrl+shift+l")
    program.wait_for("the window lives", lambda: "Models" in program.tabs())
    program.screen.key("ctrl+q")
    program.wait_end()
