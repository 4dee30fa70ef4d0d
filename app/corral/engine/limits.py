"""What Ollama's environment variables allow the engine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip
_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[-+]?({_PART})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once, and for how long.

    Attributes:
        num_parallel: Sequences of a context, unless the user chose otherwise.
        max_queue: Most generations that wait for one model.
        max_loaded_models: Most models in memory, 0 for what suits the machine.
        keep_alive_s: Seconds that an unused model stays in memory, infinity for ever.
    """

    num_parallel: int = 1
    max_queue: int = 512
    max_loaded_models: int = 0
    keep_alive_s: float = 300.0


def read_limits(environment: Mapping[str, str]) -> Limits:
    """Return the limits that the environment sets; what cannot be read keeps its default."""
    default = Limits()
    keep_alive = duration(_text(environment, "OLLAMA_KEEP_ALIVE"))
    return Limits(
        num_parallel=max(1, _count(environment, "OLLAMA_NUM_PARALLEL", default.num_parallel)),
        max_queue=_count(environment, "OLLAMA_MAX_QUEUE", default.max_queue),
        max_loaded_models=_count(
            environment, "OLLAMA_MAX_LOADED_MODELS", default.max_loaded_models
        ),
        keep_alive_s=default.keep_alive_s if keep_alive is None else keep_alive,
    )


def duration(text: str) -> float | None:
    """Return the seconds of a duration as Ollama reads it: "90", "5m", "1h2m3s"; "-1" is for ever.

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
    return inf if seconds is not None and seconds < 0 else seconds


def _text(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip().strip("\"'")


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    text = _text(environment, name)
    return int(text) if text.isascii() and text.isdigit() else default
