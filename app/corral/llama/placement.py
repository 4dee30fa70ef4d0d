"""The wishes of a plan for where weights go, as llama.cpp takes them."""

import ctypes
from typing import Any

from corral.llama.ggml import typed
from corral.llama.library import LlamaLibrary
from corral.plan.options import LoadOptions


class _Override(ctypes.Structure):
    """A `llama_model_tensor_buft_override`: tensors by a pattern, and where they go."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def place_weights(library: LlamaLibrary, params: Any, options: LoadOptions) -> tuple[object, ...]:
    """Put the placement into the parameters of a load.

    Args:
        library: llama.cpp.
        params: `llama_model_params`.
        options: How the model is to be loaded.

    Returns:
        What must stay alive as long as the model.
    """
    params.n_gpu_layers = options.n_gpu_layers
    kept: list[object] = []
    if options.tensor_split:
        count = max(int(library.api.llama_max_devices()), len(options.tensor_split))
        split = (ctypes.c_float * count)(*options.tensor_split)
        params.tensor_split = split
        kept.append(split)
    if options.cpu_expert_layers:
        cpu = typed(library, "ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
        patterns = [
            rf"blk\.{i}\.ffn_(up|down|gate|gate_up)_(ch|)exps".encode()
            for i in range(options.cpu_expert_layers)
        ]
        overrides = (_Override * (len(patterns) + 1))(
            *(_Override(pattern, cpu) for pattern in patterns), _Override(None, None)
        )
        params.tensor_buft_overrides = ctypes.addressof(overrides)
        kept += [patterns, overrides]
    return tuple(kept)
