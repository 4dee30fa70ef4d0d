"""llama.cpp's samplers for some settings, in its order."""

import ctypes
from typing import Any

from corral.llama.library import LlamaLibrary
from corral.llama.sampler_settings import SamplerSettings

SEED_MASK = 0xFFFF_FFFF  # -1 becomes llama.cpp's own word for a random seed
# The first version's window for its estimate, as llama.cpp's own programs have it.
MIROSTAT_M = 100
LEAST_KEPT = 1


def make_chain(
    library: LlamaLibrary, settings: SamplerSettings, vocabulary: int, n_vocab: int
) -> Any:
    """Return a `llama_sampler` chain; whoever takes it frees it.

    The order is llama.cpp's: bias, penalties, DRY, top-n-sigma, top-k, typical, top-p, min-p, XTC,
    temperature, choice. Mirostat takes the place of what lies between DRY and the choice,
    temperature aside.

    Args:
        library: llama.cpp.
        settings: What is wanted, `within` the context.
        vocabulary: Pointer of the `llama_vocab`.
        n_vocab: Its size.
    """
    api = library.api
    params: Any = api.llama_sampler_chain_default_params()
    params.no_perf = True
    chain = api.llama_sampler_chain_init(params)
    parts = [*_adjusting(api, settings, vocabulary, n_vocab), *_choosing(api, settings, n_vocab)]
    for part in parts:
        api.llama_sampler_chain_add(chain, part)
    return chain


def _adjusting(api: Any, settings: SamplerSettings, vocabulary: int, n_vocab: int) -> list[Any]:
    """Return what moves the logits of tokens for what was said or asked for."""
    parts = []
    if settings.logit_bias:
        count = len(settings.logit_bias)
        array = (api.llama_logit_bias * count)(*settings.logit_bias)
        parts.append(api.llama_sampler_init_logit_bias(n_vocab, count, array))
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
    if settings.has_dry:
        parts.append(_dry(api, settings, vocabulary))
    return parts


def _dry(api: Any, settings: SamplerSettings, vocabulary: int) -> Any:
    extra = settings.extra
    breakers = [text.encode() for text in extra.dry_sequence_breakers]
    return api.llama_sampler_init_dry(
        vocabulary,
        extra.dry_multiplier,
        extra.dry_base,
        extra.dry_allowed_length,
        extra.dry_penalty_last_n,
        (ctypes.c_char_p * len(breakers))(*breakers),
        len(breakers),
    )


def _choosing(api: Any, settings: SamplerSettings, n_vocab: int) -> list[Any]:
    """Return the cuts, the temperature and the choice; the last one always selects."""
    extra, seed = settings.extra, settings.seed & SEED_MASK
    if settings.temperature <= 0:
        return [api.llama_sampler_init_greedy()]
    temperature = _temperature(api, settings)
    tau, eta = extra.mirostat_tau, extra.mirostat_eta
    if extra.mirostat == 1:
        choice = api.llama_sampler_init_mirostat(n_vocab, seed, tau, eta, MIROSTAT_M)
        return [temperature, choice]
    if extra.mirostat == 2:
        return [temperature, api.llama_sampler_init_mirostat_v2(seed, tau, eta)]
    return [*_cuts(api, settings, seed), temperature, api.llama_sampler_init_dist(seed)]


def _temperature(api: Any, settings: SamplerSettings) -> Any:
    span, exponent = settings.extra.dynatemp_range, settings.extra.dynatemp_exponent
    if span > 0:
        return api.llama_sampler_init_temp_ext(settings.temperature, span, exponent)
    return api.llama_sampler_init_temp(settings.temperature)


def _cuts(api: Any, settings: SamplerSettings, seed: int) -> list[Any]:
    extra, parts = settings.extra, []
    if extra.top_n_sigma > 0:
        parts.append(api.llama_sampler_init_top_n_sigma(extra.top_n_sigma))
    if settings.top_k > 0:
        parts.append(api.llama_sampler_init_top_k(settings.top_k))
    if settings.typical_p < 1:
        parts.append(api.llama_sampler_init_typical(settings.typical_p, LEAST_KEPT))
    if settings.top_p < 1:
        parts.append(api.llama_sampler_init_top_p(settings.top_p, LEAST_KEPT))
    if settings.min_p > 0:
        parts.append(api.llama_sampler_init_min_p(settings.min_p, LEAST_KEPT))
    if extra.xtc_probability > 0:
        probability, threshold = extra.xtc_probability, extra.xtc_threshold
        parts.append(api.llama_sampler_init_xtc(probability, threshold, LEAST_KEPT, seed))
    return parts
