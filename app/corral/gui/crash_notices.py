"""What the window says and offers when llama.cpp has failed, in this run or in the last one."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from corral.engine.marker import Suspect
from corral.engine.recovery import ParkedError, Recovery
from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.notices import Handler, NoticeBoard
from corral.workbench.workbench import Workbench


class CrashNotices(QObject):
    """Tells of threads that were parked and of the file that the last run died over.

    A notice comes back whenever an answer fails for its reason, as others may have taken its place.

    Signals:
        restart_requested: The user wants the program to begin anew.
    """

    restart_requested = Signal()

    def __init__(
        self, workbench: Workbench, notices: NoticeBoard, scope: Scope, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._engine = workbench.engine
        self._loading = workbench.loading
        self._modelling = workbench.modelling
        self._notices = notices
        self._scope = scope
        self._told: ParkedError | None = None
        self._is_recovering = False
        self._unsubscribes = (
            workbench.engine.subscribe(self._look_at_engine),
            workbench.conversing.changed.subscribe(self._look_at_engine),
            workbench.loading.refused.subscribe(self.tell_suspect),
        )

    def end(self) -> None:
        """Tell nothing any more."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()

    def tell_suspect(self) -> None:
        """Ask about the file that llama.cpp was busy with when the last run died, if one is."""
        if suspect := self._loading.suspect:
            self._scope.start(self._ask_about(suspect))

    async def _ask_about(self, suspect: Suspect) -> None:
        summary = self.tr("The last run died while llama.cpp was busy with %1.")
        self._notices.tell_error(
            UserError(
                summary.replace("%1", safe_line(await self._name_of(suspect.path))),
                detail=f"{suspect.doing}: {suspect.path}",
                hint=self.tr("It is not loaded again before you say so."),
            ),
            (self.tr("Allow it again"), self._loading.trust),
        )

    async def _name_of(self, path: Path) -> str:
        """Return the names of the models whose weights a file is, else the file's own."""
        models = await self._modelling.list()
        return ", ".join(model.name for model in models if model.weights == path) or path.name

    def _look_at_engine(self) -> None:
        parked = self._engine.parked
        if parked is None or self._is_recovering:
            return
        is_model_lost = any(runner.parked for runner in self._engine.loaded)
        if parked is not self._told or (is_model_lost and not self._notices.notice_text):
            self._told = parked
            summary = self.tr("llama.cpp failed and was stopped.")
            self._offer(summary, parked.detail, is_model_lost=is_model_lost)

    def _offer(self, summary: str, detail: str, *, is_model_lost: bool) -> None:
        restart = (self.tr("Restart Corral"), self.restart_requested.emit)
        ways = (
            (self.tr("New context"), self._recoverer(Recovery.CONTEXT)),
            (self.tr("Load the model again"), self._recoverer(Recovery.RELOAD)),
            restart,
        )
        hint = self.tr("The window and your conversations are safe.")
        told = CorralError(summary, detail=detail, hint=hint)
        self._notices.tell_error(told, *(ways if is_model_lost else (restart,)))

    def _recoverer(self, how: Recovery) -> Handler:
        def recover() -> None:
            self._scope.start(self._recover(how))

        return recover

    async def _recover(self, how: Recovery) -> None:
        self._is_recovering = True
        try:
            await self._engine.recover(how)
        except CorralError as error:
            self._offer(error.summary, error.detail, is_model_lost=True)
        else:
            self._notices.tell(self.tr("The model can answer again. Ask anew, or regenerate."))
        finally:
            self._is_recovering = False
