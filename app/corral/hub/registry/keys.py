"""The key by which a registry knows this computer: ed25519, as OpenSSH keeps it.

It is Corral's own and made when a registry first asks for one. Ollama's, in ~/.ollama, is used only
if the user names it.
"""

import base64
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from corral.errors import ExternalError, UserError
from corral.settings import write_atomically

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "id_ed25519"


class Key:
    """A private key, read or made when it is first needed.

    Args:
        path: Its file.
        is_own: Whether it may be made; a key that the user names must be there.

    Thread: any.
    """

    def __init__(self, path: Path, *, is_own: bool = True) -> None:
        self._path = path
        self._is_own = is_own
        self._lock = threading.Lock()
        self._key: Ed25519PrivateKey | None = None

    @property
    def public_text(self) -> str:
        """The public key as people hand it in: "ssh-ed25519 AAAA…".

        Raises:
            CorralError: If the key cannot be read or made.
        """
        return _public_text(self._loaded())

    def sign(self, data: bytes) -> str:
        """Return public key and signature as Ollama's registries want them.

        Raises:
            CorralError: If the key cannot be read or made.
        """
        key = self._loaded()
        public = _public_text(key).split()[1]
        return f"{public}:{base64.b64encode(key.sign(data)).decode()}"

    def _loaded(self) -> "Ed25519PrivateKey":
        with self._lock:
            if self._key is None:
                if self._is_own and not self._path.exists():
                    _make(self._path)
                self._key = _read(self._path)
            return self._key


def _make(path: Path) -> None:
    # lazy: only a registry that wants a sign-in needs it
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    ).decode()
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_atomically(new, text, 0o600)
    try:
        with suppress(FileExistsError):  # another process was first: its key counts
            os.link(new, path)
    except OSError as error:
        raise ExternalError(f"The key {path} cannot be made: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def _read(path: Path) -> "Ed25519PrivateKey":
    # lazy: only a registry that wants a sign-in needs it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise UserError(
            f"The key {path} cannot be read: {error.strerror}.", hint="Name another key, or none."
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UserError(
            f"{path} is no key that can be used.",
            detail=str(error),
            hint="It must be an ed25519 key of OpenSSH without a password.",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(f"{path} is no ed25519 key.", hint="Make one with ssh-keygen -t ed25519.")
    return key


def _public_text(key: "Ed25519PrivateKey") -> str:
    # lazy: only a registry that wants a sign-in needs it
    from cryptography.hazmat.primitives import serialization

    return (
        key.public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        .decode()
    )
