"""An icon that is only looked at."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme


class IconMark(QLabel):
    """Shows a Lucide icon as large as the text beside it."""

    def __init__(
        self, theme: Theme, icon_name: str, role: Role, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon_name
        self._role = role
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        side = round(self._theme.fonts.text.pointSizeF() * 1.6)
        icon = self._theme.icon(self._icon_name, self._role)
        self.setPixmap(icon.pixmap(QSize(side, side), self.devicePixelRatioF()))
