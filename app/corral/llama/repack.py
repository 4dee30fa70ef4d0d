"""Which weights this build stores in another layout on this processor: llama.cpp is asked.

For each tensor type llama.cpp's own question is put to each of the processor's extra buffer types:
could it multiply with such a matrix? Nothing is allocated.
"""

import ctypes
from collections.abc import Iterator, Sequence

from corral.gguf.types import TensorType
from corral.llama.ggml import Ggml, TensorStart, typed
from corral.llama.library import LlamaLibrary
from corral.plan.repack import RepackedType, RepackRule

_EXTRA_BUFFER_TYPES = b"ggml_backend_dev_get_extra_bufts"
# A matrix of 512 columns holds whole blocks of every type.
_COLUMNS = 512
_EXPERTS = 4
_USED_EXPERTS = 2
_TOKENS = 512
_ROW_MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128)
_MEMORY_BYTES = 1 << 16


class _InitParams(ctypes.Structure):
    _fields_ = (
        ("mem_size", ctypes.c_size_t),
        ("mem_buffer", ctypes.c_void_p),
        ("no_alloc", ctypes.c_bool),
    )


def repack_rule(library: LlamaLibrary, cpu: int, gpus: Sequence[int]) -> RepackRule:
    """Return the rule for a processor.

    Args:
        library: llama.cpp.
        cpu: Pointer to the processor's `ggml_backend_device`.
        gpus: Pointers to those of the GPUs in use.
    """
    ggml = Ggml(library)
    buffer_types = _extra_buffer_types(ggml, cpu)
    has_pinned_memory = any(ggml.device_host_buffer_type(gpu) for gpu in gpus)
    probe = _Probe(library, ggml, cpu)
    return RepackRule(
        types=tuple(
            found
            for type_ in TensorType
            for is_expert in (False, True)
            for buffer_type in buffer_types
            for found in probe.repacked(buffer_type, type_, is_expert=is_expert)
        ),
        is_used_beside_gpu=bool(gpus) and not has_pinned_memory,
    )


def _extra_buffer_types(ggml: Ggml, cpu: int) -> list[int]:
    """Return the processor's extra buffer types, the preferred one first."""
    address = ggml.procedure(ggml.device_registry(cpu), _EXTRA_BUFFER_TYPES)
    if not address:
        return []
    function = ctypes.CFUNCTYPE(ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)(address)
    found: list[int] = []
    listed = function(cpu)
    while listed and listed[len(found)]:
        found.append(listed[len(found)])
    return found


class _Probe:
    """Puts the question for one matrix at a time."""

    def __init__(self, library: LlamaLibrary, ggml: Ggml, cpu: int) -> None:
        pointer, size = ctypes.c_void_p, ctypes.c_int64
        self._ggml, self._cpu = ggml, cpu
        self._init = typed(library, "ggml_init", pointer, _InitParams)
        self._free = typed(library, "ggml_free", None, pointer)
        self._tensor = typed(
            library, "ggml_new_tensor_3d", pointer, pointer, ctypes.c_int, size, size, size
        )
        self._multiply = typed(library, "ggml_mul_mat", pointer, pointer, pointer, pointer)
        self._multiply_experts = typed(
            library, "ggml_mul_mat_id", pointer, pointer, pointer, pointer, pointer
        )

    def repacked(
        self, buffer_type: int, type_: TensorType, *, is_expert: bool
    ) -> Iterator[RepackedType]:
        """Yield what holds for a tensor type, nothing if the buffer type does not take it."""
        for rows in _ROW_MULTIPLES:
            block_bytes = self._block_bytes(buffer_type, type_, rows, is_expert=is_expert)
            if block_bytes:
                yield RepackedType(
                    type=type_.label,
                    is_expert=is_expert,
                    row_multiple=rows,
                    block_bytes=block_bytes,
                )
                return

    def _block_bytes(
        self, buffer_type: int, type_: TensorType, rows: int, *, is_expert: bool
    ) -> int:
        """Return the bytes of one block in a buffer type, 0 if it does not take such a matrix."""
        memory = self._init(_InitParams(_MEMORY_BYTES, None, True))  # noqa: FBT003 (a C structure)
        buffer = self._ggml.allocate(buffer_type, 0)
        try:
            experts = _EXPERTS if is_expert else 1
            weight = self._tensor(memory, type_, _COLUMNS, rows, experts)
            TensorStart.from_address(weight).buffer = buffer
            if not self._ggml.device_supports(
                self._cpu, self._use(memory, weight, is_expert=is_expert)
            ):
                return 0
            n_blocks = _COLUMNS * rows * experts // type_.block_size
            return int(self._ggml.tensor_bytes(buffer_type, weight)) // n_blocks
        finally:
            self._ggml.free_buffer(buffer)
            self._free(memory)

    def _use(self, memory: int, weight: int, *, is_expert: bool) -> int:
        """Return the operation that a model does with such a matrix."""
        if not is_expert:
            inputs = self._tensor(memory, TensorType.F32, _COLUMNS, _TOKENS, 1)
            return int(self._multiply(memory, weight, inputs))
        inputs = self._tensor(memory, TensorType.F32, _COLUMNS, _USED_EXPERTS, _TOKENS)
        chosen = self._tensor(memory, TensorType.I32, _USED_EXPERTS, _TOKENS, 1)
        return int(self._multiply_experts(memory, weight, inputs, chosen))
