"""A Modelfile becomes a model that shares the blobs of what it is made from."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.gguf.check import check_file
from corral.gguf.header import Header
from corral.jobs import Progress, Ticket
from corral.library.building import Recipe, gguf_config, store_model
from corral.library.go_json import JsonValue
from corral.library.importing import model_layer
from corral.library.layers import read_config, read_params
from corral.library.linking import Links
from corral.library.manifest import Layer, LayerType, Manifest, canonical_digest
from corral.library.names import Name, parse_name
from corral.library.sources import NamedModel, SourceFile, Sources, find_sources
from corral.library.store import Store
from corral.library.taking import Content, ImportHow, place, take
from corral.library.trash import Trash
from corral.modelfile.catalogue import ParameterValue
from corral.modelfile.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A GGUF file that becomes a layer.

    Attributes:
        layer: The layer.
        header: What the file says.
        content: What is to be put in place; None when the blob is there already.
    """

    layer: Layer
    header: Header
    content: Content | None


class Creating:
    """Creates models in one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
    """

    def __init__(self, store: Store, links: Links, trash: Trash) -> None:
        self._store = store
        self._links = links
        self._trash = trash

    def run(self, name: str, document: Document, base_dir: Path | None, ticket: Ticket) -> Name:
        """Create a model; see `Library.create`."""
        target = parse_name(name)
        parameters, messages = document.parameters, document.messages
        sources = find_sources(self._store, document, base_dir)
        with ExitStack() as stack:
            pieces = [self._piece(source, ticket, stack) for source in sources.files]
            _check_weights(sources, pieces)
            ticket.report(Progress(phase="Writing the manifest", unit="steps"))
            stack.enter_context(self._store.exclusive())
            target = self._store.find(target) or target
            for piece in pieces:
                if piece.content:
                    place(self._store, self._links, piece.content)
            recipe = self._base_recipe(sources.base, target, pieces)
            recipe = replace(
                recipe,
                config={**recipe.config, **_config_changes(document)},
                template=document.template,
                system=document.system,
                licenses=document.licenses,
                parameters=merged(self._store, recipe.layers, parameters),
                messages=messages or None,
            )
            store_model(self._store, self._trash, target, recipe)
        return target

    def _piece(self, source: SourceFile, ticket: Ticket, stack: ExitStack) -> Piece:
        header = _checked(source, ticket)
        digest = _own_blob(self._store, source.path)
        if digest:
            size_bytes = source.path.stat().st_size
            layer = Layer(media_type=source.kind(header), digest=digest, size_bytes=size_bytes)
            return Piece(layer=layer, header=header, content=None)
        content = stack.enter_context(
            take(self._store, source.path, ImportHow.COPY, ticket, ask_link=None)
        )
        layer = model_layer(content, source.kind(header))
        return Piece(layer=layer, header=header, content=content)

    def _base_recipe(
        self, base: NamedModel | None, target: Name, pieces: Iterable[Piece]
    ) -> Recipe:
        layers: list[Layer] = []
        config: dict[str, JsonValue] = {}
        if base:
            manifest = self._store.read_manifest(base.name).manifest
            layers, config = taken_over(self._store, manifest, base.name, target)
        for piece in pieces:
            layers.append(piece.layer)
            if piece.layer.media_type == LayerType.MODEL:
                config = gguf_config(piece.header)
            if piece.layer.media_type == LayerType.DRAFT:
                config["draft"] = {
                    "model_format": "gguf",
                    "architecture": piece.header.architecture,
                }
        return Recipe(layers=layers, config=config)


def taken_over(
    store: Store, manifest: Manifest, base: Name, target: Name
) -> tuple[list[Layer], dict[str, JsonValue]]:
    """Return the layers of a base model, marked as coming from it, and its config.

    Raises:
        ExternalError: If the base model is damaged.
    """
    layers = list(manifest.layers)
    for layer in layers:
        if store.blob_size(layer.digest) != layer.size_bytes:
            raise ExternalError(f"The model '{base.short}' is damaged: a blob is missing.")
    if base != target:  # a model that is made anew from itself keeps its origin
        layers = [replace(layer, source=base.short) for layer in layers]
    try:
        return layers, read_config(store.read_blob(manifest.config.digest))
    except ValueError as error:
        raise ExternalError(f"The config of the model '{base.short}' is damaged.") from error


def merged(
    store: Store, layers: Iterable[Layer], parameters: dict[str, ParameterValue]
) -> dict[str, ParameterValue] | None:
    """Return the base's parameters with some set anew, None if there are no new ones.

    Lists are replaced, not added to.

    Raises:
        ExternalError: If the base's are damaged.
    """
    if not parameters:
        return None
    base: dict[str, ParameterValue] = {}
    for layer in layers:
        if layer.media_type == LayerType.PARAMS:
            try:
                base |= read_params(store.read_blob(layer.digest))
            except ValueError as error:
                raise ExternalError("The parameters of the base model are damaged.") from error
    return base | parameters


def _checked(source: SourceFile, ticket: Ticket) -> Header:
    ticket.report(Progress(phase="Checking the file", unit="steps"))
    return check_file(source.path)


def _check_weights(sources: Sources, pieces: Iterable[Piece]) -> None:
    weights = [
        source.command
        for source, piece in zip(sources.files, pieces, strict=True)
        if piece.layer.media_type == LayerType.MODEL
    ]
    if not weights and sources.base is None:
        raise UserError("FROM names no model, only a part of one.")
    if len(weights) + (sources.base is not None) > 1:
        raise UserError("FROM names two models.", place=weights[-1].place)


def _own_blob(store: Store, path: Path) -> str | None:
    """Return the digest when a file is a blob of the store itself."""
    if path.parent != store.blobs.resolve():
        return None
    try:
        return canonical_digest(path.name)
    except ValueError:
        return None


def _config_changes(document: Document) -> dict[str, JsonValue]:
    changes = {
        "renderer": document.renderer,
        "parser": document.parser,
        "requires": document.requires and document.requires.removeprefix("v"),
    }
    return {name: value for name, value in changes.items() if value}
