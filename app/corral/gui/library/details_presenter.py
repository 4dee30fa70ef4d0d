"""What the details of a model show; knows no widgets."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from corral.errors import CorralError
from corral.foreign import safe_line, safe_text
from corral.gguf.header import Header
from corral.gui.async_bridge import Scope
from corral.gui.library import homes, wording
from corral.gui.library.presenter import LibraryPresenter
from corral.library.model import StoredModel
from corral.library.outgoing import shards_of
from corral.units import context_size, count, file_size

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model.

    Attributes:
        role: What it is for.
        path: Where it lies.
        size_text: How large it is; "missing" when it is not there.
        sharing: Which other models use it too, "" for none.
    """

    role: str
    path: Path
    size_text: str
    sharing: str


class DetailsPresenter(QObject):
    """One model, its header and its files, read off the event loop when first looked at.

    Signals:
        changed: The model is another now, or gone.
        header_read: `header` or `header_error` is there.
        files_read: `files` are there.

    Attributes:
        name: Name of the model.
        header: The header of its weights, None before it was read.
        header_error: Why the header cannot be read, "" when it can.
        files: Its files.
    """

    changed = Signal()
    header_read = Signal()
    files_read = Signal()

    def __init__(self, name: str, library: LibraryPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.header: Header | None = None
        self.header_error = ""
        self.files: tuple[ModelFile, ...] = ()
        self._library = library
        self._model: StoredModel | None = None
        self._scope = Scope()
        library.shelf.changed.connect(self._on_shelf_changed)
        library.shelf.fits_changed.connect(self.changed)
        self._on_shelf_changed()

    @property
    def model(self) -> StoredModel | None:
        """The model; None when there is none of that name."""
        return self._model

    @property
    def is_read(self) -> bool:
        """Whether the library was read, so that it is known whether there is such a model."""
        return self._library.shelf.is_read

    async def close(self) -> None:
        """End what runs."""
        self._library.shelf.changed.disconnect(self._on_shelf_changed)
        self._library.shelf.fits_changed.disconnect(self.changed)
        await self._scope.close()

    def facts(self) -> list[tuple[str, str]]:
        """Return what there is to say of the model, as names and values."""
        model = self._model
        if model is None:
            return []
        config = model.config
        fit = self._library.shelf.fit(model)
        badge, _ = wording.fit_badge(model, fit, is_loaded=self._library.shelf.is_loaded(model))
        facts = [
            (self.tr("Problem"), safe_text(model.problem)),
            (self.tr("Fit"), f"{badge} · {wording.fit_tip(model, fit)}" if badge else ""),
            (self.tr("Size"), file_size(model.size_bytes)),
            (self.tr("Parameters"), wording.parameters(model)),
            (self.tr("Quantization"), safe_line(config.quantization)),
            (self.tr("Family"), safe_line(config.family)),
            (self.tr("Context"), _tokens(config.context_length)),
            (self.tr("Embedding length"), count(config.embedding_length or 0)),
            (self.tr("Capabilities"), wording.capabilities(model)),
            (self.tr("Made from"), safe_line(model.parent_name or "")),
            (self.tr("Where it lives"), homes.label(model) or "Corral"),
            (self.tr("Last used"), wording.last_used(model)),
            (self.tr("Id"), model.digest[:12]),
        ]
        return [(name, value) for name, value in facts if value and value != "0"]

    def template(self) -> tuple[str, str]:
        """Return where the template in use comes from, and its text."""
        model = self._model
        if model and model.template:
            return self.tr("The model's own Go template"), model.template
        if self.header and self.header.chat_template:
            return self.tr("The Jinja template of the GGUF file"), self.header.chat_template
        return self.tr("No chat template: the model continues text."), ""

    def parameters(self) -> str:
        """Return the parameters that the model sets, one a line."""
        lines = []
        for key, value in self._model.parameters.items() if self._model else ():
            values = value if isinstance(value, tuple | list) else (value,)
            lines += [f"{key:<16} {each}" for each in values]
        return "\n".join(lines)

    def license(self) -> str:
        """Return the licence texts, or what the file says of its licence."""
        if self._model and self._model.licenses:
            return "\n\n".join(self._model.licenses)
        if self.header is None:
            return ""
        said = (self.header.value(f"general.license{end}", "") for end in ("", ".name", ".link"))
        return "\n".join(text for text in said if text)

    def read(self) -> None:
        """Read header and files."""
        if self._model:
            self._scope.start(self._read(self._model))

    def _on_shelf_changed(self) -> None:
        model = self._library.model(self.name)
        is_other = self._model is None or model is None or model.digest != self._model.digest
        self._model = model
        self.changed.emit()
        if is_other:
            self.read()

    async def _read(self, model: StoredModel) -> None:
        self.files = await asyncio.to_thread(_files, model, self._library.shelf.models)
        self.files_read.emit()
        if model.weights.is_absolute():
            try:
                self.header = await self._library.header(model)
                self.header_error = ""
            except CorralError as error:
                self.header, self.header_error = None, str(error)
            self.header_read.emit()


def _files(model: StoredModel, others: tuple[StoredModel, ...]) -> tuple[ModelFile, ...]:
    """Look at all files of a model.

    Thread: any.
    """
    users: Counter[Path] = Counter()
    for other in others:
        if other.name != model.name:
            users.update({path for _, path in _roles(other)})
    return tuple(
        ModelFile(
            role=role,
            path=path,
            size_text=_size_text(path),
            sharing=wording.Counts().sharing(users[path]),
        )
        for role, path in _roles(model)
    )


def _roles(model: StoredModel) -> list[tuple[str, Path]]:
    weights = shards_of(model) or ((model.weights,) if model.weights.is_absolute() else ())
    groups = (
        (translate("Library", "weights"), weights),
        (translate("Library", "projector"), model.projectors),
        (translate("Library", "adapter"), model.adapters),
        (translate("Library", "draft"), model.drafts),
    )
    return [(role, path) for role, paths in groups for path in paths]


def _size_text(path: Path) -> str:
    try:
        return file_size(path.stat().st_size)
    except OSError:
        return translate("Library", "missing")


def _tokens(tokens: int) -> str:
    return f"{context_size(tokens)} ({count(tokens)})" if tokens else ""
