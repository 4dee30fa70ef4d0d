"""The kinds of button: plain with a look, icon only, and one that opens a menu."""

from enum import StrEnum

from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme


class Look(StrEnum):
    """How loud a button is."""

    NORMAL = "normal"
    PRIMARY = "primary"  # the one thing to do here
    FLAT = "flat"  # quiet text, for rows of small commands
    CHOICE = "choice"  # strong text: what is chosen now


class TextButton(QPushButton):
    """A button with words.

    Args:
        text: The words; they are the accessible name too.
        look: How loud it is.
        parent: Parent widget.
    """

    def __init__(
        self, text: str, *, look: Look = Look.NORMAL, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("look", look.value)
        self.setAutoDefault(False)
        if look in (Look.FLAT, Look.CHOICE):
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_look(self, look: Look) -> None:
        """Change how loud the button is."""
        if self.property("look") != look.value:
            self.setProperty("look", look.value)
            self.style().unpolish(self)
            self.style().polish(self)


class IconButton(QToolButton):
    """A quiet button with a Lucide icon; its name is its tool tip and its accessible name.

    Args:
        theme: Gives the icon its colour.
        icon_name: Lucide's name of the icon.
        name: What the button does, in words.
        role: Colour of the icon.
        parent: Parent widget.
    """

    def __init__(
        self,
        theme: Theme,
        icon_name: str,
        name: str,
        *,
        role: Role = Role.QUIET,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon_name
        self._role = role
        self.setProperty("look", Look.FLAT.value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_name(name)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_name(self, name: str) -> None:
        """Say in other words what the button does."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_icon_name(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        side = round(self._theme.fonts.text.pointSizeF() * 1.6)
        self.setIconSize(QSize(side, side))
        self.setIcon(self._theme.icon(self._icon_name, self._role))


class MenuButton(IconButton):
    """Opens a menu by `popup()`: Qt's own menu buttons run a nested event loop.

    `menu` is to be filled by the owner, once or on its `aboutToShow`.
    """

    def __init__(
        self, theme: Theme, icon_name: str, name: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, icon_name, name, parent=parent)
        self.menu_shown = QMenu(self)
        self.clicked.connect(self.open_menu)

    @Slot()
    def open_menu(self) -> None:
        """Show the menu below the button, its right edge at the button's."""
        hint = self.menu_shown.sizeHint()
        self.menu_shown.popup(self.mapToGlobal(QPoint(self.width() - hint.width(), self.height())))


class ChoiceButton(TextButton):
    """Shows the current choice in words ("llama3.1:8b ▾") and opens a menu by `popup()`."""

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__("", look=Look.CHOICE, parent=parent)
        self._name = name
        self.menu_shown = QMenu(self)
        self.clicked.connect(self.open_menu)
        self.set_choice("")

    def set_choice(self, choice: str) -> None:
        """Show another choice."""
        self.setText(f"{choice.replace('&', '&&')} ▾")
        self.setAccessibleName(f"{self._name}: {choice}" if choice else self._name)

    @Slot()
    def open_menu(self) -> None:
        """Show the menu below the button."""
        self.menu_shown.popup(self.mapToGlobal(QPoint(0, self.height())))
