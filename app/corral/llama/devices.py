"""The devices that this build of llama.cpp can use."""

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum

from corral.llama.ggml import Ggml
from corral.llama.library import LlamaLibrary
from corral.llama.repack import repack_rule
from corral.llama.rpc import device_name, worker_devices
from corral.plan.machine import Device, DeviceKind


class _Type(IntEnum):
    """ggml's kinds of devices that hold layers."""

    CPU = 0
    GPU = 1
    INTEGRATED_GPU = 2


def list_devices(library: LlamaLibrary, workers: Sequence[str] = ()) -> list[Device]:
    """Return the devices that llama.cpp would place layers on, the CPU last.

    A GPU inside the processor counts only where there is no other, as in llama.cpp.

    Args:
        library: llama.cpp.
        workers: Addresses of RPC workers whose devices count too, before those of this machine;
            one that does not answer makes llama.cpp abort.

    Raises:
        ExternalError: If this build cannot reach workers.
    """
    ggml = Ggml(library)
    gpus = list(gpu_pointers(library).values())
    cpu = _of_type(ggml, _Type.CPU)[0]
    rule = repack_rule(library, cpu, gpus)
    remote = [
        replace(_device(ggml, pointer, DeviceKind.GPU), worker=worker)
        for worker in workers
        for pointer in worker_devices(library, worker)
    ]
    found = [_device(ggml, pointer, DeviceKind.GPU) for pointer in gpus]
    return [*remote, *found, replace(_device(ggml, cpu, DeviceKind.CPU), repack=rule)]


def gpu_pointers(library: LlamaLibrary, workers: Sequence[str] = ()) -> dict[str, int]:
    """Return the GPUs that llama.cpp would place layers on, by name, in its order.

    Args:
        library: llama.cpp.
        workers: Addresses of RPC workers, whose devices come first; as of `list_devices`.

    Raises:
        ExternalError: If this build cannot reach workers.
    """
    ggml = Ggml(library)
    local = _of_type(ggml, _Type.GPU) or _of_type(ggml, _Type.INTEGRATED_GPU)
    remote = [pointer for worker in workers for pointer in worker_devices(library, worker)]
    return {device_name(ggml, pointer): pointer for pointer in (*remote, *local)}


def free_bytes(ggml: Ggml, pointer: int) -> int:
    """Return what is free on a device."""
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.device_memory(pointer, ctypes.byref(free), ctypes.byref(total))
    return free.value


def _of_type(ggml: Ggml, kind: _Type) -> list[int]:
    pointers = [ggml.device(i) for i in range(ggml.device_count())]
    return [pointer for pointer in pointers if ggml.device_type(pointer) == kind]


def _device(ggml: Ggml, pointer: int, kind: DeviceKind) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.device_memory(pointer, ctypes.byref(free), ctypes.byref(total))
    return Device(
        name=device_name(ggml, pointer),
        description=ggml.device_description(pointer).decode("utf-8", "replace").strip(),
        kind=kind,
        total_bytes=total.value,
        free_bytes=free.value,
    )
