"""What Ollama's environment variables allow the engine."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once.

    Attributes:
        num_parallel: Sequences of a context, unless the user chose otherwise.
        max_queue: Most generations that wait for one model.
    """

    num_parallel: int = 1
    max_queue: int = 512


def read_limits(environment: Mapping[str, str]) -> Limits:
    """Return the limits that the environment sets; what cannot be read keeps its default."""
    default = Limits()
    return Limits(
        num_parallel=max(1, _count(environment, "OLLAMA_NUM_PARALLEL", default.num_parallel)),
        max_queue=_count(environment, "OLLAMA_MAX_QUEUE", default.max_queue),
    )


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip().strip("\"'")
    return int(text) if text.isascii() and text.isdigit() else default
