"""The tokens of one decode call."""

import ctypes
from collections.abc import Sequence
from typing import Any

from corral.llama.library import LlamaLibrary


class Batch:
    """Arrays for up to `capacity` tokens of sequence 0, made once and filled again and again.

    Only the last token of a fill may ask for logits, so one row of output is always enough.

    Attributes:
        struct: The `llama_batch` that points to the arrays.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, capacity: int) -> None:
        self.capacity = capacity
        self._tokens = (ctypes.c_int32 * capacity)()
        self._positions = (ctypes.c_int32 * capacity)()
        self._wants_logits = (ctypes.c_int8 * capacity)()
        # No sequence ids: llama.cpp then takes sequence 0.
        self.struct: Any = library.api.llama_batch(
            n_tokens=0,
            token=ctypes.cast(self._tokens, library.api.llama_token_p),
            pos=ctypes.cast(self._positions, ctypes.POINTER(ctypes.c_int32)),
            logits=ctypes.cast(self._wants_logits, ctypes.POINTER(ctypes.c_int8)),
        )

    def fill(self, tokens: Sequence[int], position: int, *, wants_logits: bool) -> None:
        """Take `tokens`, the first of which stands at `position`."""
        count = len(tokens)
        self._tokens[:count] = list(tokens)
        self._positions[:count] = list(range(position, position + count))
        ctypes.memset(self._wants_logits, 0, count)
        self._wants_logits[count - 1] = wants_logits
        self.struct.n_tokens = count

    def fill_one(self, token: int, position: int) -> None:
        """Take one token and ask for its logits."""
        self._tokens[0] = token
        self._positions[0] = position
        self._wants_logits[0] = 1
        self.struct.n_tokens = 1
