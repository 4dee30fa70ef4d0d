"""llama.cpp plans a model without memory for it: its own allocator, no weights read.

The *inspect* child does this, never the main process: bad metadata can make llama.cpp abort.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from corral.gguf.header import Header
from corral.llama.breakdown import BufferUse, context_breakdown, tensor_buffers
from corral.llama.context import open_context
from corral.llama.library import LlamaLibrary
from corral.llama.memory_left import memory_left
from corral.llama.model import Model, open_weights
from corral.llama.placement import model_params
from corral.llama.refusals import refusal
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.kv import context_cells
from corral.plan.options import ContextOptions, LoadMode, LoadOptions

# They compute one sequence by another graph than several. A load reserves room for both, the dry
# run tells of the first only.
_OTHER_GRAPH_ALONE = ("kimi-linear", "minimax-01")


class DryModel:
    """A model without weights.

    Attributes:
        model: It, for contexts and its vocabulary; nothing can be computed with it.

    Thread: the one that made it.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        path: Path,
        options: LoadOptions,
        gpus: VirtualGpus | None = None,
    ) -> None:
        """Have llama.cpp read the header and place the tensors.

        Args:
            library: llama.cpp.
            path: The model file, or a header-only copy of it.
            options: Where the weights go; the context comes later.
            gpus: Cards to plan for that are not there; None for those of this machine.

        Raises:
            ExternalError: If llama.cpp refuses the file.
        """
        api, mark = library.api, library.log.mark()
        params, placed = model_params(library, options, gpus.by_name if gpus else None)
        self._kept = (gpus, placed)
        params.no_alloc = True
        params.check_tensors = False
        params.load_mode = api.LLAMA_LOAD_MODE_NONE  # any other aborts together with no_alloc
        pointer = open_weights(library, path, params)
        if not pointer:
            said = library.log.complaints(mark)
            raise refusal("the model", said, partial(memory_left, library))
        self.model = Model(library, pointer, path)
        self._library = library

    def plan(
        self, header: Header, options: ContextOptions, load_mode: LoadMode
    ) -> tuple[BufferUse, ...]:
        """Return what a load in this mode with this context would hold.

        Args:
            header: Of the file; tells where the tensors lie.
            options: The context.
            load_mode: How the weights would come into memory.

        Raises:
            ExternalError: If llama.cpp refuses the context.
        """
        uses = self._uses(options)
        if options.n_seq_max > 1 and header.architecture in _OTHER_GRAPH_ALONE:
            n_ctx = context_cells(options)
            uses = _widest(uses, self._uses(replace(options, n_ctx=n_ctx, n_seq_max=1)))
        if not load_mode.is_mapped:
            return uses
        buffers = tensor_buffers(self._library, self.model.pointer)
        return tuple(part for use in uses for part in _mapped(use, header, buffers))

    def _uses(self, options: ContextOptions) -> tuple[BufferUse, ...]:
        context = open_context(self._library, self.model.pointer, options)
        try:
            return context_breakdown(self._library, context)
        finally:
            self._library.api.llama_free(context)

    def close(self) -> None:
        """Free it."""
        self.model.close()


def _widest(uses: Iterable[BufferUse], alone: Iterable[BufferUse]) -> tuple[BufferUse, ...]:
    """Return what contexts of several sequences hold, with the compute buffers of one if larger."""
    compute = {use.buffer: use.compute_bytes for use in alone}
    return tuple(
        replace(use, compute_bytes=max(use.compute_bytes, compute.get(use.buffer, 0)))
        for use in uses
    )


def _mapped(
    use: BufferUse, header: Header, buffers: Iterable[tuple[str, str]]
) -> tuple[BufferUse, ...]:
    """Return what becomes of a buffer type when the file is mapped.

    llama.cpp plans only loads that read the file. In a mapped one, plain main memory gives way to
    the part of the file from the first to the last tensor that would have been there.
    """
    names = {name for name, buffer in buffers if buffer == use.buffer}
    if not use.is_host or not names:
        return (use,)
    mapped = BufferUse(
        buffer="CPU_Mapped",
        device=use.device,
        is_host=True,
        model_bytes=_span(header, names),
        context_bytes=0,
        compute_bytes=0,
    )
    return (mapped, replace(use, model_bytes=0))


def _span(header: Header, names: set[str]) -> int:
    tensors = [tensor for tensor in header.tensors if tensor.name in names]
    first = min(tensor.offset for tensor in tensors)
    return max(tensor.offset + tensor.size_bytes for tensor in tensors) - first
