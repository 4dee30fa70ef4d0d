"""The window as a whole, on a real workbench."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
)

from corral.chats.store import TextPart
from corral.gui import async_bridge
from corral.gui.chat.panel import ChatPanel
from corral.gui.main_window import MainWindow
from corral.gui.modelfile.editor import ModelfileEditor
from corral.gui.theme.theme import Theme
from corral.places import find_places
from corral.prompt.message import Role
from corral.workbench.modelling import open_library
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.window import click, discard, on_the_loop, part, press, until, words, write


@asynccontextmanager
async def opened(theme: Theme, tmp_path: Path) -> AsyncIterator[tuple[MainWindow, Workbench]]:
    """A window whose library has a tiny model."""
    file = tmp_path / "tiny.gguf"
    tiny_model(file)
    open_library(find_places()).import_file(file, "tiny:f32")
    async with open_workbench(find_places()) as workbench:
        window = MainWindow(workbench, theme)
        window.show()
        await window.start(None)
        yield window, workbench
        window.close()
        await window.closed.wait()
        discard(window)


def dialog_of(window: MainWindow) -> QDialog | None:
    return next((each for each in window.findChildren(QDialog) if each.isVisible()), None)


@on_the_loop
async def test_the_sheet_of_keys_has_all_keys_and_fits_a_small_screen(
    theme: Theme, tmp_path: Path
) -> None:
    async with opened(theme, tmp_path) as (window, _):
        QTest.keyClick(window, Qt.Key.Key_F1)
        dialog = await until(lambda: dialog_of(window), "the sheet")
        said = words(dialog)
        for key in ("Edit the last message", "Ctrl+Space", "F8", "Enter / Shift+Enter"):
            assert key in said
        assert dialog.height() <= dialog.screen().availableSize().height()
        area = part(dialog, QScrollArea)
        dialog.resize(dialog.width(), 300)
        await until(lambda: area.verticalScrollBar().maximum() > 0, "it can be scrolled")
        press(dialog, Qt.Key.Key_Escape)
        await until(lambda: dialog_of(window) is None, "it is closed")


@on_the_loop
async def test_the_details_of_a_model_stand_beside_its_plan(theme: Theme, tmp_path: Path) -> None:
    async with opened(theme, tmp_path) as (window, _):
        await until(lambda: "PLAN FOR" in words(window), "a plan")
        for name in ("tiny:f32", "smollm2:135m"):
            window._row_actions.details_opened.emit(name)
            wanted = f"PLAN FOR {name.upper()} · SELECTED IN THE LIBRARY"
            await until(lambda wanted=wanted: wanted in words(window), "the plan of the model")


@on_the_loop
async def test_the_menu_shows_what_can_be_written_in_a_modelfile(
    theme: Theme, tmp_path: Path
) -> None:
    """An input method may keep Ctrl+Space for itself."""
    async with opened(theme, tmp_path) as (window, _):
        window.findChild(QAction, "new_modelfile").trigger()
        editor = await until(lambda: window.findChild(ModelfileEditor), "the editor")
        await until(editor.toPlainText, "its text")
        editor.moveCursor(editor.textCursor().MoveOperation.End)
        window.activateWindow()
        window.findChild(QAction, "suggest").trigger()
        assert editor.completer.is_open
        editor.completer.close()


@on_the_loop
async def test_a_bad_name_for_a_saved_chat_is_told_beside_the_field_and_can_be_mended(
    theme: Theme, tmp_path: Path
) -> None:
    async with opened(theme, tmp_path) as (window, workbench):
        chat = (await workbench.chats.list_conversations())[0]
        await workbench.chats.add_message(chat.id, None, Role.USER, (TextPart(text="Hello"),))
        panel = await until(lambda: window.findChild(ChatPanel), "the chat")
        panel.refresh()
        save = part(panel, QPushButton, text="Save as model…")
        await until(lambda: panel._presenter.views, "the message is read")
        await until(save.isEnabled, "there is something to save")
        QTest.keyClick(
            window,
            Qt.Key.Key_S,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
        dialog = await until(lambda: dialog_of(window), "the question")
        field = part(dialog, QLineEdit)
        field.selectAll()
        write(field, "not a name!")
        click(part(dialog, QPushButton, text="Save"))
        error = await until(lambda: visible_error(dialog), "the error")
        assert "invalid model name" in error.text()
        assert dialog.isVisible()
        assert field.text() == "not a name!"
        field.selectAll()
        write(field, "talk")
        assert not error.isVisible()
        click(part(dialog, QPushButton, text="Save"))
        await until(lambda: dialog_of(window) is None, "it is closed")
        assert (await workbench.modelling.get("talk")).messages[-1].content == "Hello"


def visible_error(dialog: QDialog) -> QLabel | None:
    label = dialog.findChild(QLabel, "nameError")
    return label if label.isVisible() else None


def test_asking_for_new_chats_again_and_again_leaves_one_empty_chat(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    file = tmp_path / "tiny.gguf"
    tiny_model(file)
    open_library(find_places()).import_file(file, "tiny:f32")

    async def main() -> int:
        async with open_workbench(find_places()) as workbench:
            window = MainWindow(workbench, theme)
            window.show()
            await window.start(None)
            for _ in range(3):
                QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
                await asyncio.sleep(0.1)
            found = await workbench.chats.list_conversations()
            window.close()
            await window.closed.wait()
            discard(window)
            return len(found)

    assert async_bridge.run(qapp, main()) == 1
