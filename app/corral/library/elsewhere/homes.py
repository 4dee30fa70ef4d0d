"""Where other programs keep their models.

Source: Ollama's ``envconfig``, LM Studio's documentation and its ``settings.json``, the environment
variables of ``huggingface_hub`` and of llama.cpp's ``common``.
"""

import json
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from corral.library.model import Home, HomeKind

OLLAMA_SERVICE = Path("/usr/share/ollama/.ollama/models")
_MOST_SETTINGS_BYTES = 1 << 20
_REPOSITORY = "models--*"


def find_homes(
    environment: Mapping[str, str], user: Path, added: Iterable[Path] = ()
) -> tuple[Home, ...]:
    """Return the folders of other programs that are there, each once.

    Args:
        environment: The environment variables.
        user: The user's home folder.
        added: Folders that the user named.
    """
    found: dict[Path, Home] = {}
    for home in _candidates(environment, user, added):
        try:
            real = home.folder.resolve()
            if _is_folder(real):
                found.setdefault(real, home)
        except (OSError, RuntimeError, ValueError):  # a loop of links, a path that cannot be
            continue
    return tuple(found.values())


def _is_folder(path: Path) -> bool:
    """Whether a folder is there, or something that we may not look at."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:  # such as that of Ollama's service: it is listed with the reason
        return True


def added_home(folder: Path) -> Home:
    """Return a folder that the user named, as what it is by the look of it."""
    kind = HomeKind.FOLDER
    try:
        if (folder / "manifests").is_dir() and (folder / "blobs").is_dir():
            kind = HomeKind.OLLAMA
        elif next(folder.glob(_REPOSITORY), None):
            kind = HomeKind.HUGGING_FACE
    except OSError:
        pass  # it is told where it is read
    labels = {HomeKind.OLLAMA: "Ollama", HomeKind.HUGGING_FACE: "Hugging Face"}
    return Home(kind=kind, label=labels.get(kind, str(folder)), folder=folder)


def _candidates(
    environment: Mapping[str, str], user: Path, added: Iterable[Path]
) -> Iterator[Home]:
    caches = _path(environment.get("XDG_CACHE_HOME"), user) or user / ".cache"
    for folder in (
        _path(environment.get("OLLAMA_MODELS"), user),
        user / ".ollama" / "models",
        OLLAMA_SERVICE,
    ):
        if folder:
            yield Home(kind=HomeKind.OLLAMA, label="Ollama", folder=folder)
    for folder in _lm_studio(environment, user):
        yield Home(kind=HomeKind.LM_STUDIO, label="LM Studio", folder=folder)
    for folder in _hugging_face(environment, user, caches):
        yield Home(kind=HomeKind.HUGGING_FACE, label="Hugging Face", folder=folder)
    for folder in _llama_cpp(environment, user, caches):
        yield Home(kind=HomeKind.LLAMA_CPP, label="llama.cpp", folder=folder)
    for label, folder in _others(environment, user, caches):
        yield Home(kind=HomeKind.FOLDER, label=label, folder=folder)
    yield from map(added_home, added)


def _path(text: str | None, user: Path) -> Path | None:
    """Return a folder that a variable names; Ollama trims blanks and quotes, so all are."""
    trimmed = (text or "").strip().strip("\"'").strip()
    if not trimmed or "\0" in trimmed:
        return None
    if trimmed == "~" or trimmed.startswith("~/"):
        return user / trimmed[2:]
    return Path(trimmed)


def _lm_studio(environment: Mapping[str, str], user: Path) -> Iterator[Path]:
    pointer = _path(_first_line(user / ".lmstudio-home-pointer"), user)
    homes = [pointer, user / ".lmstudio", user / ".cache" / "lm-studio"]
    settings = [home / "settings.json" for home in homes if home]
    settings.append(_app_settings(environment, user) / "LM Studio" / "settings.json")
    for path in settings:
        folder = _path(_downloads_folder(path), user)
        if folder and folder.is_absolute():
            yield folder
    yield from (home / "models" for home in homes if home)


def _downloads_folder(settings: Path) -> str | None:
    try:
        if settings.stat().st_size > _MOST_SETTINGS_BYTES or not settings.is_file():
            return None
        found = json.loads(settings.read_bytes()).get("downloadsFolder")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _first_line(path: Path) -> str | None:
    try:
        if not path.is_file():
            return None
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(4096)
    except OSError:
        return None


def _hugging_face(environment: Mapping[str, str], user: Path, caches: Path) -> Iterator[Path]:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if folder := _path(environment.get(name), user):
            yield folder
    if folder := _path(environment.get("HF_HOME"), user):
        yield folder / "hub"
    yield caches / "huggingface" / "hub"
    yield user / ".cache" / "huggingface" / "hub"


def _llama_cpp(environment: Mapping[str, str], user: Path, caches: Path) -> Iterator[Path]:
    if folder := _path(environment.get("LLAMA_CACHE"), user):
        yield folder
    if sys.platform == "darwin":
        caches = user / "Library" / "Caches"
    if sys.platform == "win32":
        caches = _path(environment.get("LOCALAPPDATA"), user) or user / "AppData" / "Local"
    yield caches / "llama.cpp"


def _others(environment: Mapping[str, str], user: Path, caches: Path) -> Iterator[tuple[str, Path]]:
    data = _path(environment.get("XDG_DATA_HOME"), user) or user / ".local" / "share"
    if sys.platform in {"darwin", "win32"}:
        data = _app_settings(environment, user)
    for folder in (data, _app_settings(environment, user)):
        yield "Jan", folder / "Jan" / "data" / "llamacpp" / "models"
        yield "Jan", folder / "Jan" / "data" / "models"
    yield "Jan", user / "jan" / "models"
    if sys.platform == "win32":
        data = _path(environment.get("LOCALAPPDATA"), user) or user / "AppData" / "Local"
    yield "GPT4All", data / "nomic.ai" / "GPT4All"
    yield "GPT4All", caches / "gpt4all"


def _app_settings(environment: Mapping[str, str], user: Path) -> Path:
    """Return where programs built on Electron or Tauri keep their settings."""
    if sys.platform == "darwin":
        return user / "Library" / "Application Support"
    if sys.platform == "win32":
        return _path(environment.get("APPDATA"), user) or user / "AppData" / "Roaming"
    return _path(environment.get("XDG_CONFIG_HOME"), user) or user / ".config"
