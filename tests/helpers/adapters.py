"""LoRA adapters made of chance."""

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

WIDTH, RANK, LAYERS = 576, 4, 30


def write_adapter(path: Path, seed: int, width: int = WIDTH, architecture: str = "llama") -> Path:
    """Write an adapter that changes SmolLM2 thoroughly."""
    chance = np.random.default_rng(seed)
    writer = GGUFWriter(str(path), architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8.0)
    for layer in range(LAYERS):
        for name, shape in (("a", (RANK, width)), ("b", (width, RANK))):
            values = chance.normal(0, 0.2, shape).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.attn_q.weight.lora_{name}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
