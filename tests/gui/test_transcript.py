import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from corral.events import TextKind
from corral.gui.chat.message_view import MessageView
from corral.gui.chat.transcript import Transcript
from corral.gui.chat.view_data import MessageViewData, ReplyState, ToolCallView
from corral.gui.theme.theme import Theme
from corral.prompt.message import Role
from corral.settings import ThemeChoice

ANSWER = """Llamas live in the **Andes**.

```python
herds = {"Puno": 1_160_000}
```

- one 漢字 😀
- two

They graze."""


def question(number: int, text: str = "Where do llamas live?") -> MessageViewData:
    return MessageViewData(id=f"q{number}", role=Role.USER, text=text)


def reply(number: int, text: str = ANSWER, **fields: object) -> MessageViewData:
    return MessageViewData(
        id=f"r{number}", role=Role.ASSISTANT, model="smollm2:135m", text=text, **fields
    )


def chat(length: int) -> list[MessageViewData]:
    return [m for n in range(length // 2) for m in (question(n), reply(n))]


@pytest.fixture
def transcript(qtbot: QtBot, theme: Theme) -> Transcript:
    transcript = Transcript(theme)
    qtbot.addWidget(transcript)
    transcript.resize(700, 500)
    transcript.show()
    qtbot.waitExposed(transcript)
    return transcript


def view(transcript: Transcript, message_id: str) -> MessageView:
    return next(v for v in transcript.findChildren(MessageView) if v.message_id == message_id)


def press(qtbot: QtBot, widget: QWidget, name: str) -> None:
    stops = view_stops(widget)
    found = next(s for s in stops if name in (s.accessibleName(), getattr(s, "text", str)()))
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def view_stops(widget: QWidget) -> list[QWidget]:
    return [s for s in widget.focus_stops()[1:] if s.isVisible()]


def is_at_bottom(transcript: Transcript) -> bool:
    bar = transcript.verticalScrollBar()
    return bar.value() == bar.maximum()


def built(transcript: Transcript) -> int:
    return sum(not v.isHidden() for v in transcript.findChildren(MessageView))


def test_a_tool_call_is_shown_with_its_name_and_arguments_as_plain_text(
    transcript: Transcript,
) -> None:
    transcript.set_messages([question(0), reply(0, text="Let me see.", state=ReplyState.STREAMING)])
    transcript.append_text("r0", " Now.")
    calls = (
        ToolCallView(name="<b>add</b>", text='{"a": 1}'),
        ToolCallView(name="", text="{broken"),
    )
    transcript.update_message(reply(0, text="", tool_calls=calls, state=ReplyState.STREAMING))
    shown = view(transcript, "r0")
    assert shown.text == "Let me see. Now."
    codes = [edit.toPlainText() for edit in shown.findChildren(QPlainTextEdit)]
    assert codes == ['{"a": 1}', "{broken"]
    labels = [label.text() for label in shown.findChildren(QLabel)]
    assert "Tool call: <b>add</b>" in labels
    assert "A tool call that cannot be read" in labels


@pytest.mark.parametrize(
    ("name", "message_id", "signal", "args"),
    [
        ("Edit", "q0", "edit_requested", ["q0"]),
        ("Branch", "r0", "branch_requested", ["r0"]),
        ("Regenerate", "r0", "regenerate_requested", ["r0"]),
        ("Previous variant", "r0", "variant_requested", ["r0", -1]),
        ("Next variant", "r0", "variant_requested", ["r0", 1]),
    ],
)
def test_a_command_of_a_message_is_told_with_its_id(
    qtbot: QtBot, transcript: Transcript, name: str, message_id: str, signal: str, args: list
) -> None:
    transcript.set_messages([question(0), reply(0, index=2, count=3)])
    with qtbot.waitSignal(getattr(transcript, signal)) as told:
        press(qtbot, view(transcript, message_id), name)
    assert told.args == args


def test_the_first_of_the_variants_has_none_before_it(transcript: Transcript) -> None:
    transcript.set_messages([reply(0, index=1, count=2)])
    names = [stop.accessibleName() for stop in view_stops(view(transcript, "r0"))]
    assert "Next variant" in names
    assert "Previous variant" not in names


def test_copy_gives_the_text_as_it_was_written(qtbot: QtBot, transcript: Transcript) -> None:
    transcript.set_messages([reply(0, thinking="secret")])
    press(qtbot, view(transcript, "r0"), "Copy")
    assert QGuiApplication.clipboard().text() == ANSWER
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(view(transcript, "r0"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == ANSWER


def test_a_streamed_reply_looks_like_one_that_was_stored(
    qtbot: QtBot, transcript: Transcript, theme: Theme
) -> None:
    transcript.set_messages([question(0), reply(0, "", state=ReplyState.WAITING)])
    letters = random.Random(7)
    rest = ANSWER
    transcript.append_text("r0", "Hm.", TextKind.THINKING)
    while rest:
        end = letters.randint(1, 9)
        transcript.append_text("r0", rest[:end])
        rest = rest[end:]
        if letters.random() < 0.3:
            QApplication.sendPostedEvents()
            transcript._on_frame()
    transcript.update_message(reply(0, thinking="Hm."))
    stored = Transcript(theme)
    qtbot.addWidget(stored)
    stored.resize(700, 500)
    stored.show()
    stored.set_messages([question(0), reply(0, thinking="Hm.")])
    assert view(stored, "r0").geometry() == view(transcript, "r0").geometry()
    assert stored.viewport().grab().toImage() == transcript.viewport().grab().toImage()


def test_a_stream_is_drawn_within_a_frame_or_two(qtbot: QtBot, transcript: Transcript) -> None:
    transcript.set_messages([reply(0, "", state=ReplyState.WAITING, note="Loading 43 %")])
    assert "Loading 43 %" in shown_labels(transcript)
    transcript.append_text("r0", "Hello ")
    transcript.append_text("r0", "**there**")
    qtbot.waitUntil(lambda: shown_prose(transcript) == ["Hello there"])
    assert "Loading 43 %" not in shown_labels(transcript)


def shown_labels(transcript: Transcript) -> list[str]:
    return [label.text() for label in transcript.findChildren(QLabel) if label.isVisible()]


def shown_prose(transcript: Transcript) -> list[str]:
    from corral.gui.chat.segments import ProseSegment

    return [p.toPlainText() for p in transcript.findChildren(ProseSegment) if p.isVisible()]


def test_only_the_last_open_segment_is_drawn_again(
    qtbot: QtBot, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corral.gui.chat.segments import ProseSegment

    transcript.set_messages([reply(0, "", state=ReplyState.STREAMING)])
    transcript.append_text("r0", ANSWER + "\n\n" + "word " * 400 + "\n\nnew")
    transcript._on_frame()
    drawn = []
    draw = ProseSegment.draw
    monkeypatch.setattr(ProseSegment, "draw", lambda self: (drawn.append(self), draw(self))[1])
    transcript.append_text("r0", " paragraph")
    transcript._on_frame()
    assert [segment.toPlainText() for segment in drawn] == ["new paragraph"]


def test_a_failed_reply_says_why(transcript: Transcript) -> None:
    error = "The GPU ran out of memory: 9.8 GiB needed, 7.1 GiB free."
    transcript.set_messages([reply(0, "half", state=ReplyState.FAILED, error=error)])
    assert error in shown_labels(transcript)


def test_a_message_that_fell_out_of_the_context_says_so(transcript: Transcript) -> None:
    transcript.set_messages([question(0), reply(0)])
    assert "no longer in the context" not in shown_labels(transcript)
    transcript.update_message(
        MessageViewData(id="q0", role=Role.USER, text="Where do llamas live?", is_dropped=True)
    )
    assert "no longer in the context" in shown_labels(transcript)


def test_an_empty_chat_says_what_belongs_there(transcript: Transcript) -> None:
    transcript.set_empty_text("Ask something.")
    transcript.set_messages([])
    assert "Ask something." in shown_labels(transcript)
    transcript.set_messages([question(0)])
    assert "Ask something." not in shown_labels(transcript)


def test_the_end_is_followed_only_by_a_reader_who_is_there(
    qtbot: QtBot, transcript: Transcript
) -> None:
    transcript.set_messages([*chat(10), reply(99, "", state=ReplyState.STREAMING)])
    qtbot.waitUntil(lambda: len(transcript.findChildren(MessageView)) == 11)  # in idle slices
    assert is_at_bottom(transcript)
    transcript.append_text("r99", "line\n\n" * 30)
    transcript._on_frame()
    assert is_at_bottom(transcript)
    transcript.verticalScrollBar().setValue(100)
    seen = view(transcript, "r1").mapTo(transcript, view(transcript, "r1").rect().topLeft())
    transcript.append_text("r99", "more\n\n" * 30)
    transcript._on_frame()
    assert not is_at_bottom(transcript)
    assert view(transcript, "r1").mapTo(transcript, view(transcript, "r1").rect().topLeft()) == seen
    jump = next(w for w in transcript.findChildren(QWidget)
                if w.accessibleName() == "Jump to the end")  # fmt: skip
    assert jump.isVisible()
    qtbot.mouseClick(jump, Qt.MouseButton.LeftButton)
    assert is_at_bottom(transcript)
    assert not jump.isVisible()


def test_a_long_chat_is_built_from_its_end_and_the_rest_when_idle(
    qtbot: QtBot, transcript: Transcript
) -> None:
    transcript.set_messages(chat(120))
    assert built(transcript) <= 20
    assert is_at_bottom(transcript)
    qtbot.waitUntil(lambda: built(transcript) == 120, timeout=20_000)
    assert is_at_bottom(transcript)
    tops = [view(transcript, m.id).y() for m in chat(120)]
    assert tops == sorted(tops)


def test_building_older_messages_does_not_move_what_is_read(
    qtbot: QtBot, transcript: Transcript
) -> None:
    transcript.set_messages(chat(80))
    transcript.verticalScrollBar().setValue(transcript.verticalScrollBar().maximum() // 2)
    state = transcript.scroll_state()
    assert state is not None
    before = view(transcript, state[0]).y() - transcript.verticalScrollBar().value()
    qtbot.waitUntil(lambda: built(transcript) == 80, timeout=20_000)
    assert view(transcript, state[0]).y() - transcript.verticalScrollBar().value() == before


def test_the_place_is_found_again_after_reopening(
    qtbot: QtBot, transcript: Transcript, theme: Theme
) -> None:
    transcript.set_messages(chat(40))
    qtbot.waitUntil(lambda: built(transcript) == 40, timeout=20_000)
    transcript.verticalScrollBar().setValue(777)
    state = transcript.scroll_state()
    again = Transcript(theme)
    qtbot.addWidget(again)
    again.resize(700, 500)
    again.show()
    again.set_messages(chat(40))
    again.restore_scroll(state)
    qtbot.waitUntil(lambda: built(again) == 40, timeout=20_000)
    assert again.scroll_state() == state


def test_very_long_chats_keep_only_so_many_widgets(
    qtbot: QtBot, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corral.gui.chat.column._MOST_BUILT", 30)
    transcript.set_messages(chat(80))
    qtbot.waitUntil(lambda: not transcript._column.has_idle_work, timeout=20_000)
    assert built(transcript) <= 30
    transcript.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: view(transcript, "q0").isVisible())
    assert view(transcript, "q0").y() == 16


def test_another_branch_keeps_the_widgets_they_share(transcript: Transcript) -> None:
    transcript.set_messages([question(0), reply(0), question(1), reply(1)])
    kept = view(transcript, "r0")
    transcript.set_messages([question(0), reply(0), question(2), reply(2)])
    assert view(transcript, "r0") is kept
    shown = [v.message_id for v in transcript.findChildren(MessageView) if not v.isHidden()]
    assert sorted(shown) == ["q0", "q2", "r0", "r2"]


def test_messages_wrap_anew_when_the_window_gets_narrower(
    qtbot: QtBot, transcript: Transcript
) -> None:
    transcript.set_messages([question(0, "word " * 80), reply(0)])
    before = view(transcript, "q0").height()
    transcript.resize(350, 500)
    assert view(transcript, "q0").height() > before
    assert view(transcript, "q0").width() < 350
    assert view(transcript, "r0").y() >= view(transcript, "q0").geometry().bottom()


def test_another_palette_draws_all_messages_again(
    qtbot: QtBot, transcript: Transcript, theme: Theme
) -> None:
    transcript.set_messages([question(0), reply(0)])
    light = transcript.grab().toImage()
    theme.choose(ThemeChoice.DARK)
    dark = transcript.grab().toImage()
    assert dark.pixelColor(5, 5).name().upper() == "#1C1D1F"
    theme.choose(ThemeChoice.LIGHT)
    assert transcript.grab().toImage() == light


def test_larger_text_makes_messages_higher(
    qtbot: QtBot, transcript: Transcript, theme: Theme
) -> None:
    transcript.set_messages([question(0), reply(0)])
    before = view(transcript, "r0").height()
    theme.set_zoom(200)
    qtbot.waitUntil(lambda: view(transcript, "r0").height() > 1.5 * before)
    theme.set_zoom(100)


def test_a_hidden_transcript_draws_nothing_until_it_is_shown(
    qtbot: QtBot, transcript: Transcript
) -> None:
    transcript.set_messages([reply(0, "", state=ReplyState.STREAMING)])
    transcript.hide()
    transcript.append_text("r0", "hello")
    assert not transcript._frame_timer.isActive()
    transcript.show()
    assert shown_prose(transcript) == ["hello"]


def test_tab_walks_through_messages_in_reading_order_and_out_again(
    qtbot: QtBot, theme: Theme
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    transcript, field = Transcript(theme), QPlainTextEdit()
    column.addWidget(transcript)
    column.addWidget(field)
    field.setTabChangesFocus(True)
    window.resize(700, 900)
    window.show()
    window.activateWindow()
    transcript.set_messages([question(0), reply(0)])
    qtbot.waitUntil(lambda: len(transcript.findChildren(MessageView)) == 2)  # in idle slices
    transcript.setFocus()
    qtbot.waitUntil(transcript.hasFocus)
    seen = []
    while len(seen) < 20 and not field.hasFocus():
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        seen.append(widget.accessibleName() or widget.text() if widget is not field else "field")
    assert seen == [
        "Your message", "Edit", "Branch", "Copy",
        "Reply 1 of 1, smollm2:135m", "Regenerate", "Branch", "Copy", "Copy this code", "Code",
        "field",
    ]  # fmt: skip
    qtbot.keyClick(field, Qt.Key.Key_Backtab)
    assert transcript.hasFocus() or transcript.isAncestorOf(QApplication.focusWidget())


def test_the_focus_is_not_lost_with_a_message(qtbot: QtBot, transcript: Transcript) -> None:
    transcript.activateWindow()
    transcript.set_messages([question(0), reply(0)])
    view(transcript, "r0").setFocus()
    qtbot.waitUntil(view(transcript, "r0").hasFocus)
    transcript.set_messages([question(0), reply(1)])
    assert transcript.hasFocus()


def test_everything_that_takes_the_keyboard_has_a_name(transcript: Transcript) -> None:
    transcript.set_messages([question(0), reply(0, thinking="Hm.", index=2, count=3)])
    nameless = []
    for widget in [transcript, *transcript.findChildren(QWidget)]:
        if widget.isVisible() and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            node = QAccessible.queryAccessibleInterface(widget)
            if not node.text(QAccessible.Text.Name):
                nameless.append(widget)
    assert nameless == []
