import asyncio
import sys

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from corral.errors import UserError
from corral.gui.async_bridge import Scope, run, show


def test_run_returns_what_the_coroutine_returns(qapp: QApplication) -> None:
    async def main() -> int:
        await asyncio.sleep(0.01)
        return await asyncio.to_thread(lambda: 7)

    assert run(qapp, main()) == 7


def test_run_passes_an_error_on_and_ends_what_still_goes(qapp: QApplication) -> None:
    ended = []

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def main() -> None:
        task = asyncio.get_running_loop().create_task(forever())
        await asyncio.sleep(0.01)
        assert not task.done()
        raise UserError("no")

    with pytest.raises(UserError):
        run(qapp, main())
    assert ended == [True]


def test_a_dialog_is_awaited_while_other_tasks_go_on(qapp: QApplication) -> None:
    async def main() -> tuple[int, int]:
        dialog = QDialog()
        ticks = 0
        shown = asyncio.get_running_loop().create_task(show(dialog))
        while ticks < 3:
            await asyncio.sleep(0.005)
            ticks += 1
        dialog.accept()
        return await shown, ticks

    assert run(qapp, main()) == (QDialog.DialogCode.Accepted, 3)


def test_a_dialog_that_is_destroyed_counts_as_rejected(qapp: QApplication) -> None:
    async def main() -> int:
        owner = QWidget()
        dialog = QDialog(owner)
        shown = asyncio.get_running_loop().create_task(show(dialog))
        await asyncio.sleep(0.005)
        owner.deleteLater()
        return await shown

    assert run(qapp, main()) == QDialog.DialogCode.Rejected


def test_a_dialog_closes_when_its_task_is_cancelled(qapp: QApplication) -> None:
    async def main() -> bool:
        dialog = QDialog()
        shown = asyncio.get_running_loop().create_task(show(dialog))
        await asyncio.sleep(0.005)
        assert dialog.isVisible()
        shown.cancel()
        await asyncio.gather(shown, return_exceptions=True)
        return dialog.isVisible()

    assert run(qapp, main()) is False


def test_a_scope_tells_errors_to_its_panel_and_bugs_to_the_excepthook(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, bugs = [], []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, _trace: bugs.append(error))

    async def fail(error: Exception) -> None:
        raise error

    async def main() -> None:
        scope = Scope(shown.append)
        scope.start(fail(UserError("mend it")))
        scope.start(fail(ZeroDivisionError()))
        await asyncio.sleep(0.01)
        await scope.close()

    run(qapp, main())
    assert [str(error) for error in shown] == ["mend it."]
    assert [type(error) for error in bugs] == [ZeroDivisionError]


def test_no_task_outlives_its_scope(qapp: QApplication) -> None:
    async def main() -> tuple[bool, object]:
        scope = Scope()
        task = scope.start(asyncio.sleep(60))
        await asyncio.sleep(0)
        await scope.close()
        return task.cancelled(), scope.start(asyncio.sleep(0))

    assert run(qapp, main()) == (True, None)
