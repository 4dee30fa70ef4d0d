"""How a model is to be loaded: the choices that decide what memory it takes."""

from dataclasses import dataclass
from enum import StrEnum

ALL_GPU_LAYERS = -1
# Rows of logits for tokens that are guessed ahead, in all sequences together, unless the user
# chose otherwise.
GUESSED_TOKENS = 15


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

    MMAP = "mmap"  # mapped: pages come with use, and the system may drop them again
    NONE = "none"  # read
    MLOCK = "mlock"  # read, and never swapped out
    MMAP_MLOCK = "mmap_mlock"  # mapped, and never dropped
    DIRECT_IO = "direct_io"  # read past the page cache

    @property
    def is_mapped(self) -> bool:
        """Whether weights in main memory are pages of the file."""
        return self in (LoadMode.MMAP, LoadMode.MMAP_MLOCK)


class SplitMode(StrEnum):
    """How several GPUs share a model."""

    NONE = "none"  # `main_gpu` has it all
    LAYER = "layer"
    ROW = "row"
    TENSOR = "tensor"


class FlashAttention(StrEnum):
    """Whether attention is computed in one pass, without the matrix of all scores."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOptions:
    """What decides the context; changing it makes a new context on the loaded weights.

    Attributes:
        n_ctx: Context length of one sequence in tokens, at least 1; llama.cpp pads it to 256.
        kv_type: Storage type of keys, and of values unless `v_type` says otherwise.
        v_type: Storage type of values, None for that of the keys.
        n_batch: Most tokens of one decode call.
        n_ubatch: Most tokens of one micro-batch; decides the compute buffers.
        n_seq_max: Sequences kept side by side.
        n_outputs_max: Most rows of logits of one decode call.
        n_threads: Threads of generation, 0 for the physical cores.
        n_threads_batch: Threads of prompt reading, 0 for as many as of generation.
        flash_attention: Whether attention is computed in one pass.
        swa_full: Keep all of the context for sliding-window layers, not only the window.
        kv_unified: All sequences share one cache, so that a common beginning is held once.
        offload_kqv: Keep the cache, and compute attention, on the GPUs.
        op_offload: Let GPUs compute large batches with weights that stay in main memory.
    """

    n_ctx: int = 4096
    kv_type: CacheType = CacheType.F16
    v_type: CacheType | None = None
    n_batch: int = 2048
    n_ubatch: int = 512
    n_seq_max: int = 1
    n_outputs_max: int = 1
    n_threads: int = 0
    n_threads_batch: int = 0
    flash_attention: FlashAttention = FlashAttention.AUTO
    swa_full: bool = False
    kv_unified: bool = True
    offload_kqv: bool = True
    op_offload: bool = True

    @property
    def value_type(self) -> CacheType:
        """Storage type of the values."""
        return self.v_type or self.kv_type


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What decides placement, and the context.

    Memory is never bound to NUMA nodes: llama.cpp's own binding is process-wide and never called.

    Attributes:
        n_gpu_layers: Layers on the GPU, the output layer counted; -1 is all, 0 none.
        load_mode: How the weights come into memory.
        tensor_split: Layers of each GPU, in llama.cpp's order of them; () shares by free memory.
        split_mode: How several GPUs share the model.
        main_gpu: Which of the GPUs has it all where `split_mode` is none.
        devices: GPUs to use, by name and in this order; () for all, "CPU" alone for none.
        cpu_expert_layers: The experts of so many layers, from the first on, stay in main memory.
        tensor_overrides: Regular expressions of tensor names and the devices that get them,
            whatever else is said; the first that matches counts.
        check_tensors: Look for values that are no numbers while reading.
        mtp: Load the model's layers for the tokens after the next one, and guess with them.
        workers: Addresses ("host:port") of the RPC workers whose devices count as GPUs too.
        context: The context's own options.
    """

    n_gpu_layers: int = ALL_GPU_LAYERS
    load_mode: LoadMode = LoadMode.MMAP
    tensor_split: tuple[int, ...] = ()
    split_mode: SplitMode = SplitMode.LAYER
    main_gpu: int = 0
    devices: tuple[str, ...] = ()
    cpu_expert_layers: int = 0
    tensor_overrides: tuple[tuple[str, str], ...] = ()
    check_tensors: bool = False
    mtp: bool = False
    workers: tuple[str, ...] = ()
    context: ContextOptions = ContextOptions()
