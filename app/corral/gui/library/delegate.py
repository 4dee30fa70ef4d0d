"""Draws a row of the library: title, second line, badge."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from corral.gui.library.item_model import ROW_ROLE
from corral.gui.library.rows import Row, RowKind
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme

INDENT = 3 * GRID + 2
RADIUS = 6
# Names of models are told apart by their ends: quantizations of one model begin alike.
_MIDDLE = Qt.TextElideMode.ElideMiddle


class LibraryDelegate(QStyledItemDelegate):
    """Two lines a row, one for a heading."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizes(self) -> tuple[QSize, QSize]:
        """Return the sizes of a heading and of a row, from the fonts; the view decides the width.

        The model hands them out: asking here for each of thousands of rows would be slow.
        """
        fonts = self._theme.fonts
        lines = QFontMetrics(fonts.strong).height() + QFontMetrics(fonts.small).height()
        heading = QFontMetrics(fonts.heading).height()
        return QSize(0, heading + 2 * GRID), QSize(0, lines + 2 * GRID)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row."""
        row: Row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        if row.kind is RowKind.SECTION:
            area = rect.adjusted(GRID // 2, GRID, -GRID, 0)
            self._text(painter, area, row.title, self._theme.fonts.heading, Role.QUIET)
        else:
            self._background(painter, rect, option.state)
            self._row(painter, rect, row)
        painter.restore()

    def _background(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        palette = self._theme.palette
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(palette.colour(Role.SELECTED))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(palette.colour(Role.HOVER))
        else:
            return
        painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), RADIUS, RADIUS)

    def _row(self, painter: QPainter, rect: QRect, row: Row) -> None:
        fonts, palette = self._theme.fonts, self._theme.palette
        strong, small = QFontMetrics(fonts.strong), QFontMetrics(fonts.small)
        top = QRect(
            rect.left() + INDENT,
            rect.top() + GRID,
            rect.width() - INDENT - GRID,
            strong.height(),
        )
        bottom = QRect(top.left(), top.bottom() + 1, top.width(), small.height())
        if row.is_loaded:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.colour(Role.GOOD))
            middle = top.center().y()
            painter.drawEllipse(rect.left() + GRID + 2, middle - 3, GRID, GRID)
        self._text(painter, top, row.title, fonts.strong, Role.TEXT, elide=_MIDDLE)
        badge_width = small.horizontalAdvance(row.badge) + GRID if row.badge else 0
        left = bottom.adjusted(0, 0, -badge_width, 0)
        self._text(painter, left, row.detail, fonts.small, Role.QUIET)
        right = Qt.AlignmentFlag.AlignRight
        self._text(painter, bottom, row.badge, fonts.small, row.badge_role, right)

    def _text(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        font: QFont,
        role: Role,
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.palette.colour(role))
        elided = QFontMetrics(font).elidedText(text, elide, area.width())
        painter.drawText(area, alignment | Qt.AlignmentFlag.AlignVCenter, elided)
