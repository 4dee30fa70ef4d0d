"""ggml's records of devices, buffers and tensors, as far as a device that is not there needs them.

They are internal to ggml. `layout_fault` compares them with the real processor before any is used.

Source: `ggml-backend-impl.h` and `ggml.h` of llama.cpp 0c1e57098 (backend API version 2).
"""

import ctypes
from functools import partial

from corral.llama.ggml import Ggml, typed
from corral.llama.library import LlamaLibrary

POINTER = ctypes.c_void_p
SIZE = ctypes.c_size_t

API_VERSION = 2
MOST_SOURCES = 10
# ggml's own numbers of the operations whose handling differs.
OPERATIONS = {30: "MUL_MAT_ID", 40: "GET_ROWS", 48: "ROPE", 74: "FLASH_ATTN_EXT"}
_OBJECT_BYTES = 32


def _pointers(names: str) -> tuple[tuple[str, type[ctypes.c_void_p]], ...]:
    return tuple((name, POINTER) for name in names.split())


class Tensor(ctypes.Structure):
    """A `ggml_tensor`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", POINTER),
        ("ne", ctypes.c_int64 * 4),
        ("nb", SIZE * 4),
        ("op", ctypes.c_int),
        ("op_params", ctypes.c_int32 * 16),
        ("flags", ctypes.c_int32),
        ("src", POINTER * MOST_SOURCES),
        ("view_src", POINTER),
        ("view_offs", SIZE),
        ("data", POINTER),
        ("name", ctypes.c_char * 64),
        ("extra", POINTER),
        ("padding", ctypes.c_char * 8),
    )


class BufferTypeCalls(ctypes.Structure):
    """What a buffer type can do."""

    _fields_ = _pointers("get_name alloc_buffer get_alignment get_max_size get_alloc_size is_host")


class BufferType(ctypes.Structure):
    """A `ggml_backend_buffer_type`."""

    _fields_ = (("calls", BufferTypeCalls), ("device", POINTER), ("context", POINTER))


class BufferCalls(ctypes.Structure):
    """What a buffer can do."""

    _fields_ = _pointers(
        "free_buffer get_base init_tensor memset_tensor set_tensor get_tensor set_tensor_2d "
        "get_tensor_2d cpy_tensor clear reset"
    )


class BackendCalls(ctypes.Structure):
    """What a stream of a device can do."""

    _fields_ = _pointers(
        "get_name free set_tensor_async get_tensor_async set_tensor_2d_async get_tensor_2d_async "
        "cpy_tensor_async synchronize graph_plan_create graph_plan_free graph_plan_update "
        "graph_plan_compute graph_compute event_record event_wait graph_optimize"
    )


class Backend(ctypes.Structure):
    """A `ggml_backend`."""

    _fields_ = (
        ("guid", POINTER),
        ("calls", BackendCalls),
        ("device", POINTER),
        ("context", POINTER),
    )


class DeviceCalls(ctypes.Structure):
    """What a device can do."""

    _fields_ = _pointers(
        "get_name get_description get_memory get_type get_props init_backend get_buffer_type "
        "get_host_buffer_type buffer_from_host_ptr supports_op supports_buft offload_op event_new "
        "event_free event_synchronize"
    )


class DeviceRecord(ctypes.Structure):
    """A `ggml_backend_device`."""

    _fields_ = (("calls", DeviceCalls), ("registry", POINTER), ("context", POINTER))


class RegistryCalls(ctypes.Structure):
    """What a registry of devices can do."""

    _fields_ = _pointers("get_name get_device_count get_device get_proc_address")


class Registry(ctypes.Structure):
    """A `ggml_backend_reg`."""

    _fields_ = (("api_version", ctypes.c_int), ("calls", RegistryCalls), ("context", POINTER))


class Capabilities(ctypes.Structure):
    """What a device says that it can do."""

    _fields_ = tuple(
        (name, ctypes.c_bool)
        for name in ("is_async", "host_buffer", "buffer_from_host_ptr", "events", "mmap_support")
    )


class Properties(ctypes.Structure):
    """A `ggml_backend_dev_props`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("memory_free", SIZE),
        ("memory_total", SIZE),
        ("type", ctypes.c_int),
        ("device_id", ctypes.c_char_p),
        ("capabilities", Capabilities),
    )


def layout_fault(library: LlamaLibrary, cpu: int) -> str:
    """Return what differs between these records and the real processor's; empty when nothing does.

    Args:
        library: llama.cpp.
        cpu: Pointer to the processor's device.
    """
    ggml, bind = Ggml(library), partial(typed, library)
    if bind("ggml_tensor_overhead", SIZE)() != ctypes.sizeof(Tensor) + _OBJECT_BYTES:
        return "tensors have another size"
    operation_name = bind("ggml_op_name", ctypes.c_char_p, ctypes.c_int)
    for number, name in OPERATIONS.items():
        if operation_name(number) != name.encode():
            return f"operation {number} is not {name}"
    return _device_fault(ggml, cpu, bind("ggml_backend_cpu_buffer_type", POINTER)())


def _device_fault(ggml: Ggml, cpu: int, plain: int) -> str:
    device = DeviceRecord.from_address(cpu)
    if device.registry != ggml.device_registry(cpu):
        return "devices are laid out in another way"
    if Registry.from_address(device.registry).api_version != API_VERSION:
        return "the backend API has another version"
    get_name = ctypes.CFUNCTYPE(ctypes.c_char_p, POINTER)(device.calls.get_name)
    if get_name(cpu) != ggml.device_name(cpu):
        return "the calls of devices are in another order"
    if not BufferType.from_address(plain).calls.is_host:
        return "the calls of buffer types are in another order"
    return ""
