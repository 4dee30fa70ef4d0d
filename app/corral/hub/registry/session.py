"""Questions to one registry about one model, with the token that it may ask for."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from corral.foreign import safe_line
from corral.hub.addresses import host_of, origin
from corral.hub.client import Body, Client, NetworkError, Reply
from corral.hub.registry.keys import Key
from corral.hub.registry.place import Place
from corral.hub.registry.tokens import get_token, key_hint, parse_challenge

LARGEST_ERROR = 1 << 16


class Session:
    """A conversation with a registry.

    Args:
        client: Asks.
        place: Where the model is.
        key: Signs in.

    Thread: any.
    """

    def __init__(self, client: Client, place: Place, key: Key) -> None:
        self.place = place
        self._client = client
        self._key = key
        self._token = ""
        self._lock = threading.Lock()

    @contextmanager
    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        make_body: Callable[[], Body] = lambda: None,
        timeout_s: float | None = None,
    ) -> Iterator[Reply]:
        """Ask, sign in if that is wanted, and ask again.

        Args:
            method: Such as "GET".
            url: An address that this registry gave or is at.
            headers: More headers.
            make_body: Makes the body of each try.
            timeout_s: How long the answer may take, None for as long as any.

        Raises:
            CorralError: If there is no answer, or no token.
        """
        for is_last in (False, True):
            used = self._token
            all_headers = {**(headers or {}), **self.headers_for(url)}
            with self._client.ask(
                method, url, headers=all_headers, body=make_body(), timeout_s=timeout_s
            ) as reply:
                if reply.status != 401 or is_last or not self._sign_in(reply, used):
                    yield reply
                    return

    @contextmanager
    def ask_elsewhere(
        self, method: str, url: str, *, headers: Mapping[str, str], body: Body
    ) -> Iterator[Reply]:
        """Ask where the registry sent us; nothing tells there who we are.

        Raises:
            CorralError: If there is no answer.
        """
        with self._client.ask(method, url, headers=headers, body=body) as reply:
            yield reply

    def headers_for(self, url: str) -> dict[str, str]:
        """Return the token as a header, for addresses of the registry itself."""
        if self._token and origin(url) == origin(self.place.base):
            return {"Authorization": f"Bearer {self._token}"}
        return {}

    def refused(self, reply: Reply, what: str) -> NetworkError:
        """Return the error for an answer that was not hoped for.

        Args:
            reply: The answer; its body is read.
            what: What was tried, as in "<what>: unauthorized".
        """
        said = _error_text(reply)
        is_unknown = reply.status in {401, 403}
        return NetworkError(
            f"{what}: {said or f'status {reply.status}'}",
            detail=f"{host_of(reply.url)} answered with status {reply.status}.",
            hint=key_hint(self._key) if is_unknown else "",
            is_passing=reply.status in {408, 429} or reply.status >= 500,
            status=reply.status,
        )

    def _sign_in(self, reply: Reply, used: str) -> bool:
        challenge = parse_challenge(reply.headers.get("WWW-Authenticate", ""))
        if challenge is None or origin(reply.url) != origin(self.place.base):
            return False
        with self._lock:
            if self._token == used:  # else another thread has signed in meanwhile
                self._token = get_token(self._client, challenge, self.place.base, self._key)
        return True


def _error_text(reply: Reply) -> str:
    """Return what a registry says is wrong, "" if it says nothing to be understood."""
    try:
        errors = json.loads(reply.read_small(LARGEST_ERROR))["errors"]
        return "; ".join(safe_line(str(error["message"])) for error in errors[:3])
    except (NetworkError, ValueError, KeyError, TypeError, RecursionError):
        return ""
