"""RPC workers in the window: a real one is added, planned with, lost and taken off the list."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from corral.gui.hardware import presenter as presenter_module
from corral.gui.hardware.panel import HardwarePanel
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.hardware.workers.dialog import WorkersDialog
from corral.gui.status import StatusLine
from corral.gui.theme.theme import Theme
from corral.places import Places
from corral.plan.plan import Kind
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER
from helpers.rpc_worker import rpc_worker
from helpers.window import click, discard, on_the_loop, part, press, until, words, write

LONG_S = 90.0  # a worker loads llama.cpp too, on a machine that may be busy


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


@asynccontextmanager
async def status_of(workbench: Workbench) -> AsyncIterator[StatusLine]:
    window = QMainWindow()
    bar = StatusLine(workbench, window)
    window.setStatusBar(bar)
    try:
        yield bar
    finally:
        bar.end()
        discard(window)


async def opened(panel: HardwarePanel) -> WorkersDialog:
    click(part(panel, QPushButton, "workers"))
    return (await until(open_dialogs, "the dialog"))[0]


def open_dialogs() -> list[WorkersDialog]:
    top = QApplication.topLevelWidgets()
    return [w for w in top if isinstance(w, WorkersDialog) and w.isVisible()]


def rows(dialog: QDialog) -> dict[str, str]:
    view = part(dialog, QTreeWidget, "workersList")
    items = [view.topLevelItem(index) for index in range(view.topLevelItemCount())]
    return {item.text(0): item.text(1) for item in items if item}


def choose(dialog: QDialog, address: str) -> QTreeWidget:
    view = part(dialog, QTreeWidget, "workersList")
    view.setCurrentItem(view.findItems(address, Qt.MatchFlag.MatchExactly)[0])
    return view


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address that takes no connection, and is nobody else's meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@on_the_loop
async def test_a_worker_is_added_by_keys_planned_with_and_told_when_it_is_gone(
    places: Places, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenter_module, "PROGRAMS_EVERY", 1)
    with rpc_worker() as (address, process):
        async with (
            shown(places, theme) as (workbench, presenter, panel),
            status_of(workbench) as bar,
        ):
            assert "local only" in words(bar)
            dialog = await opened(panel)
            assert "neither authenticated nor encrypted" in words(dialog)
            field = part(dialog, QLineEdit, "workerAddress")
            write(field, address)
            press(field, Qt.Key.Key_Return)
            await until(
                lambda: rows(dialog).get(address, "").startswith("Answers: "), "answer", LONG_S
            )
            assert "GiB free when asked" in rows(dialog)[address]
            press(dialog, Qt.Key.Key_Escape)
            await until(lambda: not open_dialogs(), "the end of the dialog")

            await until(lambda: len(presenter.devices) == 2, "the bars")
            assert presenter.devices[0].name == f"RPC worker {address}"
            planner = presenter.planner
            await until(
                lambda: planner.plan and planner.plan.options.workers == (address,), "another plan"
            )
            await until(lambda: planner.plan and planner.plan.kind is Kind.EXACT, "exact", LONG_S)
            assert planner.plan
            lent = planner.plan.machine.gpus[0].name
            assert planner.plan.size_bytes(lent) > planner.plan.size_bytes("CPU")
            assert presenter.workers_problem == ""
            assert "local only" not in words(bar)

            # The options follow the workers, also those that were chosen by hand.
            model = await workbench.modelling.get(STARTER)
            presenter.use(planner.plan.options)
            process.kill()
            process.wait()
            await until(lambda: len(presenter.devices) == 1, "this machine alone", LONG_S)
            assert f"The RPC worker {address} cannot be reached" in words(panel)
            await until(lambda: planner.plan and not planner.plan.options.workers, "its plan")
            assert (await workbench.planning.options_for(model)).workers == ()
            assert "local only" in words(bar)


@on_the_loop
async def test_nothing_connects_to_saved_workers_before_somebody_asks(
    places: Places, theme: Theme
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        async with shown(places, theme) as (workbench, presenter, panel):
            workbench.planning.workers.save([address])
            await until(lambda: "saved and not asked yet: 1;" in words(panel), "the note")
            dialog = await opened(panel)
            assert rows(dialog) == {address: "Not asked yet"}
            await until(lambda: "dry run" in presenter.plan_view.note, "the exact plan")
            with pytest.raises(BlockingIOError):
                listening.accept()
            click(part(dialog, QPushButton, "askWorkers"))
            await until(lambda: rows(dialog)[address] == "Asking…", "asking")
            await until(lambda: _accepted(listening), "a connection")
            dialog.reject()
            await until(lambda: not open_dialogs(), "the end of the dialog")
        assert workbench.planning.workers.in_use == ()


def _accepted(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@on_the_loop
async def test_addresses_are_checked_while_typed_and_a_removal_is_taken_back(
    places: Places, theme: Theme, closed_port: str
) -> None:
    async with shown(places, theme) as (workbench, _, panel):
        dialog = await opened(panel)
        assert unnamed(dialog) == []
        field, add = (
            part(dialog, QLineEdit, "workerAddress"),
            part(dialog, QPushButton, "addWorker"),
        )
        write(field, "nonsense")
        assert "'nonsense' is no address of an RPC worker." in words(dialog)
        assert "Write it as HOST:PORT" in field.accessibleDescription()
        press(field, Qt.Key.Key_Return)
        assert not add.isEnabled()
        assert workbench.planning.workers.saved == ()
        field.clear()
        write(field, closed_port)
        click(add)
        await until(lambda: "cannot be reached" in rows(dialog).get(closed_port, ""), "refusal")
        assert workbench.settings.current.rpc_workers == (closed_port,)
        write(field, closed_port)
        assert "is on the list already" in words(dialog)

        view = choose(dialog, closed_port)
        view.setFocus()
        press(view, Qt.Key.Key_Delete)
        assert workbench.settings.current.rpc_workers == ()
        click(part(dialog, QPushButton, text="Undo"))
        assert workbench.settings.current.rpc_workers == (closed_port,)
        assert list(rows(dialog)) == [closed_port]
        dialog.reject()
        await until(lambda: not open_dialogs(), "the end of the dialog")


def unnamed(dialog: QDialog) -> list[str]:
    """Return what takes the focus in a dialog and does not say what it is."""
    takers = [w for w in dialog.findChildren(QWidget) if w.isVisible()]
    takers = [w for w in takers if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    names = {w: QAccessible.queryAccessibleInterface(w) for w in takers}
    return [
        f"{type(w).__name__} {w.objectName()}"
        for w, interface in names.items()
        if w.objectName() != "qt_scrollarea_viewport"
        and not (interface and interface.text(QAccessible.Text.Name).strip())
    ]
