"""A picture or sound of a message."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from corral.gui.chat.attachment_row import image_of
from corral.gui.chat.view_data import MediaView
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme

_LARGEST = QSize(40 * GRID, 30 * GRID)
_RADIUS = 4


class MediaSegment(QWidget):
    """Draws a picture, scaled to its place; of a sound, and until the picture is there, its name.

    It can be reached by Tab, so that screen readers tell what was shown to the model.
    """

    def __init__(self, theme: Theme, media: MediaView, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._media = media
        self._image: QImage | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.show_media(media)

    @property
    def media(self) -> MediaView:
        """What it shows."""
        return self._media

    def show_media(self, media: MediaView) -> None:
        """Show another state of it: its pixels, or why there are none."""
        self._media = media
        self._image = image_of(media.picture) if media.picture else None
        words = self.tr("Sound: %1") if media.is_sound else self.tr("Picture: %1")
        self.setAccessibleName(words.replace("%1", media.name))
        self.setAccessibleDescription(media.problem)
        self.update()

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if self._image:
            return self._size(width).height()
        return self.fontMetrics().lineSpacing() + GRID

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it, with a frame while it has the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        colour = self._theme.palette.colour
        if self._image:
            place = QRect(0, 0, self._size(self.width()).width(), self.height())
            edge = QPainterPath()
            edge.addRoundedRect(QRectF(place), _RADIUS, _RADIUS)
            painter.setClipPath(edge)
            painter.drawImage(place, self._image)
            painter.setClipping(False)
        else:
            text = self.accessibleName()
            if self._media.problem:
                text = f"{text} · {self._media.problem}"
            painter.setPen(colour(Role.BAD if self._media.problem else Role.QUIET))
            shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)
            place = self.rect()
        if self.hasFocus():
            painter.setPen(colour(Role.ACCENT))
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)

    def _size(self, width: int) -> QSize:
        """Return the size at which the picture is drawn; small ones stay small."""
        assert self._image
        real = self._image.size()
        room = QSize(min(width, _LARGEST.width()), _LARGEST.height())
        if real.width() <= room.width() and real.height() <= room.height():
            return real
        return real.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
