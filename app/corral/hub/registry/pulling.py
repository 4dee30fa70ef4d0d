"""Bringing a model from a registry into the store.

A registry is not trusted: sizes are bounded, every blob must have its digest before the model gets
its name, and nothing it says becomes a path.
"""

import logging

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.hub.downloading import Downloader, RemoteFile
from corral.hub.journal import sweep_journals
from corral.hub.registry.keys import Key
from corral.hub.registry.place import Place, place_of
from corral.hub.registry.session import Session
from corral.hub.registry.status import OnStatus, Status, short_digest
from corral.hub.waiting import unless_cancelled
from corral.jobs import Progress, Ticket
from corral.library.exchange import Exchange
from corral.library.manifest import MANIFEST_TYPE, Layer, LayerType, Manifest, parse_manifest
from corral.library.names import Name, parse_name
from corral.library.reference import RunsOn, parse_reference

logger = logging.getLogger(__name__)

LARGEST_MANIFEST = 4 << 20
MOST_LAYERS = 4096
_ROUNDS = 3


class Pulling:
    """Pulls models into one store.

    Args:
        exchange: The store.
        downloader: Fetches.
        key: Signs in where that is wanted.
    """

    def __init__(self, exchange: Exchange, downloader: Downloader, key: Key) -> None:
        self._exchange = exchange
        self._downloader = downloader
        self._key = key

    def run(
        self,
        name: str,
        ticket: Ticket,
        *,
        insecure: bool = False,
        on_status: OnStatus = lambda _: None,
    ) -> Name:
        """Pull a model.

        What arrived stays when it ends early, and the next pull goes on from there.

        Args:
            name: Its name, with a host if it is not Ollama's registry.
            ticket: For progress and cancel.
            insecure: Whether to ask without encryption.
            on_status: Told what Ollama would tell.

        Returns:
            The name under which it is stored.

        Raises:
            UserError: If the name is wrong or there is no such model.
            ExternalError: If it cannot be had, is damaged, or the disk is full or fails.
            Cancelled: If the ticket was cancelled.
        """
        target = _target(name)
        session = Session(self._downloader.client, place_of(target, insecure=insecure), self._key)
        sweep_journals(self._exchange.blobs)
        on_status(Status(status="pulling manifest"))
        ticket.report(Progress(phase="Pulling the manifest", unit="steps"))
        data = unless_cancelled(ticket, lambda: _get_manifest(session, target))
        manifest = parse_manifest(data)
        _check(manifest, target)
        missing = self._exchange.missing(manifest)
        for _ in range(_ROUNDS):  # again only if another process removed a blob meanwhile
            self._fetch(session, manifest, missing, ticket, on_status)
            on_status(Status(status="verifying sha256 digest"))
            on_status(Status(status="writing manifest"))
            ticket.report(Progress(phase="Writing the manifest", unit="steps"))
            missing = self._exchange.put(target, data)
            if not missing:
                break
        else:
            raise ExternalError(
                f"Blobs of '{target.short}' were removed again and again while it was pulled.",
                hint="Find out which program tidies the model store, then pull again.",
            )
        sweep_journals(self._exchange.blobs)
        on_status(Status(status="removing unused layers"))
        on_status(Status(status="success"))
        return target

    def _fetch(
        self,
        session: Session,
        manifest: Manifest,
        missing: list[Layer],
        ticket: Ticket,
        on_status: OnStatus,
    ) -> None:
        for layer in {each.digest: each for each in manifest.layers}.values():
            if layer not in missing:
                on_status(_status(layer, layer.size_bytes))
        total, before = sum(layer.size_bytes for layer in missing), 0
        for layer in missing:

            def report(done: int, layer: Layer = layer, before: int = before) -> None:
                on_status(_status(layer, done))
                ticket.report(Progress(phase="Pulling", done=before + done, total=total))

            self._downloader.fetch(
                _Blob(session, layer),
                self._exchange.partial_path(layer.digest),
                ticket,
                report=report,
                is_there=lambda layer=layer: self._exchange.has_blob(layer),  # type: ignore[misc]
                space_for=total - before,
            )
            before += layer.size_bytes


class _Blob:
    """Tells where a blob is; asked again, it signs in anew, because the token has expired."""

    def __init__(self, session: Session, layer: Layer) -> None:
        self._session = session
        self._layer = layer
        self._was_asked = False

    def __call__(self) -> RemoteFile:
        url = self._session.place.blob_url(self._layer.digest)
        if self._was_asked:
            with self._session.ask("HEAD", url):
                pass
        self._was_asked = True
        return RemoteFile(
            url=url,
            size_bytes=self._layer.size_bytes,
            sha256=self._layer.digest.partition(":")[2],
            headers=self._session.headers_for(url),
        )


def _target(text: str) -> Name:
    """Return the name to pull, without ":local", which goes without saying.

    Raises:
        UserError: If it is no name, or that of a model which stays on Ollama's servers.
    """
    reference = parse_reference(text)
    if reference.runs_on is RunsOn.CLOUD:
        raise UserError(
            f"model '{safe_line(text)}' runs on Ollama's servers",
            hint="Corral runs models on this computer only: name one without 'cloud'.",
        )
    return parse_name(reference.base)


def _status(layer: Layer, done: int) -> Status:
    return Status(
        status=f"pulling {short_digest(layer.digest)}",
        digest=layer.digest,
        total=layer.size_bytes,
        completed=done,
    )


def _get_manifest(session: Session, name: Name) -> bytes:
    place: Place = session.place
    with session.ask("GET", place.manifest_url, headers={"Accept": MANIFEST_TYPE}) as reply:
        if reply.status == 404:
            raise UserError(
                "pull model manifest: file does not exist",
                detail=f"{name} is not at {place.base}.",
                hint="Look at the spelling, and at the tags that the model has there.",
            )
        if reply.status != 200:
            raise session.refused(reply, "pull model manifest")
        return reply.read_small(LARGEST_MANIFEST)


def _check(manifest: Manifest, name: Name) -> None:
    """Refuse before the first blob what could not be used.

    Raises:
        UserError: If Corral cannot run it.
    """
    if len(manifest.layers) > MOST_LAYERS or not manifest.of_type(LayerType.MODEL):
        kinds = sorted({layer.media_type.rpartition(".")[2] for layer in manifest.layers})
        raise UserError(
            f"The model '{name.short}' has no GGUF weights, so Corral cannot run it.",
            detail=f"It is made of: {safe_line(', '.join(kinds)) or 'nothing'}.",
            hint="Models in other formats, and those that run in the cloud, are not pulled.",
        )
