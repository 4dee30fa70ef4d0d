"""Fixtures of tests with the real window: the screen, the program, the pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.desktop import Program
from helpers.models import smollm2_path
from helpers.screen import Screen, open_screen, pictures_folder

PICTURES = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    with open_screen() as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> Path:
    folder = pictures_folder()
    request.config.stash[PICTURES] = folder
    return folder


@pytest.fixture
def program(screen: Screen, corral_home: Path, pictures: Path) -> Iterator[Program]:
    """The window with the starter model, not started yet."""
    smollm2_path()  # skips where there is no starter model
    program = Program(screen=screen, home=corral_home, pictures=pictures)
    yield program
    program.kill()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if folder := config.stash.get(PICTURES, None):
        terminalreporter.section("pictures of the window")
        terminalreporter.write_line(str(folder))
