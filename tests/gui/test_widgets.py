import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from corral.errors import ExternalError
from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.bar import Legend, Share, UsageBar
from corral.gui.widgets.buttons import ChoiceButton, MenuButton
from corral.gui.widgets.gauge import ContextGauge
from corral.gui.widgets.message_bar import MessageBar, Notice, notice_of
from corral.gui.widgets.number_fields import NumberField, WholeField
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel


def button(parent: QWidget, name: str) -> QPushButton | QToolButton:
    for found in [*parent.findChildren(QPushButton), *parent.findChildren(QToolButton)]:
        if name in (found.text(), found.accessibleName()) and not found.isHidden():
            return found
    raise AssertionError(f"no button {name!r}")


def colours(widget: QWidget) -> list[str]:
    image = widget.grab().toImage()
    row = image.height() // 2
    return [image.pixelColor(x, row).name().upper() for x in range(image.width())]


def test_foreign_text_is_shown_letter_by_letter(qtbot: QtBot) -> None:
    label = PlainLabel("<b>bold</b> \x1b[31m \u202etxt.exe")
    qtbot.addWidget(label)
    assert label.text() == "<b>bold</b> \\x1b[31m \\u202etxt.exe"
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_cut_label_tells_the_whole_text_on_hover(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel("a <very> long name of a model " * 4)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    point = QPoint(5, 5)
    QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, point, label.mapToGlobal(point)))
    assert "a &lt;very&gt; long name" in label.toolTip()


def test_a_bar_draws_its_shares_in_proportion(qtbot: QtBot, theme: Theme) -> None:
    bar = UsageBar(theme)
    qtbot.addWidget(bar)
    bar.resize(204, 16)
    shares = [Share(role=Role.ACCENT, size_bytes=50), Share(role=Role.KV, size_bytes=25)]
    bar.set_shares(100, shares, "weights 50 B, KV 25 B of 100 B")
    seen = colours(bar)
    assert seen.count(theme.palette[Role.ACCENT]) == pytest.approx(100, abs=3)
    assert seen.count(theme.palette[Role.KV]) == pytest.approx(50, abs=3)
    assert bar.accessibleDescription() == "weights 50 B, KV 25 B of 100 B"


def test_a_bar_marks_where_the_device_ends_when_a_plan_is_too_large(
    qtbot: QtBot, theme: Theme
) -> None:
    bar = UsageBar(theme)
    qtbot.addWidget(bar)
    bar.resize(204, 16)
    bar.set_shares(100, [Share(role=Role.ACCENT, size_bytes=200)], "200 of 100")
    seen = colours(bar)
    assert theme.palette[Role.BAD] in seen[98:106]


def test_a_bar_without_figures_is_empty(qtbot: QtBot, theme: Theme) -> None:
    bar = UsageBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 16)
    bar.set_shares(0, [], "unknown")
    assert theme.palette[Role.BAD] not in colours(bar)


def test_a_legend_names_its_colours(qtbot: QtBot, theme: Theme) -> None:
    legend = Legend(theme, [(Role.ACCENT, "weights"), (Role.KV, "KV")])
    qtbot.addWidget(legend)
    assert [label.text() for label in legend.findChildren(PlainLabel)] == ["weights", "KV"]


def test_the_gauge_says_its_figures_and_never_nan(qtbot: QtBot, theme: Theme) -> None:
    gauge = ContextGauge(theme)
    qtbot.addWidget(gauge)
    gauge.show_usage(612, 8192)
    assert gauge.accessibleDescription() == "612 of 8\u202f192"
    gauge.show_usage(None, 8192)
    assert gauge.accessibleDescription() == "8\u202f192 tokens"
    gauge.show_usage(5, 0)
    assert gauge.accessibleDescription() == "unknown"
    gauge.show_usage(9000, 8192)
    assert gauge.accessibleDescription() == "9\u202f000 of 8\u202f192"


def test_an_error_offers_its_mending_button_and_its_details(qtbot: QtBot, theme: Theme) -> None:
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    error = ExternalError("The file is incomplete: 3.1 of 4.4 GB.", detail="at byte 3100000000")
    bar.show_notice(notice_of(error, ("resume", "Resume")))
    assert bar.notice_text == "The file is incomplete: 3.1 of 4.4 GB."
    qtbot.mouseClick(button(bar, "Details"), Qt.MouseButton.LeftButton)
    assert bar.findChild(QPlainTextEdit).toPlainText() == "at byte 3100000000"
    qtbot.mouseClick(button(bar, "Copy the details"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "at byte 3100000000"
    with qtbot.waitSignal(bar.action_chosen) as chosen:
        qtbot.mouseClick(button(bar, "Resume"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["resume"]
    assert bar.isHidden()


def test_a_notice_is_closed_by_keyboard(qtbot: QtBot, theme: Theme) -> None:
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    bar.show_notice(Notice(summary="Deleted.", actions=(("undo", "Undo"),), is_error=False))
    with qtbot.waitSignal(bar.dismissed):
        qtbot.keyClick(button(bar, "Close this message"), Qt.Key.Key_Space)
    assert bar.notice_text == ""


@pytest.mark.parametrize("kind", [MenuButton, ChoiceButton])
def test_a_menu_opens_without_a_nested_loop(qtbot: QtBot, theme: Theme, kind: type) -> None:
    opener = MenuButton(theme, "ellipsis", "More") if kind is MenuButton else ChoiceButton("Model")
    qtbot.addWidget(opener)
    chosen = []
    opener.menu_shown.addAction("Rename", lambda: chosen.append("rename"))
    opener.show()
    qtbot.keyClick(opener, Qt.Key.Key_Space)
    qtbot.waitUntil(opener.menu_shown.isVisible)
    qtbot.keyClick(opener.menu_shown, Qt.Key.Key_Down)
    qtbot.keyClick(opener.menu_shown, Qt.Key.Key_Return)
    assert chosen == ["rename"]


def test_a_choice_is_shown_as_it_is_written(qtbot: QtBot, theme: Theme) -> None:
    choice = ChoiceButton("Model")
    qtbot.addWidget(choice)
    choice.set_choice("a&b:7b")
    assert choice.text() == "a&&b:7b ▾"
    assert choice.accessibleName() == "Model: a&b:7b"


@pytest.mark.usefixtures("theme")
@pytest.mark.parametrize("kind", [NumberField, WholeField])
def test_numbers_stand_where_text_does(qtbot: QtBot, kind: type[NumberField | WholeField]) -> None:
    number, line, window = kind(), QLineEdit("M"), QWidget()
    column = QVBoxLayout(window)
    number.setSpecialValueText("M as on this machine")
    for field in (number, line):
        column.addWidget(field)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    in_number = number.lineEdit()
    edges = [
        field.mapTo(window, field.cursorRect().topLeft()).x()
        for field in (in_number, line)
        if field.home(False) is None
    ]
    assert abs(edges[0] - edges[1]) <= 1
    needed = in_number.fontMetrics().horizontalAdvance(number.text())
    assert in_number.contentsRect().width() - in_number.textMargins().left() >= needed
