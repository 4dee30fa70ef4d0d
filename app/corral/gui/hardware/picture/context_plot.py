"""Memory and speed over the context length, drawn; each point can be gone to and is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from corral.gui.hardware.picture import wording
from corral.gui.hardware.picture.curves import Curve, memory_curves, speed_curve
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.plan.over_context import ContextStep, table_lengths, with_plan
from corral.plan.plan import Plan
from corral.units import context_size

_CURVE_LINES = 6
_STEPS_OF_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ContextPlot(QWidget):
    """A curve of the memory for each device, and one of the speed, over one axis of lengths.

    Signals:
        point_changed: The cursor is at another length; carries its words.
        context_chosen: A length is wanted; carries it in tokens.
    """

    point_changed = Signal(str)
    context_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[ContextStep, ...] = ()
        self._better: dict[int, ContextStep] = {}
        self._curves: tuple[Curve, ...] = ()
        self._cursor = -1
        self._now: Plan | None = None
        self._drawn: QPixmap | None = None
        self.setObjectName("contextPlot")
        self.setAccessibleName(self.tr("Memory and speed over the context length"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)

    @property
    def step(self) -> ContextStep | None:
        """The point of the cursor, None without any."""
        step = self._steps[self._cursor] if self._steps else None
        step = self._better.get(step.n_ctx, step) if step else None
        return with_plan(step, self._now) if step and self._now else step

    @property
    def _planned_ctx(self) -> int:
        return self._now.options.context.n_ctx if self._now else 0

    def show_steps(self, steps: Sequence[ContextStep], better: Sequence[ContextStep] = ()) -> None:
        """Show other curves; the cursor stays near the length where it was.

        Args:
            steps: The points of the curves.
            better: What is told of some of the lengths instead.
        """
        before = self.step
        self._steps = tuple(steps)
        self._better = {step.n_ctx: step for step in better}
        self._curves = (*memory_curves(self._steps), speed_curve(self._steps))
        self._cursor = self._nearest(before.n_ctx if before else self._planned_ctx)
        self._tell(is_spoken=False)
        self._on_theme_changed()

    def mark(self, plan: Plan) -> None:
        """Mark the context length that is planned now; what is told of it is that plan's."""
        self._now = plan
        self._tell(is_spoken=False)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for room for each curve."""
        line = QFontMetrics(self._theme.fonts.small).height()
        height = (_CURVE_LINES * line + 2 * GRID) * max(1, len(self._curves)) + line + GRID
        return QSize(60 * GRID, height)

    def minimumSizeHint(self) -> QSize:
        """Be narrower where there is less room, but not lower."""
        return QSize(30 * GRID, self.sizeHint().height())

    # -- the cursor -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from point to point; Enter chooses."""
        key, last = Qt.Key(event.key()), len(self._steps) - 1
        if key in _STEPS_OF_KEYS:
            self._go_to(min(last, max(0, self._cursor + _STEPS_OF_KEYS[key])))
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._go_to(0 if key == Qt.Key.Key_Home else last)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the point again to who comes here."""
        super().focusInEvent(event)
        self._tell(is_spoken=True)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the mouse."""
        if self._steps:
            self._go_to(self._index_at(event.position().x()), is_spoken=False)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Choose the length below the mouse."""
        self._choose()

    def _choose(self) -> None:
        if step := self.step:
            self.context_chosen.emit(step.n_ctx)

    def _go_to(self, cursor: int, *, is_spoken: bool = True) -> None:
        if self._steps and cursor != self._cursor:
            self._cursor = cursor
            self._tell(is_spoken=is_spoken)
            self.update()

    def _tell(self, *, is_spoken: bool) -> None:
        words = wording.step_words(self.step) if self.step else ""
        self.setAccessibleDescription(words)
        self.point_changed.emit(words)
        if is_spoken and words and self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _nearest(self, n_ctx: int) -> int:
        lengths = [step.n_ctx for step in self._steps]
        near = (abs(math.log(length / max(1, n_ctx))) for length in lengths)
        return min(zip(near, range(len(lengths)), strict=True), default=(0.0, -1))[1]

    # -- where things are -----------------------------------------------------------------------

    def _room(self) -> QRectF:
        """Return the room of the curves, without the labels of both axes."""
        metrics = QFontMetrics(self._theme.fonts.small)
        left = metrics.horizontalAdvance("000.0 GiB") + GRID
        below = metrics.height() + GRID
        return QRectF(self.rect()).adjusted(left, 0, -2 * GRID, -below)

    def _x(self, n_ctx: float) -> float:
        room, lengths = self._room(), (self._steps[0].n_ctx, self._steps[-1].n_ctx)
        octaves = math.log2(lengths[1] / lengths[0]) or 1.0
        share = math.log2(max(n_ctx, lengths[0]) / lengths[0]) / octaves
        return room.left() + room.width() * min(1.0, share)

    def _index_at(self, x: float) -> int:
        distances = [abs(self._x(step.n_ctx) - x) for step in self._steps]
        return distances.index(min(distances))

    # -- drawing --------------------------------------------------------------------------------

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Draw the curves anew in the new room."""
        self._drawn = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Show the curves, which are drawn once, and the cursor over them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._steps:
            if self._drawn is None:
                self._drawn = self._draw()
            painter.drawPixmap(0, 0, self._drawn)
            self._paint_cursor(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.palette.colour(Role.ACCENT), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw(self) -> QPixmap:
        """Draw the curves one below the other, and the axis."""
        drawn = QPixmap(self.size() * self.devicePixelRatioF())
        drawn.setDevicePixelRatio(self.devicePixelRatioF())
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.fonts.small)
        for curve, plot in zip(self._curves, self._plots(), strict=True):
            self._paint_curve(painter, plot, curve)
        self._paint_axis(painter, self._room())
        painter.end()
        return drawn

    def _plots(self) -> list[QRectF]:
        """Return the room of each curve, below its title."""
        room, line = self._room(), QFontMetrics(self._theme.fonts.small).height()
        height = room.height() / len(self._curves)
        return [
            QRectF(room.left(), room.top() + number * height, room.width(), height).adjusted(
                0, line + GRID // 2, 0, -GRID // 2
            )
            for number in range(len(self._curves))
        ]

    def _paint_curve(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        palette, line = self._theme.palette, painter.fontMetrics().height()
        painter.setPen(palette.colour(Role.QUIET))
        title = QRectF(plot.left(), plot.top() - line - GRID // 2, plot.width(), line)
        text = painter.fontMetrics().elidedText(
            curve.title, Qt.TextElideMode.ElideRight, int(plot.width())
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, text)
        scale = plot.height() / curve.top
        for band in curve.bands:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.colour(band.role))
            painter.setOpacity(band.opacity)
            painter.drawPolygon(self._polygon(plot, band.low, band.high, scale))
        painter.setOpacity(1.0)
        self._paint_marks(painter, plot, curve)
        painter.setPen(QPen(palette.colour(Role.LINE), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())

    def _paint_marks(self, painter: QPainter, plot: QRectF, curve: Curve) -> None:
        palette, line = self._theme.palette, painter.fontMetrics().height()
        for mark in curve.marks:
            y = plot.bottom() - mark.value * plot.height() / curve.top
            ends = QPointF(plot.left(), y), QPointF(plot.right(), y)
            painter.setPen(QPen(palette.colour(Role.PANEL), 3))  # so that it is seen on any band
            painter.drawLine(*ends)
            painter.setPen(QPen(palette.colour(mark.role), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(*ends)
            painter.setPen(palette.colour(mark.role))
            label = QRectF(0, y - line / 2, plot.left() - GRID // 2, line)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight, mark.label)
        if curve.line:
            painter.setPen(QPen(palette.colour(Role.TEXT), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            scale = plot.height() / curve.top
            painter.drawPolyline(self._points(plot, curve.line, scale))

    def _polygon(
        self, plot: QRectF, low: Sequence[float], high: Sequence[float], scale: float
    ) -> QPolygonF:
        upper, lower = self._points(plot, high, scale), self._points(plot, low, scale)
        return QPolygonF([*upper, *reversed(lower)])

    def _points(self, plot: QRectF, values: Sequence[float], scale: float) -> list[QPointF]:
        return [
            QPointF(self._x(step.n_ctx), plot.bottom() - value * scale)
            for step, value in zip(self._steps, values, strict=True)
        ]

    def _paint_axis(self, painter: QPainter, room: QRectF) -> None:
        palette, metrics = self._theme.palette, painter.fontMetrics()
        painter.setPen(palette.colour(Role.QUIET))
        free_from = 0.0
        for length in table_lengths(self._steps[-1].n_ctx):
            x, text = self._x(length), context_size(length)
            width = metrics.horizontalAdvance(text)
            left = min(x - width / 2, self.width() - width - 1.0)
            if left < free_from:
                continue
            area = QRectF(left, room.bottom() + GRID // 2, width + 1, metrics.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
            free_from = left + width + GRID

    def _paint_cursor(self, painter: QPainter) -> None:
        """Draw where the planned context is, dotted, and where the cursor is."""
        palette = self._theme.palette
        planned = QPen(palette.colour(Role.QUIET), 1.5, Qt.PenStyle.DotLine)
        lines = [(self._steps[self._cursor].n_ctx, QPen(palette.colour(Role.TEXT), 1.5))]
        lines += [(self._planned_ctx, planned)] if self._planned_ctx else []
        for n_ctx, pen in reversed(lines):
            painter.setPen(pen)
            x = self._x(n_ctx)
            for plot in self._plots():
                painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _on_theme_changed(self) -> None:
        self._drawn = None
        self.updateGeometry()
        self.update()
