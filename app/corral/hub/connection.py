"""Connections that listen while they send.

A registry may answer before it has read a body, with a redirect to where the body is to go. Who
sends all of it first sends it twice, or loses the answer when the registry closes the connection.
"""

import select
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Attentive(HTTPConnection):
    """Stops sending a body when the answer comes before its end."""

    _sends = 0
    _answers = 0
    _is_cut = False

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (urllib3's)
        self._sends, self._is_cut = 0, False
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:  # noqa: ANN401 (urllib3's)
        # The first is the head of the question.
        if self._sends and self._may_listen() and self.sock and _has_news(self.sock.fileno()):
            self._is_cut = True
            raise BrokenPipeError("answered before the end of the question")  # urllib3 reads on
        self._sends += 1
        super().send(data)

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        response = super().getresponse()
        self._answers += 1
        if self._is_cut and self.sock:
            # The other side waits for a rest that will not come: nothing else may be asked here.
            # What is left of the answer is still read, since its file holds the socket.
            sock, self.sock = self.sock, None
            sock.close()
        return response

    def _may_listen(self) -> bool:
        return True


class _AttentiveEncrypted(_Attentive, HTTPSConnection):
    def _may_listen(self) -> bool:
        # Before a first answer, what comes may be no more than tickets of the encryption.
        return self._answers > 0


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Attentive


class _EncryptedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _AttentiveEncrypted


def listen_while_sending(pools: urllib3.PoolManager) -> urllib3.PoolManager:
    """Make the connections of all pools such ones, and return the pools."""
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _EncryptedPool}
    return pools


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
