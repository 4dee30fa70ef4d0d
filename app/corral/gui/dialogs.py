"""Small dialogs that are awaited, never executed."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from corral.errors import CorralError
from corral.gui.async_bridge import Scope, show
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel

_SCREEN_SHARE = 0.8  # of the screen that a table of words may take
_SECOND = 2  # the result of a dialog whose second answer was given


async def ask_name(
    parent: QWidget,
    *,
    title: str,
    label: str,
    text: str,
    button: str,
    do: Callable[[str], Awaitable[object]],
) -> str | None:
    """Ask for a name and do something with it; what is wrong with it stands below the field.

    Args:
        parent: Window the dialog belongs to.
        title: Title of the dialog.
        label: What the name is for.
        text: What stands in the field at first.
        button: Word on the button that accepts.
        do: Done with the name; the dialog stays open until that succeeds.

    Returns:
        The name; None when the dialog was cancelled.
    """
    dialog = _NameDialog(parent, label=label, text=text, button=button, do=do)
    dialog.setWindowTitle(title)
    try:
        code = await show(dialog)
        return dialog.name if code == QDialog.DialogCode.Accepted else None
    finally:
        await dialog.scope.close()
        dialog.deleteLater()


class _NameDialog(QDialog):
    """A field, and below it what is wrong with its content."""

    def __init__(
        self,
        parent: QWidget,
        *,
        label: str,
        text: str,
        button: str,
        do: Callable[[str], Awaitable[object]],
    ) -> None:
        super().__init__(parent)
        self.scope = Scope()
        self._do = do
        self._field = QLineEdit(text)
        self._field.setAccessibleName(label)
        self._field.selectAll()
        self._error = PlainLabel(look="bad")
        self._error.setObjectName("nameError")
        self._error.setWordWrap(True)
        self._error.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._accept = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self._accept.setProperty("look", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(label, self._field)
        form.addRow(self._error)
        _arrange(self, form, buttons)
        self._field.textChanged.connect(self._on_text_changed)
        self._accept.setEnabled(bool(self.name))

    @property
    def name(self) -> str:
        """What is typed, without outer blanks."""
        return self._field.text().strip()

    def accept(self) -> None:
        """Do it first."""
        if self.name and self._accept.isEnabled():
            self._accept.setEnabled(False)
            self.scope.start(self._try())

    async def _try(self) -> None:
        try:
            await self._do(self.name)
        except CorralError as error:
            self._error.setText(str(error))
            self._error.show()
            self._field.setAccessibleDescription(str(error))
            self._field.setFocus()
            self._accept.setEnabled(True)
        else:
            super().accept()

    def _on_text_changed(self) -> None:
        self._error.hide()
        self._field.setAccessibleDescription("")
        self._accept.setEnabled(bool(self.name))


async def ask_choice(
    parent: QWidget, *, title: str, text: str, first: str, second: str
) -> bool | None:
    """Ask a question with two answers.

    Returns:
        Whether the first answer was given; None when the dialog was closed without one.
    """
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    buttons = QDialogButtonBox()
    role = QDialogButtonBox.ButtonRole.ActionRole
    primary = buttons.addButton(first, role)
    primary.setProperty("look", "primary")
    primary.setDefault(True)
    primary.clicked.connect(dialog.accept)
    buttons.addButton(second, role).clicked.connect(lambda: dialog.done(_SECOND))
    _arrange(dialog, label, buttons)
    answers = {int(QDialog.DialogCode.Accepted): True, _SECOND: False}
    try:
        return answers.get(await show(dialog))
    finally:
        dialog.deleteLater()


async def show_text(parent: QWidget, *, title: str, rows: list[tuple[str, str]]) -> None:
    """Show a table of words until it is closed; what is too long for the screen is scrolled."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    table = QWidget()
    form = QFormLayout(table)
    form.setContentsMargins(0, 0, 2 * GRID, 0)
    form.setHorizontalSpacing(4 * GRID)
    for left, right in rows:
        value = QLabel(right)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setProperty("look", "quiet")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(left, value)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(table)
    area.setAccessibleName(title)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    _arrange(dialog, area, buttons)
    _fit(dialog, area, table.sizeHint())
    try:
        await show(dialog)
    finally:
        dialog.deleteLater()


def resize_for_text(dialog: QDialog, *, letters: int, lines: int) -> None:
    """Make a dialog wide and high enough for so much text, but no larger than the screen lets it.

    Args:
        dialog: The dialog.
        letters: Letters of a line.
        lines: Lines.
    """
    metrics = dialog.fontMetrics()
    size = QSize(letters * metrics.averageCharWidth(), lines * metrics.lineSpacing())
    dialog.resize(size.boundedTo(dialog.screen().availableSize() * _SCREEN_SHARE))


def _fit(dialog: QDialog, area: QScrollArea, wanted: QSize) -> None:
    """Make a dialog as large as its content, but no larger than the screen lets it."""
    frame = dialog.sizeHint() - area.sizeHint()
    room = dialog.screen().availableSize() * _SCREEN_SHARE
    area.setMinimumWidth(wanted.width())
    size = QSize(max(wanted.width(), dialog.minimumWidth()), wanted.height()) + frame
    dialog.resize(size.boundedTo(room))


def _arrange(dialog: QDialog, content: QFormLayout | QWidget, buttons: QDialogButtonBox) -> None:
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
    layout.setSpacing(2 * GRID)
    if isinstance(content, QWidget):
        layout.addWidget(content)
    else:
        layout.addLayout(content)
    layout.addWidget(buttons)
    dialog.setMinimumWidth(50 * GRID)
