"""Bringing a model from the store to a registry."""

import hashlib
from pathlib import Path

from corral.hub.downloading import Downloader
from corral.hub.registry.keys import Key
from corral.hub.registry.place import place_of
from corral.hub.registry.session import Session
from corral.hub.registry.status import OnStatus, Status, short_digest
from corral.hub.registry.uploading import Upload
from corral.hub.waiting import unless_cancelled
from corral.jobs import Progress, Ticket
from corral.library.exchange import Exchange
from corral.library.manifest import MANIFEST_TYPE, Layer, parse_manifest
from corral.library.moving import wanted_name
from corral.library.names import Name


class Pushing:
    """Pushes models of one store.

    Args:
        exchange: The store.
        downloader: Whose client asks.
        key: Signs in where that is wanted.
        journals: Folder for the addresses of unfinished uploads.
    """

    def __init__(
        self, exchange: Exchange, downloader: Downloader, key: Key, journals: Path
    ) -> None:
        self._exchange = exchange
        self._downloader = downloader
        self._key = key
        self._journals = journals

    def run(
        self,
        name: str,
        ticket: Ticket,
        *,
        insecure: bool = False,
        on_status: OnStatus = lambda _: None,
    ) -> Name:
        """Push a model.

        Blobs that the registry has are not sent; an upload that was cut goes on from there.

        Args:
            name: Its name, which also says where to.
            ticket: For progress and cancel.
            insecure: Whether to ask without encryption.
            on_status: Told what Ollama would tell.

        Returns:
            The stored name.

        Raises:
            UserError: If the name is wrong or there is no such model.
            ExternalError: If the registry does not take it.
            Cancelled: If the ticket was cancelled.
        """
        wanted = wanted_name(name)
        place = place_of(wanted, insecure=insecure)
        on_status(Status(status="retrieving manifest"))
        stored, data = self._exchange.read(name)
        session = Session(self._downloader.client, place, self._key)
        manifest = parse_manifest(data)
        layers = {layer.digest: layer for layer in (*manifest.layers, manifest.config)}
        total, before = sum(layer.size_bytes for layer in layers.values()), 0
        for layer in layers.values():
            self._push(session, layer, ticket, on_status, before, total)
            before += layer.size_bytes
        on_status(Status(status="pushing manifest"))
        ticket.report(Progress(phase="Pushing the manifest", unit="steps"))
        unless_cancelled(ticket, lambda: _put_manifest(session, data))
        on_status(Status(status="success"))
        return stored

    def _push(
        self,
        session: Session,
        layer: Layer,
        ticket: Ticket,
        on_status: OnStatus,
        before: int,
        total: int,
    ) -> None:
        def report(done: int) -> None:
            on_status(
                Status(
                    status=f"pushing {short_digest(layer.digest)}",
                    digest=layer.digest,
                    total=layer.size_bytes,
                    completed=done,
                )
            )
            ticket.report(Progress(phase="Pushing", done=before + done, total=total))

        where = hashlib.sha256(session.place.uploads_url.encode()).hexdigest()[:16]
        upload = Upload(
            session=session,
            layer=layer,
            path=self._exchange.blob_path(layer.digest),
            journal=self._journals / f"{short_digest(layer.digest)}-{where}.json",
            ticket=ticket,
            report=report,
            first_pause_s=self._downloader.first_pause_s,
        )
        unless_cancelled(ticket, upload.run)


def _put_manifest(session: Session, data: bytes) -> None:
    url, headers = session.place.manifest_url, {"Content-Type": MANIFEST_TYPE}
    with session.ask("PUT", url, headers=headers, make_body=lambda: data) as reply:
        if reply.status not in {200, 201, 202}:
            raise session.refused(reply, "push")
