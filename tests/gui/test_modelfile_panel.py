import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTreeView,
    QWidget,
)

from corral.chats.store import TextPart
from corral.errors import CorralError
from corral.gui.modelfile.editor import ModelfileEditor
from corral.gui.modelfile.panel import ModelfilePanel
from corral.gui.modelfile.presenter import ModelfilePresenter
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel
from corral.modelfile.catalogue import INSTRUCTIONS, PARAMETERS
from corral.places import Places
from corral.prompt.message import Role
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER, TINY
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
async def test_a_name_that_no_model_can_have_is_told_beside_its_field(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, f"FROM {TINY}\n")
        name, state = part(panel, QLineEdit, "modelName"), part(panel, PlainLabel, "nameState")
        name.selectAll()
        write(name, "no name!")
        assert "invalid model name" in state.text()
        assert not part(panel, QPushButton, "createModel").isEnabled()
        panel.create_model()  # by its key
        await until(name.hasFocus, "the field has the focus")
        name.selectAll()
        write(name, "a-name")
        assert state.text() == "not saved"
        assert part(panel, QPushButton, "createModel").isEnabled()


@on_the_loop
async def test_an_error_with_a_place_leads_there(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, panel, editor):
        failed = QSignalSpy(panel.failed)
        type_all(editor, f"FROM {TINY}\nSYSTEM 🦙\nADAPTER ./not-there.gguf\n")
        click(part(panel, QPushButton, "createModel"))
        await until(failed.count, "the failure")
        assert "There is no file ./not-there.gguf." in str(failed.at(0)[0])
        assert editor.textCursor().blockNumber() == 2


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


def suggestions(editor: ModelfileEditor) -> list[tuple[str, str]]:
    """The rows of the list that Ctrl+Space opens, empty while it is closed."""
    view = suggestion_view()
    model = view.model() if view else None
    if model is None:
        return []
    return [(model.index(i, 0).data(), model.index(i, 1).data()) for i in range(model.rowCount())]


def suggestion_view() -> QTreeView | None:
    views = [w for w in QApplication.topLevelWidgets() if w.objectName() == "suggestions"]
    shown = [view for view in views if view.isVisible()]
    return shown[0] if shown else None


def ask_for_suggestions(editor: ModelfileEditor) -> None:
    editor.activateWindow()
    editor.setFocus()
    press(editor, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)


@on_the_loop
async def test_ctrl_space_offers_instructions_with_their_help_and_enter_takes_one(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, _panel, editor):
        type_all(editor, f"FROM {TINY}\n")
        ask_for_suggestions(editor)
        offered = suggestions(editor)
        assert [name for name, _ in offered] == list(INSTRUCTIONS)
        assert dict(offered)["SYSTEM"] == INSTRUCTIONS["SYSTEM"].help
        popup = suggestion_view()
        assert popup is not None
        QTest.keyClicks(popup, "pAra")
        assert [name for name, _ in suggestions(editor)] == ["PARAMETER"]
        press(popup, Qt.Key.Key_Return)
        assert editor.toPlainText() == f"FROM {TINY}\nPARAMETER "
        assert suggestion_view() is None


@on_the_loop
async def test_parameters_come_with_default_and_help_and_tab_takes_the_marked_one(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, "PARAMETER to")
        ask_for_suggestions(editor)
        assert [name for name, _ in suggestions(editor)] == ["top_k", "top_p"]
        words_of_top_k = suggestions(editor)[0][1]
        assert words_of_top_k == f"Default: 40. {PARAMETERS['top_k'].help}"
        popup = suggestion_view()
        assert popup is not None
        press(popup, Qt.Key.Key_Down)
        press(popup, Qt.Key.Key_Tab)
        assert editor.toPlainText() == "PARAMETER top_p "
        line = part(panel, PlainLabel, "aboutLine")
        await until(lambda: line.text().startswith("top_p"), "what is known of it")
        about = line.text()
        assert about.startswith("top_p (float) — Chooses among")
        assert about.endswith("Default: 0.9. Useful from 0 to 1.")


@on_the_loop
async def test_models_are_offered_behind_from_and_files_behind_a_path(
    places: Places, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "weights").mkdir()
    (tmp_path / "w.gguf").touch()
    (tmp_path / "w.txt").touch()
    (tmp_path / ".w.gguf").touch()
    async with shown(places, theme) as (_, _panel, editor):
        await until(lambda: editor.completer.models, "the models")
        type_all(editor, "FROM ti")
        ask_for_suggestions(editor)
        assert TINY.partition(":")[0] in suggestions(editor)[0][0]
        editor.completer.close()
        type_all(editor, "FROM ./w")
        ask_for_suggestions(editor)
        assert [name for name, _ in suggestions(editor)] == ["./w.gguf", "./weights/"]
        type_all(editor, "ADAPTER ~/w")
        ask_for_suggestions(editor)
        assert [name for name, _ in suggestions(editor)] == ["~/w.gguf", "~/weights/"]
        type_all(editor, "FROM ~nobody-here/")
        ask_for_suggestions(editor)
        assert suggestions(editor) == []


@on_the_loop
async def test_a_click_takes_a_suggestion(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, _panel, editor):
        type_all(editor, "MESSAGE ")
        ask_for_suggestions(editor)
        popup = suggestion_view()
        assert popup is not None
        row = popup.visualRect(popup.model().index(1, 0))
        click(popup.viewport(), row.center())
        assert editor.toPlainText() == "MESSAGE user "


@on_the_loop
async def test_escape_closes_the_suggestions_and_changes_nothing(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, _panel, editor):
        type_all(editor, "SY")
        ask_for_suggestions(editor)
        popup = suggestion_view()
        assert popup is not None
        press(popup, Qt.Key.Key_Escape)
        assert suggestion_view() is None
        assert editor.toPlainText() == "SY"
        ask_for_suggestions(editor)
        popup = suggestion_view()
        assert popup is not None
        QTest.keyClicks(popup, "xx")  # nothing begins so
        assert suggestion_view() is None
        assert editor.toPlainText() == "SYxx"


@on_the_loop
async def test_the_mouse_is_told_what_stands_under_it_and_what_is_wrong_there(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, f"FROM {TINY}\nPARAMETER top_k 2000\n")
        await until(lambda: problems(panel), "the problem")

        def tip(line: int, column: int) -> str:
            cursor = editor.textCursor()
            cursor.setPosition(editor.document().findBlockByNumber(line).position() + column)
            return editor.tip_at(editor.cursorRect(cursor).center())

        assert tip(0, 2) == f"FROM <model or file> — {INSTRUCTIONS['FROM'].help}"
        assert tip(1, 12).startswith("top_k (int) — Chooses among this many")
        assert tip(1, 18) == "top_k is 2000; useful values go from 0 to 1000."
        assert editor.tip_at(QPoint(editor.width() - 5, 5)) == ""


@on_the_loop
async def test_the_base_models_training_and_template_are_held_against_the_text(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, panel, editor):
        type_all(editor, f"FROM {TINY}\nPARAMETER num_ctx 900000\n")
        await until(lambda: "trained with" in problems(panel), "the hint")
        fix = part(panel, QPushButton, "fix")
        click(fix)
        await until(lambda: not problems(panel), "no problem")
        type_all(editor, "FROM nobody:7b\n")
        await until(lambda: "The library has no model nobody:7b." in problems(panel), "the hint")


@on_the_loop
async def test_a_file_of_the_home_folder_can_be_built_on(
    places: Places, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with shown(places, theme, "copied") as (workbench, panel, editor):
        tiny = await workbench.modelling.get(TINY)
        shutil.copy(tiny.weights, tmp_path / "mine.gguf")
        made = QSignalSpy(panel.model_created)
        type_all(editor, "FROM ./mine.gguf\n")
        click(part(panel, QPushButton, "createModel"))
        await until(made.count, "the model")
        assert (await workbench.modelling.get("copied")).weights == tiny.weights


@on_the_loop
async def test_a_stored_models_own_modelfile_can_be_changed_and_made_again(
    places: Places, theme: Theme
) -> None:
    """Its FROM is the path of a blob."""
    async with shown(places, theme, TINY) as (workbench, panel, editor):
        made = QSignalSpy(panel.model_created)
        name = part(panel, QLineEdit, "modelName")
        name.selectAll()
        write(name, "again")
        editor.moveCursor(editor.textCursor().MoveOperation.End)
        write(editor, "SYSTEM Be kind.\n")
        click(part(panel, QPushButton, "createModel"))
        await until(made.count, "the model")
        again = await workbench.modelling.get("again")
        assert (again.system, again.weights) == (
            "Be kind.",
            (await workbench.modelling.get(TINY)).weights,
        )


async def talk(workbench: Workbench, question: str, answer: str) -> None:
    """Put a chat among the others."""
    chat = await workbench.chats.create_conversation(STARTER)
    leaf = None
    for role, text in ((Role.USER, question), (Role.ASSISTANT, answer)):
        parts = (TextPart(text=text),)
        leaf = (await workbench.chats.add_message(chat.id, leaf, role, parts)).id


@on_the_loop
async def test_the_prompt_is_shown_with_its_tokens_and_where_the_ggufs_own_differs(
    places: Places, theme: Theme
) -> None:
    template = '"""{{ range .Messages }}<s>{{ .Content }}{{ end }}<a>"""'
    async with shown(places, theme, text=f"FROM {STARTER}\nTEMPLATE {template}\n") as (
        workbench,
        panel,
        _,
    ):
        await talk(workbench, "Who are you?", "A llama.")
        click(part(panel, QPushButton, "showPrompt"))
        view = part(panel, QWidget, "prompt")
        body = part(view, QPlainTextEdit, "promptText")
        await until(lambda: "Why is the sky blue?<a>" in body.toPlainText(), "the prompt")
        assert "by the Modelfile's TEMPLATE" in words(view)
        assert "+<|im_start|>assistant" in body.toPlainText()
        message = part(view, QLineEdit, "promptMessage")
        message.selectAll()
        write(message, "Hello")
        press(message, Qt.Key.Key_Return)
        await until(lambda: "<s>Hello<a>" in body.toPlainText(), "the other prompt")
        chats = part(view, QComboBox, "promptChat")
        await until(lambda: chats.count() == 2, "the chat")
        chats.setCurrentIndex(1)
        chats.activated.emit(1)
        said = "<s>Who are you?<s>A llama.<s>Hello<a>"
        await until(lambda: said in body.toPlainText(), "the prompt of the chat")
        type_all(part(panel, ModelfileEditor), 'FROM nothing\nTEMPLATE "x"\n')
        await until(lambda: "no model of the library" in words(view), "why there is none")
