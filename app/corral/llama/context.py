"""A context: the KV cache and the compute buffers on loaded weights."""

import ctypes
import os
from functools import partial
from typing import Any

from corral.errors import ExternalError
from corral.llama.batch import Decodable
from corral.llama.library import LlamaLibrary
from corral.llama.memory_left import memory_left
from corral.llama.model import Model
from corral.llama.refusals import refusal
from corral.plan.kv import context_cells
from corral.plan.option_specs import check_context
from corral.plan.options import CacheType, ContextOptions, FlashAttention

TO_THE_END = -1
ALL = -1
_FLASH_ATTENTION = {FlashAttention.AUTO: -1, FlashAttention.OFF: 0, FlashAttention.ON: 1}


class AbortFlag:
    """One request's wish to stop, readable by Python and by llama.cpp's abort callback.

    The callback is the C library's `strlen` on these two bytes: 0 while they are empty, 1 (true)
    when the first is set. A Python callback would need the GIL for every node of the graph, which
    costs seconds beside a busy window.

    Thread: set in any, read in the engine thread.
    """

    def __init__(self) -> None:
        self._bytes = (ctypes.c_ubyte * 2)()

    @property
    def address(self) -> int:
        """Where the bytes are; they live as long as this object."""
        return ctypes.addressof(self._bytes)

    def set(self) -> None:
        """Ask to stop."""
        self._bytes[0] = 1

    @property
    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return self._bytes[0] == 1


class Context:
    """The owner of one `llama_context` with one or more sequences.

    All sequences lie in one unified cache unless the options say otherwise, so that a common
    beginning is held once. The cache has room for each of them at full length.

    Attributes:
        pointer: The `llama_context`.
        n_ctx: Tokens that fit into one sequence; llama.cpp rounds up what was asked for.
        n_sequences: Sequences side by side, numbered from 0.
        n_ubatch: Most tokens that are computed at once.
        can_write: Whether the model writes text; one without a KV cache only computes vectors.
        n_outputs: Most rows of logits of one batch; llama.cpp ends the process over more.

    Thread: the engine thread that made it.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        model: Model,
        options: ContextOptions,
        before: "Context | None" = None,
    ) -> None:
        """Make it.

        Args:
            library: llama.cpp.
            model: The weights.
            options: The context.
            before: The context whose hidden rows this one reads with the model's layers for
                further tokens; None for an ordinary one.

        Raises:
            UserError: If the options cannot be.
            ExternalError: If llama.cpp refuses it, or there is no memory for it.
        """
        api = library.api
        self._free = api.llama_free
        self._runs_on_gpu = model.n_gpu_layers > 0
        other = before.pointer if before else 0
        self.pointer: int = open_context(library, model.pointer, options, other)
        self._decode = api.llama_decode
        self._synchronize = api.llama_synchronize
        self._state_size = api.llama_state_seq_get_size
        self._get_state = api.llama_state_seq_get_data
        self._set_state = api.llama_state_seq_set_data
        self._set_abort_callback = library.short_call("llama_set_abort_callback")
        self._remove = library.short_call("llama_memory_seq_rm")
        self._copy = library.short_call("llama_memory_seq_cp")
        self._clear = library.short_call("llama_memory_clear")
        self._move = library.short_call("llama_memory_seq_add")
        self._can_shift = library.short_call("llama_memory_can_shift")
        self._first = library.short_call("llama_memory_seq_pos_min")
        self._last = library.short_call("llama_memory_seq_pos_max")
        self._memory: int | None = api.llama_get_memory(self.pointer)
        self.can_write = bool(self._memory)
        self._is_unified = options.kv_unified
        self._flag: AbortFlag | None = None
        self._strlen = api.ggml_abort_callback(_strlen_address())
        self.n_sequences = options.n_seq_max
        self.n_ctx: int = api.llama_n_ctx(self.pointer) // self.n_sequences
        self.n_ubatch: int = api.llama_n_ubatch(self.pointer)
        self.n_outputs = max(options.n_outputs_max, options.n_seq_max)

    def decode(self, batch: Decodable) -> int:
        """Run a batch; the answer is llama.cpp's: 0 done, 1 no room, 2 aborted, else failed."""
        result: int = self._decode(self.pointer, batch.struct)
        if self._runs_on_gpu:  # the GPU still works; waiting in the sampler would keep the GIL
            self._synchronize(self.pointer)
        return result

    def watch(self, flag: AbortFlag) -> None:
        """Let `flag` abort decodes from now on."""
        if flag is self._flag:
            return
        self._flag = flag  # llama.cpp holds only its address
        self._set_abort_callback(self.pointer, self._strlen, flag.address)

    def roll_back(self, sequence: int, position: int) -> bool:
        """Forget everything of a sequence from `position` on.

        Returns:
            False when the model cannot (it carries a state), and nothing was forgotten.
        """
        return bool(self._remove(self._memory, sequence, position, TO_THE_END))

    @property
    def can_shift(self) -> bool:
        """Whether tokens can move to other positions."""
        return bool(self._can_shift(self._memory))

    def drop(self, sequence: int, start: int, end: int) -> None:
        """Forget the tokens from `start` to before `end`; those behind them move up.

        Only where `can_shift`, and for tokens that no other sequence shares: llama.cpp ends the
        process over the one and moves the others' over the other.
        """
        self._remove(self._memory, sequence, start, end)
        self._move(self._memory, sequence, end, TO_THE_END, start - end)

    def branch(self, source: int, target: int, length: int | None) -> None:
        """Let an empty sequence begin as another one does; nothing is computed or moved.

        Args:
            source: The sequence it begins as.
            target: The empty one.
            length: How many tokens they share; None for all of them, with the state of a model
                that carries one.
        """
        if length is None or self._is_unified:
            first, end = (0, length) if length is not None else (ALL, ALL)
            self._copy(self._memory, source, target, first, end)
            return
        # Between caches of their own llama.cpp copies everything or ends the process.
        self._copy(self._memory, source, target, ALL, ALL)
        self._remove(self._memory, target, length, TO_THE_END)

    def save(self, sequence: int) -> bytes:
        """Return all that a sequence holds, for `restore`; empty when it cannot be told."""
        room = self._state_size(self.pointer, sequence)
        buffer = (ctypes.c_uint8 * room)()
        size = self._get_state(self.pointer, buffer, room, sequence)
        return bytes(memoryview(buffer)[:size])

    def restore(self, sequence: int, state: bytes) -> bool:
        """Put back what `save` returned; False when this context cannot take it."""
        data = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        return bool(self._set_state(self.pointer, data, len(state), sequence))

    def clear(self) -> None:
        """Forget everything."""
        self._clear(self._memory, False)  # noqa: FBT003 (C call: the buffers need no zeroing)

    def first_position(self, sequence: int) -> int:
        """Return the first position that every layer still has, -1 when empty."""
        return int(self._first(self._memory, sequence))

    def last_position(self, sequence: int) -> int:
        """Return the last position, -1 when empty."""
        return int(self._last(self._memory, sequence))

    def close(self) -> None:
        """Free the context."""
        if self.pointer:
            self._free(self.pointer)
            self.pointer = 0


def open_context(
    library: LlamaLibrary, model: int, options: ContextOptions, before: int = 0
) -> int:
    """Return a new `llama_context`; whoever asked for it frees it.

    Args:
        library: llama.cpp.
        model: Pointer to the `llama_model`.
        options: The context.
        before: Pointer to the context that one for further tokens goes with, 0 for none.

    Raises:
        UserError: If the options cannot be.
        ExternalError: If llama.cpp refuses it, or there is no memory for it.
    """
    check_context(options)
    mark = library.log.mark()
    params = context_params(library.api, options)
    if before:
        params.ctx_type, params.ctx_other = library.api.LLAMA_CONTEXT_TYPE_MTP, before
    pointer = library.api.llama_init_from_model(model, params)
    if not pointer:
        raise _refusal(library, options, library.log.complaints(mark))
    return int(pointer)


def thread_count(asked: int) -> int:
    """Return how many threads to compute with.

    Args:
        asked: As the user wants it, 0 for the physical cores.

    Returns:
        At least 1 and never more than this process may use.
    """
    import psutil  # lazy: not needed before the first window

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(asked or psutil.cpu_count(logical=False) or 1, usable or 1))


def context_params(api: Any, options: ContextOptions) -> Any:
    """Return the `llama_context_params` that options mean."""
    params = api.llama_context_default_params()
    params.n_ctx = context_cells(options)
    params.n_batch = max(options.n_batch, options.n_seq_max)
    params.n_ubatch = min(options.n_ubatch, options.n_batch)
    params.n_seq_max = options.n_seq_max
    params.n_outputs_max = max(options.n_outputs_max, options.n_seq_max)
    params.n_threads = thread_count(options.n_threads)
    params.n_threads_batch = thread_count(options.n_threads_batch or options.n_threads)
    params.type_k = _ggml_type(api, options.kv_type)
    params.type_v = _ggml_type(api, options.value_type)
    params.flash_attn_type = _FLASH_ATTENTION[options.flash_attention]
    params.swa_full = options.swa_full
    params.kv_unified = options.kv_unified
    params.offload_kqv = options.offload_kqv
    params.op_offload = options.op_offload
    params.no_perf = True
    return params


def _ggml_type(api: Any, kv_type: CacheType) -> int:
    return int(getattr(api, f"GGML_TYPE_{kv_type.value.upper()}"))


def _strlen_address() -> int:
    address = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
    assert address
    return address


def _refusal(library: LlamaLibrary, options: ContextOptions, said: str) -> ExternalError:
    kind = f"{options.kv_type} KV cache"
    what = f"a context of {options.n_ctx:,} tokens with a {kind}"
    if options.n_seq_max > 1:
        what += f" for {options.n_seq_max} sequences"
    return refusal(what, said, partial(memory_left, library))
