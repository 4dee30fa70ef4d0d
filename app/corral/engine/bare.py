"""The barest loop over llama.cpp: what the engine is measured against."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from corral.engine.session import Session
from corral.errors import ExternalError
from corral.llama.sampler_settings import SamplerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class BareRun:
    """What one bare loop did.

    Attributes:
        tokens: The tokens it generated, without the one that ended it.
        prompt_s: Time it took to read the prompt.
        generation_s: Time it took to generate.
    """

    tokens: tuple[int, ...]
    prompt_s: float
    generation_s: float


def run_bare(
    session: Session, prompt: Sequence[int], settings: SamplerSettings, max_tokens: int
) -> BareRun:
    """Read a prompt and generate: no text, no events, no stop strings, no cancel.

    The context, its options and the sampler are those of the session; its cache is emptied.

    Thread: the engine thread.
    """
    api = session.library.api
    decode, get_one, sample = api.llama_decode, api.llama_batch_get_one, api.llama_sampler_sample
    context, vocabulary = session.context.pointer, session.model.vocabulary
    session.forget()
    n_batch: int = api.llama_n_batch(context)
    parts = [prompt[start : start + n_batch] for start in range(0, len(prompt), n_batch)]
    arrays = [(ctypes.c_int32 * len(part))(*part) for part in parts]
    began = perf_counter()
    for tokens in arrays:
        if decode(context, get_one(tokens, len(tokens))) != 0:
            raise ExternalError("The bare loop could not read its prompt.")
    sampler = session.sampler(settings)
    one, generated = (ctypes.c_int32 * 1)(), []
    api.llama_synchronize(context)  # GPUs and RPC workers still compute
    read = perf_counter()
    while True:
        one[0] = token = sample(sampler.chain, context, -1)
        if vocabulary.piece(token) is None:
            break
        generated.append(token)
        if len(generated) == max_tokens or decode(context, get_one(one, 1)) != 0:
            break
    ended = perf_counter()
    sampler.close()
    session.forget()
    return BareRun(tokens=tuple(generated), prompt_s=read - began, generation_s=ended - read)


def run_bare_batch(
    session: Session, prompts: Sequence[Sequence[int]], settings: SamplerSettings, max_tokens: int
) -> tuple[tuple[int, ...], ...]:
    """Read short prompts in one batch and generate for all of them in the batches that follow.

    Args:
        session: A context with a sequence for each prompt.
        prompts: They; together at most one micro-batch.
        settings: How to choose tokens.
        max_tokens: Most tokens of each.

    Returns:
        What was generated for each.

    Thread: the engine thread.
    """
    vocabulary, context, batch = session.model.vocabulary, session.context, session.batch
    session.forget()
    samplers = [session.sampler(settings, prompt) for prompt in prompts]
    texts: list[list[int]] = [[] for _ in prompts]
    parts: dict[int, Sequence[int]] = dict(enumerate(prompts))
    lengths = [0] * len(prompts)
    while parts:
        batch.clear()
        rows = {
            number: batch.add(part, lengths[number], sequence=number)
            for number, part in parts.items()
        }
        if context.decode(batch) != 0:
            raise ExternalError("The bare loop could not compute its batch.")
        for number, row in rows.items():
            lengths[number] += len(parts.pop(number))
            token = samplers[number].sample(context.pointer, row)
            if vocabulary.piece(token) is None:
                continue
            texts[number].append(token)
            if len(texts[number]) < max_tokens:
                parts[number] = (token,)
    for sampler in samplers:
        sampler.close()
    session.forget()
    return tuple(map(tuple, texts))


def run_bare_chances(
    session: Session, prompt: Sequence[int], settings: SamplerSettings, max_tokens: int
) -> list[tuple[int, float]]:
    """Generate as `run_bare` does; return each token with its log-probability.

    Thread: the engine thread.
    """
    import numpy as np  # lazy: only those who measure need it

    api, context = session.library.api, session.context.pointer
    vocabulary = session.model.vocabulary
    session.forget()
    tokens: Sequence[int] = prompt
    sampler = session.sampler(settings)
    said: list[tuple[int, float]] = []
    while len(said) < max_tokens:
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        if api.llama_decode(context, api.llama_batch_get_one(array, len(tokens))) != 0:
            break
        logits = np.ctypeslib.as_array(api.llama_get_logits_ith(context, -1), (vocabulary.n_vocab,))
        exact = logits.astype(np.float64)
        most = exact.max()
        total = most + np.log(np.exp(exact - most).sum())
        token = sampler.sample(context, -1)
        if vocabulary.piece(token) is None:
            break
        said.append((token, float(exact[token] - total)))
        tokens = (token,)
    sampler.close()
    session.forget()
    return said
