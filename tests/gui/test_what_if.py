"""Machines that are not there, the best ways to load, and the ledger, in the window."""

import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSlider,
    QSpinBox,
    QTabWidget,
    QTreeWidget,
    QWidget,
)

from corral.gui.hardware.panel import HardwarePanel
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.theme.theme import Theme
from corral.hardware.ledger import LoadEntry
from corral.places import Places
from corral.plan.learning import SpeedRun, Where
from corral.plan.plan import Kind, Line, Part
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

MIB = 1024**2


@asynccontextmanager
async def shown(
    places: Places, theme: Theme
) -> AsyncIterator[tuple[Workbench, HardwarePresenter, HardwarePanel]]:
    async with open_workbench(places) as workbench:
        presenter = HardwarePresenter(workbench)
        panel = HardwarePanel(presenter, theme)
        panel.resize(360, 900)
        panel.show()
        presenter.start()
        try:
            presenter.show_model(await workbench.modelling.get(STARTER))
            await until(lambda: presenter.plan_view and presenter.here, "plan and machine")
            yield workbench, presenter, panel
        finally:
            await presenter.close()
            discard(panel, presenter)


def note(presenter: HardwarePresenter) -> str:
    return presenter.plan_view.note if presenter.plan_view else ""


def open_dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


async def opened(panel: QWidget, button: str) -> QDialog:
    click(part(panel, QPushButton, button))
    await until(open_dialogs, "the dialog")
    dialog = open_dialogs()[0]
    assert unnamed(dialog) == []
    return dialog


async def another_dialog(than: QDialog) -> QDialog:
    await until(lambda: len(open_dialogs()) == 2, "the second dialog")
    return next(dialog for dialog in open_dialogs() if dialog is not than)


def unnamed(dialog: QDialog) -> list[str]:
    """Return what takes the focus in a dialog and does not say what it is."""
    takers = [w for w in dialog.findChildren(QWidget) if w.isVisible()]
    takers = [w for w in takers if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    assert len(takers) > 1
    faults = []
    for widget in takers:
        if widget.objectName() in {"qt_scrollarea_viewport", "qt_spinbox_lineedit"}:
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface or not interface.text(QAccessible.Text.Name).strip():
            faults.append(f"{type(widget).__name__} {widget.objectName()}")
    return faults


@on_the_loop
async def test_a_machine_of_cards_is_put_together_planned_on_and_left_by_one_click(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        dialog = await opened(panel, "whatIf")
        search = part(dialog, QLineEdit, "cardSearch")
        write(search, "rtx 3090")
        press(search, Qt.Key.Key_Return)
        press(search, Qt.Key.Key_Return)
        ram = part(dialog, QDoubleSpinBox, "machineRam")
        ram.setFocus()
        ram.selectAll()
        write(ram, "64")
        press(ram, Qt.Key.Key_Return)
        assert part(dialog, QLineEdit, "machineWords").text() == "2xGeForce RTX 3090 + 64GB"
        assert "GeForce RTX 3090: 24.00 GiB, 23.50 GiB free" in words(dialog)
        click(part(dialog, QPushButton, "planOnThis"))
        await until(lambda: presenter.imagined, "the machine")
        await until(lambda: "dry run" in note(presenter), "the exact plan")
        assert "Planned on 2xGeForce RTX 3090 + 64GB" in words(panel)
        assert len(presenter.devices) == 3
        assert not panel.findChild(QPushButton, "loadButton").isVisibleTo(panel)
        failed = QSignalSpy(presenter.failed)
        presenter.load()
        assert "not on this machine" in str(failed.at(0)[0])
        assert workbench.engine.loaded == ()
        before = await workbench.planning.options_for(await workbench.modelling.get(STARTER))
        press(part(panel, QSlider, "contextSlider"), Qt.Key.Key_Home)
        await until(lambda: presenter.plan_view.n_ctx == 256, "the shortest context there")
        model = await workbench.modelling.get(STARTER)
        assert await workbench.planning.options_for(model) == before, "loads here stay as they were"
        click(part(panel, QPushButton, "backToThisMachine"))
        await until(lambda: not presenter.imagined, "this machine")
        await until(lambda: presenter.plan_view.n_ctx == before.context.n_ctx, "its plan")
        assert len(presenter.devices) == 1
        assert panel.findChild(QPushButton, "loadButton").isVisibleTo(panel)


@on_the_loop
async def test_words_are_checked_while_they_are_typed(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        dialog = await opened(panel, "whatIf")
        field, accept = (
            part(dialog, QLineEdit, "machineWords"),
            part(dialog, QPushButton, "planOnThis"),
        )
        write(field, "RTX 30")
        assert not accept.isEnabled()
        assert "could be several cards" in part(dialog, QLabel, "machinePreview").text()
        field.clear()
        write(field, "only 9 GB free")
        assert accept.isEnabled()
        assert "9.00 GiB free" in part(dialog, QLabel, "machinePreview").text()
        assert part(dialog, QDoubleSpinBox, "machineFree").value() == 9
        press(field, Qt.Key.Key_Return)
        await until(lambda: presenter.imagined == "only 9 GB free", "the machine")


@on_the_loop
async def test_a_machine_is_saved_renamed_forgotten_and_brought_back(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        machines = workbench.planning.machines
        dialog = await opened(panel, "whatIf")
        write(part(dialog, QLineEdit, "machineWords"), "M4 Pro 48GB")
        click(part(dialog, QPushButton, text="Save as…"))
        asking = await another_dialog(dialog)
        field = part(asking, QLineEdit)
        field.selectAll()
        write(field, "desk")
        press(field, Qt.Key.Key_Return)
        await until(lambda: machines.saved == {"desk": "M4 Pro 48GB"}, "it is saved")
        await until(lambda: len(open_dialogs()) == 1, "the name's dialog is gone")
        saved = part(dialog, QListWidget, "savedMachines")
        assert [saved.item(row).text() for row in range(saved.count())] == ["This machine", "desk"]
        saved.setCurrentRow(0)
        saved.setCurrentRow(1)
        assert part(dialog, QLineEdit, "machineWords").text() == "M4 Pro 48GB"
        click(part(dialog, QPushButton, text="Rename…"))
        asking = await another_dialog(dialog)
        field = part(asking, QLineEdit)
        field.selectAll()
        write(field, "laptop")
        press(field, Qt.Key.Key_Return)
        await until(lambda: list(machines.saved) == ["laptop"], "it is renamed")
        await until(lambda: len(open_dialogs()) == 1, "the name's dialog is gone")
        click(part(dialog, QPushButton, text="Forget"))
        assert machines.saved == {}
        click(part(dialog, QPushButton, text="Undo"))
        assert machines.saved == {"laptop": "M4 Pro 48GB"}
        saved.setCurrentRow(1)
        click(part(dialog, QPushButton, "planOnThis"))
        await until(lambda: machines.chosen == "laptop", "it is planned on by its name")
        await until(lambda: "only for NVIDIA and AMD" in note(presenter), "why it is by formulas")


@on_the_loop
async def test_ways_to_load_no_model_are_refused(places: Places, theme: Theme) -> None:
    async with open_workbench(places) as workbench:
        presenter = HardwarePresenter(workbench)
        panel = HardwarePanel(presenter, theme)
        told = QSignalSpy(presenter.failed)
        panel.show_ways()
        assert [str(error) for (error,) in map(told.at, range(told.count()))] == [
            "Choose a model to load first."
        ]
        await presenter.close()
        discard(panel)


@on_the_loop
async def test_the_best_ways_are_found_and_one_is_used(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        dialog = await opened(panel, "waysButton")
        goal = part(dialog, QComboBox, "goal")
        press(goal, Qt.Key.Key_Down)
        context = part(dialog, QSpinBox, "wantedContext")
        context.selectAll()
        write(context, "1024")
        press(context, Qt.Key.Key_Tab)
        click(part(dialog, QPushButton, "findWays"))
        await until(lambda: "exactly" in words(dialog), "its exact plan")
        seen = words(dialog)
        assert "1. on the processor, KV cache in full quality, all of the trained context" in seen
        assert "tokens/s" in seen
        assert "estimated from tables" in seen or "narrowed by measuring" in seen
        await until(lambda: "and there is none" in words(dialog), "llama.cpp's own opinion")
        press(part(panel, QSlider, "contextSlider"), Qt.Key.Key_Home)
        click(part(dialog, QPushButton, "useWay1"))
        model = await workbench.modelling.get(STARTER)
        await until(lambda: presenter.plan_view.n_ctx == 8192, "it is planned so")
        assert (await workbench.planning.options_for(model)).context.n_ctx == 8192
        assert workbench.jobs.running == ()


@on_the_loop
async def test_llama_cpps_own_fit_stands_beside_the_best_ways(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        workbench.planning.machines.choose("RTX 4090", presenter.here)
        await until(lambda: presenter.imagined, "the machine")
        await until(lambda: "dry run" in note(presenter), "the exact plan")
        dialog = await opened(panel, "waysButton")
        click(part(dialog, QPushButton, "findWays"))
        await until(lambda: "Second opinion" in words(dialog), "llama.cpp's own opinion")
        press(part(panel, QSlider, "layersSlider"), Qt.Key.Key_Home)
        await until(lambda: presenter.plan_view.gpu_layers == 0, "no layer on the card")
        click(part(dialog, QPushButton, "useOwnFit"))
        await until(lambda: presenter.plan_view.gpu_layers == 31, "it is planned so")


@on_the_loop
async def test_what_would_run_it_is_found_and_planned_on(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        dialog = await opened(panel, "waysButton")
        part(dialog, QTabWidget).setCurrentIndex(1)
        assert unnamed(dialog) == []
        speed = part(dialog, QDoubleSpinBox, "neededSpeed")
        speed.selectAll()
        write(speed, "300")
        press(speed, Qt.Key.Key_Tab)
        click(part(dialog, QPushButton, "findMachines"))
        found = part(dialog, QTreeWidget, "neededMachines")
        await until(found.topLevelItemCount, "machines")
        speeds = [found.topLevelItem(row).text(3) for row in range(found.topLevelItemCount())]
        assert all(int(each.split("\u2009")[0]) >= 300 for each in speeds)
        name = found.topLevelItem(0).text(0)
        click(part(dialog, QPushButton, "planOnNeeded"))
        await until(lambda: presenter.imagined == name, "the machine")


@on_the_loop
async def test_over_an_own_limit_moves_are_offered_that_make_it_fit(
    places: Places, theme: Theme, steady_memory: int
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        await until(lambda: "dry run" in note(presenter), "the exact plan")
        left = (steady_memory - presenter.planner.plan.total_bytes) / 1024**3 + 0.05
        limit = part(panel, QComboBox, "guardrail")
        while limit.currentText() != "own limit":
            press(limit, Qt.Key.Key_Down)
        field = part(panel, QDoubleSpinBox, "guardrailFree")
        field.setDecimals(3)
        field.setValue(left)
        assert workbench.settings.current.guardrail == "own"
        button = part(panel, QPushButton, "loadButton")
        await until(lambda: button.text() == "Load anyway", "the limit counts")
        await until(lambda: "It would fit with:" in words(panel), "the moves")
        moves = [b for b in panel.findChildren(QPushButton) if b.text().startswith("Context of")]
        assert "tokens/s" in moves[0].text()
        failed = QSignalSpy(presenter.failed)
        presenter.load()
        await until(failed.count, "the refusal with the numbers")
        mends = presenter.loads.mends(failed.at(0)[0])
        assert [text for text, _ in mends][-1] == "Load anyway"
        assert any(text.startswith("Context of") for text, _ in mends)
        await until(lambda: button.text() == "Load anyway", "the load is over")
        click(part(panel, QPushButton, text=moves[0].text()))
        await until(lambda: button.text() == "Load", "it fits")
        assert presenter.plan_view.n_ctx < 8192


@on_the_loop
async def test_the_ledger_says_what_belongs_there_and_then_what_was_learned(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, _, panel):
        ledger = workbench.planning.ledger()
        loads = len(await ledger.loads())
        assert loads == 2, "the home was made by two loads"
        line = Line(device="CPU", part=Part.KV, size_bytes=100 * MIB, kind=Kind.EXACT)
        double = Line(device="CPU", part=Part.KV, size_bytes=80 * MIB, kind=Kind.EXACT)
        await ledger.keep_load(
            LoadEntry(
                at=time.time(), model="made", kind=Kind.EXACT, planned=(line,), measured=(double,),
                process_bytes=90 * MIB,
            )
        )  # fmt: skip
        dialog = await opened(panel, "ledgerButton")
        rows = part(dialog, QTreeWidget)
        first = [rows.topLevelItem(0).text(column) for column in range(1, 6)]
        assert first == ["made", "CPU", "100 MiB", "80.0 MiB", "+25.0%"]
        part(dialog, QTabWidget).setCurrentIndex(1)
        assert "Each longer answer writes down how fast it was" in words(dialog)
        dialog.reject()
        await until(lambda: not open_dialogs(), "the dialog is gone")
        run = SpeedRun(
            at=time.time(), model="made", where=Where.CPU, prompt_per_s=50, generated_per_s=20,
            expected_prompt=100, expected_generation=10,
        )  # fmt: skip
        await ledger.keep_run(run)
        dialog = await opened(panel, "ledgerButton")
        text = part(dialog, QLabel, "learned").text()
        assert "Answers, on the processor: 2.00 of what the tables say" in text
        dialog.reject()
        await until(lambda: not open_dialogs(), "the dialog is gone")


@on_the_loop
async def test_a_child_that_hangs_is_ended_and_the_panel_answers_by_formulas_meanwhile(
    places: Places, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corral.children.inspect_client.CALL_S", 4.0)
    async with shown(places, theme) as (workbench, presenter, panel):
        await until(lambda: "dry run" in note(presenter), "the exact plan")
        inspector = workbench.planning._inspector
        os.kill(inspector.child_pid, signal.SIGSTOP)
        slider = part(panel, QSlider, "contextSlider")
        press(slider, Qt.Key.Key_Home)
        await until(lambda: presenter.plan_view.n_ctx == 256, "a plan while the child hangs")
        assert "formulas" in note(presenter)
        await until(lambda: "gave no answer within" in note(presenter), "what happened")
        assert "formulas" in note(presenter)
        press(slider, Qt.Key.Key_End)
        await until(lambda: "dry run" in note(presenter), "the exact plan of another child")
        assert presenter.plan_view.n_ctx == 8192


@on_the_loop
async def test_a_killed_child_is_replaced(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        await until(lambda: "dry run" in note(presenter), "the exact plan")
        inspector = workbench.planning._inspector
        pid = inspector.child_pid
        os.kill(pid, signal.SIGSTOP)
        press(part(panel, QSlider, "contextSlider"), Qt.Key.Key_Home)
        await until(lambda: presenter.plan_view.n_ctx == 256, "a plan while the child hangs")
        await until(lambda: inspector._calls, "the child is asked")
        assert "formulas" in note(presenter)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: "dry run" in note(presenter), "the exact plan of another child")
        assert inspector.child_pid != pid


@on_the_loop
async def test_a_damaged_header_is_told_and_the_next_model_is_planned(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        model = await workbench.modelling.get(STARTER)
        broken = places.state / "broken.gguf"
        broken.write_bytes(b"GGUF\x03\0\0\0" + b"\xff" * 4096)
        failed = QSignalSpy(presenter.failed)
        presenter.show_model(replace(model, name="broken", weights=broken))
        await until(failed.count, "the error")
        assert presenter.plan_view is None
        assert not panel.findChild(QFrame, "imaginedBanner").isVisible()
        presenter.show_model(model)
        await until(lambda: presenter.plan_view, "the plan of a sound model")


@on_the_loop
async def test_a_calibration_begins_and_is_given_up_by_the_same_button(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        button = part(panel, QPushButton, "calibrateButton")
        assert button.text() == "Calibrate this machine (one minute)"
        click(button)
        await until(lambda: button.text().startswith("Calibrating, 1 of "), "the first step")
        assert len(workbench.jobs.running) == 1
        click(button)
        await until(lambda: button.text().startswith("Calibrate this"), "it is given up")
        assert workbench.jobs.running == ()
        assert await workbench.calibrating().last() is None
        await until(lambda: "dry run" in note(presenter), "plans are exact as before")
