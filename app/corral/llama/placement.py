"""The wishes of a plan for where weights go, as llama.cpp takes them."""

import ctypes
from collections.abc import Mapping
from typing import Any

from corral.errors import UserError
from corral.foreign import safe_line
from corral.llama.devices import gpu_pointers
from corral.llama.ggml import typed
from corral.llama.library import LlamaLibrary
from corral.plan.options import LoadOptions, SplitMode

CPU = "CPU"


class _Override(ctypes.Structure):
    """A `llama_model_tensor_buft_override`: tensors by a pattern, and where they go."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def model_params(
    library: LlamaLibrary, options: LoadOptions, virtual: Mapping[str, int] | None = None
) -> tuple[Any, tuple[object, ...]]:
    """Return the `llama_model_params` that options mean.

    Args:
        library: llama.cpp.
        options: How the model is to be loaded.
        virtual: GPUs that are not there, by name, to plan on instead of those that are.

    Returns:
        They, and what must stay alive as long as the model.

    Raises:
        UserError: If the options name a device that is not there.
        ExternalError: If this build cannot reach RPC workers.
    """
    params = library.api.llama_model_default_params()
    params.load_mode = getattr(library.api, f"LLAMA_LOAD_MODE_{options.load_mode.upper()}")
    params.n_gpu_layers = options.n_gpu_layers
    params.check_tensors = options.check_tensors
    params.load_mtp = options.mtp
    there = gpu_pointers(library, options.workers) if virtual is None else virtual
    kept: list[object] = []
    if options.tensor_split:
        count = max(int(library.api.llama_max_devices()), len(options.tensor_split))
        split = (ctypes.c_float * count)(*options.tensor_split)
        params.tensor_split = split
        kept.append(split)
    names = tuple(name for name in options.devices if name != CPU)
    used = {name: _named(name, there) for name in names} if options.devices else there
    if options.devices or options.workers or virtual is not None:
        devices = (ctypes.c_void_p * (len(used) + 1))(*used.values(), None)
        params.devices = ctypes.addressof(devices)
        kept.append(devices)
    _share(library, params, options, len(used))
    kept += _overrides(library, params, options, there)
    return params, tuple(kept)


def _share(library: LlamaLibrary, params: Any, options: LoadOptions, n_gpus: int) -> None:
    """Say how GPUs share the model; without any there is nothing to share.

    Raises:
        UserError: If there is no such main GPU.
    """
    if not n_gpus:
        return
    params.split_mode = getattr(library.api, f"LLAMA_SPLIT_MODE_{options.split_mode.upper()}")
    if options.split_mode is SplitMode.NONE and options.main_gpu >= n_gpus:
        raise UserError(
            f"The main GPU is number {options.main_gpu}; there are 0 to {n_gpus - 1}.",
        )
    params.main_gpu = options.main_gpu


def _overrides(
    library: LlamaLibrary, params: Any, options: LoadOptions, there: Mapping[str, int]
) -> list[object]:
    """Say which tensors go elsewhere than their layer; what must stay alive is returned."""
    cpu: int = typed(library, "ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
    of_device = typed(library, "ggml_backend_dev_buffer_type", ctypes.c_void_p, ctypes.c_void_p)
    rules = [
        (pattern.encode(), cpu if name == CPU else of_device(_named(name, there)))
        for pattern, name in options.tensor_overrides
    ]
    rules += [
        (rf"blk\.{i}\.ffn_(up|down|gate|gate_up)_(ch|)exps".encode(), cpu)
        for i in range(options.cpu_expert_layers)
    ]
    if not rules:
        return []
    overrides = (_Override * (len(rules) + 1))(*(_Override(*rule) for rule in rules), _Override())
    params.tensor_buft_overrides = ctypes.addressof(overrides)
    return [rules, overrides]


def _named(name: str, there: Mapping[str, int]) -> int:
    """Return the device of a name.

    Raises:
        UserError: If it is not there.
    """
    if name in there:
        return there[name]
    raise UserError(
        f"There is no device '{safe_line(name, 40)}' here.",
        hint=f"Devices: {', '.join([*there, CPU])}.",
    )
