"""A context that computes vectors instead of text, on weights that are loaded already."""

import ctypes
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from corral.errors import ExternalError
from corral.llama.batch import Batch
from corral.llama.context import Context, thread_count
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.plan.options import ContextOptions
from corral.plan.pooling import Pooling

Vector = tuple[float, ...]

# Of each token that is computed llama.cpp also gives out logits: 1 MiB a token for large
# vocabularies. What reads a text from its beginning on is therefore fed in small parts.
STEP_TOKENS = 128
_POOLINGS = {
    Pooling.NONE: 0,
    Pooling.MEAN: 1,
    Pooling.CLS: 2,
    Pooling.LAST: 3,
    Pooling.RANK: 4,
}
ARCHITECTURE = "general.architecture"
_VALUE_BYTES = 64


class Embedder:
    """The owner of one `llama_context` for vectors.

    A model that reads texts from their beginning on is fed step by step and its vectors become one
    here; any other must see a text at once, and pools itself.

    Attributes:
        capacity: Most tokens of all texts of one `compute`.
        pooling: How the vectors of tokens become one.

    Thread: the engine thread.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        model: Model,
        options: ContextOptions,
        *,
        capacity: int,
        n_sequences: int,
        pooling: Pooling,
        reads_in_order: bool,
    ) -> None:
        """Make the context.

        Args:
            library: llama.cpp.
            model: The weights.
            options: Those of the context that writes text; its threads count here too.
            capacity: Most tokens of all texts of one `compute`.
            n_sequences: Most texts of one `compute`.
            pooling: How the vectors of tokens become one; `RANK` needs a head for it.
            reads_in_order: Whether each token sees only what is before it, see `reads_in_order`.

        Raises:
            ExternalError: If llama.cpp refuses it, or there is no memory for it.
        """
        self._api = library.api
        self._library = library
        self._name = model.path.name
        self.capacity = capacity
        self.pooling = pooling
        params = self._api.llama_context_default_params()
        params.n_ctx = capacity
        params.n_seq_max = n_sequences
        params.n_threads = params.n_threads_batch = thread_count(options.n_threads)
        params.embeddings = params.kv_unified = params.no_perf = True
        step = STEP_TOKENS if reads_in_order else capacity
        params.n_batch = params.n_ubatch = params.n_outputs_max = step
        pools_itself = pooling is Pooling.RANK or not reads_in_order
        params.pooling_type = _POOLINGS[pooling if pools_itself else Pooling.NONE]
        self._pointer = self._open(model.pointer, params)
        self._memory = self._api.llama_get_memory(self._pointer)
        self._batch = Batch(library, step, n_sequences)
        self._pools_itself = pools_itself and pooling is not Pooling.NONE
        is_rank = pooling is Pooling.RANK
        size = self._api.llama_model_n_cls_out if is_rank else self._api.llama_model_n_embd_out
        self._n_values: int = size(model.pointer)

    def compute(self, texts: Sequence[Sequence[int]]) -> list[tuple[Vector, ...]]:
        """Return the vectors of texts: one for each, with `Pooling.NONE` one for each token.

        Args:
            texts: Tokens, of all texts together at most `capacity`; none may be empty.

        Raises:
            ExternalError: If llama.cpp fails, or computes what is no number.
        """
        if self._memory:
            self._api.llama_memory_clear(self._memory, False)  # noqa: FBT003 (C call)
        pools = [_Pool(self.pooling, len(tokens)) for tokens in texts]
        for step in _steps(texts, self._batch.capacity):
            rows = self._decode(texts, step)
            for (index, start, end), row in zip(step, rows, strict=True):
                self._collect(pools[index], index, range(start, end), row)
        return [pool.vectors() for pool in pools]

    def close(self) -> None:
        """Free the context."""
        if self._pointer:
            self._api.llama_free(self._pointer)
            self._pointer = 0

    def _open(self, model: int, params: Any) -> int:
        mark = self._library.log.mark()
        pointer = self._api.llama_init_from_model(model, params)
        if not pointer:
            said = self._library.log.complaints(mark)
            raise ExternalError(
                f"llama.cpp could not make a context for vectors of {self._name} with "
                f"{self.capacity} tokens: {said.rpartition(chr(10))[2] or 'it gave no reason.'}",
                detail=said,
                hint="Shorter texts need less memory.",
            )
        return int(pointer)

    def _decode(
        self, texts: Sequence[Sequence[int]], step: Sequence[tuple[int, int, int]]
    ) -> list[int]:
        """Compute parts of texts; return the row of each part's first token."""
        self._batch.clear()
        rows = []
        for index, start, end in step:
            rows.append(self._batch.count)
            self._batch.add(texts[index][start:end], start, sequence=index)
        self._batch.want_all()
        result = self._api.llama_decode(self._pointer, self._batch.struct)
        if result != 0:
            raise ExternalError(
                f"llama.cpp failed with code {result} on {self._batch.count} tokens for vectors.",
                detail=self._library.log.complaints(),
            )
        return rows

    def _collect(self, pool: "_Pool", sequence: int, places: range, row: int) -> None:
        """Give a text's pool what was computed of it."""
        if self._pools_itself:
            if places.stop == pool.n_tokens:
                pool.take(self._vector(self._api.llama_get_embeddings_seq(self._pointer, sequence)))
            return
        for place in places:
            if pool.wants(place):
                offset = row + place - places.start
                pool.take(self._vector(self._api.llama_get_embeddings_ith(self._pointer, offset)))

    def _vector(self, pointer: Any) -> Vector:
        if not pointer:
            raise ExternalError(f"{self._name} computes no vectors with pooling {self.pooling}.")
        vector = tuple(pointer[: self._n_values])
        if not all(map(isfinite, vector)):
            raise ExternalError(
                f"{self._name} computed a vector with values that are no numbers.",
                hint="The file may be damaged; check it with corral fsck.",
            )
        return vector


class _Pool:
    """Makes one vector of those of a text's tokens."""

    def __init__(self, pooling: Pooling, n_tokens: int) -> None:
        self.n_tokens = n_tokens
        self._pooling = pooling
        self._taken: list[Vector] = []
        self._sum: list[float] = []
        self._count = 0

    def wants(self, place: int) -> bool:
        """Whether the vector of the token at a place counts."""
        match self._pooling:
            case Pooling.CLS:
                return place == 0
            case Pooling.LAST:
                return place == self.n_tokens - 1
            case _:
                return True

    def take(self, vector: Vector) -> None:
        """Take the next one that counts, or the one that llama.cpp made of all."""
        self._count += 1
        if self._pooling is Pooling.MEAN:
            before = self._sum or [0.0] * len(vector)
            self._sum = [left + right for left, right in zip(before, vector, strict=True)]
        else:
            self._taken.append(vector)

    def vectors(self) -> tuple[Vector, ...]:
        """Return what they come to."""
        if self._pooling is Pooling.MEAN:
            return (tuple(value / self._count for value in self._sum),)
        return tuple(self._taken)


def reads_in_order(library: LlamaLibrary, model: Model, context: Context) -> bool:
    """Whether a model reads texts from their beginning on, so that they can be fed in parts."""
    architecture = _text_of(library, model, ARCHITECTURE)
    is_causal = _text_of(library, model, f"{architecture}.attention.causal") != "false"
    return is_causal and context.can_write  # what has no KV cache sees all at once


def own_pooling(library: LlamaLibrary, model: Model, *, in_order: bool) -> Pooling:
    """Return how a model was made to pool; where it says nothing, what suits it."""
    key = f"{_text_of(library, model, ARCHITECTURE)}.pooling_type"
    said = _text_of(library, model, key)
    named = next((name for name, number in _POOLINGS.items() if said == str(number)), Pooling.NONE)
    if named is not Pooling.NONE:
        return named
    # Where each token sees only what is before it, the last one has read all of the text.
    return Pooling.LAST if in_order else Pooling.MEAN


def _text_of(library: LlamaLibrary, model: Model, key: str) -> str:
    buffer = ctypes.create_string_buffer(_VALUE_BYTES)
    library.api.llama_model_meta_val_str(model.pointer, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def _steps(texts: Sequence[Sequence[int]], most: int) -> Iterator[tuple[tuple[int, int, int], ...]]:
    """Yield what is computed at once: parts of texts as (text, start, end), together `most`."""
    step: list[tuple[int, int, int]] = []
    room = most
    for index, tokens in enumerate(texts):
        start = 0
        while start < len(tokens):
            end = min(len(tokens), start + room)
            step.append((index, start, end))
            room -= end - start
            start = end
            if room == 0:
                yield tuple(step)
                step, room = [], most
    if step:
        yield tuple(step)
