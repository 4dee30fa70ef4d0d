"""llama.cpp's own fit of a model to devices, as a second opinion beside Corral's search.

It is C++ of a library that lies beside the package; all its arguments are plain C. It is used only
with the releases that it was tried with, and after it has answered a question whose answer is
known. For the *inspect* child only: it may crash, and it takes over llama.cpp's log for a while.

Source: `common_fit_params` in `common/fit.h` of llama.cpp 0c1e57098.
"""

import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corral.errors import ExternalError
from corral.llama.build import KNOWN_RELEASES, engine_release
from corral.llama.context import context_params
from corral.llama.devices import gpu_pointers
from corral.llama.ggml import Ggml
from corral.llama.library import LlamaLibrary
from corral.llama.placement import CPU, model_params
from corral.llama.rpc import device_name
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.machine import Device, DeviceKind
from corral.plan.options import LoadMode, LoadOptions
from corral.units import GIB

# What it leaves free on each device, and the shortest context it chooses: its own defaults.
MARGIN_BYTES = GIB
LEAST_CONTEXT = 4096

_LIBRARY = "libllama-common.so"
_FUNCTION = (
    "_Z17common_fit_paramsPKcP18llama_model_paramsP20llama_context_paramsPf"
    "P32llama_model_tensor_buft_overridePmjPK22common_fit_extra_model14ggml_log_level"
)
_FITS, _ERROR_LEVEL = 0, 4
# No model is as large as this card.
_HUGE = Device(
    name="CUDA0",
    description="a card of 64 TiB",
    kind=DeviceKind.GPU,
    total_bytes=1 << 46,
    free_bytes=1 << 46,
)


class _Override(ctypes.Structure):
    """A `llama_model_tensor_buft_override`."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


class OwnFit:
    """llama.cpp's fit.

    Thread: the one that plans.
    """

    def __init__(self, library: LlamaLibrary) -> None:
        """Bring it into the process.

        Raises:
            ExternalError: If it is not there, or of another release than those it was tried with.
        """
        self._library = library
        self._function = _function()
        self._is_tested = False

    def fit(
        self, path: Path, options: LoadOptions, trained: int, gpus: VirtualGpus | None
    ) -> LoadOptions:
        """Return how llama.cpp would load a model on the GPUs that are there, or virtual ones.

        Args:
            path: The model file, or a header-only copy of it.
            options: What is given: workers, KV type, batches; a context of 0 tokens is chosen too.
            trained: The context that the model was trained with.
            gpus: Cards that are not there; None for those of this machine.

        Raises:
            ExternalError: If it finds no way, or answers the known question wrongly.
        """
        if not self._is_tested:
            self._test(path, trained)
            self._is_tested = True
        there = gpus.by_name if gpus else gpu_pointers(self._library, options.workers)
        return self._ask(path, options, trained, there, is_virtual=gpus is not None)

    def _test(self, path: Path, trained: int) -> None:
        """Ask for a card on which everything fits: all layers and the trained context stay."""
        gpus = VirtualGpus(self._library, (_HUGE,))
        options = _with_context(LoadOptions(), 0)
        found = self._ask(path, options, trained, gpus.by_name, is_virtual=True)
        if found != _with_context(options, trained):
            raise ExternalError("llama.cpp's own fit answers in a way that is not known.")

    def _ask(
        self,
        path: Path,
        options: LoadOptions,
        trained: int,
        there: Mapping[str, int],
        *,
        is_virtual: bool,
    ) -> LoadOptions:
        api = self._library.api
        free = LoadOptions(load_mode=LoadMode.NONE, workers=options.workers)
        model, kept = model_params(self._library, free, there if is_virtual else None)
        context = context_params(api, options.context)
        context.n_ctx = options.context.n_ctx
        most = int(api.llama_max_devices())
        split = (ctypes.c_float * most)()
        overrides = (_Override * int(api.llama_max_tensor_buft_overrides()))()
        margins = (ctypes.c_size_t * most)(*[MARGIN_BYTES] * most)
        status = self._function(
            os.fsencode(path),
            ctypes.byref(model),
            ctypes.byref(context),
            split,
            overrides,
            margins,
            LEAST_CONTEXT,
            None,
            _ERROR_LEVEL,
        )
        del kept  # llama.cpp looked at it until here
        if status != _FITS:
            raise ExternalError("llama.cpp's own fit finds no way to load this model there.")
        found = LoadOptions(
            n_gpu_layers=model.n_gpu_layers,
            load_mode=options.load_mode,
            tensor_split=_layers(split, len(there)),
            tensor_overrides=self._names(overrides),
            workers=options.workers,
            context=options.context,
        )
        return _with_context(found, context.n_ctx or trained)

    def _names(self, overrides: "ctypes.Array[_Override]") -> tuple[tuple[str, str], ...]:
        """Return patterns and the names of devices, until the list ends."""
        ggml, found = Ggml(self._library), []
        for override in overrides:
            if not override.pattern:
                break
            is_host = ggml.buffer_type_is_host(override.buffer_type)
            device = ggml.buffer_type_device(override.buffer_type)
            name = CPU if is_host or not device else device_name(ggml, device)
            found.append((override.pattern.decode(), name))
        return tuple(found)


def _layers(split: "ctypes.Array[ctypes.c_float]", n_gpus: int) -> tuple[int, ...]:
    """Return the layers of each GPU; () where they are shared by free memory."""
    layers = tuple(round(share) for share in split[:n_gpus])
    return layers if any(layers) else ()


def _with_context(options: LoadOptions, n_ctx: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_ctx=n_ctx))


def _function() -> Any:
    release = engine_release()
    if release not in KNOWN_RELEASES:
        raise ExternalError(f"llama.cpp's own fit is not known in release {release}.")
    spec = find_spec("llama_cpp")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    file = package.parent / "lib" / _LIBRARY
    if sys.platform != "linux" or not file.exists():
        raise ExternalError(f"llama.cpp's own fit is not installed ({_LIBRARY}).")
    try:
        # Its libllama is the one that is loaded already: they have the same name.
        function = ctypes.CDLL(str(file))[_FUNCTION]
    except (OSError, AttributeError) as error:
        raise ExternalError(f"llama.cpp's own fit cannot be used: {error}.") from error
    pointer = ctypes.c_void_p
    function.argtypes = [
        *(ctypes.c_char_p, pointer, pointer, pointer, pointer, pointer),
        *(ctypes.c_uint32, pointer, ctypes.c_int),
    ]
    function.restype = ctypes.c_int
    return function
