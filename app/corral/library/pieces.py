"""The GGUF files that a model is made of, on their way into the store."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from corral.gguf.check import check_file, check_model
from corral.gguf.header import Header
from corral.jobs import Progress, Ticket
from corral.library.manifest import Layer, LayerType, canonical_digest
from corral.library.merging import take_merged
from corral.library.store import Store
from corral.library.taking import Content, ImportHow, take


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A checked file that is to become a layer.

    Attributes:
        paths: The file, or all files of split weights.
        header: What they say.
        kind: The layer's type.
    """

    paths: tuple[Path, ...]
    header: Header
    kind: LayerType

    @property
    def size_bytes(self) -> int:
        """Size of the files."""
        return sum(path.stat().st_size for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part whose content was read.

    Attributes:
        layer: The layer that it becomes.
        header: What the file says.
        content: What is to be put in place; None when the blob is there already.
    """

    layer: Layer
    header: Header
    content: Content | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How content comes into the store.

    Attributes:
        how: By link, copy, or what is best here.
        ticket: For progress and cancel.
        ask_link: Asked whether a hard link will do; None means no.
    """

    how: ImportHow
    ticket: Ticket
    ask_link: Callable[[], bool] | None = None


def checked_header(paths: Sequence[Path], ticket: Ticket) -> Header:
    """Check a GGUF file, or all files of a split model, and return what they say.

    Raises:
        GgufError: If they are not sound.
        Cancelled: If the ticket was cancelled.
    """
    ticket.report(Progress(phase="Checking the file", unit="steps"))
    return check_file(paths[0]) if len(paths) == 1 else check_model(paths[0])


def take_pieces(store: Store, parts: Iterable[Part], way: Way, stack: ExitStack) -> list[Piece]:
    """Read the files of a model, cloning, copying or joining them as needed.

    The free space is checked for all of them before the first byte is written.

    Args:
        store: Where they are to go.
        parts: The files.
        way: How.
        stack: Undoes what was not put in place.

    Raises:
        UserError: If a link was demanded and is not possible.
        ExternalError: If the disk is full or fails, or a file changes meanwhile.
        Cancelled: If the ticket was cancelled.
    """
    pieces, left = [], [part for part in parts if _own_blob(store, part) is None]
    to_come = sum(part.size_bytes for part in left)
    for part in parts:
        digest = _own_blob(store, part)
        if digest is None:
            to_come -= part.size_bytes
        pieces.append(_piece(store, part, way, stack, digest=digest, beside_bytes=to_come))
    return pieces


def _piece(
    store: Store, part: Part, way: Way, stack: ExitStack, *, digest: str | None, beside_bytes: int
) -> Piece:
    content = None
    if digest is None:
        content = stack.enter_context(
            take_merged(store, part.paths, way.ticket, beside_bytes=beside_bytes)
            if len(part.paths) > 1
            else take(
                store, part.paths[0], way.how, way.ticket, way.ask_link, beside_bytes=beside_bytes
            )
        )
    layer = Layer(
        media_type=part.kind,
        digest=content.digest if content else digest or "",
        size_bytes=content.size_bytes if content else part.size_bytes,
    )
    return Piece(layer=layer, header=part.header, content=content)


def _own_blob(store: Store, part: Part) -> str | None:
    """Return the digest when a file is a blob of the store itself."""
    if len(part.paths) > 1 or part.paths[0].parent != store.blobs.resolve():
        return None
    try:
        return canonical_digest(part.paths[0].name)
    except ValueError:
        return None
