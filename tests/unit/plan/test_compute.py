"""Compute buffers against llama.cpp's dry run, on the CPU and on virtual CUDA devices."""

import pytest

from corral.plan.compute import compute_bytes
from corral.plan.layers import model_memory
from corral.plan.options import CacheType, ContextOptions
from corral.plan.placement import place
from helpers.headers import Key, make_header, make_machine


def dimensions(
    embedding: int, ffn: int, heads: int, kv_heads: int, head: int, **more: int
) -> dict[str, Key]:
    return {
        "block_count": 24,
        "embedding_length": embedding,
        "feed_forward_length": ffn,
        "attention.head_count": heads,
        "attention.head_count_kv": kv_heads,
        "attention.key_length": head,
        "attention.value_length": head,
        "vocab_size": 128256,
        **{key.replace("__", "."): value for key, value in more.items()},
    }


MODELS = {
    "Llama 3.1 8B": ("llama", dimensions(4096, 14336, 32, 8, 128)),
    "Qwen 2.5 7B": ("qwen2", dimensions(3584, 18944, 28, 4, 128)),
    "Gemma 3 4B": ("gemma3", dimensions(2560, 10240, 8, 4, 256, attention__sliding_window=1024)),
    "Qwen 3 30B-A3B": (
        "qwen3moe",
        dimensions(2048, 768, 32, 4, 128, expert_count=128, expert_used_count=8),
    ),
    "Mixtral 8x7B": (
        "llama",
        dimensions(4096, 14336, 32, 8, 128, expert_count=8, expert_used_count=2),
    ),
    "gpt-oss 20B": (
        "gpt-oss",
        dimensions(
            2880, 2880, 64, 8, 64,
            attention__sliding_window=128, expert_count=32, expert_used_count=4,
        ),
    ),
}  # fmt: skip

# CPU at 512 and 32,768 tokens; one GPU at 4,096 and, with a q8_0 cache, 32,768; the second of two
# GPUs at 4,096. Micro-batches of 512, one row of logits.
MEASURED = {
    "Llama 3.1 8B": (122171424, 155201568, 117450880, 201418880, 197173760),
    "Qwen 2.5 7B": (146288672, 179318816, 142616704, 172058752, 213950976),
    "Gemma 3 4B": (83906592, 117985312, 83380352, 188795008, 142680576),
    "Qwen 3 30B-A3B": (92811296, 125841440, 92285056, 125921408, 138453504),
    "Mixtral 8x7B": (210251808, 243281952, 205531264, 234973312, 285254144),
    "gpt-oss 20B": (97931296, 131223584, 95963264, 130107520, 158147072),
}
SETTINGS = (
    ((), ContextOptions(n_ctx=512), "CPU"),
    ((), ContextOptions(n_ctx=32768), "CPU"),
    ((80,), ContextOptions(n_ctx=4096), "CUDA0"),
    ((80,), ContextOptions(n_ctx=32768, kv_type=CacheType.Q8_0), "CUDA0"),
    ((80, 80), ContextOptions(n_ctx=4096), "CUDA1"),
)


def compute(
    name: str, gpus: tuple[int, ...], context: ContextOptions, layers: int = -1
) -> dict[str, int]:
    architecture, keys = MODELS[name]
    header, machine = make_header(architecture, keys), make_machine(64, *gpus)
    placement = place(layers, 24, machine)
    return compute_bytes(header, model_memory(header), placement, context, machine)


@pytest.mark.parametrize("name", MODELS)
def test_compute_buffers_are_within_a_tenth(name: str) -> None:
    for (gpus, context, device), measured in zip(SETTINGS, MEASURED[name], strict=True):
        assert compute(name, gpus, context)[device] == pytest.approx(measured, rel=0.10)


def test_all_rows_of_logits_cost_a_stage_of_their_own() -> None:
    one = compute("Llama 3.1 8B", (), ContextOptions(n_ctx=4096))["CPU"]
    context = ContextOptions(n_ctx=4096, n_outputs_max=512)
    every = compute("Llama 3.1 8B", (), context)["CPU"]
    assert every > one + 128 * 1024**2


def test_a_gpu_that_copies_weights_for_each_batch_needs_room_for_them() -> None:
    context = ContextOptions(n_ctx=32768)
    whole = compute("Llama 3.1 8B", (80,), context)["CUDA0"]
    partly = compute("Llama 3.1 8B", (80,), context, layers=10)["CUDA0"]
    assert partly > whole
