"""Vectors of texts, on the weights that also write text."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from corral.llama.context import Context
from corral.llama.embedder import Embedder, Vector, own_pooling, reads_in_order
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model
from corral.plan.options import ContextOptions
from corral.plan.pooling import Pooling

# Texts are computed together up to here; a longer one alone. More makes nothing faster on a CPU.
BATCH_TOKENS = 512
BATCH_TEXTS = 16
_ROUNDED_TO = 256


class Embedding:
    """The context for vectors of one session: made when asked for, made anew for longer texts.

    Thread: the engine thread.
    """

    def __init__(
        self, library: LlamaLibrary, model: Model, context: Context, options: ContextOptions
    ) -> None:
        """Begin without a context of its own.

        Args:
            library: llama.cpp.
            model: The weights.
            context: What writes text with them.
            options: Its options; its threads count here too.
        """
        self._library = library
        self._reads_in_order = reads_in_order(library, model, context)
        self._model = model
        self._options = options
        self._embedder: Embedder | None = None

    def compute(self, texts: Sequence[Sequence[int]], pooling: Pooling) -> list[tuple[Vector, ...]]:
        """Return the vectors of one group of texts, see `grouped`.

        Args:
            texts: Their tokens.
            pooling: How the vectors of tokens become one.

        Raises:
            ExternalError: If there is no memory for it, or llama.cpp fails.
        """
        return self._for(sum(map(len, texts)), pooling).compute(texts)

    @cached_property
    def own_pooling(self) -> Pooling:
        """How the model was made to pool."""
        return own_pooling(self._library, self._model, in_order=self._reads_in_order)

    def close(self) -> None:
        """Free the context."""
        if self._embedder:
            self._embedder.close()
            self._embedder = None

    def _for(self, n_tokens: int, pooling: Pooling) -> Embedder:
        embedder = self._embedder
        if embedder and embedder.pooling is pooling and n_tokens <= embedder.capacity:
            return embedder
        self.close()
        needed = max(BATCH_TOKENS, n_tokens)
        self._embedder = Embedder(
            self._library,
            self._model,
            self._options,
            capacity=-(-needed // _ROUNDED_TO) * _ROUNDED_TO,
            n_sequences=BATCH_TEXTS,
            pooling=pooling,
            reads_in_order=self._reads_in_order,
        )
        return self._embedder


def grouped(texts: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
    """Yield texts in their order, as many together as are computed at once."""
    group: list[Sequence[int]] = []
    n_tokens = 0
    for tokens in texts:
        is_full = n_tokens + len(tokens) > BATCH_TOKENS or len(group) == BATCH_TEXTS
        if group and is_full:
            yield group
            group, n_tokens = [], 0
        group.append(tokens)
        n_tokens += len(tokens)
    if group:
        yield group
