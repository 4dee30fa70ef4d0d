"""The calibration that the hardware panel has begun; knows no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from corral.gui.async_bridge import Scope
from corral.jobs import Cancelled, JobState
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:
    from corral.jobs import Job
    from corral.plan.calibration import Calibration


class CalibrationRun(QObject):
    """Measures how fast this machine is, or gives that up.

    Signals:
        changed: `progress` is another now.
        ended: It is over, well or not; llama.cpp can be asked again.

    Attributes:
        progress: How far it is, "" while it does not run.
    """

    changed = Signal()
    ended = Signal()

    def __init__(self, workbench: Workbench, scope: Scope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = scope
        self._job: Job[Calibration] | None = None
        self.progress = ""

    def toggle(self) -> None:
        """Begin, or give up what has begun."""
        if self._job:
            self._job.cancel()
        elif not self.progress:
            self._say(self.tr("Calibrating…"))
            self._scope.start(self._run())

    async def _run(self) -> None:
        try:
            self._job = job = await self._workbench.calibrating().start()
            unsubscribe = job.subscribe(lambda: self._tell(job))
            try:
                await job.result()
            except Cancelled:
                return
            finally:
                unsubscribe()
        finally:
            self._job = None
            self._say("")
            self.ended.emit()

    def _tell(self, job: Job[Calibration]) -> None:
        if job.state is JobState.RUNNING and job.progress.total:
            text = self.tr("Calibrating, %1 of %2 · Cancel")
            text = text.replace("%1", str(job.progress.done + 1))
            self._say(text.replace("%2", str(job.progress.total)))

    def _say(self, progress: str) -> None:
        self.progress = progress
        self.changed.emit()
