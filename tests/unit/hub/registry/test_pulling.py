"""Pulling from a real registry, often through a front that misbehaves."""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.client import NetworkError
from corral.hub.registry.status import Status
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.disk import free_bytes
from corral.library.manifest import parse_manifest
from corral.units import MIB
from helpers.file_server import Fault, FileServer, Request
from helpers.front import Front
from helpers.registry import DockerRegistry
from helpers.side import BALLAST, Side

Shared = tuple[DockerRegistry, Front, str]


@pytest.fixture
def name(front: Front, there: Side, registry: DockerRegistry) -> str:
    """A model that somebody pushed to the registry; its name leads through the front."""
    name = f"{front.host}/flock/shepherd:small"
    there.make(name)
    there.pushing.run(name, Ticket(), insecure=True)
    front.requests.clear()
    return name


def is_weights(request: Request, there: Side) -> bool:
    weights = there.library.get("base").weights.name.replace("-", ":")
    return request.method == "GET" and request.path.endswith(weights)


def once(fault: Fault, when: Callable[[Request], bool]) -> Callable[[Request], Fault | None]:
    faults = [fault]
    return lambda request: faults.pop() if faults and when(request) else None


def test_what_one_computer_pushed_another_pulls_to_the_last_byte(
    here: Side, there: Side, name: str
) -> None:
    told: list[Status] = []
    seen: list[Progress] = []
    here.pulling.run(name, Ticket(seen.append), insecure=True, on_status=told.append)
    assert here.manifest(name) == there.manifest(name)
    pulled, made = here.library.get(name), there.library.get(name)
    assert pulled.digest == made.digest
    assert (pulled.system, pulled.parameters) == (made.system, made.parameters)
    assert pulled.weights.read_bytes() == made.weights.read_bytes()
    statuses = list(dict.fromkeys(each.status for each in told))
    weights = made.weights.name.removeprefix("sha256-")[:12]
    assert statuses[:2] == ["pulling manifest", f"pulling {weights}"]
    assert statuses[-4:] == [
        "verifying sha256 digest",
        "writing manifest",
        "removing unused layers",
        "success",
    ]
    whole = [each for each in told if each.status == f"pulling {weights}"][-1]
    assert whole.completed == whole.total == made.weights.stat().st_size
    assert (
        max(progress.done for progress in seen) == parse_manifest(there.manifest(name)).size_bytes
    )
    assert not [path for path in here.store.blobs.iterdir() if "partial" in path.name]


def test_what_is_there_is_not_fetched_again(here: Side, front: Front, name: str) -> None:
    here.pulling.run(name, Ticket(), insecure=True)
    front.requests.clear()
    here.pulling.run(name, Ticket(), insecure=True)
    assert [request.path.split("/")[-2] for request in front.requests] == ["manifests"]


def test_a_cancelled_pull_goes_on_in_another_process(
    side: Callable[[str], Side], here: Side, there: Side, front: Front, name: str
) -> None:
    front.misbehave = lambda request: Fault(pause_s=0.002) if is_weights(request, there) else None
    ticket = Ticket(lambda progress: ticket.cancel() if progress.done > 6 * MIB else None)
    with pytest.raises(Cancelled):
        here.pulling.run(name, ticket, insecure=True)
    assert here.library.list() == ()
    here.library.tidy()
    front.requests.clear()
    seen: list[Progress] = []
    Side(here.folder).pulling.run(name, Ticket(seen.append), insecure=True)
    first = next(progress for progress in seen if progress.unit == "bytes")
    assert first.done > 6 * MIB
    assert here.library.get(name).digest == there.library.get(name).digest


def test_a_registry_that_dies_in_the_middle_is_gone_on_with_when_it_is_back(
    here: Side, there: Side, registry: DockerRegistry, front: Front, name: str
) -> None:
    front.misbehave = lambda _: Fault(pause_s=0.01)
    seen: list[int] = []

    def kill_halfway(progress: Progress) -> None:
        seen.append(progress.done)
        if progress.done > 3 * MIB:
            registry.kill()

    with pytest.raises(NetworkError):
        here.pulling.run(name, Ticket(kill_halfway), insecure=True)
    assert 3 * MIB < max(seen) < BALLAST
    with registry.running():
        front.misbehave = lambda _: None
        again: list[Progress] = []
        here.pulling.run(name, Ticket(again.append), insecure=True)
    assert next(each.done for each in again if each.unit == "bytes") >= 3 * MIB
    assert here.library.get(name).digest == there.library.get(name).digest


@pytest.mark.parametrize(
    "fault", [Fault(cut_after=2 * MIB), Fault(stall_after=2 * MIB), Fault(status=502)], ids=str
)
def test_cut_silent_and_failing_answers_are_asked_for_again(
    here: Side, there: Side, front: Front, name: str, fault: Fault
) -> None:
    front.misbehave = once(fault, lambda request: is_weights(request, there))
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).digest == there.library.get(name).digest


def test_a_slow_connection_is_no_reason_to_give_up(
    here: Side, there: Side, front: Front, name: str
) -> None:
    front.misbehave = lambda _: Fault(pause_s=0.01)
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).problem == ""


def test_blobs_may_come_from_another_host(
    here: Side, there: Side, front: Front, server: FileServer, name: str
) -> None:
    for blob in there.store.blobs.iterdir():
        server.files[f"/{blob.name}"] = blob.read_bytes()

    def redirect(request: Request) -> Fault | None:
        digest = request.path.rpartition("/")[2].replace(":", "-")
        is_blob = digest.startswith("sha256-")
        return (
            Fault(status=307, headers={"Location": f"{server.url}/{digest}"}) if is_blob else None
        )

    front.misbehave = redirect
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).digest == there.library.get(name).digest
    assert server.requests


def test_a_falsified_blob_names_nothing(here: Side, front: Front, name: str) -> None:
    front.falsify = lambda block: block[:-1] + b"!" if len(block) > 60_000 else block
    with pytest.raises(NetworkError, match="digest mismatch, file must be downloaded again"):
        here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.list() == ()
    assert not list(here.store.manifests.rglob("*"))
    front.falsify = bytes
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).problem == ""


def test_a_model_that_is_not_there_is_told_in_ollamas_words(
    here: Side, registry: DockerRegistry
) -> None:
    with pytest.raises(UserError, match="pull model manifest: file does not exist"):
        here.pulling.run(f"{registry.host}/flock/nobody", Ticket(), insecure=True)


@pytest.mark.parametrize("name", ["gpt-oss:20b-cloud", "qwen3:cloud", "gpt-oss:20b:cloud"])
def test_models_that_stay_on_ollamas_servers_are_not_asked_for(here: Side, name: str) -> None:
    with pytest.raises(UserError, match="runs on Ollama's servers"):
        here.pulling.run(name, Ticket())


def test_local_goes_without_saying(here: Side, name: str) -> None:
    here.pulling.run(f"{name}:local", Ticket(), insecure=True)
    assert here.library.get(name).problem == ""


def test_an_unencrypted_registry_must_be_allowed(here: Side, registry: DockerRegistry) -> None:
    with pytest.raises(UserError, match="insecure protocol http"):
        here.pulling.run(f"http://{registry.host}/flock/shepherd", Ticket())
    with pytest.raises(NetworkError):  # it speaks no TLS
        here.pulling.run(f"{registry.host}/flock/shepherd", Ticket())


def test_a_new_version_replaces_the_old_and_its_blobs(here: Side, there: Side, name: str) -> None:
    here.pulling.run(name, Ticket(), insecure=True)
    old = {blob.name for blob in here.store.blobs.iterdir()}
    there.library.remove(name)
    there.library.remove("base")
    there.make(name, ballast=MIB)
    there.pushing.run(name, Ticket(), insecure=True)
    here.pulling.run(name, Ticket(), insecure=True)
    new = {blob.name for blob in here.store.blobs.iterdir()}
    assert here.library.get(name).digest == there.library.get(name).digest
    assert len(new) == len(old)
    assert old - new, "the old weights are gone"


def test_a_blob_that_goes_while_the_others_come_is_fetched_after_all(
    here: Side, there: Side, front: Front, name: str
) -> None:
    here.pulling.run(name, Ticket(), insecure=True)
    weights = here.library.get(name).weights
    here.store.manifest_path(here.store.list_names()[0]).unlink()
    min(here.store.blobs.iterdir(), key=lambda path: path.stat().st_size).unlink()
    front.requests.clear()

    def remove_weights(request: Request) -> None:
        if "/blobs/" in request.path and len(front.requests) == 2:
            weights.unlink()

    front.misbehave = remove_weights
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).weights.is_file()
    assert any(is_weights(request, there) for request in front.requests)


def manifest(**changes: object) -> bytes:
    weights = {
        "mediaType": "application/vnd.ollama.image.model",
        "digest": f"sha256:{'a' * 64}",
        "size": 10,
    }
    fields: dict[str, object] = {
        "config": {"mediaType": "x", "digest": f"sha256:{'b' * 64}", "size": 2},
        "layers": [weights],
    }
    return json.dumps(fields | changes).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "manifest is damaged"),
        (b"[" * 100_000, "manifest is damaged"),
        (manifest(layers=[{"mediaType": "x", "digest": "sha256:../../x", "size": 1}]), "damaged"),
        (manifest(layers=[]), "no GGUF weights"),
        (
            manifest(
                layers=[
                    {
                        "mediaType": "application/vnd.ollama.image.tensor",
                        "digest": f"sha256:{'c' * 64}",
                        "size": 1,
                    }
                ]
            ),
            "no GGUF weights",
        ),
        (b"x" * (5 << 20), "sent too much"),
    ],
    ids=range(6),
)
def test_a_manifest_that_makes_no_sense_is_refused_before_any_blob(
    here: Side, server: FileServer, data: bytes, message: str
) -> None:
    server.files["/v2/flock/wolf/manifests/latest"] = data
    host = server.url.removeprefix("http://")
    with pytest.raises((UserError, ExternalError), match=message):
        here.pulling.run(f"{host}/flock/wolf", Ticket(), insecure=True)
    assert len(server.requests) == 1
    assert here.library.list() == ()


def test_a_model_that_does_not_fit_is_not_begun(here: Side, server: FileServer) -> None:
    size = free_bytes(here.folder.parent) * 2
    layer = {
        "mediaType": "application/vnd.ollama.image.model",
        "digest": f"sha256:{hashlib.sha256(b'').hexdigest()}",
        "size": size,
    }
    server.files["/v2/flock/whale/manifests/latest"] = manifest(layers=[layer])
    host = server.url.removeprefix("http://")
    with pytest.raises(ExternalError, match=r"Not enough free space .* needed, .* free"):
        here.pulling.run(f"{host}/flock/whale", Ticket(), insecure=True)
    assert len(server.requests) == 1


def test_what_arrived_of_a_pull_is_given_up_after_a_month(
    here: Side, there: Side, front: Front, name: str
) -> None:
    front.misbehave = lambda request: Fault(pause_s=0.002) if is_weights(request, there) else None
    ticket = Ticket(lambda progress: ticket.cancel() if progress.done > 6 * MIB else None)
    with pytest.raises(Cancelled):
        here.pulling.run(name, ticket, insecure=True)
    partial = next(here.store.blobs.glob("*-partial"))
    for days, stays in ((29, True), (31, False)):
        then = time.time() - days * 86400
        os.utime(partial, (then, then))
        with partial.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            here.library.tidy()
            assert partial.exists(), "somebody is at it"
        here.library.tidy()
        assert partial.exists() is stays
    assert not list(here.store.blobs.glob("*-partial*"))
