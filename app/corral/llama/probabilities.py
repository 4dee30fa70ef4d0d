"""The model's own probabilities of tokens, before any sampler."""

from typing import Any

from corral.llama.library import LlamaLibrary


class Probabilities:
    """Reads log-probabilities from the rows of the last decode.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, n_vocab: int) -> None:
        import numpy as np  # lazy: only those who ask for probabilities need it

        self._numpy = np
        self._n_vocab = n_vocab
        self._row_of = library.api.llama_get_logits_ith

    def of(self, context: int, row: int, token: int, most: int) -> list[tuple[int, float]]:
        """Return a token and the most probable ones, each with its natural log-probability.

        Args:
            context: Pointer of the context.
            row: A row of its last batch that asked for logits.
            token: Whose probability comes first, wherever it ranks.
            most: How many of the most probable tokens follow, best first.
        """
        numpy = self._numpy
        pointer = self._row_of(context, row)
        logits: Any = numpy.ctypeslib.as_array(pointer, (self._n_vocab,)).astype(numpy.float64)
        logits -= logits.max()
        logits -= numpy.log(numpy.exp(logits).sum())
        most = min(most, self._n_vocab)
        best = numpy.argpartition(logits, -most)[-most:] if most else []
        ranked = sorted((int(index) for index in best), key=lambda index: -logits[index])
        return [(index, float(logits[index])) for index in (token, *ranked)]
