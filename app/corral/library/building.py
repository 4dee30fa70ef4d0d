"""Putting a model together from layers: the one place where manifests are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corral.gguf.header import Header
from corral.library.go_json import JsonValue
from corral.library.layers import config_bytes, messages_bytes, params_bytes
from corral.library.manifest import CONFIG_TYPE, Layer, LayerType, Manifest
from corral.library.names import Name
from corral.library.store import Store
from corral.library.trash import Trash
from corral.prompt.message import Message
from corral.units import parameter_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a model is made of; all its GGUF blobs are in place.

    Attributes:
        layers: Layers to begin with, those of a base model or of files.
        config: Fields of the config.
        template: Go template; None keeps that of the layers, "" removes it. So with `system`.
        system: System text.
        parameters: Parameters, all of them; None keeps those of the layers.
        messages: Messages; None keeps those of the layers.
        licenses: Licences that are added.
    """

    layers: Sequence[Layer]
    config: Mapping[str, JsonValue]
    template: str | None = None
    system: str | None = None
    parameters: Mapping[str, JsonValue] | None = None
    messages: Sequence[Message] | None = None
    licenses: Sequence[str] = field(default=())


def store_model(store: Store, trash: Trash, name: Name, recipe: Recipe) -> None:
    """Write a model; the caller holds the store's lock.

    The manifest comes last, by one rename, so that a crash leaves the model whole or absent. One
    that it replaces is kept in the trash.
    """
    manifest = _build(store, recipe)
    if store.manifest_path(name).is_file():
        if store.manifest_path(name).read_bytes() == manifest.to_bytes():
            return
        trash.keep_copy(name)
    store.write_manifest(name, manifest)


def gguf_config(header: Header) -> dict[str, JsonValue]:
    """Return the config of a model that is made from a GGUF file."""
    return {
        "model_format": "gguf",
        "model_family": header.architecture,
        "model_families": [header.architecture],
        "model_type": parameter_count(header.parameter_count),
        "file_type": header.quantization or "unknown",
    }


def with_family(config: Mapping[str, JsonValue], header: Header) -> dict[str, JsonValue]:
    """Return a config that names the architecture of a projector among its families."""
    told = config.get("model_families")
    families = list(told) if isinstance(told, list) else []
    if header.architecture not in families:
        families.append(header.architecture)
    return {**config, "model_families": families}


def _build(store: Store, recipe: Recipe) -> Manifest:
    layers = list(recipe.layers)
    if recipe.template is not None:
        layers[:] = [layer for layer in layers if layer.media_type != LayerType.PROMPT]
        _replace(store, layers, LayerType.TEMPLATE, recipe.template.encode("utf-8", "replace"))
    if recipe.system is not None:
        _replace(store, layers, LayerType.SYSTEM, recipe.system.encode("utf-8", "replace"))
    for text in filter(None, recipe.licenses):
        layer = store.write_blob(text.encode("utf-8", "replace"), LayerType.LICENSE)
        if layer.digest not in {each.digest for each in layers}:
            layers.append(layer)
    if recipe.parameters is not None:
        data = params_bytes(recipe.parameters) if recipe.parameters else b""
        _replace(store, layers, LayerType.PARAMS, data)
    if recipe.messages is not None:
        data = messages_bytes(recipe.messages) if recipe.messages else b""
        _replace(store, layers, LayerType.MESSAGES, data)
    config = store.write_blob(config_bytes(recipe.config), CONFIG_TYPE)
    return Manifest(config=config, layers=tuple(layers))


def _replace(store: Store, layers: list[Layer], media_type: LayerType, data: bytes) -> None:
    layers[:] = [layer for layer in layers if layer.media_type != media_type]
    if data:
        layers.append(store.write_blob(data, media_type))
