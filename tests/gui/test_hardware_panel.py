from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider

from corral.chats.store import Conversation
from corral.gui.hardware.panel import HardwarePanel
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.view import LoadButton, PlanView
from corral.gui.theme.theme import Theme
from corral.places import Places
from corral.plan.plan import Part, Verdict
from corral.prompt.message import Message, Role
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER, TINY
from helpers.window import click, discard, on_the_loop, part, press, until, words


@asynccontextmanager
async def shown(
    places: Places, theme: Theme, model: str = STARTER, **parameters: Any
) -> AsyncIterator[tuple[Workbench, HardwarePresenter, HardwarePanel]]:
    """The panel with the plan for a model, or for a chat when it has parameters."""
    async with open_workbench(places) as workbench:
        presenter = HardwarePresenter(workbench)
        panel = HardwarePanel(presenter, theme)
        panel.resize(318, 700)
        panel.show()
        presenter.start()
        chat: Conversation | None = None
        if parameters:
            chat = await workbench.chats.create_conversation(model, parameters=parameters)
        try:
            presenter.show_model(await workbench.modelling.get(model), chat)
            await until(lambda: presenter.plan_view and presenter.devices, "plan and machine")
            yield workbench, presenter, panel
        finally:
            await presenter.close()
            discard(panel, presenter)


def plan(presenter: HardwarePresenter) -> PlanView:
    assert presenter.plan_view
    return presenter.plan_view


def planned(presenter: HardwarePresenter) -> dict[str, str]:
    return {row.label: row.planned for row in plan(presenter).rows if "/s" not in row.label}


def measured(presenter: HardwarePresenter) -> dict[str, str]:
    return {row.label: row.measured for row in plan(presenter).rows if "/s" not in row.label}


def speed(presenter: HardwarePresenter) -> tuple[str, str]:
    """Return what is expected of answers, and what was measured."""
    rows = {row.label: (row.planned, row.measured) for row in plan(presenter).rows}
    return rows["answer, tokens/s"]


async def exact(presenter: HardwarePresenter) -> None:
    await until(lambda: "dry run" in plan(presenter).note, "the exact plan")


@on_the_loop
async def test_it_shows_the_machine_and_the_plan_of_the_model_in_words_and_figures(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        await exact(presenter)
        seen = words(panel)
        assert presenter.machine_text in seen
        assert f"Plan for {STARTER} · selected in the library".upper() in seen
        assert "Fits." in seen
        assert "8\u202f192 tokens" in seen
        assert planned(presenter)["KV cache"] == "180 MiB"
        assert "180 MiB" in seen


@on_the_loop
async def test_the_keys_of_the_slider_replan_at_once_by_formulas_and_then_exactly(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        await exact(presenter)
        slider = part(panel, QSlider, "contextSlider")
        press(slider, Qt.Key.Key_Home)
        await until(lambda: plan(presenter).n_ctx == 256, "the shortest context")
        await exact(presenter)
        assert planned(presenter)["KV cache"] == "5.6 MiB"
        press(slider, Qt.Key.Key_End)
        await until(lambda: plan(presenter).n_ctx == 8192, "the longest context")
        model = await workbench.modelling.get(STARTER)
        assert (await workbench.planning.options_for(model)).context.n_ctx == 8192


@on_the_loop
async def test_another_type_of_the_cache_makes_it_smaller(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        box = part(panel, QComboBox, "kvType")
        box.setFocus()
        while box.currentText() != "q8_0":
            before = box.currentIndex()
            press(box, Qt.Key.Key_Down)
            assert box.currentIndex() != before
        await until(lambda: plan(presenter).kv_type == "q8_0", "the plan")
        assert planned(presenter)["KV cache"] == "95.6 MiB"


@on_the_loop
async def test_without_flash_attention_the_matrix_of_scores_is_planned(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        await exact(presenter)
        before = presenter.planner.plan.size_bytes(None, Part.COMPUTE)
        box = part(panel, QComboBox, "flashAttention")
        while box.currentText() != "off":
            press(box, Qt.Key.Key_Down)
        await until(lambda: plan(presenter).flash_attention == "off", "the plan without it")
        await exact(presenter)
        assert presenter.planner.plan.size_bytes(None, Part.COMPUTE) > 2 * before


@on_the_loop
async def test_load_measures_what_was_planned_and_unload_frees_it(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, num_ctx=512) as (workbench, presenter, panel):
        await exact(presenter)
        assert "this chat" in plan(presenter).title
        button = part(panel, QPushButton, "loadButton")
        assert button.text() == "Load"
        click(button)
        await until(lambda: button.text() == "Unload", "the model is loaded")
        await exact(presenter)
        assert measured(presenter) == planned(presenter)
        assert part(panel, QLabel, "verdict").text() == "Loaded."
        assert len(workbench.engine.loaded) == 1
        assert speed(presenter)[1] == ""
        message = Message(role=Role.USER, content="Tell me of llamas.")
        request = ChatRequest(
            model=STARTER, messages=(message,), options=presenter.planner.options,
            parameters={"num_predict": 20},
        )  # fmt: skip
        await workbench.conversing.start(request).wait()
        await until(lambda: speed(presenter)[1], "the speed of the run")
        subject = presenter.planner.subject
        presenter.show_model(await workbench.modelling.get(TINY))
        await until(lambda: "of loaded models counts as free" in plan(presenter).note, "who goes")
        presenter.planner.show(subject, presenter.here)
        await until(lambda: button.text() == "Unload", "the loaded one again")
        click(button)
        await until(lambda: button.text() == "Load", "the model is unloaded")
        assert workbench.engine.loaded == ()
        assert set(measured(presenter).values()) == {""}


@on_the_loop
async def test_another_plan_for_a_loaded_model_is_not_called_measured(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, num_ctx=512) as (_, presenter, panel):
        button = part(panel, QPushButton, "loadButton")
        click(button)
        await until(lambda: button.text() == "Unload", "the model is loaded")
        press(part(panel, QSlider, "contextSlider"), Qt.Key.Key_Home)
        await until(lambda: button.text() == "Load again with this plan", "another plan")
        assert set(measured(presenter).values()) == {""}
        click(button)
        await until(lambda: button.text() == "Unload", "the model is loaded anew")
        assert plan(presenter).n_ctx == 256
        assert measured(presenter)["KV cache"] == planned(presenter)["KV cache"]


@on_the_loop
async def test_over_the_budget_the_menu_refuses_and_the_button_loads_anyway(
    places: Places, theme: Theme, monkeypatch: Any
) -> None:
    async with shown(places, theme, TINY, num_ctx=256) as (workbench, presenter, panel):
        monkeypatch.setattr("corral.plan.plan.RESERVED_SHARE", 0.9999999)
        monkeypatch.setattr("corral.plan.guardrail.RESERVED_SHARE", 0.9999999)
        failed = QSignalSpy(presenter.failed)
        presenter.choices.set_context(512)
        button = part(panel, QPushButton, "loadButton")
        await until(lambda: button.text() == "Load anyway", "the verdict")
        assert plan(presenter).verdict_look == "bad"
        presenter.load()
        await until(failed.count, "the refusal")
        assert "is free" in str(failed.at(0)[0])
        assert workbench.engine.loaded == ()
        await until(lambda: plan(presenter).button is LoadButton.LOAD_ANYWAY, "the button again")
        click(button)
        await until(lambda: workbench.engine.loaded, "the model is loaded")
        best = await workbench.planning.best_plan(
            await workbench.modelling.get(TINY), workbench.engine.loaded[0].info.options
        )
        assert best.verdict is Verdict.OVER


@on_the_loop
async def test_without_a_gpu_no_slider_for_its_layers_is_shown(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        has_gpu = plan(presenter).n_layers > 0
        names = [s.accessibleName() for s in panel.findChildren(QSlider) if s.isVisible()]
        assert ("GPU layers" in names) == has_gpu


@on_the_loop
async def test_over_a_limit_of_ones_own_the_button_loads_anyway(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme, TINY, num_ctx=256) as (workbench, presenter, panel):
        workbench.settings.change(guardrail="own", guardrail_free_gib=1000)
        presenter.choices.set_context(512)
        button = part(panel, QPushButton, "loadButton")
        await until(lambda: button.text() == "Load anyway", "the limit counts")
        click(button)
        await until(lambda: workbench.engine.loaded, "the model is loaded")


@on_the_loop
async def test_a_slider_that_races_is_planned_frame_by_frame_and_told_when_it_rests(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        await exact(presenter)
        told: list[bool] = []
        workbench.planning.changed.subscribe(lambda: told.append(True))
        plans = QSignalSpy(presenter.planner.changed)
        slider = part(panel, QSlider, "contextSlider")
        for position in range(200):
            slider.setValue(position)
        assert plans.count() <= 2, "what comes within a frame is passed over"
        await until(lambda: plan(presenter).n_ctx == chosen_context(presenter), "the last place")
        assert told == []
        await exact(presenter)
        assert told == [True]


def chosen_context(presenter: HardwarePresenter) -> int:
    options = presenter.planner.options
    assert options
    return options.context.n_ctx


@on_the_loop
async def test_what_is_chosen_elsewhere_is_planned_here_too(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        await exact(presenter)
        model, options = await workbench.modelling.get(STARTER), presenter.planner.options
        shorter = replace(options, context=replace(options.context, n_ctx=1024))
        workbench.planning.choose(model, shorter)
        await until(lambda: plan(presenter).n_ctx == 1024, "the other context")
        slider = part(panel, QSlider, "contextSlider")
        assert slider.accessibleDescription() == "1\u202f024 tokens"
