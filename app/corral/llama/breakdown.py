"""llama.cpp's own account of a model and its context, buffer type by buffer type.

Only a C++ function tells it, as a `std::map` by value; the map is walked here. Its layout is that
of libstdc++, so this works on Linux only; elsewhere the formulas have to do.

Source: `llama_get_memory_breakdown` and `llama_internal_get_tensor_map` of llama.cpp 0c1e57098.
"""

import ctypes
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from corral.errors import ExternalError
from corral.llama.cpp_map import CppMap, CppNode, taken_nodes
from corral.llama.ggml import Ggml, TensorStart
from corral.llama.library import LlamaLibrary
from corral.llama.rpc import device_name
from corral.plan.plan import Kind, Line, Part

CPU = "CPU"

_BREAKDOWN = "_Z26llama_get_memory_breakdownPK13llama_context"
_TENSORS = "_Z29llama_internal_get_tensor_mapB5cxx11PK11llama_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferUse:
    """What one buffer type holds.

    Attributes:
        buffer: Name of the buffer type ("CPU_Mapped", "AMX", "CUDA0").
        device: Device whose memory it is, as llama.cpp calls it.
        is_host: Whether it is plain main memory, in which a file can be mapped.
        model_bytes: Weights.
        context_bytes: KV cache and recurrent state.
        compute_bytes: Compute buffers.
    """

    buffer: str
    device: str
    is_host: bool
    model_bytes: int
    context_bytes: int
    compute_bytes: int

    @property
    def is_mapped(self) -> bool:
        """Whether its weights are read in place from the file."""
        return self.buffer.endswith("_Mapped")


class _Node(CppNode):
    """A node of the map: a buffer type, and its three sizes."""

    _fields_ = (
        ("buffer_type", ctypes.c_void_p),
        ("model", ctypes.c_size_t),
        ("context", ctypes.c_size_t),
        ("compute", ctypes.c_size_t),
    )


class _Vector(ctypes.Structure):
    """A `std::vector`."""

    _fields_ = (
        ("begin", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
        ("capacity", ctypes.c_void_p),
    )


class _NamedTensor(ctypes.Structure):
    """A `std::pair<std::string, ggml_tensor *>`."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_size_t),
        ("name_inline", ctypes.c_char * 16),
        ("tensor", ctypes.POINTER(TensorStart)),
    )


def context_breakdown(library: LlamaLibrary, context: int) -> tuple[BufferUse, ...]:
    """Return what a context and its model hold, real or planned without memory.

    Args:
        library: llama.cpp.
        context: Pointer to the `llama_context`.

    Raises:
        ExternalError: If this platform's llama.cpp cannot be asked.
    """
    ggml, found = Ggml(library), CppMap()
    function = _cpp_function(library, _BREAKDOWN)
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_void_p], ctypes.c_void_p
    function(ctypes.byref(found), context)  # a result by value is written where the caller says
    return tuple(_use(ggml, node) for node in taken_nodes(found, _Node))


def breakdown_lines(uses: Iterable[BufferUse], output_bytes: int) -> tuple[Line, ...]:
    """Return the lines of a plan, by device.

    Args:
        uses: What the buffer types hold.
        output_bytes: The output buffer, which llama.cpp leaves out.
    """
    sizes: Counter[tuple[str, Part]] = Counter({(CPU, Part.OUTPUT): output_bytes})
    for use in uses:
        weights = Part.MAPPED if use.is_mapped else Part.WEIGHTS
        sizes[use.device, weights] += use.model_bytes
        sizes[use.device, Part.KV] += use.context_bytes
        sizes[use.device, Part.COMPUTE] += use.compute_bytes
    return tuple(
        Line(device=device, part=part, size_bytes=size, kind=Kind.EXACT)
        for (device, part), size in sizes.items()
        if size
    )


def tensor_buffers(library: LlamaLibrary, model: int) -> list[tuple[str, str]]:
    """Return the name of each tensor of a model and of the buffer type that it lies in.

    A tensor that lies in two is named twice.

    Args:
        library: llama.cpp.
        model: Pointer to the `llama_model`.

    Raises:
        ExternalError: If this platform's llama.cpp cannot be asked.
    """
    ggml, function = Ggml(library), _cpp_function(library, _TENSORS)
    function.argtypes, function.restype = [ctypes.c_void_p], ctypes.POINTER(_Vector)
    vector = function(model).contents
    count = ((vector.end or 0) - (vector.begin or 0)) // ctypes.sizeof(_NamedTensor)
    if not count:
        return []
    tensors = (_NamedTensor * count).from_address(vector.begin)
    return [(_name(item), _buffer_name(ggml, item.tensor.contents.buffer)) for item in tensors]


def _cpp_function(library: LlamaLibrary, name: str) -> Any:
    try:
        if sys.platform == "linux":
            return library.cdll[name]
    except AttributeError:
        pass
    raise ExternalError("This build of llama.cpp does not tell what it allocates.")


def _use(ggml: Ggml, node: _Node) -> BufferUse:
    is_host = bool(ggml.buffer_type_is_host(node.buffer_type))
    device = ggml.buffer_type_device(node.buffer_type)
    return BufferUse(
        buffer=ggml.buffer_type_name(node.buffer_type).decode(),
        # A GPU's pinned memory is main memory.
        device=CPU if is_host or not device else device_name(ggml, device),
        is_host=is_host,
        model_bytes=node.model,
        context_bytes=node.context,
        compute_bytes=node.compute,
    )


def _name(item: _NamedTensor) -> str:
    return ctypes.string_at(item.name, item.name_length).decode("utf-8", "replace")


def _buffer_name(ggml: Ggml, buffer: int | None) -> str:
    if not buffer:
        return ""
    name: bytes = ggml.buffer_type_name(ggml.buffer_type(buffer))
    return name.decode()
