"""Ollama's environment variables, read by its rules.

Source: behaviour of Ollama's ``envconfig``, checked against its cases.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from urllib.parse import urlsplit

DEFAULT_PORT = 11434
KEEP_ALIVE_S = 300.0
LOAD_TIMEOUT_S = 300.0
_PORTS = {"http": 80, "https": 443}
_LARGEST_PORT = 65535
_CLOUD = "ollama.com"
_LOCAL = ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104 (an origin, nothing is bound to it)
_HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (nothing is bound to it)
_APPS = ("app", "file", "tauri", "vscode-webview", "vscode-file")
_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip
_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[-+]?({_PART})+")
_NO = frozenset({"0", "f", "F", "false", "False", "FALSE"})
_YES = frozenset({"1", "t", "T", "true", "True", "TRUE"})
_PER_DEBUG = -4


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaVariables:
    """What the environment says; what is not set or cannot be read has Ollama's default.

    Attributes:
        host: Address that an API listens on, with scheme and port.
        origins: Web pages that may ask an API.
        keep_alive_s: Seconds that an unused model stays in memory, infinity for ever.
        load_timeout_s: Seconds without progress after which a load is given up.
        context_length: Context of models that say none, in tokens; 0 for what suits the machine.
        kv_cache_type: Storage type of keys and values, "" for none said.
        num_parallel: Sequences of a context.
        max_loaded_models: Most models in memory, 0 for what suits the machine.
        max_queue: Most generations that wait for one model.
        prefers_go_template: Whether a TEMPLATE comes before the model file's own template; None
            where that is left to what the two offer.
        log_level: How much is logged: 0 what happens, -4 details, -8 all, 4 warnings.
    """

    host: str
    origins: tuple[str, ...]
    keep_alive_s: float
    load_timeout_s: float
    context_length: int
    kv_cache_type: str
    num_parallel: int
    max_loaded_models: int
    max_queue: int
    prefers_go_template: bool | None
    log_level: int


def read_variables(environment: Mapping[str, str]) -> OllamaVariables:
    """Read all that Corral understands of Ollama's variables."""

    def text(name: str) -> str:
        return unquoted(environment.get(f"OLLAMA_{name}", ""))

    keep_alive = duration(text("KEEP_ALIVE"))
    timeout = duration(text("LOAD_TIMEOUT"))
    return OllamaVariables(
        host=host_address(text("HOST")),
        origins=allowed_origins(text("ORIGINS")),
        keep_alive_s=KEEP_ALIVE_S if keep_alive is None else keep_alive,
        load_timeout_s=LOAD_TIMEOUT_S if timeout is None else timeout or inf,
        context_length=count(text("CONTEXT_LENGTH"), 0),
        kv_cache_type=text("KV_CACHE_TYPE").lower(),
        num_parallel=max(1, count(text("NUM_PARALLEL"), 1)),
        max_loaded_models=count(text("MAX_LOADED_MODELS"), 0),
        max_queue=count(text("MAX_QUEUE"), 512),
        prefers_go_template=is_true(go) if (go := text("GO_TEMPLATE")) else None,
        log_level=log_level(text("DEBUG")),
    )


def unquoted(text: str) -> str:
    """Return a value without the blanks and quotes around it."""
    return text.strip().strip("\"'")


def is_true(text: str) -> bool:
    """Return whether a switch is on: any word but those for no."""
    return bool(text) and text not in _NO


def count(text: str, default: int) -> int:
    """Return a whole number, the default where it is none."""
    return int(text) if text.isascii() and text.isdigit() else default


def duration(text: str) -> float | None:
    """Return the seconds of a duration: "90", "5m", "1h2m3s"; "-1" is for ever.

    Returns:
        Seconds, infinity for anything below zero, None where it cannot be read.
    """
    seconds = None
    if re.fullmatch(r"[-+]?\d+", text, re.ASCII):
        seconds = float(text)
    elif _DURATION.fullmatch(text):
        parts = re.findall(_PART, text)
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
        seconds = -seconds if text.startswith("-") else seconds
    if seconds is None:
        return None
    return inf if seconds < 0 else abs(seconds)


def keep_alive(value: float | str) -> float | None:
    """Return the seconds that a request wants its model to stay: a number, or a duration.

    Returns:
        Seconds, infinity for anything below zero, None where it cannot be read.
    """
    if isinstance(value, str):
        return duration(value)
    return inf if value < 0 else float(value)


def log_level(text: str) -> int:
    """Return how much is logged: each step of a number is four more, any other word is one step."""
    if re.fullmatch(r"[-+]?\d+", text, re.ASCII):
        return int(text) * _PER_DEBUG
    return _PER_DEBUG if text in _YES or is_true(text) else 0


def host_address(text: str) -> str:
    """Return the address that OLLAMA_HOST means: scheme, host, port, path."""
    scheme, found, rest = text.strip().partition("://")
    if not found:
        scheme, rest = "http", text.strip()
    if rest == _CLOUD and not found:
        scheme = "https"
    has_scheme = bool(found) or scheme == "https"
    default = _PORTS.get(scheme, DEFAULT_PORT) if has_scheme else DEFAULT_PORT
    place, slash, path = rest.partition("/")
    host, port = _host_and_port(place, default)
    return f"{scheme}://{host}:{port}{slash}{path}"


def connectable(address: str) -> str:
    """Return the address by which a client reaches one that listens on all interfaces."""
    parts = urlsplit(address)
    if not (own := _HERE.get(parts.hostname or "")):
        return address
    return f"{parts.scheme}://{own}:{parts.port}{parts.path}"


def allowed_origins(text: str) -> tuple[str, ...]:
    """Return the web pages that may ask: those of the list, those of this machine, and apps."""
    local = (
        f"{scheme}://{host}{port}"
        for host in _LOCAL
        for port in ("", ":*")
        for scheme in ("http", "https")
    )
    return (*filter(None, text.split(",")), *local, *(f"{app}://*" for app in _APPS))


def _host_and_port(place: str, default: int) -> tuple[str, int]:
    """Take an address apart; a port out of its range counts as none."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", place)
    if bracketed:
        host, port = bracketed[1], bracketed[2]
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    else:
        host, port = place, None
    if not host and port is None:
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host.strip()
    number = count(port or "", -1)
    return host, number if 0 <= number <= _LARGEST_PORT else default
