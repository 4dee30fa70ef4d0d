"""The picture of a plan by mouse, keys and screen reader: bars, map, table and curves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QPixmap
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSlider, QTableView, QWidget
from pytestqt.qtbot import QtBot

from corral.gui.hardware.picture.context_plot import ContextPlot
from corral.gui.hardware.picture.curves import memory_curves
from corral.gui.hardware.picture.device_bars import device_bar
from corral.gui.hardware.picture.layer_section import LayerSection
from corral.gui.hardware.picture.page import PicturePage
from corral.gui.hardware.picture.presenter import PicturePresenter
from corral.gui.hardware.picture.wording import size_words
from corral.gui.main_window import MainWindow
from corral.gui.shown_plan import ShownPlan
from corral.gui.theme.palette import Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.bar import UsageBar
from corral.places import Places
from corral.plan.formula import Formula
from corral.plan.layer_map import layer_map
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.over_context import curve_lengths, over_context
from corral.plan.plan import Kind, Line, Part, Plan
from corral.units import memory_size
from corral.workbench.workbench import Workbench, open_workbench
from helpers.headers import GIB, make_machine
from helpers.homes import STARTER
from helpers.large_headers import dense_header, experts_header
from helpers.window import click, discard, on_the_loop, part, press, until, words

EXPERTS = Formula(experts_header())
SPLIT = LoadOptions(cpu_expert_layers=80, context=ContextOptions(n_ctx=32768))


@pytest.fixture
def experts_plan() -> Plan:
    return EXPERTS.plan(SPLIT, make_machine(160, 24, 40))


@pytest.fixture
def layers(qapp: QApplication, theme: Theme, experts_plan: Plan) -> Iterator[LayerSection]:
    section = LayerSection(theme)
    section.show_map(layer_map(EXPERTS, experts_plan))
    section.resize(740, 700)
    section.show()
    section.view.setFocus()
    yield section
    discard(section)


def spoken(view: QTableView) -> str:
    return str(view.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole))


def test_arrow_keys_go_from_layer_to_layer_and_from_device_to_device(layers: LayerSection) -> None:
    view = layers.view
    assert spoken(view).startswith("Layer 0 on CUDA0: ")
    press(view, Qt.Key.Key_Down)
    assert spoken(view) == "Layer 0: nothing on CUDA1"
    press(view, Qt.Key.Key_Down)
    assert spoken(view).startswith("Layer 0 on Memory: 1.")
    assert "; experts 1." in spoken(view)
    press(view, Qt.Key.Key_Left)
    assert spoken(view).startswith("Input on Memory: ")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
        press(view, key)
    assert spoken(view).startswith("Layer 0 on CUDA0: ")
    assert "attention " in spoken(view)
    assert "KV cache 64.0 MiB" in spoken(view)
    assert part(layers, QLabel, "layerWords").text() == spoken(view)
    press(view, Qt.Key.Key_End)
    assert spoken(view) == "Output: nothing on CUDA0"


def test_the_tensors_of_the_layer_with_the_cursor_stand_in_a_table(layers: LayerSection) -> None:
    for _ in range(2):
        press(layers.view, Qt.Key.Key_Down)
    table = part(layers, QTableView, "layerTensors").model()
    rows = [[table.index(r, c).data() for c in range(5)] for r in range(table.rowCount())]
    assert [row[0] for row in rows] == [
        f"blk.0.ffn_{name}_exps.weight" for name in ("gate", "up", "down")
    ]
    assert rows[0][1:] == ["experts", "Q4_K", "4\u202f096 × 1\u202f536 × 128", "432 MiB, mapped"]


def test_the_tool_tip_of_a_layer_names_its_tensors(layers: LayerSection) -> None:
    tip = str(layers.view.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole))
    assert "Layer 0 on CUDA0" in tip
    assert "blk.0.attn_q.weight" in tip


def test_every_cell_is_told_by_a_screen_reader(layers: LayerSection) -> None:
    view = layers.view
    face = QAccessible.queryAccessibleInterface(view)
    assert face.text(QAccessible.Text.Name) == "Map of layers"
    assert face.role() == QAccessible.Role.Table
    names = [face.child(i).text(QAccessible.Text.Name) for i in range(face.childCount())]
    for name in ("Layer 93 on CUDA1", "Layer 93: nothing on Memory", "Layer 93: nothing on CUDA0"):
        assert any(each.startswith(name) for each in names), name
    assert view.model().rowCount() * view.model().columnCount() == 3 * 96


def test_the_map_keeps_the_cursor_while_the_context_changes(
    layers: LayerSection, experts_plan: Plan
) -> None:
    longer = LoadOptions(cpu_expert_layers=80, context=ContextOptions(n_ctx=65536))
    layers.show_map(layer_map(EXPERTS, EXPERTS.plan(longer, experts_plan.machine)))
    assert "KV cache 128 MiB" in spoken(layers.view)
    assert part(layers, QLabel, "layerWords").text() == spoken(layers.view)
    layers.show_map(layer_map(EXPERTS, EXPERTS.plan(SPLIT, make_machine(300))))
    assert spoken(layers.view).startswith("Layer 0 on Memory")


def test_all_layers_have_room_and_what_has_none_can_be_scrolled_to(
    layers: LayerSection, theme: Theme, qtbot: QtBot
) -> None:
    header = layers.view.horizontalHeader()
    assert header.length() <= layers.view.viewport().width()
    assert layers.view.verticalScrollBar().maximum() == 0
    theme.set_zoom(200)
    layers.resize(500, 700)
    qtbot.waitUntil(lambda: layers.view.horizontalScrollBar().maximum() > 0)
    assert layers.view.verticalScrollBar().maximum() == 0


def test_parts_differ_in_more_than_their_colour(layers: LayerSection) -> None:
    """Painted cells: KV over attention on the card, hatched experts in memory."""
    picture = QPixmap(layers.view.viewport().size())
    layers.view.viewport().render(picture)
    image = picture.toImage()

    def colours(row: int, column: int) -> set[str]:
        rect = layers.view.visualRect(layers.view.model().index(row, column))
        inside = rect.adjusted(1, 6, -2, -6)
        return {
            image.pixelColor(x, y).name()
            for x in range(inside.left(), inside.right())
            for y in range(inside.top(), inside.bottom())
        }

    palette = layers._theme.palette
    accent, kv = palette.colour(Role.ACCENT).name(), palette.colour(Role.KV).name()
    assert {accent, kv} <= colours(0, 10)
    experts = colours(2, 10)
    assert kv not in experts
    assert len(experts) >= 2  # a pattern


# -- bars ---------------------------------------------------------------------------------------


def test_a_bar_says_what_stays_free_or_is_missing() -> None:
    formula = Formula(dense_header())
    machine = make_machine(64, 8)
    plan = formula.plan(LoadOptions(), machine)
    bar = device_bar(plan, machine.gpus[0])
    taken = plan.size_bytes("CUDA0")
    assert sum(share.size_bytes for share in bar.shares) == taken
    assert bar.words.endswith(f"stays free {memory_size(8 * GIB - taken)}")
    long = LoadOptions(context=ContextOptions(n_ctx=1 << 20))
    over = formula.plan(long, machine)
    words = device_bar(over, machine.gpus[0]).words
    assert words.endswith(f"missing {memory_size(over.size_bytes('CUDA0') - 8 * GIB)}")


def test_memory_that_graphics_share_is_drawn_with_all_that_is_planned() -> None:
    machine = replace(make_machine(64, 48, gpu_name="MTL"), is_unified=True)
    steps = tuple(over_context(EXPERTS, LoadOptions(), machine, [4096, 8192]))
    graphics, memory = memory_curves(steps)
    plan = steps[1].plan
    assert graphics.bands[-1].high[1] == plan.size_bytes("MTL0")
    assert memory.bands[-1].high[1] == plan.total_bytes
    bar = device_bar(plan, machine.cpu)
    assert sum(share.size_bytes for share in bar.shares) == plan.total_bytes


def test_estimated_figures_say_so() -> None:
    plan = EXPERTS.plan(LoadOptions(n_gpu_layers=9), make_machine(256, 24))
    sure = replace(plan, lines=tuple(replace(x, kind=Kind.FORMULA) for x in plan.lines))
    guess = replace(plan, lines=tuple(replace(x, kind=Kind.ASSUMED) for x in plan.lines))
    assert size_words(sure) == memory_size(plan.total_bytes)
    assert size_words(guess, "CUDA0") == f"≈ {memory_size(plan.size_bytes('CUDA0'))}"


def test_a_click_on_a_bar_is_told(qapp: QApplication, theme: Theme) -> None:
    bar = UsageBar(theme)
    bar.resize(200, 16)
    bar.show()
    clicked = QSignalSpy(bar.clicked)
    click(bar)
    assert clicked.count() == 1
    discard(bar)


# -- the page -----------------------------------------------------------------------------------


@asynccontextmanager
async def page_of(
    places: Places, theme: Theme, machine: str = ""
) -> AsyncIterator[tuple[Workbench, ShownPlan, PicturePage]]:
    """The page with the plan of the starter model."""
    async with open_workbench(places) as workbench:
        shown = ShownPlan()
        page = PicturePage(PicturePresenter(workbench.planning, shown), theme)
        page.resize(740, 1400)
        page.show()
        model = await workbench.modelling.get(STARTER)
        if machine:
            there = await workbench.planning.imagined(machine)
            options = await workbench.planning.options_on(model, there)
            plan = (await workbench.planning.formula(model)).plan(options, there)
        else:
            plan = await workbench.planning.quick_plan(model, LoadOptions())
        shown.show(model, plan)
        await until(lambda: page.findChild(ContextPlot).step, "the curves")
        yield workbench, shown, page
        await page.close_panel()
        discard(page, shown)


@on_the_loop
async def test_the_figures_of_the_page_are_those_of_the_plan(places: Places, theme: Theme) -> None:
    async with page_of(places, theme, "RTX 4090") as (_, shown, page):
        plan = shown.plan
        assert plan
        assert f"{STARTER}: {memory_size(plan.total_bytes)} on RTX 4090" in words(page)
        assert f"CUDA0: {memory_size(plan.size_bytes('CUDA0'))} planned" in words(page)
        table = part(page, QTableView, "contextTable").model()
        row = next(r for r in range(table.rowCount()) if table.index(r, 0).data() == "8\u202f192")
        assert [table.index(row, column).data() for column in range(5)] == [
            "8\u202f192",
            "fits",
            memory_size(plan.size_bytes("CUDA0")),
            memory_size(plan.size_bytes("CPU")),
            memory_size(plan.total_bytes),
        ]
        assert table.index(row, 6).data() == "planned now, trained length"


@on_the_loop
async def test_a_row_of_the_table_sets_the_context_by_enter_or_the_button(
    places: Places, theme: Theme
) -> None:
    async with page_of(places, theme) as (_, shown, page):
        chosen = QSignalSpy(shown.context_chosen)
        view = part(page, QTableView, "contextTable")
        view.setFocus()
        view.setCurrentIndex(view.model().index(0, 0))
        press(view, Qt.Key.Key_Return)
        assert chosen.at(0) == [4096]
        press(view, Qt.Key.Key_Down)
        button = part(page, QPushButton, "useContext")
        assert button.text() == "Plan with 8\u202f192 tokens"
        click(button)
        assert chosen.at(1) == [8192]


@on_the_loop
async def test_another_plan_is_drawn_and_marked_and_the_curves_stay_while_only_the_context_moves(
    places: Places, theme: Theme
) -> None:
    async with page_of(places, theme) as (workbench, shown, page):
        assert shown.model
        assert shown.plan
        curves = QSignalSpy(page.findChild(PicturePresenter).steps_changed)
        formula = await workbench.planning.formula(shown.model)
        short = LoadOptions(context=ContextOptions(n_ctx=1024))
        shown.show(shown.model, formula.plan(short, shown.plan.machine))
        await until(lambda: "1\u202f024 tokens of context" in words(page), "the other plan")
        smaller = LoadOptions(context=ContextOptions(n_ctx=1024, n_ubatch=64))
        shown.show(shown.model, formula.plan(smaller, shown.plan.machine))
        await until(curves.count, "other curves")
        assert curves.count() == 1


@on_the_loop
async def test_the_row_of_the_planned_context_has_the_figures_of_the_exact_plan(
    places: Places, theme: Theme
) -> None:
    async with page_of(places, theme) as (_, shown, page):
        assert shown.model
        assert shown.plan
        lines = tuple(replace(line, kind=Kind.EXACT) for line in shown.plan.lines)
        more = Line(device="CPU", part=Part.COMPUTE, size_bytes=GIB, kind=Kind.EXACT)
        exact = replace(
            shown.plan,
            options=replace(shown.plan.options, context=ContextOptions(n_ctx=8192)),
            lines=(*lines, more),
        )
        shown.show(shown.model, exact)
        await until(lambda: "planned exactly" in words(page), "the exact plan")
        table = part(page, QTableView, "contextTable").model()
        assert table.index(1, 3).data() == memory_size(exact.total_bytes)
        assert table.index(0, 3).data() != memory_size(exact.total_bytes)
        plot = part(page, ContextPlot)
        press(plot, Qt.Key.Key_End)
        assert memory_size(exact.total_bytes) in plot.accessibleDescription()
        assert f"Memory: {memory_size(exact.total_bytes)} planned" in words(page)


@on_the_loop
async def test_other_free_memory_changes_verdicts_and_leaves_the_cursor_alone(
    places: Places, theme: Theme
) -> None:
    async with page_of(places, theme) as (_, shown, page):
        assert shown.model
        assert shown.plan
        view = part(page, QTableView, "contextTable")
        view.setCurrentIndex(view.model().index(1, 0))
        resets = QSignalSpy(view.model().modelReset)
        assert view.model().index(1, 1).data() == "fits"
        machine = shown.plan.machine
        full = replace(machine, cpu=replace(machine.cpu, free_bytes=GIB // 8))
        shown.show(shown.model, replace(shown.plan, machine=full))
        await until(lambda: view.model().index(1, 1).data() == "does not fit", "the verdict")
        assert resets.count() == 0
        assert view.currentIndex().row() == 1
        assert "does not fit" in part(page, ContextPlot).accessibleDescription()


@on_the_loop
async def test_the_table_becomes_exact_when_nothing_moves(places: Places, theme: Theme) -> None:
    async with page_of(places, theme, "RTX 4090") as (workbench, shown, page):
        assert shown.model
        assert shown.plan
        assert "Planned by formulas" in words(page)
        await until(lambda: "by llama.cpp's dry run" in words(page), "the exact plans")
        context = replace(shown.plan.options.context, n_ctx=4096)
        options = replace(shown.plan.options, context=context)
        exact = await workbench.planning.exact_plan_on(shown.model, options, shown.plan.machine)
        table = part(page, QTableView, "contextTable").model()
        assert table.index(0, 4).data() == memory_size(exact.total_bytes)


@on_the_loop
async def test_nothing_is_drawn_while_nobody_looks(places: Places, theme: Theme) -> None:
    async with page_of(places, theme) as (workbench, shown, page):
        presenter = page.findChild(PicturePresenter)
        page.hide()
        assert shown.model
        assert shown.plan
        before = presenter.plan
        formula = await workbench.planning.formula(shown.model)
        short = LoadOptions(context=ContextOptions(n_ctx=1024))
        shown.show(shown.model, formula.plan(short, shown.plan.machine))
        await asyncio.sleep(0.1)
        assert presenter.plan is before
        page.show()
        await until(lambda: presenter.plan is shown.plan, "the plan of meanwhile")


@on_the_loop
async def test_whatever_takes_the_focus_on_the_page_has_a_name(
    places: Places, theme: Theme
) -> None:
    async with page_of(places, theme) as (_, _, page):
        nameless = [
            (type(widget).__name__, widget.objectName())
            for widget in page.findChildren(QWidget)
            if widget.isVisible()
            and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
            and widget.objectName() != "qt_scrollarea_viewport"
            and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        ]
        assert nameless == []


@on_the_loop
async def test_the_panel_opens_the_page_and_the_page_moves_the_plan_of_the_panel(
    places: Places, theme: Theme
) -> None:
    async with open_workbench(places) as workbench:
        window = MainWindow(workbench, theme)
        window.show()
        await window.start(None)
        button = await until(lambda: window.findChild(QPushButton, "pictureButton"), "the panel")
        await until(button.isVisible, "the plan")
        button.click()
        page = await until(lambda: window.findChild(PicturePage), "the page")
        await until(lambda: page.findChild(ContextPlot).step, "the curves")
        view = part(page, QTableView, "contextTable")
        view.setCurrentIndex(view.model().index(0, 0))
        tokens = str(view.model().index(0, 0).data())
        assert f"{tokens} tokens of context" not in words(page)
        press(view, Qt.Key.Key_Return)
        await until(lambda: f"{tokens} tokens of context" in words(page), "the other plan")
        slider = part(window, QSlider, "contextSlider")
        assert f"{tokens} tokens" in slider.accessibleDescription()
        window.close()
        await window.closed.wait()
        discard(window)
        again = MainWindow(workbench, theme)
        again.show()
        await again.start(None)
        page = await until(lambda: again.findChild(PicturePage), "the page of last time")
        await until(lambda: "tokens of context" in words(page), "its plan")
        again.close()
        await again.closed.wait()
        discard(again)


# -- the curves ---------------------------------------------------------------------------------


@pytest.fixture
def plot(qapp: QApplication, theme: Theme) -> Iterator[ContextPlot]:
    plot = ContextPlot(theme)
    lengths = curve_lengths(262144)
    plot.show_steps(tuple(over_context(EXPERTS, SPLIT, make_machine(160, 24, 40), lengths)))
    plot.resize(740, plot.sizeHint().height())
    plot.show()
    plot.setFocus()
    yield plot
    discard(plot)


def test_each_point_of_the_curves_is_reached_by_keys_and_told(plot: ContextPlot) -> None:
    lengths = curve_lengths(262144)
    press(plot, Qt.Key.Key_Home)
    told = []
    for n_ctx in lengths:
        assert plot.step
        assert plot.step.n_ctx == n_ctx
        told.append(plot.accessibleDescription())
        press(plot, Qt.Key.Key_Right)
    assert len(set(told)) == len(lengths)
    assert told[0].startswith("4\u202f096 tokens: ")
    step = plot.step
    assert step.n_ctx == 262144
    assert f"{memory_size(step.plan.total_bytes)} planned" in told[-1]
    assert f"CUDA0 {memory_size(step.plan.size_bytes('CUDA0'))}" in told[-1]


def test_the_mouse_finds_the_point_below_it_and_two_clicks_choose_it(plot: ContextPlot) -> None:
    chosen = QSignalSpy(plot.context_chosen)
    right = plot.rect().center()
    right.setX(plot.width() - 20)
    QTest.mouseMove(plot, right)
    assert plot.step
    assert plot.step.n_ctx == 262144
    QTest.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=right)
    assert chosen.at(0) == [262144]


def test_an_unknown_architecture_has_curves_without_what_is_not_known(
    plot: ContextPlot,
) -> None:
    formula = Formula(dense_header(architecture="llamama"))
    plot.show_steps(tuple(over_context(formula, LoadOptions(), make_machine(64), [4096, 8192])))
    assert "unknown tokens/s when full" in plot.accessibleDescription()
    assert "tight, at least 1." in plot.accessibleDescription()
    plot.grab()


def test_without_steps_nothing_is_drawn_and_no_key_does_harm(plot: ContextPlot) -> None:
    plot.show_steps(())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Return):
        press(plot, key)
    plot.grab()
    assert plot.step is None
