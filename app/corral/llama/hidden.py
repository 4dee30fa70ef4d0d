"""Hidden rows: what the last layer leaves of each token, for layers that predict further ones."""

import ctypes

from corral.errors import ExternalError
from corral.llama.batch import Batch
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary

FLOAT_BYTES = 4


class HiddenRows:
    """The hidden rows of a context's last decode, which it gives out from now on.

    Attributes:
        row_bytes: Size of one.

    Thread: the engine thread.
    """

    def __init__(self, context: Context, width: int, *, of_all: bool) -> None:
        """Have them given out.

        Args:
            context: Whose.
            width: Numbers of a row.
            of_all: Of every token of a batch; otherwise of those with logits only.

        Raises:
            ExternalError: If this build of llama.cpp has no functions for them.
        """
        try:
            from llama_cpp import llama_cpp_ext as api  # lazy: few models have such layers
        except (ImportError, AttributeError) as error:
            raise ExternalError(
                f"This build of llama.cpp gives out no hidden rows: {error}.",
                hint="Load the model with mtp=false.",
            ) from error
        self.row_bytes = width * FLOAT_BYTES
        self._pointer = context.pointer
        self._get = api.llama_get_embeddings_nextn
        api.llama_set_embeddings_nextn(context.pointer, True, not of_all)  # noqa: FBT003 (C call)

    def address(self, row: int) -> int:
        """Return where the row of a token of the batch is, of those that have one.

        Raises:
            ExternalError: If llama.cpp has none.
        """
        first = ctypes.cast(self._get(self._pointer), ctypes.c_void_p).value
        if not first:
            raise ExternalError("llama.cpp gave out no hidden rows.")
        return first + row * self.row_bytes


class HiddenBatch(Batch):
    """A batch of tokens with the hidden row of the token before each of them.

    Thread: the engine thread.
    """

    def __init__(
        self, library: LlamaLibrary, capacity: int, n_sequences: int, row_bytes: int
    ) -> None:
        super().__init__(library, capacity, n_sequences)
        self._row_bytes = row_bytes
        self._rows = (ctypes.c_ubyte * (capacity * row_bytes))()
        self.struct.embd = ctypes.cast(self._rows, ctypes.POINTER(ctypes.c_float))

    def put_rows(self, start: int, address: int, count: int) -> None:
        """Copy hidden rows to the tokens from `start` on."""
        target = ctypes.addressof(self._rows) + start * self._row_bytes
        ctypes.memmove(target, address, count * self._row_bytes)
