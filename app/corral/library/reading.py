"""From a manifest to the model that it describes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from corral.errors import CorralError, ExternalError
from corral.foreign import safe_line
from corral.gguf.cache import HeaderCache
from corral.gguf.header import Header
from corral.library.layers import model_config, read_config, read_messages, read_params
from corral.library.manifest import Layer, LayerType, Manifest
from corral.library.model import ModelConfig, StoredModel
from corral.library.names import Name
from corral.library.store import ManifestFile, Store
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallLayers:
    """What the layers of a model hold apart from the weights."""

    template: str | None
    system: str | None
    parameters: dict[str, ParameterValue]
    messages: tuple[Message, ...]
    licenses: tuple[str, ...]


def read_model(store: Store, headers: HeaderCache, name: Name) -> StoredModel:
    """Read a stored model; what is wrong with it goes into its `problem`."""
    try:
        file = store.read_manifest(name)
    except ExternalError as error:
        return StoredModel(name=name.short, problem=str(error))
    model = _outline(store, file)
    try:
        _check_blobs(store, file.manifest)
        small = read_small_layers(store, file.manifest)
        header = headers.read(model.weights)
        config = read_model_config(store, file.manifest, header)
    except CorralError as error:
        return replace(model, problem=safe_line(str(error)))
    return replace(
        model,
        template=small.template,
        system=small.system,
        parameters=small.parameters,
        messages=small.messages,
        licenses=small.licenses,
        config=config,
    )


def read_small_layers(store: Store, manifest: Manifest) -> SmallLayers:
    """Read all layers that are no GGUF files.

    Raises:
        ExternalError: If one is missing or damaged.
    """

    def texts(media_type: LayerType) -> list[str]:
        blobs = [store.read_blob(layer.digest) for layer in manifest.of_type(media_type)]
        return [blob.decode("utf-8", "replace") for blob in blobs]

    with _damage_named("its parameters or messages"):
        params = [read_params(blob) for blob in _blobs(store, manifest, LayerType.PARAMS)]
        messages = [read_messages(blob) for blob in _blobs(store, manifest, LayerType.MESSAGES)]
    return SmallLayers(
        template=next(iter(texts(LayerType.TEMPLATE)), None),
        system=next(iter(texts(LayerType.SYSTEM)), None) or None,
        parameters=params[-1] if params else {},
        messages=messages[-1] if messages else (),
        licenses=tuple(texts(LayerType.LICENSE)),
    )


def read_model_config(store: Store, manifest: Manifest, header: Header) -> ModelConfig:
    """Read what the config says.

    Raises:
        ExternalError: If it is missing or damaged.
    """
    with _damage_named("its config"):
        fields = read_config(store.read_blob(manifest.config.digest))
    return model_config(
        fields, context_length=header.context_length, embedding_length=header.embedding_length
    )


def gguf_paths(store: Store, manifest: Manifest, media_type: LayerType) -> tuple[Path, ...]:
    """Return where the blobs of one layer type lie."""
    return tuple(store.blob_path(layer.digest) for layer in manifest.of_type(media_type))


def _outline(store: Store, file: ManifestFile) -> StoredModel:
    weights = file.manifest.of_type(LayerType.MODEL)
    return StoredModel(
        name=file.name.short,
        digest=file.digest,
        size_bytes=file.manifest.size_bytes,
        modified_at=file.modified_at,
        weights=store.blob_path(weights[0].digest) if weights else Path(),
        adapters=gguf_paths(store, file.manifest, LayerType.ADAPTER),
        projectors=gguf_paths(store, file.manifest, LayerType.PROJECTOR),
        drafts=gguf_paths(store, file.manifest, LayerType.DRAFT),
        parent_name=(weights[0].source or None) if weights else None,
    )


def _check_blobs(store: Store, manifest: Manifest) -> None:
    weights = manifest.of_type(LayerType.MODEL)
    if not weights:
        raise ExternalError("It has no GGUF weights, so Corral cannot run it.")
    if len(weights) > 1:
        raise ExternalError("Its weights are split over several files, which Corral cannot load.")
    for layer in (manifest.config, *manifest.layers):
        _check_blob(store, layer)


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


def _blobs(store: Store, manifest: Manifest, media_type: LayerType) -> Iterator[bytes]:
    return (store.read_blob(layer.digest) for layer in manifest.of_type(media_type))


@contextmanager
def _damage_named(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise ExternalError(f"A part is damaged: {what} cannot be read.") from error
