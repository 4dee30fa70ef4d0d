"""The window's fonts: the system's for text, a monospace without ligatures for code."""

from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFont, QFontDatabase

# What fontconfig calls a font that nobody has chosen.
_GENERIC_FAMILIES = frozenset({"Sans Serif", "Sans", "sans-serif", "sans"})
_CODE_FAMILIES = ("JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono", "Cascadia Mono")
_DEFAULT_POINTS = 10.0
# Contextual alternates and ligatures draw "<|" and "->" as arrows: not what the model wrote.
_LIGATURES = ("calt", "clig", "dlig", "liga")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """The fonts of the window at one zoom.

    Attributes:
        text: For nearly everything.
        strong: For names and titles.
        small: For second lines and notes.
        heading: For the headings of panel sections.
        figures: Like `small`, digits of equal width, for columns of numbers.
        code: Monospace, draws no ligatures.
    """

    text: QFont
    strong: QFont
    small: QFont
    heading: QFont
    figures: QFont
    code: QFont

    @classmethod
    def for_system(cls, system: QFont, zoom_percent: int) -> Self:
        """Derive all fonts from the system's font and the zoom."""
        available = frozenset(QFontDatabase.families())
        points = system.pointSizeF() if system.pointSizeF() > 0 else _DEFAULT_POINTS
        is_chosen = system.family() not in _GENERIC_FAMILIES
        size = (points if is_chosen else max(points, _DEFAULT_POINTS)) * zoom_percent / 100
        text = QFont(system)
        text.setFamilies(_text_families(system, available, is_chosen=is_chosen))
        text.setPointSizeF(size)
        small = _sized(text, 0.9)
        heading = _sized(text, 0.85)
        heading.setWeight(QFont.Weight.DemiBold)
        heading.setCapitalization(QFont.Capitalization.AllUppercase)
        heading.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 108)
        strong = _sized(text, 1.0)
        strong.setWeight(QFont.Weight.DemiBold)
        figures = _sized(small, 1.0)
        figures.setFeature(QFont.Tag("tnum"), 1)
        return cls(
            text=text,
            strong=strong,
            small=small,
            heading=heading,
            figures=figures,
            code=_code_font(available, size * 0.95),
        )


def _sized(font: QFont, factor: float) -> QFont:
    copy = QFont(font)
    copy.setPointSizeF(font.pointSizeF() * factor)
    return copy


def _text_families(system: QFont, available: frozenset[str], *, is_chosen: bool) -> list[str]:
    first = [system.family()] if is_chosen or "Inter" not in available else ["Inter"]
    others = (*_east_asian_families("Noto Sans CJK"), "Noto Color Emoji")
    return [*first, *(name for name in others if name in available)]


def _code_font(available: frozenset[str], points: float) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    named = [name for name in _CODE_FAMILIES if name in available][:1] or [font.family()]
    others = (*_east_asian_families("Noto Sans Mono CJK"), "Noto Color Emoji")
    font.setFamilies([*named, *(name for name in others if name in available)])
    font.setPointSizeF(points)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    for tag in _LIGATURES:
        font.setFeature(QFont.Tag(tag), 0)
    return font


def _east_asian_families(stem: str) -> list[str]:
    """Name the CJK families, the user's own first: one character has several national shapes."""
    own = {"zh_CN": "SC", "zh_SG": "SC", "ja_JP": "JP", "ko_KR": "KR"}.get(QLocale().name(), "TC")
    return [f"{stem} {own}", *(f"{stem} {other}" for other in ("TC", "SC", "JP") if other != own)]
