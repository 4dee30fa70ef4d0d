"""Files that come into the window: dropped, chosen, handed over; with progress and questions."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from corral.errors import CorralError, ExternalError, UserError
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.dialogs import ask_choice
from corral.jobs import Cancelled, Job
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.workbench.modelling import Modelling

Start: TypeAlias = Callable[[Callable[[], bool]], Job[StoredModel]]
"""Starts the work; it is given what asks, in the work's thread, whether a link will do."""


class Importing(QObject):
    """Imports files one after another.

    Signals:
        imported: A file is in the library; carries its `StoredModel`.
        failed: Files could not be imported; carries a `CorralError` that names them, told when the
            last of those that wait is done.
    """

    imported = Signal(object)
    failed = Signal(object)

    def __init__(self, modelling: Modelling, window: QWidget) -> None:
        super().__init__(window)
        self._modelling = modelling
        self._window = window
        self._scope = Scope(on_error=self.failed.emit)
        self._one_at_a_time = asyncio.Lock()
        self._n_waiting = 0
        self._errors: list[CorralError] = []
        self._loop = asyncio.get_running_loop()

    def import_file(self, path: Path) -> None:
        """Bring a file into the library."""
        self._add(
            path.name,
            lambda ask: self._modelling.import_file(path, ask_link=ask),
        )

    def take_in(self, name: str, new_name: str) -> None:
        """Make a model of another program one's own."""
        self._add(
            without_latest(name),
            lambda ask: self._modelling.take_in(name, new_name, ask_link=ask),
        )

    def _add(self, what: str, start: Start) -> None:
        self._n_waiting += 1
        self._scope.start(self._run_and_tell(safe_line(what), start))

    async def close(self) -> None:
        """End what runs; a half-done copy is taken away."""
        await self._scope.close()

    async def _run_and_tell(self, what: str, start: Start) -> None:
        try:
            await self._run(what, start)
        except CorralError as error:
            self._errors.append(_naming(error, what))
        finally:
            self._n_waiting -= 1
        if self._errors and not self._n_waiting:
            errors, self._errors = self._errors, []
            self.failed.emit(self._joined(errors))

    def _joined(self, errors: list[CorralError]) -> CorralError:
        """Return one error for several: the bar shows one at a time."""
        if len(errors) == 1:
            return errors[0]
        told = "\n".join(str(error) for error in errors)
        return UserError(self.tr("%n file(s) could not be imported.", "", len(errors)), detail=told)

    async def _run(self, what: str, start: Start) -> None:
        async with self._one_at_a_time:
            job = start(lambda: self._ask_link(what))
            try:
                model: StoredModel = await job.result()
            except Cancelled:
                return
            except asyncio.CancelledError:
                job.cancel()
                raise
            self.imported.emit(model)

    def _ask_link(self, what: str) -> bool:
        """Ask from the job's thread; the window answers on its own.

        Thread: the job's.

        Raises:
            Cancelled: If the dialog was closed without an answer.
        """
        answered = threading.Event()
        answers: list[bool | None] = []

        async def ask() -> None:
            try:
                answers.append(
                    await ask_choice(
                        self._window,
                        title=self.tr("Import") + " " + what,
                        text=self.tr(
                            "The file can be used without copying it (a hard link). "
                            "It must then not be changed by other programs."
                        ),
                        first=self.tr("Link"),
                        second=self.tr("Copy"),
                    )
                )
            finally:
                answered.set()

        def begin() -> None:
            if self._scope.start(ask()) is None:
                answered.set()  # the window is closing: nobody will answer

        self._loop.call_soon_threadsafe(begin)
        answered.wait()
        if not answers or answers[0] is None:
            raise Cancelled
        return answers[0]


def _naming(error: CorralError, name: str) -> CorralError:
    """Return an error that says which file or model it is about."""
    if name in str(error):
        return error
    kind = UserError if isinstance(error, UserError) else ExternalError
    return kind(f"{name}: {error.summary}", detail=error.detail, hint=error.hint)
