"""All tokens of a vocabulary with their logits, as samplers take them."""

import ctypes
from typing import Any

from corral.llama.library import LlamaLibrary


class Candidates:
    """One array for all tokens, filled again and again from rows of logits.

    Attributes:
        array: The `llama_token_data_array`.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, n_vocab: int) -> None:
        import numpy as np  # lazy: only constrained output needs it

        kind = [("id", np.int32), ("logit", np.float32), ("p", np.float32)]
        self._numpy = np
        self._n_vocab = n_vocab
        self._row_of = library.api.llama_get_logits_ith
        self._ids = np.arange(n_vocab, dtype=np.int32)
        self._data = np.zeros(n_vocab, dtype=kind)
        self._start = ctypes.cast(
            self._data.ctypes.data, ctypes.POINTER(library.api.llama_token_data)
        )
        self.array: Any = library.api.llama_token_data_array()

    def fill(self, context: int, row: int) -> None:
        """Take the logits of a row of the last batch."""
        pointer = self._row_of(context, row)
        self._data["id"] = self._ids
        self._data["logit"] = self._numpy.ctypeslib.as_array(pointer, (self._n_vocab,))
        self.array.data, self.array.size = self._start, self._n_vocab
        self.array.selected, self.array.sorted = -1, False

    @property
    def selected(self) -> int:
        """The token that a chain of samplers chose."""
        return int(self.array.data[self.array.selected].id)
