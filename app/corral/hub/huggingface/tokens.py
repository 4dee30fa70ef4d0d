"""Access tokens: in the system's keyring, or where the user allows instead.

A token is kept for one hub, so that a mirror never gets the token of another.
"""

import json
import os
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from corral.errors import ExternalError, UserError
from corral.hub.huggingface.records import Token
from corral.settings import write_atomically

_SERVICE = "Corral: Hugging Face"
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
# Backends that store nothing, or store openly what a keyring is there to hide.
_UNUSABLE = ("keyring.backends.fail.", "keyring.backends.null.", "keyrings.alt.file.Plaintext")


class TokenHome(StrEnum):
    """Where a token is kept."""

    KEYRING = "keyring"
    FILE = "file"
    RUN = "run"  # in memory, until the program ends


class Keyring(Protocol):
    """What is asked of the system's keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is stored, None if nothing is."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store something."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""


def system_keyring() -> Keyring | None:
    """Return the keyring of this system, None if there is none that hides what it keeps."""
    import keyring  # lazy: it looks for the desktop's services

    backend = keyring.get_keyring()
    kind = type(backend)
    is_unusable = f"{kind.__module__}.{kind.__qualname__}".startswith(_UNUSABLE)
    return None if is_unusable else backend


def checked_token(text: str) -> Token:
    """Return the token in a text that was typed or read from a file.

    Raises:
        UserError: If it cannot be one. What was typed is not repeated.
    """
    value = text.strip()
    if not _TOKEN.fullmatch(value):
        raise UserError(
            "This is no access token: a token is one word of plain characters.",
            hint="Make one on https://huggingface.co/settings/tokens and paste it whole.",
        )
    return Token(value=value)


class Tokens:
    """The tokens of this user.

    Args:
        file: Where tokens are kept in a file, if the user wants that.
        find_keyring: Finds the keyring.

    Thread: any but the event loop's: a keyring may ask the user to unlock it.
    """

    def __init__(
        self, file: Path, find_keyring: Callable[[], Keyring | None] = system_keyring
    ) -> None:
        self._file = file
        self._find_keyring = find_keyring
        self._of_this_run: dict[str, Token] = {}

    def has_keyring(self) -> bool:
        """Tell whether there is a keyring to keep tokens in."""
        return self._find_keyring() is not None

    def get(self, endpoint: str) -> Token | None:
        """Return the token for a hub, None if there is none."""
        host = _host(endpoint)
        if token := self._of_this_run.get(host):
            return token
        value = self._read_file().get(host) or self._from_keyring(host)
        return Token(value=value) if value else None

    def home(self, endpoint: str) -> TokenHome | None:
        """Tell where the token for a hub is kept, None if there is none."""
        host = _host(endpoint)
        if host in self._of_this_run:
            return TokenHome.RUN
        if self._read_file().get(host):
            return TokenHome.FILE
        return TokenHome.KEYRING if self._from_keyring(host) else None

    def save(self, endpoint: str, token: Token, home: TokenHome) -> None:
        """Keep a token in one place, and in no other.

        Raises:
            ExternalError: If there is no keyring or it refuses, or the file cannot be written.
        """
        host = _host(endpoint)
        match home:
            case TokenHome.RUN:
                self._of_this_run[host] = token
            case TokenHome.FILE:
                self._write_file({**self._read_file(), host: token.value})
            case TokenHome.KEYRING:
                self._to_keyring(host, token)
        for other in {*TokenHome} - {home}:
            self._forget_in(other, host)

    def forget(self, endpoint: str) -> bool:
        """Forget the token for a hub wherever it is kept.

        Returns:
            Whether there was one.
        """
        found = [self._forget_in(home, _host(endpoint)) for home in TokenHome]
        return any(found)

    def _forget_in(self, home: TokenHome, host: str) -> bool:
        match home:
            case TokenHome.RUN:
                return self._of_this_run.pop(host, None) is not None
            case TokenHome.FILE:
                kept = self._read_file()
                if had_one := kept.pop(host, None) is not None:
                    self._write_file(kept)
                return had_one
            case TokenHome.KEYRING:
                return self._drop_from_keyring(host)

    # The keyring

    def _from_keyring(self, host: str) -> str | None:
        keyring = self._find_keyring()
        if keyring is None:
            return None
        from keyring.errors import KeyringError  # lazy: with the keyring itself

        try:
            return keyring.get_password(_SERVICE, host)
        except KeyringError:
            return None  # locked: as good as not logged in

    def _to_keyring(self, host: str, token: Token) -> None:
        keyring = self._find_keyring()
        from keyring.errors import KeyringError  # lazy: with the keyring itself

        try:
            if keyring:
                keyring.set_password(_SERVICE, host, token.value)
        except KeyringError as error:
            raise _no_keyring(type(error).__name__) from None  # its words might hold the token
        if keyring is None or self._from_keyring(host) != token.value:
            raise _no_keyring("no keyring service answers")

    def _drop_from_keyring(self, host: str) -> bool:
        keyring = self._find_keyring()
        if keyring is None or self._from_keyring(host) is None:
            return False
        from keyring.errors import KeyringError  # lazy: with the keyring itself

        try:
            keyring.delete_password(_SERVICE, host)
        except KeyringError as error:
            raise _no_keyring(type(error).__name__) from None
        return True

    # The file

    def _read_file(self) -> dict[str, str]:
        try:
            if self._file.stat().st_mode & 0o077:
                self._file.chmod(0o600)
            stored = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(stored, dict):
            return {}
        return {host: value for host, value in stored.items() if isinstance(value, str)}

    def _write_file(self, tokens: dict[str, str]) -> None:
        if tokens:
            write_atomically(self._file, json.dumps(tokens, indent=1), mode=0o600)
            return
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            raise ExternalError(
                f"{self._file} cannot be removed: {error.strerror}.",
                hint="Remove it by hand: it holds your access token.",
            ) from error


def _host(endpoint: str) -> str:
    url = urlsplit(endpoint)
    return (url.netloc or url.path).lower()


def _no_keyring(reason: str) -> ExternalError:
    desktop = os.environ.get("XDG_CURRENT_DESKTOP", "")
    return ExternalError(
        "The token cannot be kept in the system's keyring.",
        detail=f"{reason}{f' ({desktop})' if desktop else ''}",
        hint="Keep it for this run only, or in a file that only you can read.",
    )
