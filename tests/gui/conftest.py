"""What every test of the window needs: no screen, one theme."""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from corral.gui.theme.theme import Theme
from corral.places import Places
from corral.settings import ThemeChoice
from helpers.homes import copy_home, make_home, places_of


@pytest.fixture(autouse=True)
def garbage_waits() -> Iterator[None]:
    """Collect garbage after a test and here, as the program does.

    Left to itself Python collects in any thread, and an object of Qt that ends in a thread in which
    it does not live leaves its timers behind: the next one that fires is a segmentation fault.
    """
    gc.disable()
    yield
    gc.collect()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme on the test application."""
    theme = Theme(qapp, ThemeChoice.LIGHT)
    yield theme
    for left in QApplication.topLevelWidgets():  # by a test that failed: it may not draw any more
        left.hide()
    theme.set_zoom(100)  # the next test's theme begins with the application's font
    theme.deleteLater()


@pytest.fixture
def steady_memory(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let as many bytes of main memory be free all the time, whatever else runs here."""
    free_bytes = 8 * 1024**3
    memory = psutil.virtual_memory()._replace(total=2 * free_bytes, available=free_bytes)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    return free_bytes


@pytest.fixture(scope="session")
def stocked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with SmolLM2 and a tiny model; copy it, do not change it."""
    home = tmp_path_factory.mktemp("stocked") / "home"
    asyncio.run(make_home(home))
    return home


@pytest.fixture
def places(stocked_home: Path, corral_home: Path) -> Places:
    """A home with models for one test."""
    return places_of(copy_home(stocked_home, corral_home))
