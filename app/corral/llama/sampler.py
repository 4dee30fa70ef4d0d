"""Choosing the next token: llama.cpp's sampler chain with Ollama's parameters and defaults."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from corral.errors import UserError
from corral.llama.library import LlamaLibrary
from corral.modelfile.catalogue import ParameterValue

SEED_MASK = 0xFFFF_FFFF  # -1 becomes llama.cpp's own word for a random seed


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerSettings:
    """How tokens are chosen, under Ollama's names.

    Attributes:
        seed: Start of the random numbers, -1 for a random one.
        temperature: 0 always takes the most probable token.
        top_k: Keep this many tokens, 0 for all.
        top_p: Keep the most probable tokens up to this sum, 1 for all.
        min_p: Drop tokens below this share of the most probable one's probability.
        typical_p: Locally typical sampling, 1 for none.
        repeat_last_n: How many tokens back the penalties look, -1 for the whole context.
        repeat_penalty: Divides what was said already, 1 for none.
        presence_penalty: Taken from each token that was said already.
        frequency_penalty: Taken for each time that it was said.
    """

    seed: int = -1
    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.9
    min_p: float = 0.0
    typical_p: float = 1.0
    repeat_last_n: int = 64
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0

    @property
    def has_penalties(self) -> bool:
        """Whether what was said already counts; looking it up costs time on every token."""
        is_neutral = (
            self.repeat_penalty == 1 and self.presence_penalty == 0 and self.frequency_penalty == 0
        )
        return self.repeat_last_n != 0 and not is_neutral


def sampler_settings(parameters: Mapping[str, ParameterValue]) -> SamplerSettings:
    """Return the settings among a model's or a request's parameters.

    Raises:
        UserError: If a value is not a finite number, or the repeat penalty is not above 0.
    """
    given: dict[str, Any] = {}
    for field in fields(SamplerSettings):
        if field.name in parameters:
            given[field.name] = _number(field.name, parameters[field.name], field.type)
    if given.get("repeat_penalty", 1) <= 0:
        raise UserError(f"repeat_penalty is {given['repeat_penalty']}; it must be above 0.")
    return SamplerSettings(**given)


class Sampler:
    """One chain of samplers for one generation.

    Attributes:
        chain: The `llama_sampler`, for those who call llama.cpp themselves.

    Thread: the engine thread.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        settings: SamplerSettings,
        n_vocab: int,
        history: Sequence[int] = (),
    ) -> None:
        api = library.api
        params: Any = api.llama_sampler_chain_default_params()
        params.no_perf = True
        self.chain: Any = api.llama_sampler_chain_init(params)
        self._free = api.llama_sampler_free
        self._sample = library.short_call("llama_sampler_sample")
        for part in _parts(api, settings, n_vocab):
            api.llama_sampler_chain_add(self.chain, part)
        if settings.has_penalties:
            accept = library.short_call("llama_sampler_accept")
            for token in history:
                accept(self.chain, token)

    def sample(self, context: int, row: int) -> int:
        """Choose a token from a row of logits and remember it.

        Args:
            context: Pointer of a context whose last decode asked for logits.
            row: Which token of that decode's batch.
        """
        token: int = self._sample(self.chain, context, row)
        return token

    def close(self) -> None:
        """Free the chain and its samplers."""
        if self.chain:
            self._free(self.chain)
            self.chain = None


def _parts(api: Any, settings: SamplerSettings, n_vocab: int) -> list[Any]:
    """Return the samplers in llama.cpp's order; the last one always selects."""
    parts = []
    if settings.has_penalties:
        parts.append(
            api.llama_sampler_init_penalties(
                n_vocab,
                settings.repeat_last_n,
                settings.repeat_penalty,
                settings.frequency_penalty,
                settings.presence_penalty,
            )
        )
    if settings.temperature <= 0:
        return [*parts, api.llama_sampler_init_greedy()]
    if settings.top_k > 0:
        parts.append(api.llama_sampler_init_top_k(settings.top_k))
    if settings.typical_p < 1:
        parts.append(api.llama_sampler_init_typical(settings.typical_p, 1))
    if settings.top_p < 1:
        parts.append(api.llama_sampler_init_top_p(settings.top_p, 1))
    if settings.min_p > 0:
        parts.append(api.llama_sampler_init_min_p(settings.min_p, 1))
    parts.append(api.llama_sampler_init_temp(settings.temperature))
    return [*parts, api.llama_sampler_init_dist(settings.seed & SEED_MASK)]


def _number(name: str, value: ParameterValue, kind: object) -> int | float:
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise UserError(f"{name} is {value!r}; it must be a number.")
    return int(value) if kind is int else float(value)
