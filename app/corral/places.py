"""Where files live. `CORRAL_HOME` overrides all folders; `CORRAL_MODELS` moves the models.

Data, state and cache follow the XDG folders on Linux and their like elsewhere.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corral.errors import ExternalError

PACKAGE_FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders of one user's Corral.

    Attributes:
        data: What must not be lost: models and conversations.
        state: What makes the program remember: machine figures, settings, window layout.
        cache: What can be made again.
        models: Root of the model store, in Ollama's layout.
    """

    data: Path
    state: Path
    cache: Path
    models: Path

    @property
    def chats_file(self) -> Path:
        """SQLite file of the conversations."""
        return self.data / "chats.db"

    @property
    def machine_file(self) -> Path:
        """SQLite file of verdicts and measurements of this machine."""
        return self.state / "machine.db"

    @property
    def settings_file(self) -> Path:
        """The user's settings."""
        return self.state / "settings.json"

    @property
    def window_file(self) -> Path:
        """Layout, open tabs and scroll positions of the window."""
        return self.state / "window.json"

    @property
    def log_file(self) -> Path:
        """The log of the last runs."""
        return self.state / "corral.log"

    @property
    def crash_log_file(self) -> Path:
        """Where faulthandler writes when the process dies."""
        return self.state / "crash.log"

    @property
    def marker_file(self) -> Path:
        """Names the model file that llama.cpp is busy with, while it is."""
        return self.state / "busy.json"

    @property
    def socket_file(self) -> Path:
        """Local socket through which a second start hands over its file."""
        return self.state / "window.socket"

    @property
    def key_file(self) -> Path:
        """The key by which registries know this computer."""
        return self.data / "id_ed25519"

    @property
    def transfers_file(self) -> Path:
        """Downloads and uploads that wait, are paused or have ended."""
        return self.state / "transfers.json"

    @property
    def uploads(self) -> Path:
        """Addresses at which cut uploads go on."""
        return self.state / "uploads"

    @property
    def history_file(self) -> Path:
        """What was typed at the prompt of `corral run`."""
        return self.state / "history"

    @property
    def headers(self) -> Path:
        """Cached GGUF headers."""
        return self.cache / "headers"

    @property
    def elsewhere_file(self) -> Path:
        """What the model files of other programs were when they were looked at."""
        return self.cache / "elsewhere.json"

    @property
    def kv(self) -> Path:
        """KV caches of chats, so that they go on without being read again."""
        return self.cache / "kv"

    @property
    def stripped(self) -> Path:
        """Header-only copies of model files for dry runs."""
        return self.cache / "stripped"

    @property
    def remote_headers(self) -> Path:
        """Headers of models elsewhere, fetched to see whether they would fit."""
        return self.cache / "remote-headers"

    @property
    def tokens_file(self) -> Path:
        """Access tokens, of users without a keyring who asked for this file; mode 0600."""
        return self.state / "tokens.json"

    def make(self) -> None:
        """Create the folders, readable by their owner only.

        Raises:
            ExternalError: If they cannot be made.
        """
        for folder in (self.data, self.state, self.cache):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise ExternalError(
                    f"The folder {folder} cannot be made: {error.strerror}.",
                    hint="Make its parent writable, or set CORRAL_HOME to another folder.",
                ) from error


def find_places(environment: Mapping[str, str] | None = None) -> Places:
    """Return the folders that the environment asks for."""
    env = os.environ if environment is None else environment
    home = env.get("CORRAL_HOME")
    if home:
        root = Path(home).expanduser().resolve()
        data, state, cache = root / "data", root / "state", root / "cache"
    else:
        data, state, cache = _system_folders(env)
    models = env.get("CORRAL_MODELS")
    return Places(
        data=data,
        state=state,
        cache=cache,
        models=Path(models).expanduser().resolve() if models else data / "models",
    )


def _system_folders(env: Mapping[str, str]) -> tuple[Path, Path, Path]:
    user = Path.home()
    if sys.platform == "darwin":
        support = user / "Library" / "Application Support" / "Corral"
        return support / "data", support / "state", user / "Library" / "Caches" / "Corral"
    if sys.platform == "win32":
        local = Path(env.get("LOCALAPPDATA", user / "AppData" / "Local")) / "Corral"
        return local / "data", local / "state", local / "cache"
    return (
        Path(env.get("XDG_DATA_HOME") or user / ".local" / "share") / "corral",
        Path(env.get("XDG_STATE_HOME") or user / ".local" / "state") / "corral",
        Path(env.get("XDG_CACHE_HOME") or user / ".cache") / "corral",
    )


def resource_path(name: str) -> Path:
    """Return the path of a file in `resources/`, installed or in a checkout."""
    installed = PACKAGE_FOLDER / "resources" / name
    return installed if installed.exists() else PACKAGE_FOLDER.parents[1] / "resources" / name
