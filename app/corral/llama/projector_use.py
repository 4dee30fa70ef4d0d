"""llama.cpp's own account of what a projector would take, without reading its weights.

For the *inspect* child only. Only a C++ function tells it, as a `std::map` by value, as in
`breakdown`: on Linux alone.

Source: `mtmd_get_memory_usage` of llama.cpp 0c1e57098; its header calls it unstable.
"""

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

from corral.errors import ExternalError
from corral.llama.cpp_map import CppMap, CppNode, taken_nodes
from corral.llama.ggml import Ggml
from corral.llama.library import LlamaLibrary
from corral.llama.virtual_gpus import VirtualGpus

_USAGE = "_Z21mtmd_get_memory_usagePKc19mtmd_context_params"


class _Node(CppNode):
    """A node of the map: a device, and its bytes."""

    _fields_ = (("device", ctypes.c_void_p), ("size", ctypes.c_size_t))


def projector_use(
    library: LlamaLibrary, path: Path, *, on_gpu: bool, gpus: VirtualGpus | None = None
) -> dict[str, int]:
    """Return the bytes of each device: weights, and computing its largest usual image.

    Args:
        library: llama.cpp.
        path: The projector's file.
        on_gpu: Whether it may use a GPU.
        gpus: Cards that are not there; the first takes the projector.

    Raises:
        ExternalError: If llama.cpp refuses the file or cannot be asked.
    """
    api, mark = _mtmd(), library.log.mark()
    function = _function(api)
    params = api.mtmd_context_params_default()
    params.use_gpu, params.warmup = on_gpu, True
    if on_gpu and gpus:
        params.device = next(iter(gpus.by_name.values()))
    found = CppMap()
    function.argtypes = [ctypes.c_void_p, ctypes.c_char_p, type(params)]
    function.restype = ctypes.c_void_p
    function(ctypes.byref(found), os.fsencode(path), params)
    ggml = Ggml(library)
    sizes = {
        ggml.device_name(node.device).decode(): node.size for node in taken_nodes(found, _Node)
    }
    if not sizes:
        raise ExternalError(
            f"llama.cpp refuses the projector {path.name}.", detail=library.log.complaints(mark)
        )
    return sizes


def _mtmd() -> Any:
    try:
        from llama_cpp import mtmd_cpp  # lazy: seldom asked for
    except (ImportError, OSError, RuntimeError) as error:
        raise ExternalError(f"This llama.cpp knows no projectors: {error}.") from error
    return mtmd_cpp


def _function(api: Any) -> Any:
    try:
        if sys.platform == "linux":
            return api._libmtmd[_USAGE]  # noqa: SLF001 (not bound; the only handle to this copy)
    except AttributeError:
        pass
    raise ExternalError("This build of llama.cpp does not tell what a projector takes.")
