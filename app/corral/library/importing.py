"""A GGUF file of the user's becomes a model."""

from collections.abc import Callable
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.gguf.check import check_file
from corral.gguf.header import Header
from corral.jobs import Progress, Ticket
from corral.library.building import Recipe, gguf_config, store_model
from corral.library.linking import Links
from corral.library.manifest import Layer, LayerType
from corral.library.moving import name_taken
from corral.library.names import Name, parse_name
from corral.library.naming import default_name, numbered
from corral.library.store import Store
from corral.library.taking import Content, ImportHow, place, take
from corral.library.trash import Trash


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

    def run(
        self,
        path: Path,
        name: str | None,
        how: ImportHow,
        ticket: Ticket,
        ask_link: Callable[[], bool] | None,
    ) -> Name:
        """Import a file; see `Library.import_file`.

        Returns:
            The name of the model, which may have been there with this content before.
        """
        asked = parse_name(name) if name else None
        source = existing_file(path)
        ticket.report(Progress(phase="Checking the file", unit="steps"))
        header = check_file(source)
        refuse_unless_model(header, source)
        if asked:
            self._refuse_taken(asked, source.stat().st_size)
        with take(self._store, source, how, ticket, ask_link) as content, self._store.exclusive():
            final = self._final_name(asked, default_name(path, header.quantization), content)
            place(self._store, self._links, content)
            if not self._has(final, content):
                recipe = Recipe(layers=[model_layer(content)], config=gguf_config(header))
                store_model(self._store, self._trash, final, recipe)
        return final

    def _refuse_taken(self, name: Name, size_bytes: int) -> None:
        """Refuse a name whose model is surely another, before anything is copied."""
        found = self._store.find(name)
        if found and self._weights_size(found) != size_bytes:
            raise name_taken(found)

    def _final_name(self, asked: Name | None, default: Name, content: Content) -> Name:
        if asked is None:
            return self._free_name(default, content)
        found = self._store.find(asked)
        if found and not self._has(found, content):
            raise name_taken(found)
        return found or asked

    def _free_name(self, default: Name, content: Content) -> Name:
        name, number = default, 1
        while found := self._store.find(name):
            if self._has(found, content):
                return found
            number += 1
            name = numbered(default, number)
        return name

    def _has(self, name: Name, content: Content) -> bool:
        """Whether a model is stored whose weights are this content."""
        if self._store.find(name) is None:
            return False
        weights = self._store.read_manifest(name).manifest.of_type(LayerType.MODEL)
        return any(layer.digest == content.digest for layer in weights)

    def _weights_size(self, name: Name) -> int:
        weights = self._store.read_manifest(name).manifest.of_type(LayerType.MODEL)
        return sum(layer.size_bytes for layer in weights)


def existing_file(path: Path) -> Path:
    """Return the path of a file without symbolic links.

    Raises:
        UserError: If it is not there or no file.
    """
    shown = safe_line(str(path))
    if path.is_dir():
        raise UserError(f"{shown} is a folder.", hint="Name a GGUF file in it.")
    if not path.is_file():
        raise UserError(f"There is no file {shown}.")
    return path.resolve()


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


def model_layer(content: Content, media_type: LayerType = LayerType.MODEL) -> Layer:
    """Return the layer of a GGUF file's content."""
    return Layer(media_type=media_type, digest=content.digest, size_bytes=content.size_bytes)
