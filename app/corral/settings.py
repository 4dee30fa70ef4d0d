"""The user's settings: a frozen record, one JSON file, written whole."""

import json
import os
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line

_WORKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*:(?P<port>\d{1,5})", re.ASCII)
# llama.cpp's own bound.
_MOST_WORKERS = 16


class ThemeChoice(StrEnum):
    """Which palette the window uses."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class LanguageChoice(StrEnum):
    """Which language the window speaks."""

    SYSTEM = "system"
    EN = "en"
    ZH_TW = "zh_TW"
    ZH_CN = "zh_CN"


class GuardrailChoice(StrEnum):
    """How much of the free memory a load may take without a question."""

    OFF = "off"
    BALANCED = "balanced"  # 90 %
    STRICT = "strict"  # 80 %
    OWN = "own"  # all but `guardrail_free_gib`


class Overflow(StrEnum):
    """What happens when a conversation is longer than the context: the user's policy."""

    STOP = "stop"  # the oldest messages are left out of the prompt; a full context ends the answer
    SHIFT = "shift"  # the same, but the answer goes on: the oldest half of the context is dropped
    REFUSE = "refuse"  # nothing is left out: a prompt that is too long fails


class Speculation(StrEnum):
    """Who guesses the next tokens; the model checks them, so that the text is its own.

    A batch of another size may round otherwise in the last digits. Where two tokens are as
    good as equal the text can go another way, which is why AUTO leaves alone whoever has set a
    seed: the same seed is to say the same.
    """

    AUTO = "auto"  # the best that the model has, where that pays; nobody where a seed is set
    OFF = "off"
    LOOKUP = "lookup"  # what followed the same words earlier in prompt and answer
    DRAFT = "draft"  # a second, small model
    MTP = "mtp"  # the model's own layers for the tokens after the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user can set.

    Attributes:
        theme: Light, dark, or as the system is.
        zoom_percent: Size of the text, 50 to 300.
        language: One of the window's, or as the system is; counts from the next start on.
        proxy: Address of the proxy for downloads, "" for what the environment says.
        ca_file: File of certificates to trust beside the system's, "" for none.
        hub_endpoint: Address of a mirror of Hugging Face, "" for Hugging Face.
        model_folders: Folders in which models are looked for, beside those of other programs.
        registry_key: File of the key that registries know, such as Ollama's, "" for Corral's own.
        machines: Machines that are not there, for plans: name and words of each.
        guardrail: How much of the free memory a load may take without a question.
        guardrail_free_gib: What an own limit leaves free on each device.
        rpc_workers: Addresses of llama.cpp RPC workers, "host:port".
        context_overflow: What happens when a conversation is longer than the context, unless it
            says otherwise itself.
        speculation: Whether tokens are guessed ahead: auto or off.
    """

    theme: ThemeChoice = ThemeChoice.SYSTEM
    zoom_percent: int = 100
    language: LanguageChoice = LanguageChoice.SYSTEM
    proxy: str = ""
    ca_file: str = ""
    hub_endpoint: str = ""
    model_folders: tuple[str, ...] = ()
    registry_key: str = ""
    machines: tuple[tuple[str, str], ...] = ()
    guardrail: GuardrailChoice = GuardrailChoice.BALANCED
    guardrail_free_gib: float = 1.0
    rpc_workers: tuple[str, ...] = ()
    context_overflow: Overflow = Overflow.STOP
    speculation: Speculation = Speculation.AUTO


class SettingsFile:
    """Keeps the settings on disk.

    Thread: the event loop's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.current = self._read()

    def change(self, **changes: Any) -> Settings:  # noqa: ANN401 (the fields of Settings)
        """Change some settings and write the file.

        Raises:
            UserError: If a value is out of its range.
            ExternalError: If the file cannot be written; the settings are then as before.
        """
        # Another process, such as the command line beside the window, may have changed others.
        changed = _checked(replace(self._stored() or self.current, **changes))
        write_atomically(self._path, json.dumps(asdict(changed), indent=1))
        self.current = changed
        return changed

    def _read(self) -> Settings:
        return self._stored() or Settings()  # one that cannot be read is not worth a dialog

    def _stored(self) -> Settings | None:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
            known = {f.name for f in fields(Settings)}
            return _checked(Settings(**{name: stored[name] for name in known & stored.keys()}))
        except (OSError, ValueError, TypeError, AttributeError, UserError):
            return None


def _checked(settings: Settings) -> Settings:
    if not 50 <= settings.zoom_percent <= 300:
        raise UserError(f"The zoom is {settings.zoom_percent} %; it can be 50 to 300 %.")
    return Settings(
        theme=ThemeChoice(settings.theme),
        zoom_percent=int(settings.zoom_percent),
        language=LanguageChoice(settings.language),
        model_folders=_folders(settings.model_folders),
        proxy=_web_address("proxy", settings.proxy),
        ca_file=str(settings.ca_file),
        hub_endpoint=_web_address("address of the hub", settings.hub_endpoint),
        registry_key=str(settings.registry_key),
        machines=tuple((str(name), str(words)) for name, words in settings.machines),
        guardrail=GuardrailChoice(settings.guardrail),
        guardrail_free_gib=_free_gib(settings.guardrail_free_gib),
        rpc_workers=worker_addresses(settings.rpc_workers),
        context_overflow=Overflow(settings.context_overflow),
        speculation=_speculation(settings.speculation),
    )


def _speculation(text: str) -> Speculation:
    choice = Speculation(text)
    if choice not in (Speculation.AUTO, Speculation.OFF):
        raise UserError(
            f"The setting of speculation can be auto or off, not {choice}.",
            hint=f"For one run: corral run MODEL --speculation {choice}",
        )
    return choice


def _free_gib(gib: float) -> float:
    if not 0 <= gib <= 1024:
        raise UserError(f"The memory to leave free is {gib:g} GiB; it can be 0 to 1024 GiB.")
    return float(gib)


def _web_address(what: str, text: str) -> str:
    is_address = re.fullmatch(r"https?://[^\s/?#][^\s?#]*", text, re.ASCII) is not None
    if text and not is_address:
        raise UserError(
            f"The {what} is no address.", hint="Write it as http://name:port or https://name."
        )
    return str(text)


def worker_addresses(texts: Sequence[str]) -> tuple[str, ...]:
    """Return addresses of RPC workers as llama.cpp takes them, each once.

    Raises:
        UserError: If one is none, or they are too many.
    """
    if isinstance(texts, str):
        raise UserError("The RPC workers are no list of addresses.")
    addresses = tuple(dict.fromkeys(text.strip() for text in texts))
    for address in addresses:
        match = _WORKER.fullmatch(address)
        if not match or not 0 < int(match["port"]) < 1 << 16:
            raise UserError(
                f"'{safe_line(address, 60)}' is no address of an RPC worker.",
                hint="Write it as HOST:PORT, such as 192.168.1.7:50052.",
            )
    if len(addresses) > _MOST_WORKERS:
        raise UserError(f"There are {len(addresses)} RPC workers; at most {_MOST_WORKERS} can be.")
    return addresses


def _folders(folders: Sequence[str]) -> tuple[str, ...]:
    if isinstance(folders, str) or not all(isinstance(folder, str) for folder in folders):
        raise UserError("The folders of models are no list of folders.")
    relative = [folder for folder in folders if not Path(folder).is_absolute() or "\0" in folder]
    if relative:
        raise UserError(f"The folder {relative[0]} is not named from the root of its drive.")
    return tuple(dict.fromkeys(folders))


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Write `text` so that a crash leaves either the old file or the new one.

    Raises:
        ExternalError: If it cannot be written; the old file is then as before.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_to_disk(temporary, text, mode)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ExternalError(
            f"{path} could not be written: {error.strerror}.",
            hint="Check that the disk is not full and the folder is writable.",
        ) from error


def _write_to_disk(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
