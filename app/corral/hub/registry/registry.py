"""Ollama's registries as one door: pull and push."""

from pathlib import Path

from corral.hub.downloading import Downloader
from corral.hub.network import Network
from corral.hub.registry.keys import Key
from corral.hub.registry.pulling import Pulling
from corral.hub.registry.pushing import Pushing
from corral.hub.registry.status import OnStatus, Status
from corral.jobs import Ticket
from corral.library.exchange import Exchange
from corral.library.names import Name


def _to_nobody(_: Status) -> None:
    pass


class Registry:
    """All registries; the name of a model says which.

    Args:
        exchange: The store.
        network: How to get there.
        key: Signs in.
        journals: Folder for what is known about unfinished uploads.

    Thread: any; everything blocks.
    """

    def __init__(self, exchange: Exchange, network: Network, key: Key, journals: Path) -> None:
        self._exchange = exchange
        self._downloader = Downloader(network)
        self._key = key
        self._journals = journals

    def pull(
        self,
        name: str,
        ticket: Ticket,
        *,
        insecure: bool = False,
        on_status: OnStatus = _to_nobody,
    ) -> Name:
        """Pull a model; see `Pulling.run`."""
        pulling = Pulling(self._exchange, self._downloader, self._key)
        try:
            return pulling.run(name, ticket, insecure=insecure, on_status=on_status)
        finally:
            self._downloader.client.close()

    def push(
        self,
        name: str,
        ticket: Ticket,
        *,
        insecure: bool = False,
        on_status: OnStatus = _to_nobody,
    ) -> Name:
        """Push a model; see `Pushing.run`."""
        pushing = Pushing(self._exchange, self._downloader, self._key, self._journals)
        try:
            return pushing.run(name, ticket, insecure=insecure, on_status=on_status)
        finally:
            self._downloader.client.close()
