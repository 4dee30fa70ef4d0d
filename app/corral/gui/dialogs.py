"""Small dialogs that are awaited, never executed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from corral.gui.async_bridge import show
from corral.gui.theme.palette import GRID

_SECOND = 2  # the result of a dialog whose second answer was given


async def ask_text(
    parent: QWidget, *, title: str, label: str, text: str = "", button: str
) -> str | None:
    """Ask for one line.

    Args:
        parent: Window the dialog belongs to.
        title: Title of the dialog.
        label: What the line is.
        text: What stands in it at first.
        button: Word on the button that accepts.

    Returns:
        The line without outer blanks; None when the dialog was cancelled.
    """
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    field = QLineEdit(text)
    field.setAccessibleName(label)
    field.selectAll()
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    accept = buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
    accept.setProperty("look", "primary")
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    form = QFormLayout()
    form.addRow(label, field)
    _arrange(dialog, form, buttons)
    field.textChanged.connect(lambda now: accept.setEnabled(bool(now.strip())))
    accept.setEnabled(bool(text.strip()))
    try:
        code = await show(dialog)
        return field.text().strip() if code == QDialog.DialogCode.Accepted else None
    finally:
        dialog.deleteLater()


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
    """Show a table of words until it is closed."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    form = QFormLayout()
    form.setHorizontalSpacing(4 * GRID)
    for left, right in rows:
        value = QLabel(right)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setProperty("look", "quiet")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(left, value)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    _arrange(dialog, form, buttons)
    try:
        await show(dialog)
    finally:
        dialog.deleteLater()


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
