"""Which ways questions go: certificates, redirects, and the protocol beside ours."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.hub.huggingface.files import RemoteBytes
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.network import Network
from helpers.certificates import make_server_context
from helpers.fake_hub import FakeHub, fake_hub
from unit.hub.huggingface.conftest import Ask

GGUF = b"GGUF" + bytes(96)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return make_server_context(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def encrypted(authority: tuple[ssl.SSLContext, Path]) -> Iterator[FakeHub]:
    with fake_hub(authority[0]) as hub:
        hub.add("a/b", {"b-Q4_0.gguf": GGUF, "README.md": b"#"}, tags=["gguf"])
        yield hub
    from huggingface_hub.utils import close_session

    close_session()


def test_an_own_authority_is_trusted_when_it_is_set(
    encrypted: FakeHub, authority: tuple[ssl.SSLContext, Path]
) -> None:
    way = Network(hub_endpoint=encrypted.endpoint, ca_file=authority[1])
    assert [found.repo_id for found in HuggingFace(way).search("")] == ["a/b"]


def test_an_unknown_authority_is_not_trusted(encrypted: FakeHub) -> None:
    with pytest.raises(ExternalError, match="cannot be reached") as error:
        HuggingFace(Network(hub_endpoint=encrypted.endpoint)).search("")
    assert "certificate" in error.value.detail.lower()
    assert encrypted.seen == []


def test_files_are_not_fetched_in_the_open_for_an_encrypted_hub(
    encrypted: FakeHub, authority: tuple[ssl.SSLContext, Path]
) -> None:
    hub = HuggingFace(Network(hub_endpoint=encrypted.endpoint, ca_file=authority[1]))
    repository = hub.repository("a/b")
    with pytest.raises(ExternalError, match="without encryption"):
        RemoteBytes(hub, repository, repository.quants[0].files[0])


def test_a_server_that_offers_xet_is_asked_in_the_ordinary_way(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/b", {"b-Q4_0.gguf": GGUF})
    hub = ask()
    repository = hub.repository("a/b")
    remote = RemoteBytes(hub, repository, repository.quants[0].files[0])
    assert remote.fetch(0, 100) == GGUF
    remote.close()
    assert fake.asked("xet") == []


def test_the_file_is_asked_for_at_the_commit_that_was_listed(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/b", {"b-Q4_0.gguf": GGUF})
    hub = ask()
    repository = hub.repository("a/b")
    RemoteBytes(hub, repository, repository.quants[0].files[0]).close()
    (asked,) = fake.asked("HEAD")
    assert f"/resolve/{repository.commit}/" in asked.path
