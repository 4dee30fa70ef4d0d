"""LoRA adapters: loaded once for a model, set on a context with scales."""

import ctypes
import os
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from corral.errors import ExternalError, UserError
from corral.gguf.adapter import check_fit
from corral.gguf.check import check_file
from corral.gguf.errors import GgufError
from corral.gguf.reader import read_header
from corral.gguf.shards import shard_paths
from corral.llama.library import LlamaLibrary
from corral.llama.memory_left import memory_left
from corral.llama.model import Model
from corral.llama.refusals import refusal

# Files and the scales they are applied with.
AdapterSet = tuple[tuple[Path, float], ...]


class Adapters:
    """The adapters of one model; they are freed with its weights.

    Attributes:
        current: What is set on the context.

    Thread: the engine thread.
    """

    def __init__(self, library: LlamaLibrary, model: Model) -> None:
        self.current: AdapterSet = ()
        self._library = library
        self._model = model
        self._loaded: dict[Path, Any] = {}

    def load(self, wanted: AdapterSet) -> None:
        """Have adapters ready.

        Raises:
            UserError: If one is not there.
            ExternalError: If one is damaged, is no adapter or does not fit the model.
        """
        for path, _ in wanted:
            if path not in self._loaded:
                self._loaded[path] = self._open(path)

    def use(self, context: int, wanted: AdapterSet) -> None:
        """Set loaded adapters on a context, in place of those that are set.

        Args:
            context: Pointer of the context.
            wanted: They; what other adapters have computed must not be gone on from.
        """
        if wanted == self.current:
            return
        count, api = len(wanted), self._library.api
        pointers = (api.llama_adapter_lora_p_ctypes * count)(
            *(self._loaded[path] for path, _ in wanted)
        )
        scales = (ctypes.c_float * count)(*(scale for _, scale in wanted))
        if api.llama_set_adapters_lora(context, pointers, count, scales) != 0:
            raise ExternalError("llama.cpp could not apply the adapters.")
        self.current = wanted

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the model's tensors, by name."""
        files = shard_paths(self._model.path) or (self._model.path,)
        return {tensor.name: tensor.shape for f in files for tensor in read_header(f).tensors}

    def _open(self, path: Path) -> Any:
        try:
            header = check_file(path)  # before llama.cpp sees it
        except GgufError as error:
            said = f"The adapter {path.name} cannot be used. {error.summary}"
            raise ExternalError(said, detail=error.detail, hint=error.hint) from error
        if not header.is_adapter:
            raise UserError(f"{path.name} is no LoRA adapter.")
        check_fit(header, self._shapes)
        mark = self._library.log.mark()
        pointer = self._library.api.llama_adapter_lora_init(self._model.pointer, os.fsencode(path))
        if pointer:
            return pointer
        said = self._library.log.complaints(mark)
        what = f"the adapter {path.name} for {self._model.path.name}"
        raise refusal(what, said, partial(memory_left, self._library))
