"""What a Modelfile tab knows and can do; knows no widgets."""

from PySide6.QtCore import QObject, Signal

from corral.errors import CorralError, UserError
from corral.gui.async_bridge import Scope
from corral.jobs import Cancelled
from corral.modelfile.hint import Hint, Severity
from corral.modelfile.hints import hints
from corral.workbench.workbench import Workbench


class ModelfilePresenter(QObject):
    """One Modelfile.

    Signals:
        text_loaded: The text of the stored model is there; carries it.
        hints_changed: `hints` are others now.
        model_created: The model was made; carries its `StoredModel`.
        failed: It could not be made; carries the `CorralError`.
    """

    text_loaded = Signal(str)
    hints_changed = Signal()
    model_created = Signal(object)
    failed = Signal(object)

    def __init__(self, workbench: Workbench, model: str, text: str | None) -> None:
        super().__init__()
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self.model = model
        self.stored_text = ""
        self._typed_text = text
        self.hints: tuple[Hint, ...] = ()

    @property
    def can_create(self) -> bool:
        """Whether there is no error in the text."""
        return not any(hint.severity is Severity.ERROR for hint in self.hints)

    def start(self) -> None:
        """Read the stored model's text."""
        self._scope.start(self._read())

    def check(self, text: str) -> None:
        """Look for problems."""
        found = tuple(hints(text))
        if found != self.hints:
            self.hints = found
            self.hints_changed.emit()

    def create(self, name: str, text: str) -> None:
        """Make the model."""
        self._scope.start(self._create(name, text))

    async def close(self) -> None:
        """End what runs."""
        await self._scope.close()

    async def _read(self) -> None:
        try:
            self.stored_text = await self._workbench.modelling.modelfile(self.model)
        except UserError:  # there is no such model yet: a new Modelfile
            self.stored_text = await self._first_text()
        self.text_loaded.emit(self._typed_text or self.stored_text)

    async def _first_text(self) -> str:
        models = [model for model in await self._workbench.modelling.list() if not model.problem]
        base = models[0].name if models else ""
        return f'FROM {base}\n\nSYSTEM """\nYou are a helpful assistant.\n"""\n'

    async def _create(self, name: str, text: str) -> None:
        job = self._workbench.modelling.create(name, text)
        try:
            model = await job.result()
        except Cancelled:
            return
        except CorralError as error:
            self.failed.emit(error)
            return
        self.stored_text = text
        self.model = model.name
        self.model_created.emit(model)
