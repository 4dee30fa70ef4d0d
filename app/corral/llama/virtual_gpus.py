"""Graphics cards that are not there, on which llama.cpp plans as on real ones.

llama.cpp takes a list of devices for a model. A device is a record of functions; these answer as
CUDA's do as far as memory is concerned: alignment, padded rows, scratch for quantized caches, which
operations it takes over. Nothing is ever computed. For the *inspect* child only: it may crash.

Source: `ggml-cuda.cu` of llama.cpp 0c1e57098 for the sizes.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

from corral.errors import ExternalError
from corral.llama.device_structs import (
    API_VERSION,
    POINTER,
    SIZE,
    Backend,
    BufferCalls,
    BufferType,
    DeviceRecord,
    Properties,
    Registry,
    Tensor,
    layout_fault,
)
from corral.llama.ggml import Ggml, typed
from corral.llama.library import LlamaLibrary
from corral.plan.alignment import GPU_ALIGNMENT, padded
from corral.plan.machine import Device

_CPU_TYPE, _GPU_TYPE = 0, 1
_FLASH_ATTENTION, _GET_ROWS, _MUL_MAT_ID, _ROPE = 74, 40, 30, 48
_F16 = 1
_BASE_ADDRESS = 1 << 40
# From so many tokens on the card computes with weights that stay in main memory.
_OFFLOAD_TOKENS = 32
_CUDA_ROW = 512
# A question of so few tokens goes to a kernel that needs no scratch.
_VECTOR_TOKENS, _VECTOR_WIDTH = 2, 256

Function = Callable[..., Any]


class VirtualGpus:
    """Some cards, as llama.cpp is given them.

    Attributes:
        by_name: Addresses of the cards.

    Thread: the one that plans. Must live as long as any model that was planned on them.
    """

    def __init__(self, library: LlamaLibrary, cards: Sequence[Device]) -> None:
        """Make the cards.

        Raises:
            ExternalError: If this build of llama.cpp is laid out in another way.
        """
        ggml = Ggml(library)
        pointers = [ggml.device(i) for i in range(ggml.device_count())]
        cpu = next(pointer for pointer in pointers if ggml.device_type(pointer) == _CPU_TYPE)
        if fault := layout_fault(library, cpu):
            raise ExternalError(f"This llama.cpp cannot plan for cards not here: {fault}.")
        self._sizes = _Sizes(library)
        self._kept: list[Any] = []
        self._buffer_types: set[int] = set()
        host = self._host_buffer_type(library, cards[0].name.rstrip("0123456789"))
        is_alone = len(cards) == 1
        self.by_name = {
            card.name: ctypes.addressof(self._card(library, card, host, is_alone=is_alone))
            for card in cards
        }

    def _function(self, result: Any, *arguments: Any) -> Callable[[Function], int]:
        """Return what makes a C function of a Python one and keeps it alive."""

        def address(function: Function) -> int:
            made = ctypes.CFUNCTYPE(result, *arguments)(function)
            self._kept.append(made)
            return ctypes.cast(made, POINTER).value or 0

        return address

    def _text(self, text: bytes) -> int:
        """Return a C function that answers with a text, which lives as long as the cards."""
        kept = ctypes.create_string_buffer(text)
        self._kept.append(kept)
        return self._function(POINTER, POINTER)(lambda _: ctypes.addressof(kept))

    def _host_buffer_type(self, library: LlamaLibrary, prefix: str) -> BufferType:
        """Return pinned main memory: the processor's own buffer type under another name."""
        ggml, name = Ggml(library), f"{prefix}_Host".encode()
        plain: int = typed(library, "ggml_backend_cpu_buffer_type", POINTER)()
        host = BufferType.from_buffer_copy(BufferType.from_address(plain))
        host.device = None  # the first card's, once it is made
        type_offset = ctypes.sizeof(BufferCalls)

        def allocate(_type: int, size: int) -> int:
            buffer: int = ggml.allocate(plain, size)
            POINTER.from_address(buffer + type_offset).value = ctypes.addressof(host)
            return buffer

        host.calls.get_name = self._text(name)
        host.calls.alloc_buffer = self._function(POINTER, POINTER, SIZE)(allocate)
        self._kept.append(host)
        return host

    def _card(
        self, library: LlamaLibrary, card: Device, host: BufferType, *, is_alone: bool
    ) -> DeviceRecord:
        device, buffer_type, registry = DeviceRecord(), BufferType(), Registry()
        self._kept += [device, buffer_type, registry]
        address, name = ctypes.addressof(device), card.name.encode()
        own_type = ctypes.addressof(buffer_type)
        self._buffer_types.add(own_type)
        pointer = self._function(POINTER, POINTER)
        self._fill_buffer_type(library, buffer_type, name)
        buffer_type.device = address
        if not host.device:
            host.device = address
        calls = device.calls
        calls.get_name = self._text(name)
        calls.get_description = self._text(card.description.encode())
        calls.get_memory = self._function(None, POINTER, POINTER, POINTER)(
            lambda _, free, total: _write_sizes(card, free, total)
        )
        calls.get_type = self._function(ctypes.c_int, POINTER)(lambda _: _GPU_TYPE)
        calls.get_props = self._function(None, POINTER, POINTER)(
            lambda _, properties: _write_properties(card, name, properties)
        )
        calls.init_backend = self._function(POINTER, POINTER, ctypes.c_char_p)(
            lambda _device, _parameters: self._backend(address, name)
        )
        calls.get_buffer_type = pointer(lambda _: own_type)
        calls.get_host_buffer_type = pointer(lambda _: ctypes.addressof(host))
        asks = self._function(ctypes.c_bool, POINTER, POINTER)
        if is_alone:  # asked for every tensor of every graph: a C function that answers 1 is quick
            calls.supports_op = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, POINTER).value
        else:
            calls.supports_op = asks(lambda _, tensor: self._reaches(own_type, tensor))
        calls.supports_buft = asks(lambda _, other: other == own_type)
        calls.offload_op = asks(lambda _, tensor: _takes_over(tensor))
        calls.event_new = pointer(lambda _: None)
        calls.event_free = self._function(None, POINTER, POINTER)(lambda *_: None)
        calls.event_synchronize = self._function(None, POINTER, POINTER)(lambda *_: None)
        device.registry = ctypes.addressof(registry)
        self._fill_registry(registry, address, name)
        return device

    def _fill_buffer_type(self, library: LlamaLibrary, made: BufferType, name: bytes) -> None:
        buffer = BufferCalls()
        buffer.get_base = self._function(POINTER, POINTER)(lambda _: _BASE_ADDRESS)
        buffer.clear = self._function(None, POINTER, ctypes.c_uint8)(lambda *_: None)
        buffer.free_buffer = self._function(None, POINTER)(lambda _: None)
        self._kept.append(buffer)
        init = typed(
            library, "ggml_backend_buffer_init", POINTER, POINTER, BufferCalls, POINTER, SIZE
        )
        calls = made.calls
        calls.get_name = self._text(name)
        calls.alloc_buffer = self._function(POINTER, POINTER, SIZE)(
            lambda type_, size: init(type_, buffer, None, size)
        )
        calls.get_alignment = self._function(SIZE, POINTER)(lambda _: GPU_ALIGNMENT)
        calls.get_alloc_size = self._function(SIZE, POINTER, POINTER)(
            lambda _, tensor: self._sizes.allocated(tensor)
        )

    def _fill_registry(self, registry: Registry, device: int, name: bytes) -> None:
        registry.api_version = API_VERSION
        calls = registry.calls
        calls.get_name = self._text(name.rstrip(b"0123456789"))
        calls.get_device_count = self._function(SIZE, POINTER)(lambda _: 1)
        calls.get_device = self._function(POINTER, POINTER, SIZE)(lambda *_: device)
        calls.get_proc_address = self._function(POINTER, POINTER, ctypes.c_char_p)(lambda *_: None)

    def _backend(self, device: int, name: bytes) -> int:
        backend = Backend()
        self._kept.append(backend)
        backend.device = device
        nothing = self._function(None, POINTER)(lambda _: None)
        calls = backend.calls
        calls.get_name = self._text(name)
        calls.free = calls.synchronize = nothing
        calls.graph_compute = self._function(ctypes.c_int, POINTER, POINTER)(lambda *_: -1)
        calls.event_record = self._function(None, POINTER, POINTER)(lambda *_: None)
        calls.event_wait = self._function(None, POINTER, POINTER)(lambda *_: None)
        return ctypes.addressof(backend)

    def _reaches(self, own_type: int, tensor: int) -> bool:
        """Whether a card can compute a tensor: not with weights that lie on another card."""
        for source in Tensor.from_address(tensor).src:
            buffer = Tensor.from_address(source).buffer if source else None
            if buffer:
                type_ = POINTER.from_address(buffer + ctypes.sizeof(BufferCalls)).value
                if type_ != own_type and type_ in self._buffer_types:
                    return False
        return True


class _Sizes:
    """CUDA's rules for how much a tensor takes."""

    def __init__(self, library: LlamaLibrary) -> None:
        self._bytes = typed(library, "ggml_nbytes", SIZE, POINTER)
        self._elements = typed(library, "ggml_nelements", ctypes.c_int64, POINTER)
        self._row = typed(library, "ggml_row_size", SIZE, ctypes.c_int, ctypes.c_int64)
        self._is_quantized = typed(library, "ggml_is_quantized", ctypes.c_bool, ctypes.c_int)

    def allocated(self, address: int) -> int:
        """Return the bytes of a tensor with its padding and scratch."""
        tensor, size = Tensor.from_address(address), int(self._bytes(address))
        if tensor.op == _FLASH_ATTENTION:
            return self._with_scratch(tensor, size)
        rest = tensor.ne[0] % _CUDA_ROW
        if rest and self._is_quantized(tensor.type):
            size += int(self._row(tensor.type, _CUDA_ROW - rest))
        return size

    def _with_scratch(self, tensor: Tensor, size: int) -> int:
        """Return the result of attention with the room to unpack quantized keys and values."""
        query, keys, values = (Tensor.from_address(tensor.src[i]) for i in range(3))
        if query.ne[1] <= _VECTOR_TOKENS and query.ne[0] <= _VECTOR_WIDTH:
            return size
        is_one = values.view_src and (
            values.view_src == tensor.src[1]
            or (values.view_src == keys.view_src and values.view_offs == keys.view_offs)
        )
        if keys.type != _F16:
            size = padded(size, GPU_ALIGNMENT) + 2 * int(self._elements(tensor.src[1]))
        if values.type != _F16 and not is_one:
            size = padded(size, GPU_ALIGNMENT) + 2 * int(self._elements(tensor.src[2]))
        return size


def _takes_over(address: int) -> bool:
    """Whether a card computes with weights in main memory: for batches that are worth the copy."""
    tensor = Tensor.from_address(address)
    if tensor.op == _GET_ROWS:
        return False
    dimension = 2 if tensor.op in {_MUL_MAT_ID, _ROPE} else 1
    return bool(tensor.ne[dimension] >= _OFFLOAD_TOKENS)


def _write_sizes(card: Device, free: int, total: int) -> None:
    SIZE.from_address(free).value = card.free_bytes
    SIZE.from_address(total).value = card.total_bytes


def _write_properties(card: Device, name: bytes, address: int) -> None:
    made = Properties.from_address(address)
    made.name = made.description = name
    made.type, made.device_id = _GPU_TYPE, None
    made.memory_free, made.memory_total = card.free_bytes, card.total_bytes
    can = made.capabilities
    can.is_async = can.host_buffer = can.events = can.mmap_support = True
    can.buffer_from_host_ptr = False
