"""A Modelfile becomes a model that shares the blobs of what it is made from."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.jobs import Progress, Ticket
from corral.library.building import Recipe, gguf_config, store_model, with_family
from corral.library.go_json import JsonValue
from corral.library.layers import params_fields, read_config
from corral.library.linking import Links
from corral.library.manifest import Layer, LayerType, Manifest
from corral.library.names import Name, parse_name
from corral.library.pieces import Part, Piece, Way, checked_header, take_pieces
from corral.library.sources import FindElsewhere, NamedModel, SourceFile, Sources, find_sources
from corral.library.store import Store
from corral.library.taking import place
from corral.library.texts import texts_of
from corral.library.trash import Trash
from corral.modelfile.catalogue import ParameterValue
from corral.modelfile.document import Document


class Creating:
    """Creates models in one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
        find_elsewhere: Finds the models of other programs.
    """

    def __init__(
        self, store: Store, links: Links, trash: Trash, find_elsewhere: FindElsewhere
    ) -> None:
        self._find_elsewhere = find_elsewhere
        self._store = store
        self._links = links
        self._trash = trash

    def run(self, name: str, document: Document, base_dir: Path | None, way: Way) -> Name:
        """Create a model; see `Library.create`."""
        target = parse_name(name)
        sources = find_sources(self._store, document, base_dir, self._find_elsewhere)
        texts = texts_of(document, sources.found)
        parts = [_checked(source, way.ticket) for source in sources.files]
        _check_weights(sources, parts)
        with ExitStack() as stack:
            pieces = take_pieces(self._store, parts, way, stack)
            way.ticket.report(Progress(phase="Writing the manifest", unit="steps"))
            stack.enter_context(self._store.exclusive())
            target = self._store.find(target) or target
            for piece in pieces:
                if piece.content:
                    place(self._store, self._links, piece.content)
            recipe = self._base_recipe(sources.base, target, pieces)
            recipe = replace(
                recipe,
                config={**recipe.config, **texts.config},
                template=texts.template,
                system=texts.system,
                licenses=texts.licenses,
                parameters=merged(self._store, recipe.layers, texts.parameters),
                messages=texts.messages or None,
            )
            store_model(self._store, self._trash, target, recipe)
        return target

    def _base_recipe(
        self, base: NamedModel | None, target: Name, pieces: Iterable[Piece]
    ) -> Recipe:
        layers: list[Layer] = []
        config: dict[str, JsonValue] = {}
        if base:
            manifest = self._store.read_manifest(base.name).manifest
            layers, config = taken_over(self._store, manifest, base.name, target)
        # The weights come first, wherever FROM names them, so that the config begins with theirs.
        for piece in sorted(pieces, key=lambda each: each.layer.media_type != LayerType.MODEL):
            layers.append(piece.layer)
            if piece.layer.media_type == LayerType.MODEL:
                config = gguf_config(piece.header)
            if piece.layer.media_type == LayerType.PROJECTOR:
                config |= with_family(config, piece.header)
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
    layers = [layer for layer in manifest.layers if layer.media_type != LayerType.EMBED]
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
    store: Store, layers: Iterable[Layer], parameters: Mapping[str, ParameterValue]
) -> dict[str, JsonValue] | None:
    """Return the base's parameters with some set anew, None if there are none at all.

    Lists are replaced, not added to. As Ollama does, they are written anew even when nothing is
    set, so that equal models get equal digests.

    Raises:
        ExternalError: If the base's are damaged.
    """
    base: dict[str, JsonValue] = {}
    for layer in layers:
        if layer.media_type == LayerType.PARAMS:
            try:
                base |= params_fields(store.read_blob(layer.digest))
            except ValueError as error:
                raise ExternalError("The parameters of the base model are damaged.") from error
    return {**base, **parameters} or None


def _checked(source: SourceFile, ticket: Ticket) -> Part:
    header = checked_header(source.paths, ticket)
    return Part(paths=source.paths, header=header, kind=source.kind(header))


def _check_weights(sources: Sources, parts: Iterable[Part]) -> None:
    weights = [
        source
        for source, part in zip(sources.files, parts, strict=True)
        if part.kind is LayerType.MODEL
    ]
    if not weights and sources.base is None:
        raise UserError("FROM names no model, only a part of one.")
    if len(weights) + (sources.base is not None) > 1:
        names = [safe_line(source.path.name) for source in weights]
        raise UserError(
            "FROM names two models.",
            detail="\n".join(names),
            hint="Name the file of one model.",
            place=weights[-1].command.place,
        )
