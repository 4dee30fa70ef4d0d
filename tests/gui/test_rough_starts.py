"""The window over files that are damaged, and over disks that take nothing."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton, QWidget

from corral.chats.store import ChatStore
from corral.database import DamagedDatabaseError
from corral.errors import ExternalError
from corral.gui import async_bridge, refusal, session
from corral.gui.dialogs import ask_choice
from corral.gui.ending import Ending
from corral.gui.importing import Importing
from corral.gui.main_window import MainWindow
from corral.gui.refusal import refuse
from corral.gui.theme.theme import Theme
from corral.gui.window_state import TabState, WindowState, read_window_state, write_window_state
from corral.places import find_places
from corral.workbench.workbench import open_workbench
from helpers.gguf_files import tiny_model

GOOD = {
    "geometry": "AAAA",
    "layout": "",
    "tabs": [{"kind": "chat", "key": "a", "scroll": ["m", 3], "text": None}],
    "current": 0,
}


def test_a_windows_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    state = WindowState(
        geometry="AAAA",
        tabs=(
            TabState(kind="chat", key="a", scroll=("m", 3)),
            TabState(kind="modelfile", key="b", text="FROM x"),
        ),
        current=1,
    )
    write_window_state(file, state)
    assert read_window_state(file) == state


@pytest.mark.parametrize(
    "damage",
    [
        {"geometry": "abcde"},
        {"geometry": 5},
        {"layout": None},
        {"current": "x"},
        {"tabs": 7},
        {"tabs": [{"kind": "chat"}]},
        {"tabs": [GOOD["tabs"][0] | {"scroll": ["m"]}]},  # type: ignore[index]
    ],
)
def test_a_damaged_window_state_is_that_of_a_first_start(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    file = tmp_path / "window.json"
    file.write_text(json.dumps(GOOD))
    assert read_window_state(file).tabs
    file.write_text(json.dumps(GOOD | damage))
    assert read_window_state(file) == WindowState()


def test_the_window_closes_when_the_disk_is_full(
    qapp: QApplication,
    theme: Theme,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise ExternalError("window.json could not be written: No space left on device.")

    async def main() -> None:
        async with open_workbench(find_places()) as workbench:
            window = MainWindow(workbench, theme)
            window.show()
            await window.start(None)
            window.close()
            await asyncio.wait_for(window.closed.wait(), 10)

    monkeypatch.setattr(session, "write_window_state", fail)
    with caplog.at_level(logging.WARNING, "corral.gui"):
        async_bridge.run(qapp, main())
    assert "No space left" in caplog.text


def test_what_keeps_the_window_from_opening_is_said(
    qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []

    def look() -> None:
        box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox))
        said.append(box.text())
        box.accept()

    QTimer.singleShot(100, look)
    assert refuse(ExternalError("The disk is <b>gone</b>.", hint="Bring it back.")) == 3
    assert said == ["The disk is <b>gone</b>. Bring it back."]
    assert said[0] in capsys.readouterr().err


@pytest.mark.parametrize("begins_anew", [True, False])
def test_damaged_chats_can_be_kept_aside_and_the_program_begun_anew(
    qapp: QApplication,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    begins_anew: bool,
) -> None:
    places = find_places()
    places.make()
    places.chats_file.write_bytes(b"once it was a database " * 50)
    with pytest.raises(DamagedDatabaseError) as caught:
        ChatStore(places.chats_file)
    endings: list[Ending] = []
    monkeypatch.setattr(refusal, "leave", endings.append)
    said = []

    def answer() -> None:
        box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox))
        said.append(box.text())
        word = "Keep it aside and begin anew" if begins_anew else "Close Corral"
        next(button for button in box.buttons() if button.text() == word).click()

    QTimer.singleShot(100, answer)
    assert refuse(caught.value) == 3
    assert "chats-damaged-" in said[0]
    assert "Nothing is deleted." in said[0]
    kept = list(places.data.glob("chats-damaged-*.db"))
    assert len(kept) == begins_anew
    assert endings == ([Ending.RESTART] if begins_anew else [])
    assert places.chats_file.exists() != begins_anew
    assert str(places.chats_file) in capsys.readouterr().err
    if begins_anew:
        assert kept[0].read_bytes().startswith(b"once it was")
        ChatStore(places.chats_file).close()


@pytest.mark.parametrize(("answer", "expected"), [("Link", True), ("Copy", False), ("", None)])
def test_a_question_can_be_left_open(
    qapp: QApplication, answer: str, expected: bool | None
) -> None:
    async def main() -> bool | None:
        parent = QWidget()
        asking = asyncio.ensure_future(
            ask_choice(parent, title="Import", text="How?", first="Link", second="Copy")
        )
        await asyncio.sleep(0.05)
        dialog = parent.findChild(QDialog)
        if answer:
            next(b for b in dialog.findChildren(QPushButton) if b.text() == answer).click()
        else:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        return await asking

    assert async_bridge.run(qapp, main()) is expected


def test_an_import_whose_question_is_left_open_leaves_all_as_it_was(
    qapp: QApplication, corral_home: Path
) -> None:
    file = tiny_model(corral_home / "Tiny.F32.gguf")

    async def main() -> None:
        async with open_workbench(find_places()) as workbench:
            window = QWidget()
            importing = Importing(workbench.modelling, window)
            told: list[object] = []
            importing.imported.connect(told.append)
            importing.failed.connect(told.append)
            importing.import_file(file)
            async with asyncio.timeout(10):
                while not (dialog := window.findChild(QDialog)):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                assert "Tiny.F32.gguf" in dialog.windowTitle()
                dialog.reject()
                while workbench.jobs.running:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert told == []
            assert not await workbench.modelling.list()
            await importing.close()

    async_bridge.run(qapp, main())
