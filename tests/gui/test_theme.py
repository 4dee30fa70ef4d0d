import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPalette, QTextLayout
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from corral.gui.theme.fonts import Fonts
from corral.gui.theme.icons import tinted_icon
from corral.gui.theme.palette import Palette, Role, contrast, read_palette
from corral.gui.theme.theme import Theme
from corral.places import resource_path
from corral.settings import ThemeChoice

SURFACES = (Role.BACKGROUND, Role.PANEL, Role.RAISED, Role.CODE_BACKGROUND)
ROWS = (Role.HOVER, Role.SELECTED)
VERDICTS = (Role.TEXT, Role.QUIET, Role.GOOD, Role.TIGHT, Role.BAD)
SYNTAX = (Role.ACCENT, Role.KV, Role.COMPUTE)
BARS = (Role.ACCENT, Role.KV, Role.COMPUTE, Role.IN_USE, Role.TIGHT, Role.BAD)


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def palette(request: pytest.FixtureRequest) -> Palette:
    return read_palette(is_dark=request.param)


def test_contrast_agrees_with_the_known_ends_of_the_scale() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_text_is_readable_on_every_surface_it_is_drawn_on(palette: Palette) -> None:
    pairs = [(text, surface) for text in VERDICTS for surface in (*SURFACES, *ROWS)]
    pairs += [(text, surface) for text in SYNTAX for surface in SURFACES]
    pairs += [(Role.ON_ACCENT, Role.ACCENT), (Role.ON_ACCENT, Role.ACCENT_HOVER)]
    poor = {
        f"{text} on {surface}": round(contrast(palette[text], palette[surface]), 2)
        for text, surface in pairs
        if contrast(palette[text], palette[surface]) < 4.5
    }
    assert poor == {}


def test_bars_stand_out_from_their_ground(palette: Palette) -> None:
    poor = {bar: contrast(palette[bar], palette[Role.RAISED]) for bar in BARS}
    assert {bar: ratio for bar, ratio in poor.items() if ratio < 3} == {}


def test_the_window_takes_the_chosen_palette_and_changes_it(qapp: QApplication) -> None:
    theme = Theme(qapp, ThemeChoice.DARK)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#1C1D1F"
    heard = []
    theme.changed.connect(lambda: heard.append(theme.palette.is_dark))
    theme.choose(ThemeChoice.LIGHT)
    theme.choose(ThemeChoice.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#F6F5F2"
    assert heard == [False]
    theme.deleteLater()


def test_a_palette_that_the_platform_put_over_ours_is_set_again(
    qapp: QApplication, theme: Theme, qtbot: QtBot
) -> None:
    theme.choose(ThemeChoice.DARK)
    qapp.setPalette(QPalette(Qt.GlobalColor.white))
    qtbot.waitUntil(
        lambda: qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#1C1D1F"
    )


def test_the_style_sheet_has_no_role_left_open(qapp: QApplication, theme: Theme) -> None:
    assert theme.palette[Role.ACCENT] in qapp.styleSheet()
    assert "$" not in qapp.styleSheet()


def test_zoom_makes_all_fonts_larger(qapp: QApplication, theme: Theme) -> None:
    before = theme.fonts
    theme.set_zoom(200)
    assert qapp.font().pointSizeF() == pytest.approx(2 * before.text.pointSizeF())
    assert theme.fonts.code.pointSizeF() == pytest.approx(2 * before.code.pointSizeF())
    theme.set_zoom(100)


def test_code_is_drawn_without_ligatures(qapp: QApplication) -> None:
    code = Fonts.for_system(qapp.font(), 100).code
    for text in ("<|im_start|>", "->", "!=", "=>", "www"):
        assert glyphs(code, text) == [glyph for letter in text for glyph in glyphs(code, letter)]
    metrics = QFontMetricsF(code)
    assert metrics.horizontalAdvance("i") == metrics.horizontalAdvance("W")


def glyphs(font: QFont, text: str) -> list[int]:
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return [glyph for run in layout.glyphRuns() for glyph in run.glyphIndexes()]


def test_icons_take_the_colour_they_are_given(qapp: QApplication) -> None:
    image = tinted_icon("x", "#B4551F", "#999999").pixmap(32, 32).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(32) for y in range(32)
               if image.pixelColor(x, y).alpha() == 255}  # fmt: skip
    assert colours == {"#b4551f"}


def test_every_icon_in_the_folder_can_be_drawn_and_its_licence_lies_beside(
    qapp: QApplication,
) -> None:
    folder = resource_path("icons/x.svg").parent
    assert (folder / "LICENSE-lucide.txt").exists()
    for path in folder.glob("*.svg"):
        assert not tinted_icon(path.stem, "#000000", "#000000").pixmap(16, 16).isNull()
