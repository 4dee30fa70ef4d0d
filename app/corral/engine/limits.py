"""How much the engine does at once, and for how long it keeps models."""

from dataclasses import dataclass


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
