"""Weights in memory."""

import ctypes
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from corral.errors import ExternalError
from corral.gguf.shards import shard_paths
from corral.jobs import Cancelled
from corral.llama.devices import gpu_pointers
from corral.llama.library import LlamaLibrary
from corral.llama.memory_left import memory_left
from corral.llama.placement import model_params
from corral.llama.refusals import refusal
from corral.llama.vocabulary import Vocabulary
from corral.plan.options import LoadOptions
from corral.units import file_size

logger = logging.getLogger(__name__)

# Called with the percent that is loaded; False cancels.
OnPercent = Callable[[int], bool]


class Model:
    """One loaded model: the owner of a `llama_model`.

    Attributes:
        pointer: The `llama_model`.
        vocabulary: Its vocabulary.
        path: The file it came from.
        n_layer: Layers that can be placed on a GPU, the output layer counted.
        n_ctx_train: Tokens of the longest text that it was made for, 0 where none is said.
        n_layer_nextn: Those of them that predict the tokens after the next one.
        n_embd: Numbers that stand for a token between layers.
        architecture: Its name in the GGUF.
        window: Tokens that its sliding-window layers look back, 0 when it has none.
        has_state: Whether it carries a recurrent state, which cannot be rolled back.
        chat_template: The GGUF's own chat template.
        rerank_template: The GGUF's own template for ranking, with places for query and document.
        n_gpu_layers: How many of them are.
        description: A few words of llama.cpp on it ("llama 134M Q4_1").

    Thread: the engine thread that loaded it.
    """

    def __init__(
        self,
        library: LlamaLibrary,
        pointer: int,
        path: Path,
        n_gpu_layers: int = 0,
        kept: object = None,
    ) -> None:
        """Own a model that llama.cpp made.

        Args:
            library: llama.cpp.
            pointer: The `llama_model`.
            path: The file it came from.
            n_gpu_layers: Layers on GPUs, as asked for; 0 where there is no GPU.
            kept: What llama.cpp may look at as long as the model lives.
        """
        self._kept = kept
        api = library.api
        self._free = api.llama_model_free
        self.pointer = pointer
        self.path = path
        self.vocabulary = Vocabulary(library, api.llama_model_get_vocab(pointer))
        self.n_layer_nextn: int = api.llama_model_n_layer_nextn(pointer)
        self.n_layer: int = api.llama_model_n_layer(pointer) + self.n_layer_nextn + 1
        self.n_embd: int = api.llama_model_n_embd(pointer)
        self._metadata = api.llama_model_meta_val_str
        self.architecture = self.metadata("general.architecture")
        self.n_gpu_layers = _layers_on_gpus(n_gpu_layers, self.n_layer)
        self.n_ctx_train: int = max(0, api.llama_model_n_ctx_train(pointer))
        self.window: int = api.llama_model_n_swa(pointer)
        self.has_state: bool = api.llama_model_is_recurrent(pointer) or api.llama_model_is_hybrid(
            pointer
        )
        template: bytes | None = api.llama_model_chat_template(pointer, None)
        self.chat_template = template.decode("utf-8", "replace") if template else None
        rerank: bytes | None = api.llama_model_chat_template(pointer, b"rerank")
        self.rerank_template = rerank.decode("utf-8", "replace") if rerank else None
        self.description = _description(api, pointer)
        self._first: list[Callable[[], None]] = []

    def metadata(self, key: str) -> str:
        """Return a short value of the GGUF's header as text, "" where there is none."""
        buffer = ctypes.create_string_buffer(64)
        self._metadata(self.pointer, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    def before_close(self, free: Callable[[], None]) -> None:
        """Have freed first what hangs on the weights."""
        self._first.append(free)

    def close(self) -> None:
        """Free the weights; all contexts on them must be gone."""
        while self._first:
            self._first.pop()()
        if self.pointer:
            self._free(self.pointer)
            self.pointer = 0


def load_model(
    library: LlamaLibrary, path: Path, options: LoadOptions, on_percent: OnPercent
) -> Model:
    """Load weights.

    Raises:
        Cancelled: If `on_percent` answered False.
        ExternalError: If llama.cpp refuses the file or there is no memory for it.
    """
    mark = library.log.mark()
    progress = _Progress(on_percent)
    params, placed = model_params(library, options)
    params.progress_callback = callback = library.api.llama_progress_callback(progress.report)
    pointer = open_weights(library, path, params)
    del callback  # llama.cpp held only its bare pointer until here
    if pointer:
        logger.info("loaded %s; llama.cpp said: %s", path, library.log.complaints(mark))
        n_gpu_layers = options.n_gpu_layers if gpu_pointers(library, options.workers) else 0
        return _only_decoder(library, Model(library, pointer, path, n_gpu_layers, placed))
    if progress.is_cancelled:
        raise Cancelled
    raise _refusal(library, path, library.log.complaints(mark))


def open_weights(library: LlamaLibrary, path: Path, params: Any) -> int | None:
    """Have llama.cpp open a model file, or all files of a split model by the name of the first.

    Returns:
        The `llama_model`, None when llama.cpp refused.
    """
    api, pointer = library.api, None
    if files := [os.fsencode(shard) for shard in shard_paths(path)]:
        names = (ctypes.c_char_p * len(files))(*files)
        pointer = api.llama_model_load_from_splits(names, len(files), params)
    else:
        pointer = api.llama_model_load_from_file(os.fsencode(path), params)
    return int(pointer) if pointer else None


def _only_decoder(library: LlamaLibrary, model: Model) -> Model:
    if library.api.llama_model_has_encoder(model.pointer):
        model.close()
        raise ExternalError(
            f"{model.path.name} has an encoder; Corral runs models that only decode.",
        )
    return model


class _Progress:
    """Turns llama.cpp's fractions into whole percents, each told once."""

    def __init__(self, on_percent: OnPercent) -> None:
        self._on_percent = on_percent
        self._told = -1
        self.is_cancelled = False  # llama.cpp fails without a word when it was cancelled

    def report(self, fraction: float, _user_data: int | None) -> bool:
        percent = min(100, int(fraction * 100))
        if percent != self._told and not self.is_cancelled:
            self._told = percent
            self.is_cancelled = not self._on_percent(percent)
        return not self.is_cancelled


def _layers_on_gpus(asked: int, most: int) -> int:
    return most if asked < 0 else min(asked, most)


def _description(api: Any, pointer: int) -> str:
    buffer = ctypes.create_string_buffer(256)
    api.llama_model_desc(pointer, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def _refusal(library: LlamaLibrary, path: Path, said: str) -> ExternalError:
    try:
        size = file_size(sum(file.stat().st_size for file in shard_paths(path) or (path,)))
    except OSError as error:
        return ExternalError(f"{path.name} cannot be read: {error.strerror}.", detail=said)
    return refusal(f"{path.name} ({size})", said, partial(memory_left, library))
