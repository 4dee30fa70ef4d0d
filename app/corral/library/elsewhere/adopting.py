"""A model of Ollama's becomes one's own to the last byte: the same blobs, the same manifest."""

import hashlib
from contextlib import ExitStack
from pathlib import Path

from corral.errors import ExternalError
from corral.jobs import Progress
from corral.library.elsewhere.ollama import ForeignStore
from corral.library.linking import Links
from corral.library.manifest import Layer, LayerType
from corral.library.model import StoredModel
from corral.library.moving import name_taken
from corral.library.names import Name
from corral.library.pieces import Part, Piece, Way, checked_header, take_pieces
from corral.library.store import ManifestFile, Store
from corral.library.taking import place

_GGUF_TYPES = (LayerType.MODEL, LayerType.PROJECTOR, LayerType.ADAPTER, LayerType.DRAFT)


class Adopting:
    """Takes models of an Ollama store into the own one.

    Args:
        store: The own store.
        links: Its record of linked blobs.
    """

    def __init__(self, store: Store, links: Links) -> None:
        self._store = store
        self._links = links

    def run(self, model: StoredModel, target: Name, way: Way) -> Name:
        """Take a model in; see `Library.take_in`.

        Raises:
            UserError: If a model has that name meanwhile, or a link cannot be.
            ExternalError: If a blob is not what its name says, or the disk is full or fails.
            Cancelled: If the ticket was cancelled.
        """
        theirs = ForeignStore(model.home.folder)
        file = _manifest_of(theirs, model)
        layers = file.manifest.of_type(*_GGUF_TYPES)
        texts = [layer for layer in file.manifest.layers if layer not in layers]
        parts = [_part(theirs, layer, way) for layer in layers]
        with ExitStack() as stack:
            pieces = take_pieces(self._store, parts, way, stack)
            for piece, layer in zip(pieces, layers, strict=True):
                _check(layer, piece.layer.digest)
            way.ticket.report(Progress(phase="Writing the manifest", unit="steps"))
            small = [(layer, _read(theirs, layer)) for layer in (file.manifest.config, *texts)]
            data = theirs.manifest_path(file.name).read_bytes()
            stack.enter_context(self._store.exclusive())
            if taken := self._store.find(target):
                raise name_taken(taken)
            self._place(pieces)
            for layer, text in small:
                self._store.write_blob(text, layer.media_type)
            self._store.write_file(self._store.manifest_path(target), data)
        return target

    def _place(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.content:
                place(self._store, self._links, piece.content)


def _manifest_of(store: Store, model: StoredModel) -> ManifestFile:
    """Return the manifest of a listed model; in the list it may have another name."""
    for name in store.list_names():
        try:
            file = store.read_manifest(name)
        except ExternalError:
            continue
        if file.digest == model.digest:
            return file
    raise ExternalError(
        f"'{model.name}' was changed or removed meanwhile.", hint="List the models again."
    )


def _part(store: Store, layer: Layer, way: Way) -> Part:
    path: Path = store.blob_path(layer.digest).resolve()
    header = checked_header([path], way.ticket)
    return Part(paths=(path,), header=header, kind=LayerType(layer.media_type))


def _read(store: Store, layer: Layer) -> bytes:
    data = store.read_blob(layer.digest)
    _check(layer, f"sha256:{hashlib.sha256(data).hexdigest()}")
    return data


def _check(layer: Layer, digest: str) -> None:
    if digest != layer.digest:
        kind = layer.media_type.rpartition(".")[2]
        raise ExternalError(
            f"The blob {layer.digest[:19]} ({kind}) is damaged: its content is {digest[:19]}.",
            hint="Pull the model again.",
        )
