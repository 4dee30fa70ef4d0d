from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from corral.errors import CorralError
from corral.gui.modelfile.editor import ModelfileEditor
from corral.gui.modelfile.panel import ModelfilePanel
from corral.gui.modelfile.presenter import ModelfilePresenter
from corral.gui.theme.theme import Theme
from corral.places import Places
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import TINY
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

FAULTY = f"FROM {TINY}\nSYSTEM 🦙 and 象\nPARAMETER temprature 0.5\n"


@asynccontextmanager
async def shown(
    places: Places, theme: Theme, model: str = "mymodel", text: str | None = None
) -> AsyncIterator[tuple[Workbench, ModelfilePanel, ModelfileEditor]]:
    async with open_workbench(places) as workbench:
        presenter = ModelfilePresenter(workbench, model, text)
        panel = ModelfilePanel(presenter, theme)
        panel.resize(800, 600)
        panel.show()
        editor = part(panel, ModelfileEditor)
        await until(editor.toPlainText, "the text")
        yield workbench, panel, editor
        await panel.close_panel()
        discard(panel, presenter)


def problems(panel: ModelfilePanel) -> str:
    shown = [child for child in panel.findChildren(QWidget) if child.objectName() == "problems"]
    return words(shown[0]) if shown[0].isVisible() else ""


def type_all(editor: ModelfileEditor, text: str) -> None:
    """Replace all text."""
    press(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    write(editor, text)


@on_the_loop
async def test_a_new_modelfile_begins_with_a_model_of_the_library(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        assert editor.toPlainText().startswith(f"FROM {TINY}\n")
        await until(lambda: not problems(panel), "no problem")


@on_the_loop
async def test_a_stored_models_text_is_shown_and_a_draft_wins_over_it(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (_, panel, editor):
        assert "FROM " in editor.toPlainText()
        assert not panel.is_unsaved
    async with shown(places, theme, TINY, "FROM other\n") as (_, panel, editor):
        assert editor.toPlainText() == "FROM other\n"
        assert panel.is_unsaved


@on_the_loop
async def test_a_mistyped_parameter_is_named_and_mended_where_it_stands(
    places: Places, theme: Theme
) -> None:
    """The emoji before it is two units of Qt's text and one character of Python's."""
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, FAULTY)
        await until(lambda: "temprature" in problems(panel), "the problem")
        assert "Line 3" in problems(panel)
        click(part(panel, QPushButton, "fix"))
        assert editor.toPlainText() == FAULTY.replace("temprature", "temperature")
        await until(lambda: not problems(panel), "no problem is left")
        press(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert editor.toPlainText() == FAULTY


@on_the_loop
async def test_the_next_problem_is_found_with_the_cursor(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, FAULTY + "PARAMETER top_j 3\n")
        await until(lambda: "top_j" in problems(panel), "two problems")
        places_of_cursor = []
        editor.moveCursor(editor.textCursor().MoveOperation.Start)
        for _ in range(3):
            panel.next_problem()
            places_of_cursor.append(editor.textCursor().blockNumber() + 1)
        assert places_of_cursor == [3, 4, 3]


@on_the_loop
async def test_create_goes_to_the_problem_instead_of_making_a_wrong_model(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, panel, editor):
        type_all(editor, FAULTY)
        click(part(panel, QPushButton, "createModel"))
        assert editor.textCursor().blockNumber() == 2
        names = [model.name for model in await workbench.modelling.list()]
        assert "mymodel:latest" not in names


@on_the_loop
async def test_create_makes_a_model_under_the_typed_name_that_shares_the_weights(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, panel, editor):
        made = QSignalSpy(panel.model_created)
        name = part(panel, QLineEdit, "modelName")
        name.selectAll()
        write(name, "pirate")
        assert panel.title == "Modelfile: pirate"
        type_all(editor, f"FROM {TINY}\nSYSTEM Arr.\nPARAMETER num_ctx 256\n")
        click(part(panel, QPushButton, "createModel"))
        await until(made.count, "the model")
        pirate, tiny = [await workbench.modelling.get(name) for name in ("pirate", TINY)]
        assert pirate.system == "Arr."
        assert pirate.parameters["num_ctx"] == 256
        assert pirate.weights == tiny.weights
        assert not panel.is_unsaved
        assert panel.tab_state().key == "pirate:latest"


@on_the_loop
async def test_a_base_that_is_not_there_is_told_and_nothing_is_lost(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        failed = QSignalSpy(panel.failed)
        type_all(editor, "FROM nobody:7b\n")
        click(part(panel, QPushButton, "createModel"))
        await until(failed.count, "the failure")
        error = failed.at(0)[0]
        assert isinstance(error, CorralError)
        assert "nobody:7b" in str(error)
        assert editor.toPlainText() == "FROM nobody:7b\n"
        assert panel.is_unsaved


@on_the_loop
async def test_a_name_that_was_typed_is_kept_for_the_next_start(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        name = part(panel, QLineEdit, "modelName")
        name.selectAll()
        write(name, "later")
        type_all(editor, "FROM x\n")
        assert (panel.tab_state().key, panel.tab_state().text) == ("later", "FROM x\n")
