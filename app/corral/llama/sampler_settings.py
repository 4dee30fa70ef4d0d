"""How tokens are chosen: Ollama's parameters with its defaults, and what llama.cpp has beyond."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from corral.errors import UserError
from corral.modelfile.catalogue import ParameterValue

_MOST_INT = 2**31 - 1
# What llama.cpp's whole numbers hold: beyond it they would begin again from below.
_RANGES = {
    "seed": (-1, 2**32 - 1),
    "top_k": (-_MOST_INT, _MOST_INT),
    "repeat_last_n": (-_MOST_INT, _MOST_INT),
    "dry_allowed_length": (0, _MOST_INT),
    "dry_penalty_last_n": (-_MOST_INT, _MOST_INT),
}
DRY_BREAKERS = ("\n", ":", '"', "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraSettings:
    """What Ollama has no parameters for, under the names of llama.cpp's server; all off at first.

    Attributes:
        mirostat: 1 or 2 replace the cuts (top-k to XTC) by a steady surprise, 0 is off.
        mirostat_tau: The surprise that is aimed for.
        mirostat_eta: How fast it is followed.
        dynatemp_range: How far the temperature moves with the model's doubt, 0 for not at all.
        dynatemp_exponent: How it moves between the ends.
        top_n_sigma: Keep tokens within so many standard deviations of the best, 0 or less for all.
        xtc_probability: How often the most probable tokens are left out.
        xtc_threshold: Of those above this probability, all but the least probable one.
        dry_multiplier: How hard repeated sequences are punished, 0 for not at all.
        dry_base: How the punishment grows with the sequence's length.
        dry_allowed_length: Sequences up to this length are free.
        dry_penalty_last_n: How many tokens back repetitions count, -1 for the whole context.
        dry_sequence_breakers: Texts that end a sequence.
    """

    mirostat: int = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    top_n_sigma: float = -1.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int = -1
    dry_sequence_breakers: tuple[str, ...] = DRY_BREAKERS


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
        logit_bias: Added to the logits of some tokens; minus infinity forbids one.
        extra: What Ollama has no parameters for.
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
    logit_bias: tuple[tuple[int, float], ...] = ()
    extra: ExtraSettings = field(default_factory=ExtraSettings)

    @property
    def has_penalties(self) -> bool:
        """Whether single tokens said already count; looking them up costs time on every token."""
        is_neutral = (
            self.repeat_penalty == 1 and self.presence_penalty == 0 and self.frequency_penalty == 0
        )
        return self.repeat_last_n != 0 and not is_neutral

    @property
    def has_dry(self) -> bool:
        """Whether repeated sequences are punished."""
        return self.extra.dry_multiplier > 0 and self.extra.dry_penalty_last_n != 0

    @property
    def lookback(self) -> int:
        """How many tokens of what was said before the sampler has to know."""
        return max(
            self.repeat_last_n if self.has_penalties else 0,
            self.extra.dry_penalty_last_n if self.has_dry else 0,
        )

    def within(self, n_ctx: int) -> "SamplerSettings":
        """Return the same for a context of this length: nothing looks back farther."""
        dry_last_n = _within(self.extra.dry_penalty_last_n, n_ctx)
        return replace(
            self,
            repeat_last_n=_within(self.repeat_last_n, n_ctx),
            extra=replace(self.extra, dry_penalty_last_n=dry_last_n),
        )


def sampler_settings(
    parameters: Mapping[str, ParameterValue], logit_bias: Mapping[int, float] | None = None
) -> SamplerSettings:
    """Return the settings among a model's or a request's parameters.

    Args:
        parameters: By name; others than those of the settings are passed over.
        logit_bias: What to add to the logits of which tokens.

    Raises:
        UserError: If a value is not a finite number, or one that makes no sense.
    """
    extra = ExtraSettings(**_given(ExtraSettings, parameters))
    settings = SamplerSettings(
        **_given(SamplerSettings, parameters),
        logit_bias=tuple((logit_bias or {}).items()),
        extra=extra,
    )
    for name, (least, most) in _RANGES.items():
        found = getattr(settings if hasattr(settings, name) else extra, name)
        if not least <= found <= most:
            raise UserError(f"{name} is {found:,}; it can be {least:,} to {most:,}.")
    if settings.repeat_penalty <= 0:
        raise UserError(f"repeat_penalty is {settings.repeat_penalty}; it must be above 0.")
    if extra.mirostat not in (0, 1, 2):
        raise UserError(f"mirostat is {extra.mirostat}; it can be 0, 1 or 2.")
    if any(math.isnan(bias) for _, bias in settings.logit_bias):
        raise UserError("A logit bias is no number.")
    return settings


def _given(
    kind: type[ExtraSettings | SamplerSettings], parameters: Mapping[str, ParameterValue]
) -> dict[str, Any]:
    return {
        item.name: _value(item.name, parameters[item.name], item.type)
        for item in fields(kind)
        if item.name in parameters and item.name not in ("extra", "logit_bias")
    }


def _value(name: str, value: ParameterValue, kind: object) -> int | float | tuple[str, ...]:
    if kind is int or kind is float:
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise UserError(f"{name} is {value!r}; it must be a number.")
        return int(value) if kind is int else float(value)
    texts = value if isinstance(value, tuple) else (value,)
    return tuple(str(text) for text in texts if text)


def _within(last_n: int, n_ctx: int) -> int:
    return n_ctx if last_n < 0 else min(last_n, n_ctx)
