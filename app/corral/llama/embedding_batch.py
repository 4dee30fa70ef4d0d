"""Computing embeddings, where a batch of tokens would compute the tokens' own."""

import ctypes
from typing import Any

from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.llama.media import Embeddings


class EmbeddingBatch:
    """Some tokens of a picture or sound, for one decode call.

    Attributes:
        struct: The `llama_batch`.

    Thread: the engine thread.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        embeddings: Embeddings,
        first: int,
        end: int,
        *,
        begin: int,
        sequence: int,
    ) -> None:
        """Take tokens.

        Args:
            library: llama.cpp.
            embeddings: The chunk they belong to.
            first: The first of them.
            end: The one after the last; a micro-batch at most.
            begin: Where the chunk begins in the sequence.
            sequence: Which one.
        """
        count = end - first
        int_pointer = ctypes.POINTER(ctypes.c_int32)
        rows = embeddings.rows[first * embeddings.width : end * embeddings.width]
        positions = embeddings.positions(begin, first, end)
        own = ctypes.cast((ctypes.c_int32 * 1)(sequence), int_pointer)
        self.struct: Any = library.api.llama_batch(
            n_tokens=count,
            embd=rows.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
            pos=ctypes.cast((ctypes.c_int32 * len(positions))(*positions), int_pointer),
            n_seq_id=ctypes.cast((ctypes.c_int32 * count)(*[1] * count), int_pointer),
            seq_id=ctypes.cast((int_pointer * count)(*[own] * count), ctypes.POINTER(int_pointer)),
            logits=ctypes.cast((ctypes.c_int8 * count)(), ctypes.POINTER(ctypes.c_int8)),
        )
        self._kept = rows, own  # the structure holds only their addresses


def decode_embeddings(
    library: LlamaLibrary, context: Context, batch: EmbeddingBatch, *, is_whole: bool
) -> int:
    """Compute a batch.

    Args:
        library: llama.cpp.
        context: Where.
        batch: It.
        is_whole: Let its tokens look at each other in both directions.

    Returns:
        llama.cpp's answer, as of `Context.decode`.
    """
    if not is_whole:
        return context.decode(batch)
    library.api.llama_set_causal_attn(context.pointer, False)  # noqa: FBT003 (C call)
    try:
        return context.decode(batch)
    finally:
        library.api.llama_set_causal_attn(context.pointer, True)  # noqa: FBT003 (C call)
