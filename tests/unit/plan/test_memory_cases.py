"""The KV cache of real machines, from public logs of llama.cpp, read in place.

Only cases whose model is known by its dimensions, and whose log names the cache.
"""

import json

import pytest

from corral.plan.kv import kv_bytes
from corral.plan.layers import model_memory
from corral.plan.options import CacheType, ContextOptions
from corral.plan.placement import place
from helpers.headers import make_header, make_machine
from helpers.vectors import FOLDER

CASES = FOLDER.parent / "data" / "memory_cases.json"
# Blocks, heads of keys and values, width of a head.
MODELS = {
    "llama31-8b-cuda-4seq-nofa": ("llama", 32, 8, 128),
    "llama32-3b-rocm": ("llama", 28, 8, 128),
    "llama32-3b-metal": ("llama", 28, 8, 128),
    "llama32-3b-llamasharp": ("llama", 28, 8, 128),
    "llama32-3b-2gpu": ("llama", 28, 8, 128),
    "qwen3-0.6b-rocm": ("qwen3", 28, 8, 128),
    "qwen25-7b-vulkan": ("qwen2", 28, 4, 128),
    "phi3-mini-cuda": ("phi3", 32, 32, 96),
    "mistral-small-22b-q8kv": ("llama", 56, 8, 128),
    "ministral3-3b-cpu": ("mistral3", 26, 8, 128),
    "smollm2-local": ("llama", 30, 3, 64),
    "smollm2-local-q8kv": ("llama", 30, 3, 64),
}

pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="the cases of real machines lie beside the project, not here"
)


@pytest.mark.parametrize("name", MODELS)
def test_the_cache_is_what_the_log_says(name: str) -> None:
    case = next(c for c in json.loads(CASES.read_text("utf-8"))["vectors"] if c["id"] == name)
    logged = sum(
        device.get("kv") or 0
        for device in case["expected_mib"].values()
        if isinstance(device, dict)
    )
    architecture, blocks, heads, width = MODELS[name]
    keys = {
        "block_count": blocks,
        "attention.head_count_kv": heads,
        "attention.key_length": width,
        "attention.value_length": width,
        "embedding_length": 4096,
        "attention.head_count": 32,
    }
    sequences = case["n_seq_max"] if case["kv_unified"] is not True else 1
    context = ContextOptions(
        n_ctx=case["ctx"] // sequences,  # llama.cpp counts the cells of all sequences
        n_seq_max=sequences,
        kv_type=CacheType(case["kv_type"].partition("/")[0]),
    )
    memory = model_memory(make_header(architecture, keys))
    found = sum(kv_bytes(memory, place(0, blocks, make_machine()), context).values())
    assert found / 1024**2 == pytest.approx(logged, abs=0.01)
