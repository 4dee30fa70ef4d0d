"""A stacked bar: how full a device is, and with what."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel

_RADIUS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a bar.

    Attributes:
        role: Its colour: `ACCENT` for weights, `KV`, `COMPUTE`, `IN_USE`.
        size_bytes: How much of the whole it takes.
    """

    role: Role
    size_bytes: int


class UsageBar(QWidget):
    """Draws shares of a whole side by side. What is more than the whole is shown beyond a mark.

    The owner gives it an accessible name (the device) and, with `set_shares`, the words for it.

    Signals:
        clicked: By the mouse; who opens something by it has another way for the keyboard.
    """

    clicked = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._total_bytes = 0
        self._shares: tuple[Share, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_shares(self, total_bytes: int, shares: Sequence[Share], description: str) -> None:
        """Show other figures.

        Args:
            total_bytes: What the whole bar stands for; 0 if it is not known.
            shares: The parts from left to right.
            description: The same in words, for screen readers and the tool tip.
        """
        self._total_bytes = total_bytes
        self._shares = tuple(share for share in shares if share.size_bytes > 0)
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell of a click."""
        is_inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and is_inside:
            self.clicked.emit()

    def sizeHint(self) -> QSize:
        """Ask for two steps of the grid in height."""
        return QSize(20 * GRID, 2 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shares, the gaps between them, and the frame."""
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(frame, _RADIUS, _RADIUS)
        painter.fillPath(path, palette.colour(Role.RAISED))
        painter.setClipPath(path)
        self._paint_shares(painter, frame.adjusted(1, 1, -1, -1))
        painter.setClipping(False)
        painter.setPen(QPen(palette.colour(Role.LINE), 1))
        painter.drawPath(path)

    def _paint_shares(self, painter: QPainter, room: QRectF) -> None:
        palette = self._theme.palette
        whole = max(self._total_bytes, sum(share.size_bytes for share in self._shares), 1)
        left = room.left()
        for share in self._shares:
            width = room.width() * share.size_bytes / whole
            part = QRectF(left, room.top(), max(width - 1, 1), room.height())
            painter.fillRect(part, palette.colour(share.role))
            left += width
        if 0 < self._total_bytes < whole:
            edge = room.left() + room.width() * self._total_bytes / whole
            mark = QRectF(edge - 1, room.top(), 2, room.height())
            painter.fillRect(mark.adjusted(-2, 0, 2, 0), palette.colour(Role.PANEL))
            painter.fillRect(mark, palette.colour(Role.BAD))


class Legend(QWidget):
    """Says which colour of a bar stands for what."""

    def __init__(
        self, theme: Theme, entries: Sequence[tuple[Role, str]], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for role, words in entries:
            row.addWidget(_Swatch(theme, role))
            row.addWidget(PlainLabel(words, look="small"))
            row.addSpacing(GRID // 2)
        row.addStretch()


class _Swatch(QWidget):
    """A small square of one colour."""

    def __init__(self, theme: Theme, role: Role) -> None:
        super().__init__()
        self._theme = theme
        self._role = role
        self.setFixedSize(GRID + 2, GRID + 2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette, painter = self._theme.palette, QPainter(self)
        painter.fillRect(self.rect(), palette.colour(self._role))
        if self._role is Role.RAISED:  # what is free looks like the ground it lies on
            painter.setPen(palette.colour(Role.IN_USE))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
