"""The bar that says what went wrong and offers what mends it."""

from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from corral.errors import CorralError
from corral.foreign import safe_text
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton, Look, TextButton
from corral.gui.widgets.icon_mark import IconMark
from corral.gui.widgets.plain_label import PlainLabel

_MOST_BESIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a message bar shows.

    Attributes:
        summary: What happened, in one or two sentences.
        detail: More, behind "Details"; empty if there is no more.
        actions: Buttons that mend it, the best first: a key for `action_chosen`, and words.
        is_error: False for a plain notice, for example "Deleted. [Undo]".
    """

    summary: str
    detail: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    is_error: bool = True


def notice_of(error: CorralError, *actions: tuple[str, str]) -> Notice:
    """Return the notice for an error, with the buttons that mend it."""
    return Notice(summary=str(error), detail=error.detail, actions=actions)


class MessageBar(QFrame):
    """Shows one notice at a time; hidden while there is none.

    Signals:
        action_chosen: A button was pressed; its key (str). The bar has hidden itself.
        dismissed: The bar was closed by hand.
    """

    action_chosen = Signal(str)
    dismissed = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: dict[TextButton, str] = {}
        self._mark = IconMark(theme, "circle-alert", Role.BAD)
        self._summary = PlainLabel()
        self._summary.setWordWrap(True)
        self._buttons = QHBoxLayout()
        self._more_buttons = QHBoxLayout()
        self._details_button = TextButton(self.tr("Details"), look=Look.FLAT)
        self._details_button.setCheckable(True)
        self._details_button.toggled.connect(self._on_details_toggled)
        self._close_button = IconButton(theme, "x", self.tr("Close this message"))
        self._close_button.clicked.connect(self._on_close_clicked)
        self._details = _Details(self)
        self._arrange()
        self.hide()

    @property
    def notice_text(self) -> str:
        """The summary on show; empty while the bar is hidden."""
        return self._summary.text() if not self.isHidden() else ""

    def show_notice(self, notice: Notice) -> None:
        """Show a notice instead of what is shown now."""
        self.setProperty("look", "error" if notice.is_error else "notice")
        self.style().unpolish(self)
        self.style().polish(self)
        self._mark.setVisible(notice.is_error)
        self._summary.setText(notice.summary)
        self.setAccessibleName(notice.summary)
        self._details.set_text(notice.detail)
        self._details_button.setChecked(False)
        self._details_button.setVisible(bool(notice.detail))
        self._set_actions(notice.actions)
        self.show()

    def clear(self) -> None:
        """Hide the bar."""
        self.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._mark)
        row.addWidget(self._summary, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._details_button)
        row.addWidget(self._close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + 4, GRID, GRID, GRID)
        column.addLayout(row)
        column.addLayout(self._more_buttons)
        column.addWidget(self._details)

    def _set_actions(self, actions: tuple[tuple[str, str], ...]) -> None:
        for button in self._keys:
            self._buttons.removeWidget(button)
            self._more_buttons.removeWidget(button)
            button.deleteLater()
        self._keys = {}
        # Many of them would leave no room for what happened.
        row = self._buttons if len(actions) <= _MOST_BESIDE else self._more_buttons
        for key, words in actions:
            button = TextButton(words)
            button.clicked.connect(self._on_action_clicked)
            row.addWidget(button)
            self._keys[button] = key

    @Slot()
    def _on_action_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, TextButton) and button in self._keys:
            key = self._keys[button]
            self.hide()
            self.action_chosen.emit(key)

    @Slot()
    def _on_close_clicked(self) -> None:
        self.hide()
        self.dismissed.emit()

    @Slot(bool)
    def _on_details_toggled(self, is_open: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._details.setVisible(is_open)


class _Details(QWidget):
    """The long text of an error, to read, select and copy."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setAccessibleName(self.tr("Details of the message"))
        copy = TextButton(self.tr("Copy"), look=Look.FLAT)
        copy.setAccessibleName(self.tr("Copy the details"))
        copy.clicked.connect(self._on_copy_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(copy)
        self.hide()

    def set_text(self, text: str) -> None:
        self._text.setPlainText(safe_text(text))
        lines = min(8, text.count("\n") + 2)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * lines + 2 * GRID)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
