"""Loads on real machines, from public logs of llama.cpp, as they would be planned here.

The logs are `memory_cases.json` beside the project, read in place. Here stands which model it was,
and how it was loaded.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corral.plan.machine import Machine
from corral.plan.options import CacheType, ContextOptions, FlashAttention, LoadMode, LoadOptions
from helpers.headers import make_machine
from helpers.known_models import write_known
from helpers.models import gemma3_path, smollm2_path
from helpers.vectors import FOLDER

FILE = FOLDER.parent / "data" / "memory_cases.json"
OFF, Q8 = FlashAttention.OFF, CacheType.Q8_0
LOCAL = {"SmolLM2": smollm2_path, "Gemma 3 270M": gemma3_path}
# Rows of logits that llama.cpp's server and tools kept room for.
ALL_ROWS = 2048


@dataclass(frozen=True, kw_only=True)
class Case:
    """One load.

    Attributes:
        model: Of `known_models`, or one that is here.
        context: The context.
        gpus: Names of the GPUs, () for the processor alone.
        split: Layers of each GPU.
        overrides: Tensors that were placed by hand.
        kept_experts: Of so many layers the experts were in main memory by them.
        mix_is_known: Whether it is known how each tensor of the file was quantized.
        cause: Why the total is further off than the others', "" where it is not.
    """

    model: str
    context: ContextOptions
    gpus: tuple[str, ...] = ("CUDA0",)
    split: tuple[int, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()
    kept_experts: int = 0
    mix_is_known: bool = True
    cause: str = ""

    @property
    def machine(self) -> Machine:
        """A machine with room for it."""
        name = self.gpus[0].rstrip("0123456789") if self.gpus else ""
        return make_machine(2000, *(500 for _ in self.gpus), gpu_name=name)

    @property
    def options(self) -> LoadOptions:
        """How it was loaded."""
        return LoadOptions(
            load_mode=LoadMode.NONE,
            tensor_split=self.split,
            tensor_overrides=self.overrides,
            context=self.context,
        )

    def write(self, folder: Path) -> Path:
        """Return the model's file, or its header alone."""
        if found := LOCAL.get(self.model):
            return found()
        return write_known(folder, self.model)


def _context(n_ctx: int, **more: Any) -> ContextOptions:
    return ContextOptions(**{"n_ctx": n_ctx, "n_outputs_max": ALL_ROWS, **more})


_GREW = "room to unpack a quantized cache has moved into the buffer since that build"
CASES: dict[str, Case] = {
    "ministral3-3b-cpu": Case(
        model="Ministral 3 3B", gpus=(),
        context=_context(
            4096, n_seq_max=2, kv_unified=False, n_batch=1024, n_ubatch=1024, n_outputs_max=2
        ),
    ),
    "llama31-8b-cuda-4seq-nofa": Case(
        model="Llama 3.1 8B", context=_context(2048, n_seq_max=4, flash_attention=OFF)
    ),
    "llama31-8b-ollama-deepseek-distill": Case(
        model="Llama 3.1 8B", context=_context(2048, n_seq_max=4, flash_attention=OFF)
    ),
    "llama32-3b-rocm": Case(model="Llama 3.2 3B", context=_context(4096), gpus=("ROCm0",)),
    "llama32-3b-metal": Case(model="Llama 3.2 3B", context=_context(4096), gpus=("MTL0",)),
    "llama32-3b-2gpu": Case(
        model="Llama 3.2 3B", context=_context(32768), gpus=("CUDA0", "CUDA1"), split=(15, 14),
        cause="the buffers of two cards were larger in that build",
    ),
    "llama32-3b-llamasharp": Case(
        model="Llama 3.2 3B", context=_context(2048)
    ),
    "gpt-oss-20b-rocm": Case(model="gpt-oss 20B", context=_context(8192), gpus=("ROCm0",)),
    "qwen3-0.6b-rocm": Case(
        model="Qwen 3 0.6B", context=_context(4096, flash_attention=OFF), gpus=("ROCm0",)
    ),
    "qwen25-7b-vulkan": Case(model="Qwen 2.5 7B", context=_context(16384), gpus=("Vulkan0",)),
    "gemma2-2b-rocm-2seq": Case(
        model="Gemma 2 2B", gpus=("ROCm0",), mix_is_known=False,
        context=_context(
            8192, n_seq_max=2, kv_unified=False, n_batch=512, n_ubatch=256, swa_full=True,
            flash_attention=OFF,
        ),
    ),
    "phi3-mini-cuda": Case(
        model="Phi 3 mini", context=_context(4096, n_batch=256, n_ubatch=256, flash_attention=OFF)
    ),
    "qwen35-9b-vulkan-4slots": Case(
        model="Qwen 3.5 9B", gpus=("Vulkan0",), mix_is_known=False,
        context=_context(2048, n_seq_max=4, kv_unified=False, n_ubatch=2048, n_outputs_max=4),
    ),
    "qwen36-27b-3090-q8kv": Case(
        model="Qwen 3.6 27B", context=_context(200192, kv_type=Q8), mix_is_known=False, cause=_GREW
    ),
    "qwen36-27b-lmstudio-metal": Case(
        model="Qwen 3.6 27B", context=_context(65536, n_seq_max=4), gpus=("MTL0",),
        mix_is_known=False,
    ),
    "mistral-small-22b-q8kv": Case(
        model="Mistral Small 22B", context=_context(49152, kv_type=Q8), mix_is_known=False
    ),
    "qwen3-1.7b-4080laptop": Case(
        model="Qwen 3 1.7B", context=_context(40960), mix_is_known=False
    ),
    "qwen25-05b-metal": Case(
        model="Qwen 2.5 0.5B", context=_context(512), gpus=("MTL0",), mix_is_known=False
    ),
    "smollm2-local": Case(model="SmolLM2", gpus=(), context=_context(4096)),
    "smollm2-local-8k-nofa": Case(
        model="SmolLM2", gpus=(), context=_context(8192, flash_attention=OFF)
    ),
    "smollm2-local-nout1": Case(model="SmolLM2", gpus=(), context=_context(4096, n_outputs_max=1)),
    "smollm2-local-q8kv": Case(model="SmolLM2", gpus=(), context=_context(4096, kv_type=Q8)),
    "gemma3-270m-local": Case(
        model="Gemma 3 270M", gpus=(), context=_context(4096, swa_full=True)
    ),
    "gemma3-270m-local-nout1": Case(
        model="Gemma 3 270M", gpus=(), context=_context(4096, swa_full=True, n_outputs_max=1)
    ),
    "qwen3-30ba3b-f16-readme": Case(
        # The output layer was in main memory too: the sizes of weights and buffer both say so.
        model="Qwen 3 30B-A3B F16", context=_context(4096), kept_experts=34,
        overrides=(
            (r"^output\.weight", "CPU"),
            (r"blk\.(1[4-9]|[234]\d)\.ffn_(up|down|gate)_exps", "CPU"),
        ),
    ),
}  # fmt: skip


def logged() -> dict[str, dict[str, Any]]:
    """Return all loads of the file; the test is skipped where it is not."""
    if not FILE.exists():
        pytest.skip("the loads of real machines lie beside the project, not here")
    return {case["id"]: case for case in json.loads(FILE.read_text("utf-8"))["vectors"]}


def parts(said: Mapping[str, Any], device: str) -> dict[str, float]:
    """Return the MiB that a log says of a device: weights, cache and compute, as far as told."""
    found: dict[str, float] = {}
    for name, sizes in said.items():
        if not isinstance(sizes, Mapping) or _device(name) != device:
            continue
        for key, size in sizes.items():
            if part := _PARTS.get(key):
                found[part] = found.get(part, 0.0) + size
    return found


_PARTS = {
    "model": "weights", "kv": "kv", "kv_full": "kv", "kv_swa": "kv", "rs": "kv", "context": "kv",
    "compute": "compute",
}  # fmt: skip


def _device(buffer: str) -> str:
    """Return whose memory a buffer type is."""
    name = buffer.removesuffix("_Mapped")
    is_host = name in {"Host", "CPU_REPACK"} or name.endswith("_Host")
    return "CPU" if is_host else name
