import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from corral.chats.store import Conversation, MessageState
from corral.errors import ExternalError
from corral.gui.chat.composer import Composer
from corral.gui.chat.message_view import MessageView
from corral.gui.chat.panel import ChatPanel
from corral.gui.chat.presenter import ChatPresenter
from corral.gui.chat.set_up import SetUpDialog
from corral.gui.theme.theme import Theme
from corral.gui.widgets.gauge import ContextGauge
from corral.places import Places
from corral.prompt.choice import TemplateSource
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER, TINY
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

PARAMETERS: dict[str, Any] = {"num_ctx": 512, "temperature": 0.0, "num_predict": 8}
ENDLESS: dict[str, Any] = {"num_ctx": 512, "num_predict": 400, "temperature": 1.5, "seed": 3}


@asynccontextmanager
async def shown(
    places: Places, theme: Theme, model: str = STARTER, parameters: dict[str, Any] = PARAMETERS
) -> AsyncIterator[tuple[Workbench, Conversation, ChatPanel]]:
    async with open_workbench(places) as workbench:
        chat = await workbench.chats.create_conversation(model, parameters=parameters)
        async with panel_of(workbench, chat, theme) as panel:
            yield workbench, chat, panel


@asynccontextmanager
async def panel_of(
    workbench: Workbench, chat: Conversation, theme: Theme
) -> AsyncIterator[ChatPanel]:
    presenter = ChatPresenter(workbench, chat.id)
    panel = ChatPanel(presenter, theme)
    panel.resize(760, 700)
    panel.show()
    chosen = part(panel, QPushButton, "chatModel")
    await until(lambda: chosen.text().startswith(chat.model.removesuffix(":latest")), "the chat")
    yield panel
    await panel.close_panel()
    discard(panel, presenter)


def field(panel: ChatPanel) -> QPlainTextEdit:
    return part(part(panel, Composer), QPlainTextEdit)


def send_button(panel: ChatPanel) -> QPushButton:
    composer = part(panel, Composer)
    return next(
        button for button in composer.findChildren(QPushButton) if button.text() in {"Send", "Stop"}
    )


def messages(panel: ChatPanel) -> list[MessageView]:
    views = [view for view in panel.findChildren(MessageView) if view.isVisibleTo(panel)]
    return sorted(views, key=lambda view: view.y())


def header_button(message: MessageView, text: str) -> QPushButton:
    return part(message, QPushButton, text=text)


def is_busy(panel: ChatPanel) -> bool:
    return send_button(panel).text() == "Stop"


def has_ended(panel: ChatPanel) -> bool:
    """Whether the figures or the fault are below the last message."""
    seen = words(messages(panel)[-1])
    return not is_busy(panel) and ("to first token" in seen or "not found" in seen)


async def ask(panel: ChatPanel, text: str) -> None:
    write(field(panel), text)
    n_before = len(messages(panel))
    press(field(panel), Qt.Key.Key_Return)
    await until(lambda: len(messages(panel)) == n_before + 2, "question and answer are shown")
    await until(lambda: is_busy(panel) or has_ended(panel), "it is answered")


async def ask_to_the_end(panel: ChatPanel, text: str) -> MessageView:
    await ask(panel, text)
    await until(lambda: has_ended(panel), "the answer ends, with its figures")
    return messages(panel)[-1]


@on_the_loop
async def test_a_question_is_answered_with_its_figures_and_names_the_chat(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, chat, panel):
        assert not send_button(panel).isEnabled()
        titles = QSignalSpy(panel.title_changed)
        answer = await ask_to_the_end(panel, "Where do llamas live?")
        assert messages(panel)[0].text == "Where do llamas live?"
        assert answer.text
        assert "to first token · 8 tokens · " in words(answer)
        assert titles.at(titles.count() - 1) == ["Where do llamas live?"]
        assert field(panel).toPlainText() == ""
        assert " of 512" in words(part(panel, ContextGauge))
        steps = await workbench.chats.branch((await workbench.chats.get(chat.id)).leaf_id)
        assert [step.message.text for step in steps] == ["Where do llamas live?", answer.text]


@pytest.mark.parametrize("how", ["button", "key"])
@on_the_loop
async def test_a_running_answer_can_be_stopped(how: str, places: Places, theme: Theme) -> None:
    async with shown(places, theme, TINY, ENDLESS) as (workbench, chat, panel):
        await ask(panel, "Hello")
        await until(lambda: messages(panel)[-1].text, "text comes")
        if how == "button":
            click(send_button(panel))
        else:
            press(field(panel), Qt.Key.Key_Escape)
        await until(lambda: not is_busy(panel), "the answer ends")
        await until(lambda: "stopped by you" in words(messages(panel)[-1]), "it says so")
        (*_, last) = await workbench.chats.branch((await workbench.chats.get(chat.id)).leaf_id)
        assert last.message.state is MessageState.STOPPED
        assert last.message.text == messages(panel)[-1].text


@on_the_loop
async def test_what_is_typed_while_an_answer_runs_stays_and_is_not_sent(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY, ENDLESS) as (_, _, panel):
        await ask(panel, "Hello")
        write(field(panel), "And then?")
        press(field(panel), Qt.Key.Key_Return)
        assert field(panel).toPlainText() == "And then?"
        panel.stop()
        await until(lambda: not is_busy(panel), "the answer ends")
        assert len(messages(panel)) == 2


@on_the_loop
async def test_another_answer_is_a_variant_beside_the_first_and_both_can_be_seen(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY, {**ENDLESS, "num_predict": 5, "seed": -1}) as (
        _,
        _,
        panel,
    ):
        first = (await ask_to_the_end(panel, "Hello")).text
        click(header_button(messages(panel)[-1], "Regenerate"))
        await until(
            lambda: "2 of 2" in words(messages(panel)[-1]) and has_ended(panel),
            "the second variant, and its end",
        )
        second = messages(panel)[-1].text
        panel.previous_variant()
        await until(lambda: "1 of 2" in words(messages(panel)[-1]), "the first variant")
        assert messages(panel)[-1].text == first
        panel.next_variant()
        await until(lambda: "2 of 2" in words(messages(panel)[-1]), "the second again")
        assert messages(panel)[-1].text == second


@on_the_loop
async def test_up_edits_the_last_question_in_a_branch_of_its_own_and_the_draft_returns(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (_, _, panel):
        await ask_to_the_end(panel, "Hello")
        press(field(panel), Qt.Key.Key_Up)
        assert field(panel).toPlainText() == "Hello"
        write(field(panel), " there")
        press(field(panel), Qt.Key.Key_Return)
        await until(lambda: messages(panel)[0].text == "Hello there", "the other question")
        await until(lambda: "2 of 2" in words(messages(panel)[0]), "it is a variant")
        assert field(panel).toPlainText() == ""
        await until(lambda: not is_busy(panel), "the answer ends")
        panel.previous_variant()
        await until(lambda: messages(panel)[0].text == "Hello", "the first question by its key")


@on_the_loop
async def test_a_question_that_cannot_be_kept_is_in_the_box_again(
    places: Places, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **_others: object) -> None:
        raise ExternalError("The database chats.db could not be used: disk is full.")

    async with shown(places, theme, TINY) as (workbench, _, panel):
        monkeypatch.setattr(workbench.conversing, "send", fail)
        write(field(panel), "Hello")
        press(field(panel), Qt.Key.Key_Return)
        await until(lambda: "disk is full" in words(panel), "the fault is told")
        assert field(panel).toPlainText() == "Hello"


@on_the_loop
async def test_a_draft_is_there_again_in_another_panel(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, chat, panel):
        write(field(panel), "not sent yet")
        await panel.close_panel()
        async with panel_of(workbench, chat, theme) as again:
            await until(lambda: field(again).toPlainText() == "not sent yet", "the draft")
            assert send_button(again).isEnabled()


@on_the_loop
async def test_an_answer_goes_on_while_its_tab_is_closed_and_another_panel_follows_it(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY, {**ENDLESS, "num_predict": 120}) as (workbench, chat, _):
        async with panel_of(workbench, chat, theme) as panel:
            await ask(panel, "Hello")
            await until(lambda: messages(panel)[-1].text, "text comes")
        async with panel_of(workbench, chat, theme) as again:
            await until(lambda: len(messages(again)) == 2, "the messages")
            await until(lambda: has_ended(again), "the answer ends")
            (*_, last) = await workbench.chats.branch((await workbench.chats.get(chat.id)).leaf_id)
            assert messages(again)[-1].text == last.message.text
            assert last.message.usage
            assert last.message.usage.generated_tokens > 1


@on_the_loop
async def test_a_model_that_is_gone_is_told_and_another_can_go_on(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (workbench, _, panel):
        await workbench.modelling.remove(TINY)
        await until(lambda: "not in the library" in words(panel), "it says so")
        await ask(panel, "Hello")
        await until(lambda: f"'{TINY}' not found" in words(messages(panel)[-1]), "the failure")
        panel.choose_model()
        (menu,) = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not panel]
        press(menu, Qt.Key.Key_Down)
        press(menu, Qt.Key.Key_Return)
        await until(lambda: panel.model == STARTER, "the other model")
        assert (await ask_to_the_end(panel, "And now?")).text


def set_up_dialog(panel: ChatPanel) -> SetUpDialog | None:
    return next((dialog for dialog in panel.findChildren(SetUpDialog) if dialog.isVisible()), None)


def dialog_button(dialog: QWidget, which: QDialogButtonBox.StandardButton) -> QPushButton:
    button = part(dialog, QDialogButtonBox).button(which)
    assert isinstance(button, QPushButton)
    return button


@on_the_loop
async def test_system_text_and_parameters_are_set_and_nonsense_is_refused_beside_the_field(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (workbench, chat, panel):
        click(part(panel, QWidget, "chatSetUp"))
        dialog = await until(lambda: set_up_dialog(panel), "the dialog")
        top_k = dialog.findChild(QLineEdit, "top_k")
        shown_defaults = {
            name: dialog.findChild(QLineEdit, name).placeholderText()
            for name in ("top_k", "num_thread", "num_gpu", "use_mmap", "seed", "stop")
        }
        assert shown_defaults == {
            "top_k": "40",
            "num_thread": "automatic",
            "num_gpu": "automatic",
            "use_mmap": "automatic",
            "seed": "-1",
            "stop": "none",
        }
        write(top_k, "many")
        ok = dialog_button(dialog, QDialogButtonBox.StandardButton.Ok)
        click(ok)
        assert "top_k" in words(dialog)
        assert dialog.isVisible()
        top_k.selectAll()
        write(top_k, "7")
        stop = dialog.findChild(QLineEdit, "stop")
        write(stop, "END | FINIS")
        template = part(dialog, QComboBox, "template")
        assert template.findData("modelfile") < 0  # this model has no TEMPLATE
        template.setCurrentIndex(template.findData("plain"))
        changed = QSignalSpy(panel.conversation_changed)
        click(ok)
        await until(lambda: set_up_dialog(panel) is None, "the dialog closes")
        await until(changed.count, "they are kept")
        kept = (await workbench.chats.get(chat.id)).parameters
        assert (kept["top_k"], kept["stop"]) == (7, ("END", "FINIS"))
        assert kept["num_ctx"] == 512
        assert (await workbench.chats.get(chat.id)).template is TemplateSource.PLAIN
        await until(lambda: "no chat template" in words(panel), "the head says so")


@on_the_loop
async def test_a_template_that_is_set_aside_is_told_and_used_after_one_click(
    places: Places, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_GO_TEMPLATE", "0")  # the other reasons are in the unit tests
    async with open_workbench(places) as workbench:
        own = f'FROM {STARTER}\nTEMPLATE "{{{{ .Prompt }}}}"\n'
        await workbench.modelling.create("own-words", own).result()
        chat = await workbench.chats.create_conversation("own-words", parameters=PARAMETERS)
        async with panel_of(workbench, chat, theme) as panel:
            use = part(panel, QPushButton, "useTemplate")
            await until(use.isVisible, "the offer")
            assert "GGUF's own chat template" in words(panel)
            click(use)
            await until(lambda: not use.isVisible(), "it is used")
            assert "by the Modelfile's TEMPLATE" in words(panel)
            assert (await workbench.chats.get(chat.id)).template is TemplateSource.MODELFILE


@on_the_loop
async def test_a_hostile_template_ends_its_chat_with_words_and_the_window_stays_alive(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (workbench, chat, panel):
        hostile = f'FROM {TINY}\nTEMPLATE "{{{{ range 99999999 }}}}{{{{ end }}}}"'
        await workbench.modelling.create("hostile", hostile).result()
        await workbench.chats.set_model(chat.id, "hostile")
        panel.refresh()
        await until(lambda: panel.model.startswith("hostile"), "the model")
        beats: list[float] = []
        timer = QTimer()
        timer.timeout.connect(lambda: beats.append(time.monotonic()))
        timer.start(20)
        await ask(panel, "Hello")
        await until(lambda: "TEMPLATE" in words(messages(panel)[-1]), "what went wrong")
        timer.stop()
        assert max(after - before for before, after in itertools.pairwise(beats)) < 1
        await workbench.chats.set_model(chat.id, TINY)
        panel.refresh()
        await until(lambda: panel.model == TINY, "the other model")
        await ask_to_the_end(panel, "Hello again")


@on_the_loop
async def test_the_last_reply_is_copied_as_it_was_written(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, _, panel):
        answer = await ask_to_the_end(panel, "Say *hello*.")
        QGuiApplication.clipboard().setText("")
        panel.copy_reply()
        assert QGuiApplication.clipboard().text() == answer.text


@on_the_loop
async def test_a_branch_becomes_a_chat_of_its_own(places: Places, theme: Theme) -> None:
    async with shown(places, theme, TINY) as (workbench, chat, panel):
        forked = QSignalSpy(panel.chat_forked)
        await ask_to_the_end(panel, "Hello")
        click(header_button(messages(panel)[0], "Branch"))
        await until(forked.count, "the other chat")
        other = await workbench.chats.get(forked.at(0)[0])
        assert other.id != chat.id
        steps = await workbench.chats.branch(other.leaf_id)
        assert [step.message.text for step in steps] == ["Hello"]


@on_the_loop
async def test_the_conversation_becomes_a_model_that_carries_it_on(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY) as (workbench, _, panel):
        save = part(part(panel, Composer), QPushButton, text="Save as model…")
        assert not save.isEnabled()
        answer = await ask_to_the_end(panel, "Hello")
        await until(save.isEnabled, "there is something to save")
        model = await panel.save_as_model("little-talk")
        assert [message.content for message in model.messages] == ["Hello", answer.text]
        other = await workbench.chats.create_conversation(model.name, parameters=PARAMETERS)
        async with panel_of(workbench, other, theme) as carried_on:
            await until(lambda: len(messages(carried_on)) == 2, "the model's own messages")
            assert messages(carried_on)[0].text == "Hello"


@on_the_loop
async def test_over_the_limit_the_chat_offers_what_fits_and_answers_with_it(
    places: Places, theme: Theme, steady_memory: int
) -> None:
    parameters = {**PARAMETERS, "num_ctx": 8192}
    async with shown(places, theme, parameters=parameters) as (workbench, _, panel):
        model = await workbench.modelling.get(STARTER)
        options = await workbench.planning.options_for(model, parameters)
        taken = (await workbench.planning.best_plan(model, options)).total_bytes
        left_gib = (steady_memory - taken) / 1024**3 + 0.05
        workbench.settings.change(guardrail="own", guardrail_free_gib=left_gib)
        write(field(panel), "Hi")
        press(field(panel), Qt.Key.Key_Return)
        anyway = await until(
            lambda: [b for b in panel.findChildren(QPushButton) if b.text() == "Load anyway"],
            "the question",
        )
        assert "is free" in words(panel)
        assert workbench.engine.loaded == ()
        assert len(anyway) == 1
        shorter = [b for b in panel.findChildren(QPushButton) if b.text().startswith("Context of")]
        click(shorter[0])
        await until(lambda: has_ended(panel), "the answer with a shorter context")
        assert workbench.engine.loaded[0].info.options.context.n_ctx < 8192
        assert len(messages(panel)) == 2, "it is a variant of the answer that failed"


@on_the_loop
async def test_over_the_limit_the_chat_answers_anyway_when_told_so(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY, {"num_ctx": 256, "num_predict": 4}) as (bench, _, panel):
        bench.settings.change(guardrail="own", guardrail_free_gib=1000)
        write(field(panel), "Hi")
        press(field(panel), Qt.Key.Key_Return)
        await until(
            lambda: [b for b in panel.findChildren(QPushButton) if b.text() == "Load anyway"],
            "the question",
        )
        click(part(panel, QPushButton, text="Load anyway"))
        await until(lambda: bench.engine.loaded, "the model is loaded")
        await until(lambda: not is_busy(panel), "the answer")
