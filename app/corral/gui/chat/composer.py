"""The message box: a field that grows, and the buttons below it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel

if TYPE_CHECKING:  # comes with the first attachment
    from corral.chats.attachment import Attachment
    from corral.gui.chat.attachment_row import AttachmentRow
    from corral.llama.media import Picture

_MOST_LINES = 8


class Composer(QFrame):
    """Where a message is written. It keeps what is written until it is told to clear.

    Signals:
        send_requested: The message is to be sent (its text). Call `clear` once it is stored.
        edit_submitted: An earlier message is to be sent again: its id, and the new text.
        edit_cancelled: The editing of an earlier message was given up.
        edit_last_requested: The last message is to be edited (Up in the empty box).
        stop_requested: The answer is to be stopped.
        save_as_model_requested: The conversation is to become a model.
        draft_changed: Another text stands in the box, and no message is being edited.
        attach_requested: Files are to be chosen and attached.
        media_offered: Something was dropped or pasted that could be attached (its `QMimeData`).
        attachments_changed: Something was attached or taken back.
    """

    send_requested = Signal(str)
    edit_submitted = Signal(str, str)
    edit_cancelled = Signal()
    edit_last_requested = Signal()
    stop_requested = Signal()
    save_as_model_requested = Signal()
    draft_changed = Signal(str)
    attach_requested = Signal()
    media_offered = Signal(object)
    attachments_changed = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_busy = False
        self._edited_id = ""
        self._draft_before = ""
        self._theme = theme
        self._attachments: AttachmentRow | None = None
        self._can_attach = False
        self.setProperty("look", "composer")
        self._field = _MessageField(theme)
        self._field.textChanged.connect(self._on_text_changed)
        self._field.send_pressed.connect(self._on_send_pressed)
        self._field.stop_pressed.connect(self._on_stop_pressed)
        self._field.up_pressed.connect(self._on_up_pressed)
        self._field.focus_changed.connect(self._on_focus_changed)
        self._field.media_offered.connect(self.media_offered)
        self._hint = ElidedLabel(look="small")
        self._attach = TextButton(self.tr("Attach…"), look=Look.FLAT)
        self._attach.setObjectName("attach")
        self._attach.clicked.connect(self.attach_requested)
        self._save = TextButton(self.tr("Save as model…"), look=Look.FLAT)
        self._save.clicked.connect(self.save_as_model_requested)
        self._cancel = TextButton(self.tr("Cancel editing"), look=Look.FLAT)
        self._cancel.clicked.connect(self.cancel_editing)
        self._send = TextButton(self.tr("Send"), look=Look.PRIMARY)
        self._send.clicked.connect(self._on_button_clicked)
        self._arrange()
        self.set_model_name("")
        self._show_state()

    @property
    def text(self) -> str:
        """What stands in the box."""
        return self._field.toPlainText()

    @property
    def edited_id(self) -> str:
        """Id of the message that is being edited; empty if none is."""
        return self._edited_id

    def set_draft(self, text: str) -> None:
        """Put a text into the box, for example the unsent one of the last session."""
        self._field.setPlainText(text)
        self._field.moveCursor(self._field.textCursor().MoveOperation.End)

    def clear(self) -> None:
        """Empty the box after its message was taken; an edit ends with the draft from before."""
        draft, self._draft_before = self._draft_before, ""
        if not self._edited_id and self._attachments:
            self._attachments.clear()
        self._edited_id = ""
        self.set_draft(draft)
        self._show_state()

    def set_busy(self, is_busy: bool) -> None:  # noqa: FBT001 - a setter
        """Say whether an answer is under way: Send then is Stop."""
        self._is_busy = is_busy
        self._show_state()

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What goes with the next message."""
        return self._attachments.attachments if self._attachments else ()

    def attach(self, attachment: Attachment, picture: Picture | None) -> None:
        """Let a file go with the next message."""
        self._row().add(attachment, picture)

    def set_attaching(self, reason: str) -> None:
        """Say why nothing can be attached; "" when it can."""
        self._can_attach = not reason
        words = reason or self.tr("Attach pictures or sounds to the message")
        self._attach.setToolTip(words)
        self._attach.setAccessibleDescription(words)
        self._show_state()

    def set_model_name(self, name: str) -> None:
        """Say which model will answer."""
        words = self.tr("Message %1…").replace("%1", name) if name else self.tr("Message…")
        self._field.setPlaceholderText(words)
        self._field.setAccessibleName(words.removesuffix("…"))

    def set_hint(self, text: str) -> None:
        """Say what a sent message waits for; empty for nothing."""
        self._hint.setText(text)

    def set_can_save(self, can_save: bool) -> None:  # noqa: FBT001 - a setter
        """Say whether there is a conversation to make a model of."""
        self._save.setEnabled(can_save)

    def start_editing(self, message_id: str, text: str) -> None:
        """Edit an earlier message here; the draft waits meanwhile."""
        if not self._edited_id:
            self._draft_before = self.text
        self._edited_id = message_id
        self.set_draft(text)
        self._show_state()
        self.focus_field()

    @Slot()
    def cancel_editing(self) -> None:
        """Give up an edit; the draft comes back."""
        if self._edited_id:
            self.clear()
            self.edit_cancelled.emit()

    @Slot()
    def focus_field(self) -> None:
        """Let the keyboard write here."""
        self._field.setFocus()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._attach)
        row.addWidget(self._save)
        row.addWidget(self._cancel)
        row.addWidget(self._hint, 1)
        row.addWidget(self._send)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID + 2, GRID)
        column.setSpacing(GRID // 2)
        column.addWidget(self._field)
        column.addLayout(row)
        self.setFocusProxy(self._field)

    def _row(self) -> AttachmentRow:
        from corral.gui.chat.attachment_row import AttachmentRow  # lazy: most messages have none

        if self._attachments is None:
            self._attachments = AttachmentRow(self._theme, parent=self)
            self._attachments.changed.connect(self.attachments_changed)
            self._column.insertWidget(0, self._attachments)
        return self._attachments

    def _show_state(self) -> None:
        is_editing = bool(self._edited_id)
        self._attach.setVisible(not is_editing)
        self._attach.setEnabled(self._can_attach)
        self._cancel.setVisible(is_editing)
        self._save.setVisible(not is_editing)
        self._send.setText(self.tr("Stop") if self._is_busy else self.tr("Send"))
        self._send.set_look(Look.NORMAL if self._is_busy else Look.PRIMARY)
        self._send.setEnabled(self._is_busy or bool(self.text.strip()))

    @Slot()
    def _on_text_changed(self) -> None:
        self._show_state()
        if not self._edited_id:
            self.draft_changed.emit(self.text)

    @Slot()
    def _on_button_clicked(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        else:
            self._on_send_pressed()

    @Slot()
    def _on_send_pressed(self) -> None:
        if self._is_busy or not self.text.strip():
            return
        if self._edited_id:
            self.edit_submitted.emit(self._edited_id, self.text)
        else:
            self.send_requested.emit(self.text)

    @Slot()
    def _on_stop_pressed(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        else:
            self.cancel_editing()

    @Slot()
    def _on_up_pressed(self) -> None:
        if not self._edited_id:
            self.edit_last_requested.emit()

    @Slot(bool)
    def _on_focus_changed(self, has_focus: bool) -> None:  # noqa: FBT001 - a signal
        self.setProperty("look", "composer-focus" if has_focus else "composer")
        self.style().unpolish(self)
        self.style().polish(self)


class _MessageField(QPlainTextEdit):
    """Grows with its text up to eight lines. Enter sends, Shift+Enter breaks the line.

    Signals:
        send_pressed, stop_pressed, up_pressed: A key with a meaning (up only in the empty box).
        focus_changed: The keyboard came or went (bool).
        media_offered: What was dropped or pasted has files or a picture (its `QMimeData`).
    """

    send_pressed = Signal()
    stop_pressed = Signal()
    up_pressed = Signal()
    focus_changed = Signal(bool)
    media_offered = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._is_composing = False  # an input method has letters that are not chosen yet
        self.setProperty("look", "plain")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setViewportMargins(GRID // 2, 0, 0, 0)  # in line with the words of the buttons
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._grow)
        theme.changed.connect(self._grow)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give Enter, Esc and Up their meanings; all else is writing."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if is_enter and not has_shift and not self._is_composing:
            self.send_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape and not self._is_composing:
            self.stop_pressed.emit()
        elif event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            self.up_pressed.emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether an input method is at work: its Enter chooses, it does not send."""
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802 - Qt's
        """Take text, and what could be attached."""
        return _is_media(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's
        """Write text; offer files and pictures to be attached."""
        if _is_media(source):
            self.media_offered.emit(source)
        else:
            super().insertFromMimeData(source)

    def event(self, event: QEvent) -> bool:
        """Tell the frame around where the keyboard is."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.focus_changed.emit(event.type() is QEvent.Type.FocusIn)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Count the lines again: they break elsewhere now."""
        super().resizeEvent(event)
        self._grow()

    @Slot()
    def _grow(self) -> None:
        limit = self.fontMetrics().lineSpacing() * _MOST_LINES
        height = 0.0
        block = self.document().begin()
        while block.isValid() and height < limit:
            height += self.blockBoundingRect(block).height()
            block = block.next()
        margins = 2 * self.document().documentMargin()
        lowest = self.fontMetrics().lineSpacing()
        self.setFixedHeight(ceil(min(max(height, lowest), limit) + margins))


def _is_media(source: QMimeData) -> bool:
    """Whether something dropped or pasted is files or a picture; copied text may have both."""
    if source.hasUrls() and all(url.isLocalFile() for url in source.urls()):
        return True
    return source.hasImage() and not source.hasText()
