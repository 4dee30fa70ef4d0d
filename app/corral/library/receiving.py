"""Files that came over the network, whole and verified, become a model."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from corral.gguf.check import check_file
from corral.jobs import Progress, Ticket
from corral.library.building import Recipe, gguf_config, store_model, with_family
from corral.library.disk import move_durably
from corral.library.importing import refuse_unless_model
from corral.library.linking import Links
from corral.library.manifest import Layer, LayerType
from corral.library.names import Name, parse_name
from corral.library.store import Store
from corral.library.trash import Trash


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A file that arrived.

    Attributes:
        path: Where it lies now, on the drive of the models; its blob when that was there before.
        digest: Its digest, already verified.
        size_bytes: Its size.
    """

    path: Path
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Everything that one model is made of.

    Attributes:
        weights: Its GGUF file, or all of them in order when the weights are split.
        projectors: Its projectors.
        licenses: Its licence texts.
    """

    weights: Sequence[Arrival]
    projectors: Sequence[Arrival] = ()
    licenses: Sequence[str] = ()


class Receiving:
    """Receives into one store.

    Args:
        store: The store.
        links: Its record of linked blobs.
        trash: Its trash.
        announce: Called after a model has come.

    Thread: any.
    """

    def __init__(
        self, store: Store, links: Links, trash: Trash, announce: Callable[[], None]
    ) -> None:
        self._store = store
        self._links = links
        self._trash = trash
        self._announce = announce

    def blob_path(self, digest: str) -> Path:
        """Return where the blob of a digest lies, or would lie."""
        return self._store.blob_path(digest)

    def partial_path(self, digest: str) -> Path:
        """Return where a blob arrives: Ollama's name for it, which no sweep takes for a blob."""
        blob = self._store.blob_path(digest)
        return blob.with_name(f"{blob.name}-partial")

    def need_space(self, size_bytes: int, what: str) -> None:
        """Make sure that so much fits.

        Raises:
            ExternalError: If it does not, with both numbers.
        """
        self._store.need_space(size_bytes, what)

    def run(self, name: str, shipment: Shipment, ticket: Ticket) -> Name:
        """Make a model of what arrived; one of the same name is replaced and kept in the trash.

        Args:
            name: Name of the model.
            shipment: The files, verified and on the drive of the models.
            ticket: For progress and cancel.

        Returns:
            The model's name as it is stored.

        Raises:
            UserError: If the name is wrong or the file is no model of its own.
            ExternalError: If a file is damaged or the disk is full or fails.
            Cancelled: If the ticket was cancelled; what arrived lies as it was.
        """
        asked = parse_name(name)
        final = self._store.find(asked) or asked
        ticket.report(Progress(phase="Checking the file", unit="steps"))
        with ExitStack() as stack:
            whole = self._whole(shipment.weights, ticket, stack)
            header = check_file(self._path(whole))
            refuse_unless_model(header, Path(final.short))
            config = gguf_config(header)
            for projector in shipment.projectors:
                config = with_family(config, check_file(self._path(projector)))
            arrivals = [(whole, LayerType.MODEL)]
            arrivals += [(each, LayerType.PROJECTOR) for each in shipment.projectors]
            with self._store.exclusive():
                recipe = Recipe(
                    layers=[self._placed(arrival, kind) for arrival, kind in arrivals],
                    config=config,
                    licenses=tuple(shipment.licenses),
                )
                store_model(self._store, self._trash, final, recipe)
        self._announce()
        return final

    def _whole(self, weights: Sequence[Arrival], ticket: Ticket, stack: ExitStack) -> Arrival:
        """Return the one file of the weights; one that is written for it ends with the stack."""
        if len(weights) == 1:
            return weights[0]
        from corral.library.merging import take_merged  # lazy: few models are split

        paths = [self._path(arrival) for arrival in weights]
        content = stack.enter_context(take_merged(self._store, paths, ticket))
        assert content.part is not None
        return Arrival(path=content.part, digest=content.digest, size_bytes=content.size_bytes)

    def _path(self, arrival: Arrival) -> Path:
        """Return where an arrival lies: another process may have made it a blob meanwhile."""
        return arrival.path if arrival.path.exists() else self.blob_path(arrival.digest)

    def _placed(self, arrival: Arrival, kind: LayerType) -> Layer:
        """Make an arrival a blob; the caller holds the lock."""
        blob, path = self.blob_path(arrival.digest), self._path(arrival)
        if path != blob:
            path.chmod(0o644)
            move_durably(path, blob)
            self._links.forget({arrival.digest})
        return Layer(media_type=kind, digest=arrival.digest, size_bytes=arrival.size_bytes)
