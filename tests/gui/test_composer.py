import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from corral.gui.chat.composer import Composer
from corral.gui.theme.theme import Theme


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    composer = Composer(theme)
    qtbot.addWidget(composer)
    composer.set_model_name("smollm2:135m")
    composer.resize(500, 120)
    composer.show()
    return composer


@pytest.fixture
def field(composer: Composer) -> QPlainTextEdit:
    return composer.findChild(QPlainTextEdit)


def button(composer: Composer, text: str) -> QPushButton:
    return next(b for b in composer.findChildren(QPushButton) if b.text() == text)


def test_enter_sends_and_keeps_the_text_until_it_is_taken(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    qtbot.keyClicks(field, "Hello")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert sent.args == ["Hello"]
    assert composer.text == "Hello"
    composer.clear()
    assert composer.text == ""


def test_shift_enter_breaks_the_line(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClicks(field, "a")
        qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClicks(field, "b")
    assert composer.text.replace("\u2028", "\n") == "a\nb"


def test_enter_chooses_a_candidate_of_the_input_method_and_does_not_send(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    qtbot.keyClicks(field, "x")
    QApplication.sendEvent(field, QInputMethodEvent("ㄋㄧˇ", []))
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    chosen = QInputMethodEvent()
    chosen.setCommitString("你")
    QApplication.sendEvent(field, chosen)
    with qtbot.waitSignal(composer.send_requested):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert composer.text.endswith("你")


def test_nothing_is_sent_from_an_empty_box(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    qtbot.keyClicks(field, "  ")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not button(composer, "Send").isEnabled()


def test_send_turns_into_stop(qtbot: QtBot, composer: Composer, field: QPlainTextEdit) -> None:
    qtbot.keyClicks(field, "next question")
    composer.set_busy(True)
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(button(composer, "Stop"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    composer.set_busy(False)
    assert composer.text == "next question"
    assert button(composer, "Send").isEnabled()


def test_the_box_grows_with_its_lines_up_to_eight(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    heights = []
    for n_lines in (1, 2, 8, 9, 30):
        composer.set_draft("\n".join(["漢字 text"] * n_lines))
        heights.append(field.height())
    assert heights[0] < heights[1] < heights[2]
    assert heights[3] == heights[4]
    assert heights[2] <= heights[3] < 1.2 * heights[2]
    composer.set_draft("a very long line " * 20)
    assert field.height() > heights[1]


def test_every_change_of_the_draft_is_told(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    heard = []
    composer.draft_changed.connect(heard.append)
    qtbot.keyClicks(field, "ab")
    assert heard == ["a", "ab"]


def test_an_edit_gives_the_draft_back_afterwards(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    composer.set_draft("my draft")
    heard = []
    composer.draft_changed.connect(heard.append)
    composer.start_editing("m1", "old question")
    qtbot.keyClicks(field, "!")
    with qtbot.waitSignal(composer.edit_submitted) as edited:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert edited.args == ["m1", "old question!"]
    composer.clear()
    assert composer.text == "my draft"
    assert "old question!" not in heard


def test_esc_gives_an_edit_up(qtbot: QtBot, composer: Composer, field: QPlainTextEdit) -> None:
    composer.set_draft("my draft")
    composer.start_editing("m1", "old")
    with qtbot.waitSignal(composer.edit_cancelled):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (composer.text, composer.edited_id) == ("my draft", "")


def test_up_in_the_empty_box_edits_the_last_message(
    qtbot: QtBot, composer: Composer, field: QPlainTextEdit
) -> None:
    with qtbot.waitSignal(composer.edit_last_requested):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClicks(field, "x")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(field, Qt.Key.Key_Up)


def test_saving_as_a_model_needs_a_conversation(qtbot: QtBot, composer: Composer) -> None:
    save = button(composer, "Save as model…")
    composer.set_can_save(False)
    assert not save.isEnabled()
    composer.set_can_save(True)
    with qtbot.waitSignal(composer.save_as_model_requested):
        qtbot.mouseClick(save, Qt.MouseButton.LeftButton)


def test_the_box_names_the_model_it_speaks_to(composer: Composer, field: QPlainTextEdit) -> None:
    assert field.placeholderText() == "Message smollm2:135m…"
    assert field.accessibleName() == "Message smollm2:135m"
