"""The context gauge: how much of a model's context the conversation fills."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel
from corral.units import count

_TIGHT_SHARE = 0.8
_FULL_SHARE = 0.95


class ContextGauge(QWidget):
    """A thin bar with its words: "context ▬▬ 612 of 8 192"."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _ThinBar(theme)
        self._words = PlainLabel(look="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(PlainLabel(self.tr("context"), look="small"))
        row.addWidget(self._bar)
        row.addWidget(self._words)
        self.setAccessibleName(self.tr("Context"))
        self.show_unknown()

    def show_unknown(self) -> None:
        """Say that the figures are not known, before the model is."""
        self._show(0.0, self.tr("unknown"))

    def show_usage(
        self, used_tokens: int | None, total_tokens: int, estimated_tokens: int = 0
    ) -> None:
        """Show how many tokens of the context are used.

        Args:
            used_tokens: How many; None while that is not counted yet.
            total_tokens: How many there are.
            estimated_tokens: About how many more the next message brings.
        """
        if estimated_tokens:
            self._show_estimate((used_tokens or 0) + estimated_tokens, total_tokens)
            return
        if total_tokens <= 0:
            self.show_unknown()
        elif used_tokens is None:
            self._show(0.0, self.tr("%1 tokens").replace("%1", count(total_tokens)))
        else:
            words = self.tr("%1 of %2")
            words = words.replace("%1", count(used_tokens)).replace("%2", count(total_tokens))
            self._show(used_tokens / total_tokens, words)

    def _show_estimate(self, tokens: int, total_tokens: int) -> None:
        if total_tokens > 0:
            words = self.tr("about %1 of %2, estimated")
            words = words.replace("%1", count(tokens)).replace("%2", count(total_tokens))
            self._show(tokens / total_tokens, words)

    def _show(self, share: float, words: str) -> None:
        self._bar.set_share(min(1.0, max(0.0, share)))
        self._words.setText(words)
        self.setAccessibleDescription(words)


class _ThinBar(QWidget):
    """The painted part of the gauge."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_share(self, share: float) -> None:
        self._share = share
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(15 * GRID, GRID + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(palette.colour(Role.LINE), 1))
        painter.setBrush(palette.colour(Role.RAISED))
        painter.drawRoundedRect(frame, 3, 3)
        room = frame.adjusted(1, 1, -1, -1)
        room.setWidth(room.width() * self._share)
        painter.fillRect(room, palette.colour(self._role()))

    def _role(self) -> Role:
        if self._share >= _FULL_SHARE:
            return Role.BAD
        return Role.TIGHT if self._share >= _TIGHT_SHARE else Role.ACCENT
