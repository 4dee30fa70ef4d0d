"""Registries that want to know who asks: a real one, with a token server that checks keys."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.client import NetworkError
from corral.hub.registry.keys import Key
from corral.hub.registry.tokens import Challenge, get_token, parse_challenge
from corral.jobs import Ticket
from helpers.registry import SERVICE, DockerRegistry, TokenServer
from helpers.side import Side


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[TokenServer]:
    with TokenServer(tmp_path / "tokens").running() as tokens:
        yield tokens


@pytest.fixture
def guarded(tmp_path: Path, tokens: TokenServer) -> Iterator[DockerRegistry]:
    with DockerRegistry(tmp_path / "guarded", tokens.realm, tokens.bundle).running() as registry:
        yield registry


def test_a_known_key_may_push_and_pull(
    here: Side, there: Side, guarded: DockerRegistry, tokens: TokenServer
) -> None:
    name = f"{guarded.host}/flock/shepherd"
    tokens.known = {here.key.public_text, there.key.public_text}
    there.make(name)
    there.pushing.run(name, Ticket(), insecure=True)
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.manifest(name) == there.manifest(name)
    asked = [query["scope"] for query in tokens.asked]
    assert ["repository:flock/shepherd:pull"] in asked
    assert any("push" in scope for scopes in asked for scope in scopes)
    assert all(query["service"] == [SERVICE] for query in tokens.asked)
    assert len({query["nonce"][0] for query in tokens.asked}) == len(tokens.asked)


def test_an_unknown_key_is_told_what_to_do_with_it(
    here: Side, there: Side, guarded: DockerRegistry, tokens: TokenServer
) -> None:
    tokens.known = {there.key.public_text}
    with pytest.raises(NetworkError, match="gives no token: status 403") as caught:
        here.pulling.run(f"{guarded.host}/flock/shepherd", Ticket(), insecure=True)
    assert here.key.public_text in caught.value.hint


def test_a_token_that_expires_in_the_middle_is_renewed(
    here: Side, there: Side, guarded: DockerRegistry, tokens: TokenServer
) -> None:
    name = f"{guarded.host}/flock/shepherd"
    tokens.known = {here.key.public_text, there.key.public_text}
    there.make(name)
    there.pushing.run(name, Ticket(), insecure=True)
    tokens.asked.clear()
    tokens.lifetime_s = -100  # the registry allows for clocks that are a minute apart
    real, questions = tokens.token, iter(range(100))

    def expires_once(scopes: list[str]) -> str:
        tokens.lifetime_s = -100 if next(questions) == 1 else 60
        return real(scopes)

    tokens.token = expires_once  # type: ignore[method-assign]
    here.pulling.run(name, Ticket(), insecure=True)
    assert here.library.get(name).problem == ""


def test_the_own_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "id_ed25519"
    key = Key(path)
    assert not path.exists(), "made when first needed"
    public = key.public_text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Key(path).public_text == public
    assert [each.name for each in path.parent.iterdir()] == ["id_ed25519"]


def test_a_key_of_openssh_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "id"
    made = subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=False
    )
    if made.returncode:
        pytest.skip("ssh-keygen does not work here")
    public = path.with_suffix(".pub").read_text().split()
    assert Key(path, is_own=False).public_text.split() == public[:2]


def test_a_named_key_that_is_not_there_or_none_is_told(tmp_path: Path) -> None:
    absent, wrong = tmp_path / "absent", tmp_path / "wrong"
    wrong.write_text("no key")
    with pytest.raises(UserError, match="cannot be read"):
        Key(absent, is_own=False).sign(b"")
    assert not absent.exists()
    with pytest.raises(UserError, match="no key that can be used"):
        Key(wrong, is_own=False).sign(b"")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://ollama.com/token",service="ollama.com",scope="a:b:pull"',
            Challenge(realm="https://ollama.com/token", service="ollama.com", scope="a:b:pull"),
        ),
        (
            "bearer realm=https://x/t, service=y",
            Challenge(realm="https://x/t", service="y", scope=""),
        ),
        ("Basic realm=x", None),
        ("Bearer", None),
        ("", None),
    ],
)
def test_challenges_are_read(header: str, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://registry.ollama.ai", "https://evil.example/token"),
        ("https://registry.ollama.ai", "http://ollama.com/token"),
        ("https://a.co.uk", "https://b.co.uk/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.2:5000/token"),
        ("http://registry.lan", "http://127.0.0.1/token"),
        ("https://registry.ollama.ai", "file:///etc/passwd"),
    ],
)
def test_nobody_is_sent_elsewhere_to_sign_in(here: Side, registry: str, realm: str) -> None:
    challenge = Challenge(realm=realm, service="s", scope="")
    with pytest.raises(ExternalError, match=r"refused|no address"):
        get_token(here.downloader.client, challenge, registry, here.key)
    assert not (here.folder / "id_ed25519").exists(), "no key was even made"
