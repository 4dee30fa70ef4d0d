"""The roles that colours play in the window, and their two palettes."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor, QPalette

from corral.places import resource_path

GRID = 8
"""Step of the layout grid in device-independent pixels."""


class Role(StrEnum):
    """What a colour is for. Each stands in `resources/themes/light.toml` and `dark.toml`."""

    BACKGROUND = "background"
    PANEL = "panel"
    RAISED = "raised"
    LINE = "line"
    TEXT = "text"
    QUIET = "quiet"
    CODE_BACKGROUND = "code_background"
    HOVER = "hover"
    SELECTED = "selected"
    GOOD = "good"
    TIGHT = "tight"
    BAD = "bad"
    ACCENT = "accent"  # also the weights in bars
    ACCENT_HOVER = "accent_hover"
    ON_ACCENT = "on_accent"
    KV = "kv"
    COMPUTE = "compute"
    IN_USE = "in_use"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One set of colours.

    Attributes:
        is_dark: Whether light text stands on dark surfaces.
        colours: Every role's colour as "#RRGGBB".
    """

    is_dark: bool
    colours: dict[Role, str]

    def __getitem__(self, role: Role) -> str:
        return self.colours[role]

    def colour(self, role: Role) -> QColor:
        """Return a role's colour for painting."""
        return QColor(self.colours[role])

    def qt_palette(self) -> QPalette:
        """Return the palette that Fusion and plain widgets draw with."""
        palette = QPalette()
        for qt_role, role in _QT_ROLES.items():
            palette.setColor(qt_role, self.colour(role))
        for qt_role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, qt_role, self.colour(Role.QUIET))
        return palette


_QT_ROLES = {
    QPalette.ColorRole.Window: Role.BACKGROUND,
    QPalette.ColorRole.WindowText: Role.TEXT,
    QPalette.ColorRole.Base: Role.PANEL,
    QPalette.ColorRole.AlternateBase: Role.RAISED,
    QPalette.ColorRole.Text: Role.TEXT,
    QPalette.ColorRole.Button: Role.RAISED,
    QPalette.ColorRole.ButtonText: Role.TEXT,
    QPalette.ColorRole.BrightText: Role.ON_ACCENT,
    QPalette.ColorRole.PlaceholderText: Role.QUIET,
    QPalette.ColorRole.ToolTipBase: Role.RAISED,
    QPalette.ColorRole.ToolTipText: Role.TEXT,
    QPalette.ColorRole.Highlight: Role.ACCENT,
    QPalette.ColorRole.HighlightedText: Role.ON_ACCENT,
    QPalette.ColorRole.Accent: Role.ACCENT,
    QPalette.ColorRole.Link: Role.ACCENT,
    QPalette.ColorRole.LinkVisited: Role.ACCENT,
    QPalette.ColorRole.Light: Role.RAISED,
    QPalette.ColorRole.Midlight: Role.HOVER,
    QPalette.ColorRole.Mid: Role.LINE,
    QPalette.ColorRole.Dark: Role.LINE,
}


def read_palette(*, is_dark: bool) -> Palette:
    """Read one of the two palettes from `resources/themes/`."""
    path = resource_path(f"themes/{'dark' if is_dark else 'light'}.toml")
    stored = tomllib.loads(path.read_text("utf-8"))
    return Palette(is_dark=stored["is_dark"], colours={role: stored[role] for role in Role})


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
