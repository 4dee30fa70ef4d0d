"""Lucide's icons, tinted with the palette's colours."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from corral.places import resource_path

# One size fits no screen: Qt picks the nearest for the button and the scale.
_SIZES = (16, 20, 24, 32, 48, 64)


def tinted_icon(name: str, colour: str, disabled_colour: str) -> QIcon:
    """Return one of `resources/icons/` in a colour.

    Args:
        name: File name without its ending, Lucide's own name of the icon.
        colour: Colour of the strokes, "#RRGGBB".
        disabled_colour: The same for disabled buttons.
    """
    source = resource_path(f"icons/{name}.svg").read_text("utf-8")
    icon = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled_colour)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", tint).encode()))
        for size in _SIZES:
            icon.addPixmap(_draw(renderer, size), mode)
    return icon


def _draw(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
