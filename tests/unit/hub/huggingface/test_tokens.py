import json
import stat
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.huggingface.records import Token
from corral.hub.huggingface.tokens import TokenHome, Tokens, checked_token, system_keyring

HUB = "https://huggingface.co"
MIRROR = "https://mirror.example:8443/hf"
TOKEN = Token(value="hf_abc")


class MemoryKeyring:
    """A keyring that works."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that the user did not unlock; its errors repeat what they were given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        from keyring.errors import PasswordSetError

        raise PasswordSetError(f"cannot store {password}")


class ForgetfulKeyring(MemoryKeyring):
    """A keyring that takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tokens.json"


@pytest.mark.parametrize("home", list(TokenHome))
def test_a_token_is_kept_where_the_user_wants_it_and_nowhere_else(
    file: Path, keyring: MemoryKeyring, home: TokenHome
) -> None:
    tokens = Tokens(file, lambda: keyring)
    tokens.save(HUB, TOKEN, home)
    assert tokens.get(HUB) == TOKEN
    assert tokens.home(HUB) is home
    assert bool(keyring.kept) is (home is TokenHome.KEYRING)
    assert file.exists() is (home is TokenHome.FILE)


@pytest.mark.parametrize("home", list(TokenHome))
def test_a_token_is_forgotten_everywhere(
    file: Path, keyring: MemoryKeyring, home: TokenHome
) -> None:
    tokens = Tokens(file, lambda: keyring)
    tokens.save(HUB, TOKEN, home)
    assert tokens.forget(HUB)
    assert tokens.get(HUB) is None
    assert tokens.home(HUB) is None
    assert not keyring.kept
    assert not file.exists()
    assert not tokens.forget(HUB)


def test_a_newer_token_replaces_the_one_in_another_place(
    file: Path, keyring: MemoryKeyring
) -> None:
    tokens = Tokens(file, lambda: keyring)
    tokens.save(HUB, Token(value="hf_old"), TokenHome.KEYRING)
    tokens.save(HUB, TOKEN, TokenHome.FILE)
    assert not keyring.kept
    assert tokens.get(HUB) == TOKEN


def test_when_the_new_place_refuses_the_old_token_stays(file: Path) -> None:
    tokens = Tokens(file, LockedKeyring)
    tokens.save(HUB, Token(value="hf_old"), TokenHome.FILE)
    with pytest.raises(ExternalError):
        tokens.save(HUB, TOKEN, TokenHome.KEYRING)
    assert tokens.get(HUB) == Token(value="hf_old")


def test_the_file_is_its_owners_only(file: Path) -> None:
    tokens = Tokens(file, lambda: None)
    tokens.save(HUB, TOKEN, TokenHome.FILE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert tokens.get(HUB) == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_of_this_run_is_gone_with_it(file: Path) -> None:
    Tokens(file, lambda: None).save(HUB, TOKEN, TokenHome.RUN)
    assert Tokens(file, lambda: None).get(HUB) is None


def test_the_others_outlast_it(file: Path, keyring: MemoryKeyring) -> None:
    Tokens(file, lambda: keyring).save(HUB, TOKEN, TokenHome.KEYRING)
    Tokens(file, lambda: keyring).save(MIRROR, Token(value="hf_other"), TokenHome.FILE)
    later = Tokens(file, lambda: keyring)
    assert later.get(HUB) == TOKEN
    assert later.get(MIRROR) == Token(value="hf_other")


def test_a_mirror_does_not_get_the_token_of_the_hub(file: Path, keyring: MemoryKeyring) -> None:
    tokens = Tokens(file, lambda: keyring)
    for home in TokenHome:
        tokens.save(HUB, TOKEN, home)
        assert tokens.get(MIRROR) is None


def test_without_a_keyring_nothing_is_kept_silently(file: Path) -> None:
    tokens = Tokens(file, lambda: None)
    assert not tokens.has_keyring()
    with pytest.raises(ExternalError, match="cannot be kept") as error:
        tokens.save(HUB, TOKEN, TokenHome.KEYRING)
    assert "this run" in error.value.hint
    assert tokens.get(HUB) is None
    assert not file.exists()


@pytest.mark.parametrize("kind", [LockedKeyring, ForgetfulKeyring])
def test_a_keyring_that_does_not_keep_is_told_without_the_token(
    file: Path, kind: type[MemoryKeyring]
) -> None:
    keyring = kind()
    with pytest.raises(ExternalError, match="cannot be kept") as error:
        Tokens(file, lambda: keyring).save(HUB, TOKEN, TokenHome.KEYRING)
    told = f"{error.value!r} {error.value.detail} {error.value.__cause__!r}"
    assert "hf_abc" not in told


@pytest.mark.parametrize(
    "backend",
    ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"],
)
def test_keyrings_that_keep_nothing_are_none(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.core

    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.core.load_keyring(backend))
    assert system_keyring() is None


@pytest.mark.parametrize("text", ["", "  ", "two words", "hf_\u00e9", "hf_a\nb", "x" * 501])
def test_what_cannot_be_a_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UserError) as error:
        checked_token(text)
    assert not text.strip() or text not in str(error.value)


def test_spaces_and_line_ends_around_a_token_do_not_matter() -> None:
    assert checked_token(" hf_abc\r\n") == TOKEN


def test_a_token_is_not_in_its_own_description() -> None:
    assert "hf_abc" not in f"{TOKEN} {TOKEN!r}"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"huggingface.co": 7}', "null"])
def test_a_damaged_file_is_as_good_as_none(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    assert Tokens(file, lambda: None).get(HUB) is None


def test_the_file_holds_nothing_but_tokens_by_hub(file: Path) -> None:
    Tokens(file, lambda: None).save(MIRROR, TOKEN, TokenHome.FILE)
    assert json.loads(file.read_text()) == {"mirror.example:8443": "hf_abc"}
