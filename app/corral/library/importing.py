"""A GGUF file of the user's becomes a model."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gguf.header import Header
from corral.jobs import Ticket
from corral.library.building import Recipe, gguf_config, store_model, with_family
from corral.library.folders import siblings
from corral.library.linking import Links
from corral.library.manifest import LayerType
from corral.library.moving import name_taken
from corral.library.names import Name, parse_name
from corral.library.naming import default_name, numbered
from corral.library.pieces import Part, Piece, Way, checked_header, take_pieces
from corral.library.projectors import projector_beside
from corral.library.store import Store
from corral.library.taking import ImportHow, place
from corral.library.trash import Trash

_PARTS = (LayerType.MODEL, LayerType.PROJECTOR)


class Importing:
    """Imports into one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
    """

    def __init__(self, store: Store, links: Links, trash: Trash) -> None:
        self._store = store
        self._links = links
        self._trash = trash

    def run(self, path: Path, name: str | None, way: Way) -> Name:
        """Import a file; see `Library.import_file`.

        Returns:
            The name of the model, which may have been there with this content before.
        """
        asked = parse_name(name) if name else None
        refuse_no_file(path)
        paths = siblings(path)
        if len(paths) > 1 and way.how is ImportHow.LINK:
            raise UserError(
                f"{safe_line(paths[0].name)} is one of {len(paths)} files, which are joined.",
                hint="Import it without asking for a link.",
            )
        parts = _parts(path, paths, way.ticket)
        if asked:
            self._refuse_taken(asked, parts[0])
        with ExitStack() as stack:
            pieces = take_pieces(self._store, parts, way, stack)
            stack.enter_context(self._store.exclusive())
            header = pieces[0].header
            final = self._final_name(asked, default_name(path, header.quantization), pieces)
            for piece in pieces:
                if piece.content:
                    place(self._store, self._links, piece.content)
            if not self._has(final, pieces):
                store_model(self._store, self._trash, final, _recipe(pieces))
        return final

    def _refuse_taken(self, name: Name, weights: Part) -> None:
        """Refuse a name whose model is surely another, before anything is copied."""
        found = self._store.find(name)
        if found is None or len(weights.paths) > 1:  # how large joined files are is not known yet
            return
        layers = self._store.read_manifest(found).manifest.of_type(LayerType.MODEL)
        if sum(layer.size_bytes for layer in layers) != weights.size_bytes:
            raise name_taken(found)

    def _final_name(self, asked: Name | None, default: Name, pieces: Sequence[Piece]) -> Name:
        if asked is None:
            return self._free_name(default, pieces)
        found = self._store.find(asked)
        if found and not self._has(found, pieces):
            raise name_taken(found)
        return found or asked

    def _free_name(self, default: Name, pieces: Sequence[Piece]) -> Name:
        name, number = default, 1
        while found := self._store.find(name):
            if self._has(found, pieces):
                return found
            number += 1
            name = numbered(default, number)
        return name

    def _has(self, name: Name, pieces: Sequence[Piece]) -> bool:
        """Whether a model is stored that has this content, and perhaps a text of its own."""
        if self._store.find(name) is None:
            return False
        stored = self._store.read_manifest(name).manifest.of_type(*_PARTS)
        return {layer.digest for layer in stored} == {piece.layer.digest for piece in pieces}


def _parts(path: Path, paths: tuple[Path, ...], ticket: Ticket) -> list[Part]:
    header = checked_header(paths, ticket)
    refuse_unless_model(header, paths[0])
    parts = [Part(paths=paths, header=header, kind=LayerType.MODEL)]
    if projector := projector_beside(path, header):
        beside = checked_header([projector], ticket)
        parts.append(Part(paths=(projector.resolve(),), header=beside, kind=LayerType.PROJECTOR))
    return parts


def _recipe(pieces: Sequence[Piece]) -> Recipe:
    config = gguf_config(pieces[0].header)
    for piece in pieces[1:]:
        config = with_family(config, piece.header)
    return Recipe(layers=[piece.layer for piece in pieces], config=config)


def refuse_no_file(path: Path) -> None:
    """Make sure that there is a file.

    Raises:
        UserError: If it is not there or no file.
    """
    shown = safe_line(str(path))
    if path.is_dir():
        raise UserError(f"{shown} is a folder.", hint="Name a GGUF file in it.")
    if not path.is_file():
        raise UserError(f"There is no file {shown}.")


def refuse_unless_model(header: Header, path: Path) -> None:
    """Make sure that a GGUF file is a whole model of its own.

    Raises:
        UserError: If it is not.
    """
    shown = safe_line(path.name)
    if header.is_adapter:
        raise UserError(
            f"{shown} is a LoRA adapter, not a model.",
            hint="Create a model with FROM and ADAPTER in a Modelfile.",
        )
    if header.is_projector:
        raise UserError(
            f"{shown} is a projector, which is a part of a model.",
            hint="Create a model with two FROM lines in a Modelfile.",
        )
