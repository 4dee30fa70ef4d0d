"""Pushing to a real registry, directly and through a front that takes the parts elsewhere."""

import time
from collections.abc import Callable

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.client import NetworkError
from corral.hub.registry.status import Status
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.manifest import parse_manifest
from corral.modelfile.parser import parse
from corral.units import MIB
from helpers.file_server import Fault, Request
from helpers.front import Front
from helpers.registry import DockerRegistry
from helpers.side import BALLAST, Side


@pytest.fixture
def name(front: Front, here: Side) -> str:
    """A model that is to be pushed through the front."""
    name = f"{front.host}/flock/shepherd:small"
    here.make(name)
    return name


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corral.hub.registry.uploading.SMALLEST_PART", 4 * MIB)


def check_pulled(there: Side, here: Side, name: str) -> None:
    there.pulling.run(name, Ticket(), insecure=True)
    assert there.manifest(name) == here.manifest(name)
    assert there.library.get(name).problem == ""


def once(fault: Fault, when: Callable[[Request], bool]) -> Callable[[Request], Fault | None]:
    faults = [fault]
    return lambda request: faults.pop() if faults and when(request) else None


def test_a_push_tells_what_ollama_tells(here: Side, there: Side, front: Front, name: str) -> None:
    told: list[Status] = []
    seen: list[Progress] = []
    here.pushing.run(name, Ticket(seen.append), insecure=True, on_status=told.append)
    statuses = list(dict.fromkeys(each.status for each in told))
    assert statuses[0] == "retrieving manifest"
    assert all(each.startswith("pushing ") for each in statuses[1:-1])
    assert statuses[-2:] == ["pushing manifest", "success"]
    assert seen[-2].done == seen[-2].total
    assert [r.headers["content-range"] for r in front.requests if r.method == "PATCH"][:2] == [
        f"0-{4 * MIB - 1}",
        f"{4 * MIB}-{8 * MIB - 1}",
    ]
    check_pulled(there, here, name)
    assert not list((here.folder / "uploads").iterdir())


def test_what_the_registry_has_is_not_sent_again(here: Side, front: Front, name: str) -> None:
    here.pushing.run(name, Ticket(), insecure=True)
    front.requests.clear()
    here.pushing.run(name, Ticket(), insecure=True)
    assert {request.method for request in front.requests} == {"HEAD", "PUT"}


def test_a_blob_of_another_of_its_models_is_taken_over_there(
    here: Side, there: Side, front: Front, name: str
) -> None:
    here.pushing.run(name, Ticket(), insecure=True)
    second = name.replace("shepherd", "wolf")
    here.library.remove("base")
    here.library.create(second, parse(f"FROM {name}\nSYSTEM Howl."))
    front.requests.clear()
    here.pushing.run(second, Ticket(), insecure=True)
    sent = [int(r.headers["content-length"]) for r in front.requests if r.method == "PATCH"]
    assert sum(sent) < MIB, "the weights did not travel"
    check_pulled(there, here, second)


def test_parts_go_where_the_registry_sends_them_without_the_token(
    here: Side, there: Side, front: Front, name: str
) -> None:
    front.store_uploads = True
    here.pushing.run(name, Ticket(), insecure=True)
    storage = [r for r in front.requests if r.path.startswith("/storage/")]
    assert len(storage) >= 3
    assert all("authorization" not in request.headers for request in storage)
    check_pulled(there, here, name)


def test_a_redirect_before_the_body_is_read_is_heard_at_once(
    here: Side, there: Side, front: Front, registry: DockerRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Larger than what fits into the buffers of a connection on loopback.
    monkeypatch.setattr("corral.hub.registry.uploading.SMALLEST_PART", 64 * MIB)
    name = f"{front.host}/flock/shepherd:large"
    here.make(name, ballast=40 * MIB)
    front.store_uploads, front.reads_before_redirect = True, False
    began = time.monotonic()
    here.pushing.run(name, Ticket(), insecure=True)
    assert time.monotonic() - began < 20
    blobs = parse_manifest(here.manifest(name)).digests
    assert len([r for r in front.requests if r.method == "PATCH"]) == len(blobs), "each once"
    check_pulled(there, here, name)


def starts(front: Front) -> list[int]:
    ranges = [r.headers["content-range"] for r in front.requests if r.method == "PATCH"]
    return [int(text.partition("-")[0]) for text in ranges]


def is_second_part(request: Request) -> bool:
    return request.method == "PATCH" and request.headers["content-range"].startswith(f"{4 * MIB}-")


def test_a_part_that_did_not_arrive_is_sent_again_and_nothing_else(
    here: Side, there: Side, front: Front, name: str
) -> None:
    front.misbehave = once(Fault(status=503), is_second_part)
    here.pushing.run(name, Ticket(), insecure=True)
    assert starts(front)[:4] == [0, 4 * MIB, 4 * MIB, 8 * MIB]
    check_pulled(there, here, name)


def test_an_upload_that_the_registry_gives_up_after_a_cut_begins_anew(
    here: Side, there: Side, front: Front, name: str
) -> None:
    front.misbehave = once(Fault(cut_after=2 * MIB), is_second_part)
    here.pushing.run(name, Ticket(), insecure=True)
    assert starts(front)[:4] == [0, 4 * MIB, 0, 4 * MIB]
    check_pulled(there, here, name)


def test_a_cancelled_push_goes_on_in_another_process(
    here: Side, there: Side, front: Front, name: str
) -> None:
    ticket = Ticket(lambda progress: ticket.cancel() if progress.done > 9 * MIB else None)
    with pytest.raises(Cancelled):
        here.pushing.run(name, ticket, insecure=True)
    assert list((here.folder / "uploads").iterdir())
    front.requests.clear()
    Side(here.folder).pushing.run(name, Ticket(), insecure=True)
    sent = sum(int(r.headers["content-length"]) for r in front.requests if r.method == "PATCH")
    assert sent < BALLAST - 4 * MIB
    check_pulled(there, here, name)


def test_a_registry_that_refuses_is_quoted(here: Side, front: Front, name: str) -> None:
    front.misbehave = lambda request: Fault(status=403) if request.method == "POST" else None
    with pytest.raises(NetworkError, match="push: status 403") as caught:
        here.pushing.run(name, Ticket(), insecure=True)
    assert "ssh-ed25519" in caught.value.hint


def test_a_model_that_is_not_there_or_damaged_is_not_pushed(
    here: Side, registry: DockerRegistry, name: str
) -> None:
    with pytest.raises(UserError, match="not found"):
        here.pushing.run(f"{registry.host}/flock/nobody", Ticket(), insecure=True)
    here.library.get(name).weights.unlink()
    with pytest.raises(ExternalError, match="is damaged: the blob"):
        here.pushing.run(name, Ticket(), insecure=True)
