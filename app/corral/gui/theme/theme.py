"""The one place that gives the application its palette, fonts and style sheet."""

from string import Template

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from corral.gui.theme.fonts import Fonts
from corral.gui.theme.icons import tinted_icon
from corral.gui.theme.palette import Palette, Role, read_palette
from corral.places import resource_path
from corral.settings import ThemeChoice


class Theme(QObject):
    """Colours, fonts and icons as they are now; widgets that paint ask it.

    Signals:
        changed: Palette, fonts or zoom are others now; repaint, take icons again.
    """

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        choice: ThemeChoice = ThemeChoice.SYSTEM,
        zoom_percent: int = 100,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._zoom_percent = zoom_percent
        self._system_font = QFont(app.font())
        self._system_is_dark = app.palette().color(QPalette.ColorRole.Window).lightness() < 128
        self._icons: dict[tuple[str, Role], QIcon] = {}
        self._sheet = Template(resource_path("themes/window.qss").read_text("utf-8"))
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._ask_system()
        self.palette: Palette = self._wanted_palette()
        self.fonts: Fonts = self._wanted_fonts()
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the user chose: light, dark, or as the system is."""
        return self._choice

    @property
    def zoom_percent(self) -> int:
        """Size of the text against the system's."""
        return self._zoom_percent

    def choose(self, choice: ThemeChoice) -> None:
        """Pin the window to one palette, or follow the system."""
        self._choice = choice
        self._ask_system()
        self._refresh()

    def set_zoom(self, percent: int) -> None:
        """Make all text larger or smaller."""
        self._zoom_percent = percent
        self._refresh()

    def icon(self, name: str, role: Role = Role.QUIET) -> QIcon:
        """Return a Lucide icon in a role's colour."""
        key = (name, role)
        if key not in self._icons:
            self._icons[key] = tinted_icon(name, self.palette[role], self.palette[Role.HANDLE])
        return self._icons[key]

    def _wanted_palette(self) -> Palette:
        return read_palette(is_dark=self._wants_dark())

    def _wants_dark(self) -> bool:
        if self._choice is not ThemeChoice.SYSTEM:
            return self._choice is ThemeChoice.DARK
        scheme = self._app.styleHints().colorScheme()
        # Without a desktop theme Qt does not know; the palette it started with is the best guess.
        if scheme is Qt.ColorScheme.Unknown:
            return self._system_is_dark
        return scheme is Qt.ColorScheme.Dark

    def _wanted_fonts(self) -> Fonts:
        return Fonts.for_system(self._system_font, self._zoom_percent)

    def _ask_system(self) -> None:
        """Ask for native frames and dialogs in our scheme; many Linux desktops do nothing."""
        hints = self._app.styleHints()
        match self._choice:
            case ThemeChoice.SYSTEM:
                hints.unsetColorScheme()
            case ThemeChoice.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
            case ThemeChoice.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)

    def _refresh(self) -> None:
        palette, fonts = self._wanted_palette(), self._wanted_fonts()
        if palette == self.palette and fonts == self.fonts:
            return
        self.palette, self.fonts = palette, fonts
        self._icons.clear()
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        self._app.setFont(self.fonts.text)
        self._app.setPalette(self.palette.qt_palette())
        self._app.setStyleSheet(self._style_sheet())
        QTimer.singleShot(0, self, self._check)

    @Slot()
    def _check(self) -> None:
        """Set the palette again if the platform's own came over it meanwhile."""
        shown = self._app.palette().color(QPalette.ColorRole.Window)
        if shown != self.palette.colour(Role.BACKGROUND):
            self._app.setPalette(self.palette.qt_palette())

    @Slot()
    def _on_system_changed(self) -> None:
        self._refresh()

    def _style_sheet(self) -> str:
        icons = resource_path("icons/arrow-neutral.svg").parent.as_posix()
        values = {
            **{str(role): colour for role, colour in self.palette.colours.items()},
            "icons": icons,
            "small_pt": f"{self.fonts.small.pointSizeF():.2f}pt",
            "heading_pt": f"{self.fonts.heading.pointSizeF():.2f}pt",
        }
        return self._sheet.substitute(values)
