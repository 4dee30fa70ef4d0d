"""From a manifest to the model that it describes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from corral.errors import CorralError, ExternalError
from corral.foreign import safe_line
from corral.gguf.cache import HeaderCache
from corral.library.figures import Figures, capabilities, figures_of
from corral.library.go_json import JsonValue
from corral.library.layers import model_config, read_config, read_messages, read_params
from corral.library.manifest import Layer, LayerType, Manifest
from corral.library.model import Home, ModelConfig, StoredModel
from corral.library.names import Name
from corral.library.store import ManifestFile, Store
from corral.library.uses import Uses
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class _SmallLayers:
    """What the layers of a model hold apart from the weights."""

    template: str | None
    system: str | None
    parameters: dict[str, ParameterValue]
    messages: tuple[Message, ...]
    licenses: tuple[str, ...]


class Reader:
    """Reads the models of one store and remembers them by digest, which tells all of their content.

    Args:
        store: The store.
        headers: Where the headers of GGUF files are read from.

    Thread: any.
    """

    def __init__(self, store: Store, headers: HeaderCache) -> None:
        self._store = store
        self._headers = headers
        self._uses = Uses(store)
        self._known: dict[str, StoredModel] = {}
        self._figures: dict[Path, Figures] = {}

    def read_all(self) -> list[StoredModel]:
        """Read all models, in no order; what is not there any more is forgotten."""
        read = [(name, self.read(name)) for name in self._store.list_names()]
        models = [  # without those that another process removed meanwhile
            model
            for name, model in read
            if not model.problem or self._store.manifest_path(name).is_file()
        ]
        self._known = {model.digest: model for model in models if not model.problem}
        return models

    def read(self, name: Name) -> StoredModel:
        """Read a stored model; what is wrong with it goes into its `problem`."""
        try:
            file = self._store.read_manifest(name)
        except ExternalError as error:
            return StoredModel(name=name.short, problem=str(error))
        outline = _outline(self._store, file)
        try:
            _check_blobs(self._store, file.manifest)
            model = self._known.get(file.digest) or self._filled(outline, file.manifest)
        except CorralError as error:
            config = _told_config(self._store, file.manifest)
            return replace(outline, config=config, problem=safe_line(str(error)))
        self._known[file.digest] = model
        return replace(
            model,
            name=outline.name,
            modified_at=outline.modified_at,
            weights=outline.weights,
            adapters=outline.adapters,
            projectors=outline.projectors,
            drafts=outline.drafts,
            last_used_at=self._uses.last(name),
        )

    def _filled(self, outline: StoredModel, manifest: Manifest) -> StoredModel:
        small = _small_layers(self._store, manifest)
        with _damage_named("its config"):
            config = read_config(self._store.read_blob(manifest.config.digest))
        figures = self._figures_of(outline.weights)
        return replace(
            outline,
            template=small.template,
            system=small.system,
            parameters=small.parameters,
            messages=small.messages,
            licenses=small.licenses,
            config=model_config(
                config,
                context_length=figures.context_length,
                embedding_length=figures.embedding_length,
            ),
            parameter_count=figures.parameter_count,
            active_parameter_count=figures.active_parameter_count,
            capabilities=capabilities(
                figures,
                template=small.template,
                config=config,
                projectors=map(self._headers.read, outline.projectors),
            ),
        )

    def _figures_of(self, weights: Path) -> Figures:
        if weights not in self._figures:  # many models share their weights
            self._figures[weights] = figures_of(self._headers.read(weights))
        return self._figures[weights]


def _small_layers(store: Store, manifest: Manifest) -> _SmallLayers:
    """Read all layers that are no GGUF files; of several of a type the last counts, as in Ollama.

    Raises:
        ExternalError: If one is missing or damaged.
    """

    def texts(*media_types: LayerType) -> list[str]:
        return [blob.decode("utf-8", "replace") for blob in _blobs(store, manifest, *media_types)]

    parameters: dict[str, ParameterValue] = {}
    messages: tuple[Message, ...] = ()
    with _damage_named("its parameters or messages"):
        for blob in _blobs(store, manifest, LayerType.PARAMS):
            parameters |= read_params(blob)
        for blob in _blobs(store, manifest, LayerType.MESSAGES):
            messages = read_messages(blob)
    return _SmallLayers(
        template=next(iter(texts(LayerType.TEMPLATE, LayerType.PROMPT)[::-1]), None),
        system=next(iter(texts(LayerType.SYSTEM)[::-1]), None) or None,
        parameters=parameters,
        messages=messages,
        licenses=tuple(texts(LayerType.LICENSE)),
    )


def _gguf_paths(store: Store, manifest: Manifest, media_type: LayerType) -> tuple[Path, ...]:
    """Return where the blobs of one layer type lie."""
    return tuple(store.blob_path(layer.digest) for layer in manifest.of_type(media_type))


def _outline(store: Store, file: ManifestFile) -> StoredModel:
    weights = file.manifest.of_type(LayerType.MODEL)
    return StoredModel(
        name=file.name.short,
        digest=file.digest,
        size_bytes=file.manifest.size_bytes,
        modified_at=file.modified_at,
        home=Home(folder=store.root),
        weights=store.blob_path(weights[0].digest) if weights else Path(),
        adapters=_gguf_paths(store, file.manifest, LayerType.ADAPTER),
        projectors=_gguf_paths(store, file.manifest, LayerType.PROJECTOR),
        drafts=_gguf_paths(store, file.manifest, LayerType.DRAFT),
        parent_name=(weights[0].source or None) if weights else None,
    )


def _check_blobs(store: Store, manifest: Manifest) -> None:
    weights = manifest.of_type(LayerType.MODEL)
    if not weights:
        raise ExternalError(_why_no_weights(store, manifest))
    if len(weights) > 1:
        raise ExternalError("Its weights are split over several files, which Corral cannot load.")
    for layer in (manifest.config, *manifest.layers):
        if layer.media_type != LayerType.EMBED:  # nothing reads it any more
            _check_blob(store, layer)


def _why_no_weights(store: Store, manifest: Manifest) -> str:
    if tensors := manifest.of_type(LayerType.TENSOR):
        return (
            f"It is a safetensors model in {len(tensors):,} tensor layers; llama.cpp runs GGUF "
            "files only."
        )
    config = _told_fields(store, manifest)
    if host := config.get("remote_host") or config.get("remote_model"):
        return f"It runs on a server ({host}); Corral runs models on this computer only."
    return "It has no GGUF weights, so Corral cannot run it."


def _told_fields(store: Store, manifest: Manifest) -> Mapping[str, JsonValue]:
    with suppress(ExternalError, ValueError, RecursionError):
        return read_config(store.read_blob(manifest.config.digest))
    return {}


def _told_config(store: Store, manifest: Manifest) -> ModelConfig:
    """Return what the config of a model says that cannot be used, as far as it can be read."""
    fields = _told_fields(store, manifest)

    def number(name: str) -> int:
        value = fields.get(name)
        return value if isinstance(value, int) else 0

    return model_config(
        fields,
        context_length=number("context_length"),
        embedding_length=number("embedding_length"),
    )


def _check_blob(store: Store, layer: Layer) -> None:
    kind = layer.media_type.rpartition(".")[2]
    size_bytes = store.blob_size(layer.digest)
    if size_bytes is None:
        raise ExternalError(f"A part is missing: the blob {layer.digest[:19]} ({kind}).")
    if size_bytes != layer.size_bytes:
        raise ExternalError(
            f"A part is damaged: the blob {layer.digest[:19]} ({kind}) has {size_bytes:,} bytes "
            f"instead of {layer.size_bytes:,}."
        )


def _blobs(store: Store, manifest: Manifest, *media_types: LayerType) -> Iterator[bytes]:
    return (store.read_blob(layer.digest) for layer in manifest.of_type(*media_types))


@contextmanager
def _damage_named(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise ExternalError(f"A part is damaged: {what} cannot be read.") from error
