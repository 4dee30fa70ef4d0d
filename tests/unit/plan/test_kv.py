"""KV cache and recurrent state against llama.cpp's dry run, for every architecture it knows.

`cache_sizes.jsonl` holds what the dry run of llama-cpp-python 0.3.36 said for a tiny model of each
architecture; their dimensions follow llama.cpp's own test-llama-archs (MIT).
"""

import json
from pathlib import Path

import pytest

from corral.plan.architectures import ARCHITECTURES, PLAIN
from corral.plan.kv import kv_bytes
from corral.plan.layers import model_memory
from corral.plan.options import CacheType, ContextOptions
from corral.plan.placement import place
from helpers.headers import Key, make_header, make_machine

CONTEXTS = (
    ContextOptions(n_ctx=2048),
    ContextOptions(n_ctx=4096, n_seq_max=2),
    ContextOptions(n_ctx=1000, n_seq_max=3, n_ubatch=128),
    ContextOptions(n_ctx=4096, kv_type=CacheType.Q8_0),
    ContextOptions(n_ctx=100),
)
_LINES = (Path(__file__).with_name("cache_sizes.jsonl")).read_text("utf-8").splitlines()
SHARED: dict[str, Key] = json.loads(_LINES[0])["shared"]
CASES = [json.loads(line) for line in _LINES[1:]]


def cache_bytes(architecture: str, keys: dict[str, Key], context: ContextOptions) -> int:
    memory = model_memory(make_header(architecture, keys))
    placement = place(0, len(memory.layers), make_machine())
    return sum(kv_bytes(memory, placement, context).values())


def test_every_architecture_keeps_what_llama_cpp_says() -> None:
    wrong = []
    for case in CASES:
        keys = {k: v for k, v in {**SHARED, **case["keys"]}.items() if v is not None}
        for context, expected in zip(CONTEXTS, case["bytes"], strict=True):
            if expected is None:  # llama.cpp refuses this context for this model
                continue
            found = cache_bytes(case["architecture"], keys, context)
            if found != expected:
                wrong.append((case["architecture"], context, expected, found))
    assert wrong == []


def test_the_cases_cover_the_table() -> None:
    covered = {case["architecture"] for case in CASES}
    # llama.cpp makes no context for the fixtures of these two.
    assert set(ARCHITECTURES) | PLAIN == covered | {"plm", "rwkv6qwen2", "graniteswitch"}


def test_an_unknown_architecture_is_taken_for_a_plain_one_and_says_so() -> None:
    memory = model_memory(make_header("llamama", {**SHARED}))
    assert not memory.is_known
    assert memory.layers == model_memory(make_header("llama", {**SHARED})).layers


def test_a_window_keeps_its_tokens_and_room_for_one_micro_batch() -> None:
    keys = {**SHARED, "block_count": 6, "attention.sliding_window": 512}
    keys.pop("attention.sliding_window_pattern")
    cell = 2 * 2 * 2 * 64  # two of keys and values, two heads, two bytes, 64 wide
    full, window = 8192, 1024
    found = cache_bytes("gemma3", keys, ContextOptions(n_ctx=8192))
    assert found == cell * (5 * window + full)


@pytest.mark.parametrize("block_count", [0, -1, 10**12])
def test_a_senseless_number_of_blocks_costs_no_memory(block_count: int) -> None:
    memory = model_memory(make_header("llama", {**SHARED, "block_count": block_count}))
    assert len(memory.layers) <= 512


@pytest.mark.parametrize("device", ["CUDA", "Vulkan"])
def test_only_cuda_pads_quantized_rows(device: str) -> None:
    memory = model_memory(make_header("llama", {**SHARED}))
    machine = make_machine(64, 24, gpu_name=device)
    context = ContextOptions(n_ctx=256, kv_type=CacheType.Q8_0)
    on_gpu = sum(kv_bytes(memory, place(-1, 2, machine), context).values())
    on_cpu = sum(kv_bytes(memory, place(0, 2, machine), context).values())
    # A row of 128 lacks 384 elements, 12 blocks of 34 bytes, padded to 512 with the alignment.
    assert on_gpu - on_cpu == (4 * 512 if device == "CUDA" else 0)
