"""Where asyncio and Qt meet; the only importer of qasync.

Below a coroutine no nested event loop may run (with qasync 0.28 it hangs for ever), so dialogs are
awaited here instead of being executed.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import TypeVar

import qasync
from PySide6.QtWidgets import QApplication, QDialog

from corral.errors import CorralError

_Result = TypeVar("_Result")
# Whatever is drawn asks Python, cell by cell; each may wait so long for a thread at work.
HAND_OVER_S = 0.001


def run(app: QApplication, main: Coroutine[object, object, _Result]) -> _Result:
    """Run a coroutine and Qt together until the coroutine ends.

    Tasks that are still going then are cancelled and awaited. Closing the last window does not end
    the loop; the coroutine decides when it is over.
    """
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(HAND_OVER_S)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        return runner.run(main)


async def show(dialog: QDialog) -> int:
    """Show a dialog and wait for its answer without a nested event loop.

    The dialog stays the caller's: read its fields, then `deleteLater()`. It is closed when the
    waiting task is cancelled.

    Returns:
        The dialog's result code (`QDialog.DialogCode`); rejected when it was destroyed.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(code: int) -> None:
        if not answer.done():
            answer.set_result(code)

    dialog.finished.connect(settle)
    dialog.destroyed.connect(lambda: settle(int(QDialog.DialogCode.Rejected)))
    dialog.open()
    try:
        return await answer
    except asyncio.CancelledError:
        dialog.reject()
        raise


class Scope:
    """The tasks of one panel; none outlives it.

    Args:
        on_error: Shows a failure that people can mend. Without it, and for any other exception,
            `sys.excepthook` hears of it.
    """

    def __init__(self, on_error: Callable[[CorralError], None] | None = None) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[object]] = set()
        self._is_closed = False

    def start(self, work: Coroutine[object, object, _Result]) -> "asyncio.Task[_Result] | None":
        """Start a task; after `close` nothing starts any more and None is returned."""
        if self._is_closed:
            work.close()
            return None
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def cancel(self) -> None:
        """Cancel all tasks; new ones can be started."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Cancel all tasks, wait for their end, and refuse new ones."""
        self._is_closed = True
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_done(self, task: "asyncio.Task[_Result]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, CorralError) and self._on_error is not None:
            self._on_error(error)
        elif error is not None:
            sys.excepthook(type(error), error, error.__traceback__)
