"""`huggingface_hub` set up for Corral: our network, no long silent retries.

Importing this module imports `huggingface_hub`.
"""

import logging
import threading

import httpx2
from huggingface_hub import HfApi, set_client_factory
from huggingface_hub.utils import logging as hub_logging

from corral.hub.huggingface.errors import refusal, unreachable
from corral.hub.network import Network

_ASKING = frozenset({"GET", "HEAD"})


def open_api(network: Network) -> HfApi:
    """Return the hub's API; from here on `huggingface_hub` uses this network, in all threads.

    Without a token of its own: each call gets one or none.

    Raises:
        UserError: If the network's certificates cannot be used.
    """
    # Its warnings tell of retries and of xet; what matters comes as an error.
    hub_logging.set_verbosity(logging.ERROR)
    transport = _Transport(network)
    set_client_factory(lambda: httpx2.Client(transport=transport, follow_redirects=True))
    return HfApi(endpoint=network.hub_endpoint, token=False)


class _Transport(httpx2.BaseTransport):
    """Goes by the network's proxies, and fails at once where `huggingface_hub` would try again.

    It would wait up to half a minute in silence, and as long as a busy hub says; a person waits
    for the answer and can ask again. Only what is sent is left to its retries.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._verify = network.ssl_context()
        self._timeout = httpx2.Timeout(network.timeout_s, connect=network.connect_timeout_s)
        self._ways: dict[str, httpx2.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request.

        Raises:
            ExternalError: If the hub cannot be reached or says "not now".
        """
        is_asking = request.method in _ASKING
        # `huggingface_hub` asks for no limit at all in places.
        request.extensions = {**request.extensions, "timeout": self._timeout.as_dict()}
        try:
            response = self._way(str(request.url)).handle_request(request)
        except httpx2.TransportError as error:
            if is_asking:
                raise unreachable(str(request.url), error) from error
            raise
        if response.status_code == 429 or (response.status_code >= 500 and is_asking):
            response.close()
            raise refusal(response.status_code, response.headers.get("retry-after", ""))
        return response

    def close(self) -> None:
        """Let go of all connections; `huggingface_hub` may open them again."""
        with self._lock:
            for way in self._ways.values():
                way.close()
            self._ways.clear()

    def _way(self, url: str) -> httpx2.HTTPTransport:
        proxy = self._network.proxy_for(url)
        with self._lock:
            if proxy not in self._ways:
                way = httpx2.HTTPTransport(verify=self._verify, proxy=proxy or None)
                self._ways[proxy] = way
            return self._ways[proxy]
