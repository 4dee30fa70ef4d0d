"""How a model is to be loaded: the choices that decide what memory it takes."""

from dataclasses import dataclass
from enum import StrEnum

ALL_GPU_LAYERS = -1


class CacheType(StrEnum):
    """Storage type of the keys and values in the KV cache."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"
    Q5_1 = "q5_1"
    Q5_0 = "q5_0"
    Q4_1 = "q4_1"
    Q4_0 = "q4_0"


class LoadMode(StrEnum):
    """How the weights come into memory."""

    MMAP = "mmap"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOptions:
    """What decides the context; changing it makes a new context on the loaded weights.

    Attributes:
        n_ctx: Context length of one sequence in tokens, at least 1; llama.cpp pads it to 256.
        kv_type: Storage type of keys and values.
        n_batch: Most tokens of one decode call.
        n_ubatch: Most tokens of one micro-batch; decides the compute buffers.
        n_seq_max: Sequences kept side by side.
        n_outputs_max: Most rows of logits of one decode call.
        n_threads: Threads of generation and prompt reading, 0 for the physical cores.
    """

    n_ctx: int = 4096
    kv_type: CacheType = CacheType.F16
    n_batch: int = 2048
    n_ubatch: int = 512
    n_seq_max: int = 1
    n_outputs_max: int = 1
    n_threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What decides placement, and the context.

    Attributes:
        n_gpu_layers: Layers on the GPU, the output layer counted; -1 is all, 0 none.
        load_mode: How the weights come into memory.
        tensor_split: Layers of each GPU, in llama.cpp's order of them; () shares by free memory.
        cpu_expert_layers: The experts of so many layers, from the first on, stay in main memory.
        context: The context's own options.
    """

    n_gpu_layers: int = ALL_GPU_LAYERS
    load_mode: LoadMode = LoadMode.MMAP
    tensor_split: tuple[int, ...] = ()
    cpu_expert_layers: int = 0
    context: ContextOptions = ContextOptions()
