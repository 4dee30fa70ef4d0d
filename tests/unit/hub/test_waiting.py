import threading
import time
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.hub.downloading import Downloader, RemoteFile
from corral.hub.network import Network
from corral.hub.registry.keys import Key
from corral.hub.registry.pulling import Pulling
from corral.hub.waiting import unless_cancelled
from corral.jobs import Cancelled, Ticket
from helpers.file_server import Fault, FileServer
from helpers.side import Side


def cancelled_soon() -> Ticket:
    ticket = Ticket()
    threading.Timer(0.3, ticket.cancel).start()
    return ticket


def test_work_answers_and_fails_as_without() -> None:
    def fail() -> None:
        raise ExternalError("It broke.")

    assert unless_cancelled(Ticket(), lambda: 7) == 7
    with pytest.raises(ExternalError, match="It broke"):
        unless_cancelled(Ticket(), fail)


def test_work_is_not_begun_once_it_is_cancelled() -> None:
    ticket, begun = Ticket(), threading.Event()
    ticket.cancel()
    with pytest.raises(Cancelled):
        unless_cancelled(ticket, begun.set)
    assert not begun.is_set()


def test_a_silent_registry_does_not_hold_a_cancelled_pull(
    server: FileServer, tmp_path: Path
) -> None:
    server.files["/v2/flock/mute/manifests/latest"] = bytes(1000)
    server.misbehave = lambda _: Fault(stall_after=1)
    downloader = Downloader(Network(timeout_s=60))
    pulling = Pulling(Side(tmp_path).exchange, downloader, Key(tmp_path / "key"))
    host = server.url.removeprefix("http://")
    began = time.monotonic()
    with pytest.raises(Cancelled):
        pulling.run(f"{host}/flock/mute", cancelled_soon(), insecure=True)
    assert time.monotonic() - began < 20


def test_who_looks_up_a_file_is_not_waited_for_after_a_cancel(tmp_path: Path) -> None:
    ending = threading.Event()

    def resolve() -> RemoteFile:
        ending.wait(60)
        return RemoteFile(url="http://127.0.0.1:1/")

    with pytest.raises(Cancelled):
        Downloader(Network()).fetch(resolve, tmp_path / "partial", cancelled_soon())
    assert not ending.is_set()
    ending.set()
