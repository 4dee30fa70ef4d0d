import hashlib
import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.hub.client import NetworkError
from corral.hub.downloading import Downloader, RemoteFile, discard, move_whole
from corral.hub.journal import journal_path
from corral.hub.network import Network
from corral.jobs import Cancelled, Progress, Ticket
from corral.units import MIB
from helpers.file_server import Fault, FileServer, Request

DATA = random.Random(1).randbytes(40 * MIB + 12345)  # six parts of 8 MiB, the last one short
SHA256 = hashlib.sha256(DATA).hexdigest()

Resolve = Callable[[], RemoteFile]


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "blobs" / f"sha256-{SHA256}-partial"


@pytest.fixture
def resolve(server: FileServer) -> Resolve:
    server.files["/model"] = DATA
    file = RemoteFile(url=f"{server.url}/model", size_bytes=len(DATA), sha256=SHA256)
    return lambda: file


def starts(server: FileServer) -> list[int]:
    return sorted(request.start for request in server.requests)


def cancelled_after(size_bytes: int) -> Ticket:
    def on_progress(progress: Progress) -> None:
        if progress.done >= size_bytes:
            ticket.cancel()

    ticket = Ticket(on_progress)
    return ticket


def once(fault: Fault, when: Callable[[Request], bool]) -> Callable[[Request], Fault | None]:
    done = threading.Event()

    def misbehave(request: Request) -> Fault | None:
        if not done.is_set() and when(request):
            done.set()
            return fault
        return None

    return misbehave


def test_a_file_comes_in_parts_and_is_whole(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    seen: list[Progress] = []
    downloader.fetch(resolve, partial, Ticket(seen.append))
    assert partial.read_bytes() == DATA
    assert starts(server) == [0, 8 * MIB, 16 * MIB, 24 * MIB, 32 * MIB, 40 * MIB]
    assert seen[-1] == Progress(phase="Downloading", done=len(DATA), total=len(DATA))
    move_whole(partial, partial.with_name("final"))
    assert [path.name for path in partial.parent.iterdir()] == ["final"]


def test_what_is_whole_is_not_fetched_again(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    downloader.fetch(resolve, partial, Ticket())
    server.requests.clear()
    downloader.fetch(resolve, partial, Ticket())
    assert server.requests == []


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 8 * MIB + 1])
def test_files_of_any_size_arrive(
    downloader: Downloader, server: FileServer, partial: Path, size: int
) -> None:
    server.files["/small"] = DATA[:size]
    file = RemoteFile(
        url=f"{server.url}/small", size_bytes=size, sha256=hashlib.sha256(DATA[:size]).hexdigest()
    )
    downloader.fetch(lambda: file, partial, Ticket())
    assert partial.read_bytes() == DATA[:size]


def test_the_server_is_asked_for_a_size_that_nobody_knows(
    downloader: Downloader, server: FileServer, partial: Path
) -> None:
    server.files["/model"] = DATA
    downloader.fetch(lambda: RemoteFile(url=f"{server.url}/model"), partial, Ticket())
    assert partial.read_bytes() == DATA


def test_a_server_that_does_not_tell_the_size_with_each_part_is_believed(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    def without_size(request: Request) -> Fault:
        end = min(request.start + 8 * MIB, len(DATA)) - 1
        return Fault(headers={"Content-Range": f"bytes {request.start}-{end}/*"})

    server.misbehave = without_size
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA
    file = RemoteFile(url=f"{server.url}/model")
    with pytest.raises(NetworkError, match="does not tell how large"):
        downloader.fetch(lambda: file, partial.with_name("other"), Ticket())


def test_a_cancel_keeps_the_parts_and_the_next_run_goes_on(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.misbehave = lambda _: Fault(pause_s=0.002)
    with pytest.raises(Cancelled):
        downloader.fetch(resolve, partial, cancelled_after(10 * MIB))
    there = sum(json.loads(journal_path(partial).read_text())["done"])
    assert 10 * MIB <= there < len(DATA)
    assert partial.stat().st_size == len(DATA)
    server.misbehave = lambda _: None
    server.requests.clear()
    seen: list[Progress] = []
    Downloader(Network()).fetch(resolve, partial, Ticket(seen.append))
    assert partial.read_bytes() == DATA
    assert min(progress.done for progress in seen) >= there
    assert starts(server) != [0, 8 * MIB, 16 * MIB, 24 * MIB, 32 * MIB, 40 * MIB]


def test_a_cancel_does_not_wait_for_a_silent_server(
    server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.misbehave = lambda _: Fault(stall_after=MIB)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        Downloader(Network(timeout_s=60)).fetch(resolve, partial, cancelled_after(4 * MIB))
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "fault",
    [
        Fault(cut_after=3 * MIB),
        Fault(stall_after=3 * MIB),
        Fault(status=503),
        Fault(status=429),
        Fault(cut_after=0),
    ],
    ids=str,
)
def test_a_part_that_fails_is_fetched_from_where_it_failed(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path, fault: Fault
) -> None:
    server.misbehave = once(fault, lambda request: request.start == 16 * MIB)
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA
    assert len(server.requests) == 7
    arrived = fault.cut_after or fault.stall_after or 0
    assert starts(server).count(16 * MIB + arrived) == (1 if arrived else 2)


def test_a_server_that_always_cuts_is_given_up_and_the_parts_stay(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.misbehave = lambda request: Fault(cut_after=0) if request.start >= 16 * MIB else None
    with pytest.raises(NetworkError, match=r"ended early|broke"):
        downloader.fetch(resolve, partial, Ticket())
    server.misbehave = lambda _: None
    server.requests.clear()
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA
    assert 0 not in starts(server)


def test_a_wrong_digest_removes_what_arrived(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.files["/model"] = DATA[:-1] + bytes([DATA[-1] ^ 1])
    with pytest.raises(NetworkError, match="digest mismatch, file must be downloaded again"):
        downloader.fetch(resolve, partial, Ticket())
    assert list(partial.parent.iterdir()) == []


def test_a_file_of_another_size_is_refused_at_once(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.files["/model"] = DATA + b"more"
    with pytest.raises(NetworkError, match=f"{len(DATA) + 4:,} bytes instead of {len(DATA):,}"):
        downloader.fetch(resolve, partial, Ticket())


@pytest.mark.parametrize(
    "headers",
    [{"Content-Range": "bytes 0-8388607/0"}, {"Content-Range": "x"}, {"Content-Encoding": "gzip"}],
    ids=str,
)
def test_an_answer_that_is_not_the_part_is_refused(
    downloader: Downloader,
    server: FileServer,
    resolve: Resolve,
    partial: Path,
    headers: dict[str, str],
) -> None:
    server.misbehave = lambda _: Fault(headers=headers)
    with pytest.raises(NetworkError):
        downloader.fetch(resolve, partial, Ticket())
    assert set(json.loads(journal_path(partial).read_text())["done"]) == {0}


def test_a_server_without_parts_is_read_in_one_go_and_anew_after_a_cut(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.has_ranges = False
    plain = lambda request: "range" not in request.headers  # noqa: E731
    server.misbehave = once(Fault(cut_after=30 * MIB), plain)
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA
    assert len([request for request in server.requests if plain(request)]) == 3


def test_redirects_are_followed_and_secrets_stay_behind(
    downloader: Downloader, server: FileServer, partial: Path
) -> None:
    server.files["/signed"] = DATA
    there = server.url.replace("127.0.0.1", "localhost")
    redirect = Fault(status=307, headers={"Location": f"{there}/signed"})
    server.misbehave = lambda request: redirect if request.path == "/model" else None
    file = RemoteFile(
        url=f"{server.url}/model",
        size_bytes=len(DATA),
        sha256=SHA256,
        headers={"Authorization": "Bearer secret"},
    )
    downloader.fetch(lambda: file, partial, Ticket())
    assert partial.read_bytes() == DATA
    secrets = {(request.path, "authorization" in request.headers) for request in server.requests}
    assert secrets == {("/model", True), ("/signed", False)}


def test_an_expired_address_is_asked_for_again(
    downloader: Downloader, server: FileServer, partial: Path
) -> None:
    server.files["/old"] = server.files["/new"] = DATA
    expired = lambda r: r.path == "/old" and r.start >= 24 * MIB  # noqa: E731
    server.misbehave = lambda request: Fault(status=403) if expired(request) else None
    names = iter(["old", "new"])

    def resolve() -> RemoteFile:
        return RemoteFile(url=f"{server.url}/{next(names)}", size_bytes=len(DATA), sha256=SHA256)

    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA


def test_a_refusal_is_told_and_not_repeated(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    del server.files["/model"]
    with pytest.raises(NetworkError, match="does not have the file"):
        downloader.fetch(resolve, partial, Ticket())
    assert len(server.requests) <= 4


def test_space_is_checked_before_the_first_byte(
    server: FileServer, resolve: Resolve, partial: Path
) -> None:
    downloader = Downloader(Network(), free_bytes=lambda _: 1000)
    with pytest.raises(ExternalError, match=r"41 MB needed, 1 KB free"):
        downloader.fetch(resolve, partial, Ticket())
    assert server.requests == []


def test_two_that_want_the_same_share_one_download(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.misbehave = lambda _: Fault(pause_s=0.001)
    target = partial.with_name("final")
    failures: list[BaseException] = []

    def fetch() -> None:
        try:
            downloader.fetch(resolve, partial, Ticket(), is_there=target.exists)
            if not target.exists():
                move_whole(partial, target)
        except (ExternalError, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert target.read_bytes() == DATA
    assert len(server.requests) == 6
    assert [path.name for path in partial.parent.iterdir()] == ["final"]


@pytest.mark.parametrize(
    "journal",
    [
        "",
        "[]",
        "{}",
        '{"size_bytes": 1}',
        json.dumps({"size_bytes": len(DATA), "sha256": SHA256, "part_bytes": 0, "done": []}),
        json.dumps({"size_bytes": len(DATA), "sha256": SHA256, "part_bytes": MIB, "done": [9]}),
        json.dumps(
            {
                "size_bytes": len(DATA),
                "sha256": "0" * 64,
                "part_bytes": len(DATA),
                "done": [len(DATA)],
                "is_verified": True,
            }
        ),
    ],
)
def test_a_journal_that_makes_no_sense_begins_anew(
    downloader: Downloader, resolve: Resolve, partial: Path, journal: str
) -> None:
    partial.parent.mkdir()
    partial.write_bytes(bytes(len(DATA)))
    journal_path(partial).write_text(journal)
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA


def test_parts_that_are_not_what_the_journal_says_are_found_out(
    downloader: Downloader, server: FileServer, resolve: Resolve, partial: Path
) -> None:
    server.misbehave = lambda _: Fault(pause_s=0.002)
    with pytest.raises(Cancelled):
        downloader.fetch(resolve, partial, cancelled_after(10 * MIB))
    with partial.open("r+b") as file:
        file.write(b"what a failing drive made of it")
    with pytest.raises(NetworkError, match="digest mismatch"):
        downloader.fetch(resolve, partial, Ticket())
    downloader.fetch(resolve, partial, Ticket())
    assert partial.read_bytes() == DATA


def test_a_download_may_be_given_up_for_good(partial: Path) -> None:
    partial.parent.mkdir()
    for path in (partial, journal_path(partial)):
        path.touch()
    discard(partial)
    assert list(partial.parent.iterdir()) == []
