"""The form of answers, adapters and alternatives of tokens, in the window."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QTreeWidget,
    QWidget,
)

from corral.gui.chat.answering_fields import AnsweringFields
from corral.gui.chat.panel import ChatPanel
from corral.gui.chat.set_up import SetUpDialog
from corral.gui.chat.tokens_dialog import TokensDialog
from corral.gui.theme.theme import Theme
from corral.places import Places
from corral.prompt.answering import Answering
from corral.settings import Overflow
from gui.test_chat_panel import (
    PARAMETERS,
    ask_to_the_end,
    dialog_button,
    has_ended,
    header_button,
    messages,
    set_up_dialog,
    shown,
)
from helpers.window import click, on_the_loop, part, press, until, words, write

OK = QDialogButtonBox.StandardButton.Ok


async def opened(panel: ChatPanel) -> SetUpDialog:
    click(part(panel, QWidget, "chatSetUp"))
    dialog = await until(lambda: set_up_dialog(panel), "the dialog")
    part(dialog, QTabWidget, "setUpTabs").setCurrentIndex(1)
    return dialog


def grab(widget: QWidget, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder := os.environ.get("CORRAL_PICTURES"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


@on_the_loop
async def test_an_answer_obeys_a_grammar_and_goes_on_from_another_token(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, parameters={**PARAMETERS, "num_predict": 12}) as parts:
        workbench, chat, panel = parts
        dialog = await opened(panel)
        form = part(dialog, QComboBox, "answerForm")
        form.setCurrentIndex(form.findData("grammar"))
        text = part(dialog, QPlainTextEdit, "formText")
        text.setPlainText("root ::= nothing")
        click(dialog_button(dialog, OK))
        assert 'names a rule "nothing"' in words(dialog)
        text.setPlainText('root ::= "Yes" | "No" | "Perhaps"')
        part(dialog, QSpinBox, "choices").setValue(3)
        overflow = part(dialog, QComboBox, "overflow")
        overflow.setCurrentIndex(overflow.findData("shift"))
        write(part(dialog, QLineEdit, "biases"), "Yes=4")
        grab(dialog, "answering")
        changed = QSignalSpy(panel.conversation_changed)
        click(dialog_button(dialog, OK))
        await until(lambda: set_up_dialog(panel) is None, "the dialog closes")
        await until(changed.count, "it is kept")
        kept = (await workbench.chats.get(chat.id)).answering
        assert (kept.n_choices, kept.overflow) == (3, Overflow.SHIFT)
        assert kept.logit_bias == (("Yes", 4.0),)

        answer = await ask_to_the_end(panel, "Is the sky blue?")
        first = answer.text.strip()
        assert first in ("Yes", "No", "Perhaps")
        click(header_button(answer, "Tokens"))
        tokens = await until(lambda: panel.findChild(TokensDialog), "the tokens")
        tree, go_on = part(tokens, QTreeWidget), part(tokens, QPushButton, "continueHere")
        assert not go_on.isEnabled()
        assert tree.topLevelItem(0).text(0) == first[: len(tree.topLevelItem(0).text(0))]
        assert "log p" in tree.topLevelItem(0).toolTip(0)
        tree.setFocus()
        press(tree, Qt.Key.Key_Right)  # opened, and to the first alternative, by keys alone
        press(tree, Qt.Key.Key_Down)
        assert tokens.chosen
        assert go_on.isEnabled()
        grab(tokens, "tokens")
        tokens.reject()
        await until(lambda: panel.findChild(TokensDialog) is None, "the dialog is gone")
        assert len(messages(panel)) == 2


@on_the_loop
async def test_a_chosen_alternative_begins_another_answer_beside_the_first(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, chat, panel):
        await workbench.chats.set_answering(chat.id, Answering(n_choices=2))
        first = (await ask_to_the_end(panel, "Name a river.")).text
        click(header_button(messages(panel)[-1], "Tokens"))
        tokens = await until(lambda: panel.findChild(TokensDialog), "the tokens")
        tree = part(tokens, QTreeWidget)
        other = tree.topLevelItem(0).child(0)
        tree.setCurrentItem(other)
        wanted = other.text(0)
        click(part(tokens, QPushButton, "continueHere"))
        await until(
            lambda: has_ended(panel) and messages(panel)[-1].text not in ("", first), "another"
        )
        second = messages(panel)[-1]
        assert second.text.startswith(wanted)
        assert "2 of 2" in words(second)
        assert header_button(second, "Tokens").isVisibleTo(panel)


@pytest.mark.parametrize("scale", [0.5, -2.0])
def test_adapters_have_scales_and_can_be_taken_away(qtbot, tmp_path: Path, scale: float) -> None:  # noqa: ANN001
    fields = AnsweringFields(Answering())
    qtbot.addWidget(fields)
    assert fields.answering == Answering()
    path = tmp_path / "<b>odd</b>.gguf"
    fields.add_adapter(path)
    fields.findChild(QDoubleSpinBox).setValue(scale)
    assert fields.answering.adapters == ((str(path), scale),)
    again = AnsweringFields(fields.answering)
    qtbot.addWidget(again)
    assert again.answering == fields.answering
    again.findChild(QWidget, "adapters").setCurrentCell(0, 0)
    click(part(again, QPushButton, text="Remove"))
    assert again.answering.adapters == ()
    part(again, QCheckBox, "ownAdapters").setChecked(False)
    assert again.answering == Answering()
