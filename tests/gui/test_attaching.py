"""Pictures on their way to a model: the message box, the chat, and what is shown of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from corral.errors import ExternalError
from corral.gui.chat.attachment_row import AttachmentRow
from corral.gui.chat.composer import Composer
from corral.gui.chat.media_segment import MediaSegment
from corral.gui.chat.message_view import MessageView
from corral.gui.chat.panel import ChatPanel
from corral.gui.chat.presenter import ChatPresenter
from corral.gui.theme.theme import Theme
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.homes import places_of
from helpers.pictures import png_bytes
from helpers.projectors import gemma3_projector
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

PARAMETERS = {"num_ctx": 512, "num_predict": 3, "temperature": 0.0}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(png_bytes(80, 40))
    (tmp_path / "dog.png").write_bytes(png_bytes(40, 40, seed=3))
    (tmp_path / "torn.png").write_bytes(png_bytes(40, 40)[:70])
    return tmp_path


@asynccontextmanager
async def chat_with_eyes(
    folder: Path, theme: Theme, model: str = "eyes"
) -> AsyncIterator[tuple[Workbench, ChatPanel]]:
    weights, eyes = tiny_model(folder / "t.gguf"), gemma3_projector(folder / "p.gguf", 64)
    async with open_workbench(places_of(folder / "home")) as workbench:
        await workbench.modelling.create("eyes", f"FROM {weights}\nFROM {eyes}\n", folder).result()
        await workbench.modelling.create("blind", f"FROM {weights}\n", folder).result()
        chat = await workbench.chats.create_conversation(model, parameters=PARAMETERS)
        presenter = ChatPresenter(workbench, chat.id)
        panel = ChatPanel(presenter, theme)
        panel.resize(760, 700)
        panel.show()
        await until(lambda: presenter.model, "the chat")
        yield workbench, panel
        await panel.close_panel()
        discard(panel, presenter)


def field(panel: ChatPanel) -> QPlainTextEdit:
    return part(part(panel, Composer), QPlainTextEdit)


def offer(panel: ChatPanel, *paths: Path) -> None:
    """Drop files on the message box, as far as a test can."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert field(panel).canInsertFromMimeData(data)
    field(panel).insertFromMimeData(data)


def names(panel: ChatPanel) -> list[str]:
    return [each.name for each in part(panel, Composer).attachments]


def chips(panel: ChatPanel) -> list[QWidget]:
    row = part(panel, AttachmentRow)
    return [row._row.itemAt(index).widget() for index in range(row._row.count() - 1)]


@on_the_loop
async def test_a_dropped_picture_goes_with_the_message_and_is_shown_in_it(
    theme: Theme, files: Path
) -> None:
    async with chat_with_eyes(files, theme) as (_, panel):
        offer(panel, files / "cat.png")
        await until(lambda: names(panel) == ["cat.png"], "it is attached")
        write(field(panel), "What is it?")
        press(field(panel), Qt.Key.Key_Return)
        await until(lambda: panel.findChildren(MessageView), "the message")
        segment = await until(
            lambda: next(
                (each for each in panel.findChildren(MediaSegment) if each.media.picture), None
            ),
            "the picture",
        )

        assert names(panel) == []
        assert segment.accessibleName() == "Picture: cat.png"
        assert (segment.heightForWidth(500), segment.heightForWidth(40)) == (40, 20)
        assert segment.grab().toImage().pixelColor(10, 10) == QColor(10, 10, 20)
        await until(lambda: "to first token" in words(panel), "the answer")
        gauge = panel._presenter.context
        assert gauge
        assert gauge[0] is not None
        assert gauge[0] > 4
        offer(panel, files / "dog.png")
        await until(
            lambda: f"about {gauge[0] + 768} of 512, estimated" in words(panel), "the estimate"
        )


@on_the_loop
async def test_attached_pictures_are_taken_back_by_mouse_and_by_key(
    theme: Theme, files: Path
) -> None:
    async with chat_with_eyes(files, theme) as (_, panel):
        offer(panel, files / "cat.png", files / "dog.png")
        await until(lambda: sorted(names(panel)) == ["cat.png", "dog.png"], "both")
        first, second = chips(panel)
        assert second.accessibleName() == names(panel)[1]

        click(part(second, QToolButton))
        press(first, Qt.Key.Key_Delete)

        assert names(panel) == []
        assert not part_or_none(panel)


@on_the_loop
async def test_a_picture_that_could_not_be_sent_is_attached_again(
    theme: Theme, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **_others: object) -> None:
        raise ExternalError("The database chats.db could not be used: disk is full.")

    async with chat_with_eyes(files, theme) as (workbench, panel):
        monkeypatch.setattr(workbench.conversing, "send", fail)
        offer(panel, files / "cat.png")
        await until(lambda: names(panel) == ["cat.png"], "it is attached")
        write(field(panel), "What is it?")

        press(field(panel), Qt.Key.Key_Return)
        await until(lambda: "disk is full" in words(panel), "the fault is told")
        await until(lambda: names(panel) == ["cat.png"], "it is there again")

        assert part(panel, Composer).text == "What is it?"


def part_or_none(panel: ChatPanel) -> list[AttachmentRow]:
    return [row for row in panel.findChildren(AttachmentRow) if row.isVisibleTo(panel)]


@on_the_loop
async def test_a_model_without_eyes_says_why_nothing_can_be_attached(
    theme: Theme, files: Path
) -> None:
    async with chat_with_eyes(files, theme, "blind") as (_, panel):
        attach = part(panel, QPushButton, "attach")
        await until(attach.accessibleDescription, "the reason")
        assert not attach.isEnabled()
        assert "cannot see or hear" in attach.toolTip()

        offer(panel, files / "cat.png")

        assert "cannot see or hear" in words(panel)
        assert names(panel) == []


@on_the_loop
async def test_a_pasted_picture_is_attached_and_a_torn_file_is_refused(
    theme: Theme, files: Path
) -> None:
    async with chat_with_eyes(files, theme) as (_, panel):
        attach = part(panel, QPushButton, "attach")
        await until(attach.isEnabled, "a model that sees")
        image = QImage(6, 5, QImage.Format.Format_RGB32)
        image.fill(QColor("red"))
        data = QMimeData()
        data.setImageData(image)

        field(panel).insertFromMimeData(data)
        await until(lambda: names(panel) == ["pasted picture"], "the pasted one")
        offer(panel, files / "torn.png")
        await until(lambda: "no picture that can be decoded" in words(panel), "the refusal")

        assert names(panel) == ["pasted picture"]


@on_the_loop
async def test_files_are_chosen_in_a_dialog_that_offers_what_the_model_takes(
    theme: Theme, files: Path
) -> None:
    async with chat_with_eyes(files, theme) as (_, panel):
        attach = part(panel, QPushButton, "attach")
        await until(attach.isEnabled, "a model that sees")

        click(attach)
        dialog = await until(
            lambda: next((d for d in panel.findChildren(QFileDialog) if d.isVisible()), None),
            "the dialog",
        )
        offered = dialog.nameFilters()[0]
        write(part(dialog, QLineEdit, "fileNameEdit"), str(files / "dog.png"))
        dialog.accept()

        await until(lambda: names(panel) == ["dog.png"], "it is attached")
        assert "*.png" in offered
        assert "*.wav" not in offered


@on_the_loop
async def test_text_is_still_pasted_as_text(theme: Theme, files: Path) -> None:
    async with chat_with_eyes(files, theme) as (_, panel):
        data = QMimeData()
        data.setText("[img-0] hello")

        field(panel).insertFromMimeData(data)

        assert part(panel, Composer).text == "[img-0] hello"
        assert QApplication.clipboard() is not None
