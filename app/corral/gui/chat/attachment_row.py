"""The pictures and sounds that go with the next message, each with a way to take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from corral.chats.attachment import Attachment
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel

if TYPE_CHECKING:
    from corral.llama.media import Picture

_THUMBNAIL = QSize(5 * GRID, 5 * GRID)
_NAME_WIDTH = 18 * GRID


class AttachmentRow(QScrollArea):
    """Small pictures in a row, hidden while there are none.

    Signals:
        changed: One came or went.
    """

    changed = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips: list[_Chip] = []
        self._inside = QWidget()
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GRID)
        self._row.addStretch(1)
        self.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)  # on the composer's own ground
        self.viewport().setAutoFillBackground(False)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("look", "plain")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(_THUMBNAIL.height() + 3 * GRID)
        self.setAccessibleName(self.tr("Attached to this message"))
        self.hide()

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What is attached, in order."""
        return tuple(chip.attachment for chip in self._chips)

    def add(self, attachment: Attachment, picture: Picture | None) -> None:
        """Attach a file; one that is attached already is not attached twice.

        Args:
            attachment: It.
            picture: What it looks like, None for sounds.
        """
        if any(attachment.digest == each.digest for each in self.attachments):
            return
        chip = _Chip(self._theme, attachment, picture)
        chip.remove_requested.connect(self._on_remove_requested)
        self._chips.append(chip)
        self._row.insertWidget(len(self._chips) - 1, chip)
        self.show()
        self.changed.emit()

    def clear(self) -> None:
        """Take all away."""
        while self._chips:
            self._remove(self._chips[-1])

    @Slot(str)
    def _on_remove_requested(self, digest: str) -> None:
        index = next(i for i, chip in enumerate(self._chips) if chip.attachment.digest == digest)
        self._remove(self._chips[index])
        if self._chips:
            self._chips[min(index, len(self._chips) - 1)].setFocus()

    def _remove(self, chip: _Chip) -> None:
        self._chips.remove(chip)
        self._row.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self.setVisible(bool(self._chips))
        self.changed.emit()


class _Chip(QFrame):
    """One of them. Delete and Backspace take it back, as the button does.

    Signals:
        remove_requested: It is to go; carries its digest.
    """

    remove_requested = Signal(str)

    def __init__(self, theme: Theme, attachment: Attachment, picture: Picture | None) -> None:
        super().__init__()
        self.attachment = attachment
        self.setProperty("look", "chip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(attachment.name)
        self.setAccessibleDescription(self.tr("Attached; Delete takes it back"))
        remove = IconButton(
            theme, "x", self.tr("Take back %1").replace("%1", attachment.name), parent=self
        )
        remove.clicked.connect(self._on_remove_clicked)
        name = ElidedLabel(attachment.name, look="small")
        name.setFixedWidth(min(_NAME_WIDTH, name.sizeHint().width() + GRID))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID // 2, GRID // 2, 0, GRID // 2)
        row.setSpacing(GRID)
        if picture:
            row.addWidget(_Thumbnail(picture))
        row.addWidget(name)
        row.addWidget(remove)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take it back with the keys that delete."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(self.attachment.digest)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_remove_clicked(self) -> None:
        self.remove_requested.emit(self.attachment.digest)


class _Thumbnail(PlainLabel):
    def __init__(self, picture: Picture) -> None:
        super().__init__()
        small = image_of(picture).scaled(
            _THUMBNAIL,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        self.setPixmap(QPixmap.fromImage(small))


def image_of(picture: Picture) -> QImage:
    """Return decoded pixels as an image of Qt; nothing is decoded here."""
    return QImage(
        picture.rgb,
        picture.width,
        picture.height,
        3 * picture.width,
        QImage.Format.Format_RGB888,
    ).copy()
