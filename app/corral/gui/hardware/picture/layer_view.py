"""Draws the map of layers: a column of stacked parts for each layer on each device."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from corral.gui.hardware.picture.layer_model import LayerModel
from corral.gui.theme.palette import GRID, Palette, Role
from corral.gui.theme.theme import Theme
from corral.plan.layer_map import LayerPart, MapCell

NARROWEST, WIDEST = 5, 3 * GRID
_LINES_PER_ROW = 5
# Part by part: its colour, and a pattern for those that share a colour.
LOOKS = {
    LayerPart.ATTENTION: (Role.ACCENT, Qt.BrushStyle.SolidPattern),
    LayerPart.FEED_FORWARD: (Role.ACCENT, Qt.BrushStyle.HorPattern),
    LayerPart.EXPERTS: (Role.ACCENT, Qt.BrushStyle.BDiagPattern),
    LayerPart.OTHER: (Role.ACCENT, Qt.BrushStyle.Dense4Pattern),
    LayerPart.KV: (Role.KV, Qt.BrushStyle.SolidPattern),
    LayerPart.STATE: (Role.KV, Qt.BrushStyle.BDiagPattern),
}
# How much of the colour lies under a pattern.
_GROUND = 0.35


class PartBrushes:
    """The looks of the parts in one palette.

    Args:
        palette: Gives the colours.
    """

    def __init__(self, palette: Palette) -> None:
        ground = palette.colour(Role.PANEL)
        self._brushes: dict[LayerPart, tuple[QBrush | None, QBrush]] = {}
        for part, (role, style) in LOOKS.items():
            colour = palette.colour(role)
            is_plain = style is Qt.BrushStyle.SolidPattern
            below = None if is_plain else QBrush(_mixed(colour, ground, _GROUND))
            self._brushes[part] = below, QBrush(colour, style)

    def fill(self, painter: QPainter, area: QRectF, part: LayerPart) -> None:
        """Fill an area with the look of a part."""
        below, above = self._brushes[part]
        if below:
            painter.fillRect(area, below)
        painter.fillRect(area, above)


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    parts = (
        round(getattr(colour, name)() * share + getattr(ground, name)() * (1 - share))
        for name in ("red", "green", "blue")
    )
    return QColor(*parts)


class LayerView(QTableView):
    """The map: arrow keys go from layer to layer and from device to device."""

    def __init__(self, model: LayerModel, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._layers = model
        self.setObjectName("layerMap")
        self.setAccessibleName(self.tr("Map of layers"))
        self.setModel(model)
        self.setItemDelegate(_CellDelegate(model, theme, self))
        self.setHorizontalHeader(_LayerHeader(model, theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setHighlightSections(False)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setAccessibleName(self.tr("Devices"))
        model.modelReset.connect(self._arrange)
        theme.changed.connect(self._arrange)
        self._arrange()

    def sizeHint(self) -> QSize:
        """Ask for the height of all devices; rows never scroll."""
        rows = self.verticalHeader().length() + self.horizontalHeader().height()
        bar = self.horizontalScrollBar()
        return QSize(60 * GRID, rows + (bar.sizeHint().height() if self._scrolls() else 0) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each layer its share of the width."""
        super().resizeEvent(event)
        self._share_width()

    @Slot()
    def _arrange(self) -> None:
        fonts = self._theme.fonts
        line = QFontMetrics(fonts.small).height()
        rows = self.verticalHeader()
        rows.setFont(fonts.small)
        rows.setDefaultSectionSize(_LINES_PER_ROW * line)
        self.horizontalHeader().setFixedHeight(line + GRID)
        self._share_width()

    def _share_width(self) -> None:
        header, count = self.horizontalHeader(), max(1, self._layers.columnCount())
        width = min(WIDEST, max(self._narrowest(), self.viewport().width() // count))
        header.setMinimumSectionSize(1)
        header.setDefaultSectionSize(width)
        self.setFixedHeight(self.sizeHint().height())

    def _narrowest(self) -> int:
        return round(NARROWEST * self._theme.zoom_percent / 100)

    def _scrolls(self) -> bool:
        return self.horizontalHeader().length() > self.viewport().width()


class _CellDelegate(QStyledItemDelegate):
    """Stacks the parts of a cell, weights below, what it keeps above.

    Each device has a scale of its own: its largest block is as high as its row.
    """

    def __init__(self, model: LayerModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._largest: list[int] = []
        self._brushes = PartBrushes(theme.palette)
        model.modelReset.connect(self._measure)
        model.dataChanged.connect(self._measure)
        theme.changed.connect(self._on_theme_changed)

    @Slot()
    def _measure(self) -> None:
        self._largest = self._model.largest_bytes()

    @Slot()
    def _on_theme_changed(self) -> None:
        self._brushes = PartBrushes(self._theme.palette)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the cell, and the ring where the keyboard is."""
        palette, rect, state = self._theme.palette, QRect(option.rect), option.state
        if state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, palette.colour(Role.HOVER))
        if cell := self._model.cell(index):
            gap = 1 if rect.width() > NARROWEST else 0
            room = rect.adjusted(0, GRID // 2, -gap, -GRID // 2)
            self._paint_parts(painter, room, cell, self._largest[index.row()])
        if state & QStyle.StateFlag.State_Selected:
            has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(palette.colour(Role.TEXT if has_focus else Role.QUIET), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _paint_parts(self, painter: QPainter, room: QRect, cell: MapCell, largest: int) -> None:
        scale = room.height() / max(cell.size_bytes, largest)
        bottom = float(room.bottom() + 1)
        for part, size in cell.sizes:
            height = max(1.0, size * scale)
            area = QRectF(room.left(), bottom - height, room.width(), height)
            self._brushes.fill(painter, area, part)
            bottom -= height
        if cell.size_bytes > largest:  # more than any block: drawn to another scale, so it is said
            self._paint_cut(painter, room)

    def _paint_cut(self, painter: QPainter, room: QRect) -> None:
        painter.setPen(QPen(self._theme.palette.colour(Role.PANEL), 2))
        for y in (room.top() + GRID, room.top() + GRID + GRID // 2):
            painter.drawLine(room.left(), y + 2, room.right() + 1, y - 2)


class _LayerHeader(QHeaderView):
    """Numbers above some of the layers: there is no room for all."""

    def __init__(self, model: LayerModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model
        self._theme = theme
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setAccessibleName(self.tr("Layers"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the numbers of the blocks that have room for them."""
        painter = QPainter(self.viewport())
        palette, font = self._theme.palette, self._theme.fonts.figures
        painter.fillRect(self.viewport().rect(), palette.colour(Role.PANEL))
        painter.setFont(font)
        painter.setPen(palette.colour(Role.QUIET))
        metrics, free_from = QFontMetrics(font), 0
        for column in range(self._model.columnCount()):
            text = self._model.headerData(column, Qt.Orientation.Horizontal)
            left = self.sectionViewportPosition(column)
            if not text or int(str(text)) % self._step(metrics) or left < free_from:
                continue
            width = metrics.horizontalAdvance(str(text))
            middle = left + self.sectionSize(column) // 2
            area = QRect(middle - width, 0, 2 * width, self.viewport().height())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(text))
            free_from = middle + width // 2

    def _step(self, metrics: QFontMetrics) -> int:
        room = metrics.horizontalAdvance("000") + GRID
        section = max(1, self.defaultSectionSize())
        return next((step for step in (1, 2, 4, 8, 16, 32) if step * section >= room), 64)
