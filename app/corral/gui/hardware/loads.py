"""The load that the hardware panel has begun; knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from corral.errors import CorralError, UserError
from corral.events import Finished, Phase, PhaseChanged
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.hardware import wording
from corral.gui.hardware.planner import Planner
from corral.plan.options import LoadOptions
from corral.workbench.generation import Generation
from corral.workbench.loading import OverBudgetError
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench


class Loads(QObject):
    """Loads one model at a time.

    Signals:
        changed: `progress` is another now.
        ended: The load is over, well or not.
        failed: It could not be done; carries the `CorralError`.

    Attributes:
        progress: What is going on, "" when nothing is.
    """

    changed = Signal()
    ended = Signal()
    failed = Signal(object)

    def __init__(
        self,
        workbench: Workbench,
        planner: Planner,
        scope: Scope,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._planner = planner
        self._scope = scope
        self._loading: Generation | None = None
        self.progress = ""

    def start(self, *, is_over_budget_allowed: bool = False) -> None:
        """Load the model as planned, unless one is being loaded."""
        subject, options = self._planner.subject, self._planner.options
        if subject is None or options is None or self._loading:
            return
        machine = self._planner.machine
        if machine and machine.is_imagined:
            text = self.tr("What is shown is planned on %1, not on this machine.")
            text = text.replace("%1", safe_line(machine.name, 200))
            hint = self.tr("Go back to this machine to load.")
            self.failed.emit(UserError(text, hint=hint))
        elif subject.is_remote:
            hint = self.tr("Download it first.")
            self.failed.emit(UserError(self.tr("The model is not on this machine."), hint=hint))
        else:
            request = ChatRequest(
                model=subject.model.name,
                messages=None,
                options=options,
                is_over_budget_allowed=is_over_budget_allowed,
            )
            self._scope.start(self._load(request))

    def start_with(self, options: LoadOptions) -> None:
        """Plan with other options and load."""
        self._planner.set_options(options)
        self.start()

    def unload(self) -> None:
        """Free the model's memory."""
        subject = self._planner.subject
        if subject and not subject.is_remote:
            self._scope.start(self._workbench.loading.unload(subject.model))

    def mends(self, error: CorralError) -> tuple[tuple[str, Callable[[], None]], ...]:
        """Return words and handlers of the buttons that mend an error told as `failed`."""
        if not isinstance(error, OverBudgetError):
            return ()
        moves = [
            (wording.move(move.kind, move.options), partial(self.start_with, move.options))
            for move in error.moves
        ]
        anyway = partial(self.start, is_over_budget_allowed=True)
        return (*moves, (self.tr("Load anyway"), anyway))

    def stop(self) -> None:
        """Give the load up."""
        if self._loading:
            self._loading.stop()

    async def _load(self, request: ChatRequest) -> None:
        self._loading = self._workbench.conversing.start(request)
        try:
            async for event in self._loading.events():
                if isinstance(event, PhaseChanged):
                    self.progress = self._phase_text(event)
                elif isinstance(event, Finished) and event.error:
                    self.failed.emit(event.error)
                self.changed.emit()
        finally:
            self._loading = None
            self.progress = ""
            self.ended.emit()

    def _phase_text(self, event: PhaseChanged) -> str:
        match event.phase:
            case Phase.LOADING:
                return self.tr("Loading %1 %").replace("%1", str(event.done or 0))
            case Phase.WAITING:
                return self.tr("Waiting for another answer")
            case _:
                return self.tr("Checking the file")
