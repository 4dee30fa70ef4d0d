"""Devices of RPC workers: other machines that compute with llama.cpp for this one.

They are never registered, so that only the models that name them use them. Whatever is asked of a
worker that does not answer makes llama.cpp abort; whoever calls makes sure first that it does.
"""

import ctypes

from corral.errors import ExternalError
from corral.llama.ggml import Ggml, typed
from corral.llama.library import LlamaLibrary

_PREFIX = b"RPC"
_POINTER = ctypes.c_void_p


def worker_devices(library: LlamaLibrary, worker: str) -> list[int]:
    """Return pointers to the devices of a worker; the first call connects.

    Args:
        library: llama.cpp.
        worker: Its address, "host:port".

    Raises:
        ExternalError: If this build cannot reach workers, or the worker has no device.
    """
    try:
        add = typed(library, "ggml_backend_rpc_add_server", _POINTER, ctypes.c_char_p)
    except AttributeError as error:
        raise ExternalError(
            "This build of llama.cpp cannot reach RPC workers.",
            hint="Install again with CMAKE_ARGS=-DGGML_RPC=ON.",
        ) from error
    registry = add(worker.encode("ascii"))
    if not registry:
        raise ExternalError(f"The RPC worker {worker} offers no device.")
    count = typed(library, "ggml_backend_reg_dev_count", ctypes.c_size_t, _POINTER)
    device = typed(library, "ggml_backend_reg_dev_get", _POINTER, _POINTER, ctypes.c_size_t)
    return [device(registry, index) for index in range(count(registry))]


def device_name(ggml: Ggml, device: int) -> str:
    """Return the name of a device: llama.cpp's own, but for workers.

    llama.cpp numbers the devices of workers as they come, which differs between processes; their
    buffers' names tell number and address ("RPC0[192.168.1.7:50052]").
    """
    name: bytes = ggml.device_name(device)
    if name.startswith(_PREFIX):
        name = ggml.buffer_type_name(ggml.device_buffer_type(device))
    return name.decode()
