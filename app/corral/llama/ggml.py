"""The functions of ggml that `llama_cpp` does not bind, typed."""

import ctypes
from functools import partial
from typing import Any

from corral.llama.library import LlamaLibrary

_POINTER = ctypes.c_void_p
_SIZE = ctypes.c_size_t
_TEXT = ctypes.c_char_p


class TensorStart(ctypes.Structure):
    """The first two members of `ggml_tensor`; the rest is never looked at."""

    _fields_ = (("type", ctypes.c_int), ("buffer", _POINTER))


class Ggml:
    """Typed functions, named as in ggml without their prefix.

    Thread: any; all are calls of microseconds.
    """

    def __init__(self, library: LlamaLibrary) -> None:
        bind = partial(typed, library)
        size_out = ctypes.POINTER(_SIZE)
        self.device_count = bind("ggml_backend_dev_count", _SIZE)
        self.device = bind("ggml_backend_dev_get", _POINTER, _SIZE)
        self.device_type = bind("ggml_backend_dev_type", ctypes.c_int, _POINTER)
        self.device_name = bind("ggml_backend_dev_name", _TEXT, _POINTER)
        self.device_description = bind("ggml_backend_dev_description", _TEXT, _POINTER)
        self.device_memory = bind("ggml_backend_dev_memory", None, _POINTER, size_out, size_out)
        self.device_buffer_type = bind("ggml_backend_dev_buffer_type", _POINTER, _POINTER)
        self.device_host_buffer_type = bind("ggml_backend_dev_host_buffer_type", _POINTER, _POINTER)
        self.device_registry = bind("ggml_backend_dev_backend_reg", _POINTER, _POINTER)
        self.device_supports = bind(
            "ggml_backend_dev_supports_op", ctypes.c_bool, _POINTER, _POINTER
        )
        self.procedure = bind("ggml_backend_reg_get_proc_address", _POINTER, _POINTER, _TEXT)
        self.buffer_type = bind("ggml_backend_buffer_get_type", _POINTER, _POINTER)
        self.buffer_type_name = bind("ggml_backend_buft_name", _TEXT, _POINTER)
        self.buffer_type_device = bind("ggml_backend_buft_get_device", _POINTER, _POINTER)
        self.buffer_type_is_host = bind("ggml_backend_buft_is_host", ctypes.c_bool, _POINTER)
        self.allocate = bind("ggml_backend_buft_alloc_buffer", _POINTER, _POINTER, _SIZE)
        self.free_buffer = bind("ggml_backend_buffer_free", None, _POINTER)
        self.tensor_bytes = bind("ggml_backend_buft_get_alloc_size", _SIZE, _POINTER, _POINTER)


def typed(library: LlamaLibrary, name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of the library with its types set."""
    function = library.cdll[name]  # a new object each time: nobody else's types are changed
    function.restype, function.argtypes = result, arguments
    return function
