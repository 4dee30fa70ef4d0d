"""Dragging files out of the window: the one place where a nested event loop runs.

Qt knows no other way. It is safe because it begins in a mouse handler, below no coroutine.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme


def drag_files(source: QWidget, paths: Sequence[Path], label: str, theme: Theme) -> bool:
    """Let the user drop files on another program; returns when they did or gave up.

    Only a copy is offered: the files stay whose they are. Call it from a mouse handler.

    Args:
        source: The widget that the drag begins in.
        paths: The files.
        label: What is seen under the pointer.
        theme: Gives colours and font.

    Returns:
        Whether somebody took them.
    """
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.setPixmap(_picture(label, theme, source.devicePixelRatioF()))
    drag.setHotSpot(QPoint(-2 * GRID, -GRID))
    return drag.exec(Qt.DropAction.CopyAction) is Qt.DropAction.CopyAction


def _picture(label: str, theme: Theme, ratio: float) -> QPixmap:
    metrics = QFontMetrics(theme.fonts.strong)
    shown = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, 40 * GRID)
    width, height = metrics.horizontalAdvance(shown) + 2 * GRID, metrics.height() + GRID
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(theme.palette.colour(Role.PANEL))
    painter = QPainter(pixmap)
    painter.setPen(theme.palette.colour(Role.LINE))
    painter.drawRect(0, 0, width - 1, height - 1)
    painter.setPen(theme.palette.colour(Role.TEXT))
    painter.setFont(theme.fonts.strong)
    painter.drawText(GRID, GRID // 2 + metrics.ascent(), shown)
    painter.end()
    return pixmap
