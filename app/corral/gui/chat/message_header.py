"""The row above a message: who speaks, and what can be done with it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from corral.gui.chat.view_data import MessageViewData
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton, Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel
from corral.prompt.message import Role


class MessageHeader(QWidget):
    """Name, variants and commands of one message.

    Signals:
        edit_requested, branch_requested, regenerate_requested, tokens_requested: A command for
            the message (its id).
        copy_requested: The message is to be copied.
        variant_requested: Another variant is wanted: id, and -1 (previous) or 1 (next).
    """

    edit_requested = Signal(str)
    branch_requested = Signal(str)
    regenerate_requested = Signal(str)
    tokens_requested = Signal(str)
    copy_requested = Signal()
    variant_requested = Signal(str, int)

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._message_id = ""
        self._name = ElidedLabel(look="strong")
        self._dropped = PlainLabel(self.tr("no longer in the context"), look="small")
        self._dropped.setToolTip(
            self.tr("The conversation is longer than the model's context: it does not see this.")
        )
        self._previous = IconButton(theme, "chevron-left", self.tr("Previous variant"))
        self._variant = PlainLabel(look="small")
        self._next = IconButton(theme, "chevron-right", self.tr("Next variant"))
        self._previous.clicked.connect(self._on_previous_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._edit = TextButton(self.tr("Edit"), look=Look.FLAT)
        self._edit.clicked.connect(self._on_edit_clicked)
        self._branch = TextButton(self.tr("Branch"), look=Look.FLAT)
        self._branch.setToolTip(self.tr("Start a new chat that goes on from here"))
        self._branch.clicked.connect(self._on_branch_clicked)
        self._regenerate = TextButton(self.tr("Regenerate"), look=Look.FLAT)
        self._regenerate.clicked.connect(self._on_regenerate_clicked)
        self._tokens = TextButton(self.tr("Tokens"), look=Look.FLAT)
        self._tokens.setToolTip(self.tr("What else could have stood here, and how probable it was"))
        self._tokens.clicked.connect(self._on_tokens_clicked)
        self._copy = TextButton(self.tr("Copy"), look=Look.FLAT)
        self._copy.clicked.connect(self.copy_requested)
        self._arrange()

    def show_message(self, data: MessageViewData) -> None:
        """Show the row for a message."""
        self._message_id = data.id
        is_reply = data.role is Role.ASSISTANT
        self._name.setText(self._speaker(data))
        self._dropped.setVisible(data.is_dropped)
        for widget in (self._previous, self._variant, self._next):
            widget.setVisible(data.count > 1)
        words = self.tr("%1 of %2")
        self._variant.setText(words.replace("%1", str(data.index)).replace("%2", str(data.count)))
        self._previous.setEnabled(data.index > 1)
        self._next.setEnabled(data.index < data.count)
        self._edit.setVisible(data.role is Role.USER and not data.is_fixed)
        self._branch.setVisible(not data.is_open and not data.is_fixed)
        self._regenerate.setVisible(is_reply and not data.is_open and not data.is_fixed)
        self._tokens.setVisible(data.has_choices and not data.is_open)
        self._copy.setVisible(not data.is_open)

    def focus_stops(self) -> list[QWidget]:
        """Return the commands that can be used now."""
        return [
            button for button in self._buttons() if button.isEnabled() and not button.isHidden()
        ]

    def _buttons(self) -> tuple[QAbstractButton, ...]:
        return (
            self._previous,
            self._next,
            self._regenerate,
            self._tokens,
            self._edit,
            self._branch,
            self._copy,
        )

    def _speaker(self, data: MessageViewData) -> str:
        match data.role:
            case Role.USER:
                return self.tr("You, in the model") if data.is_fixed else self.tr("You")
            case Role.SYSTEM:
                return self.tr("System")
            case Role.TOOL:
                return self.tr("Tool")
            case Role.ASSISTANT:
                return data.model

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 4)
        row.addWidget(self._name, 1)
        row.addWidget(self._dropped)
        row.addSpacing(GRID)
        for widget in (self._previous, self._variant, self._next):
            row.addWidget(widget)
        for button in (self._regenerate, self._tokens, self._edit, self._branch, self._copy):
            row.addWidget(button)
        for stop in self._buttons():
            # Tab walks through messages in the transcript's own order, see `Transcript`.
            stop.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @Slot()
    def _on_previous_clicked(self) -> None:
        self.variant_requested.emit(self._message_id, -1)

    @Slot()
    def _on_next_clicked(self) -> None:
        self.variant_requested.emit(self._message_id, 1)

    @Slot()
    def _on_edit_clicked(self) -> None:
        self.edit_requested.emit(self._message_id)

    @Slot()
    def _on_branch_clicked(self) -> None:
        self.branch_requested.emit(self._message_id)

    @Slot()
    def _on_regenerate_clicked(self) -> None:
        self.regenerate_requested.emit(self._message_id)

    @Slot()
    def _on_tokens_clicked(self) -> None:
        self.tokens_requested.emit(self._message_id)
