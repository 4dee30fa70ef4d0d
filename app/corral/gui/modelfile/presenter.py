"""What a Modelfile tab knows and can do; knows no widgets."""

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from corral.errors import CorralError, UserError
from corral.gui.async_bridge import Scope
from corral.gui.modelfile.prompt_presenter import PromptPresenter
from corral.jobs import Cancelled
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.modelfile.hint import Hint, Known, Severity
from corral.modelfile.hints import hints
from corral.modelfile.scanner import scan
from corral.workbench.workbench import Workbench

MOST_FILES = 5000  # of a folder that are looked at
FILE_ENDINGS = (".gguf", ".bin", ".safetensors")


class ModelfilePresenter(QObject):
    """One Modelfile.

    Signals:
        text_loaded: The text of the stored model is there; carries it.
        hints_changed: `hints` are others now.
        models_changed: `models` are others now.
        model_created: The model was made; carries its `StoredModel`.
        failed: It could not be made; carries the `CorralError`.
    """

    text_loaded = Signal(str)
    hints_changed = Signal()
    models_changed = Signal()
    model_created = Signal(object)
    failed = Signal(object)

    def __init__(self, workbench: Workbench, model: str, text: str | None) -> None:
        super().__init__()
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self.prompts = PromptPresenter(workbench)
        self.model = model
        self.stored_text = ""
        self._typed_text = text
        self.hints: tuple[Hint, ...] = ()
        self.models: tuple[str, ...] = ()
        self._known = Known()
        self._source: str | None = None
        self._text = ""
        self._unsubscribe: Callable[[], None] = workbench.modelling.changed.subscribe(self._relearn)

    @property
    def can_create(self) -> bool:
        """Whether there is no error in the text."""
        return not any(hint.severity is Severity.ERROR for hint in self.hints)

    def start(self) -> None:
        """Read the stored model's text."""
        self._scope.start(self._read())

    def check(self, text: str) -> None:
        """Look for problems; what is to be known of the base model is read when it is another."""
        self._text = text
        source = _source_of(text)
        if source != self._source:
            self._source = source
            self._known = Known(models=self._known.models)
            self._scope.start(self._learn(source))
        self._look()

    def find_files(self, typed: str) -> list[str]:
        """Return the folders and model files that a path goes on to; paths start from home."""
        folder, begun = os.path.split(typed)
        try:
            with os.scandir(Path.home() / Path(folder or ".").expanduser()) as entries:
                found = sorted(islice(entries, MOST_FILES), key=lambda entry: entry.name)
                return [
                    os.path.join(folder, entry.name) + (os.sep if entry.is_dir() else "")  # noqa: PTH118
                    for entry in found
                    if _is_offered(entry, begun)
                ]
        except (OSError, RuntimeError, ValueError):  # no such folder, or user
            return []

    def create(self, name: str, text: str) -> None:
        """Make the model."""
        self._scope.start(self._create(name, text))

    async def close(self) -> None:
        """End what runs."""
        unsubscribe, self._unsubscribe = self._unsubscribe, _nothing
        unsubscribe()
        await self._scope.close()
        await self.prompts.close()

    def _look(self) -> None:
        found = tuple(hints(self._text, self._known))
        if found != self.hints:
            self.hints = found
            self.hints_changed.emit()

    def _relearn(self) -> None:
        self._scope.start(self._learn(self._source))

    async def _learn(self, source: str | None) -> None:
        """Read what is known of the library and of the model that is built on."""
        usable = [model for model in await self._workbench.modelling.list() if not model.problem]
        names = tuple(without_latest(model.name) for model in usable)
        known = Known(models=names)
        if base := _base(usable, source):
            try:
                header = await self._workbench.planning.header(base)
            except CorralError:
                pass  # its row in the library says what is wrong
            else:
                known = replace(
                    known,
                    trained_context_tokens=header.context_length or 0,
                    template=base.template or header.chat_template or "",
                )
        if source != self._source:
            return  # another one was typed meanwhile
        self._known = known
        if names != self.models:
            self.models = names
            self.models_changed.emit()
        self._look()

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
        job = self._workbench.modelling.create(name, text, Path.home())
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


def _nothing() -> None:
    """Stands where nothing is left to be ended."""


def _source_of(text: str) -> str:
    """Return what the first FROM of a text names, "" for nothing."""
    values = (each.value for each in scan(text) if each.keyword == "from")
    value = next(values, None)
    return value.text.strip() if value else ""


def _base(models: list[StoredModel], source: str | None) -> StoredModel | None:
    """Return the model of a name, or the one whose weights are that file."""
    if not source:
        return None
    named = without_latest(source).lower()
    return next(
        (m for m in models if without_latest(m.name).lower() == named or str(m.weights) == source),
        None,
    )


def _is_offered(entry: "os.DirEntry[str]", begun: str) -> bool:
    is_hidden = entry.name.startswith(".") and not begun.startswith(".")
    is_wanted = entry.is_dir() or entry.name.lower().endswith(FILE_ENDINGS)
    return entry.name.startswith(begun) and is_wanted and not is_hidden
