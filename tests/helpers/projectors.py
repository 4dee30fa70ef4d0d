"""Writes tiny projectors with random weights: llama.cpp loads them and sees nonsense with them."""

from collections.abc import Mapping
from pathlib import Path

from corral.gguf.types import TensorType
from helpers.gguf_files import Value, tiny_metadata, tiny_tensors, write_gguf

F32 = TensorType.F32
VISION_WIDTH = 32
PATCH = 8
Shapes = Mapping[str, list[int]]


def gemma3_projector(path: Path, width: int, **changes: Value) -> Path:
    """Write one whose images are four tokens that look at each other in both directions.

    Args:
        path: The file.
        width: Length of the text model's embeddings.
        changes: Other values, by key with "." written as "__".
    """
    shapes = _vision_tensors(patches=16) | {
        "mm.input_projection.weight": [width, VISION_WIDTH],
        "mm.soft_emb_norm.weight": [VISION_WIDTH],
    }
    metadata = _vision_metadata("gemma3", width, image_size=32)
    metadata["clip.vision.projector.scale_factor"] = 2
    metadata |= {key.replace("__", "."): value for key, value in changes.items()}
    return _write(path, metadata, shapes)


def qwen2vl_projector(path: Path, width: int) -> Path:
    """Write one whose images have as many tokens as their size asks, in rows and columns."""
    shapes = _vision_tensors(patches=0) | {
        "v.patch_embd.weight.1": [PATCH, PATCH, 3, VISION_WIDTH],
        "mm.0.weight": [VISION_WIDTH * 4, VISION_WIDTH * 4],
        "mm.0.bias": [VISION_WIDTH * 4],
        "mm.2.weight": [VISION_WIDTH * 4, width],
        "mm.2.bias": [width],
    }
    del shapes["v.patch_embd.bias"]
    return _write(path, _vision_metadata("qwen2vl_merger", width, image_size=64), shapes)


def ultravox_projector(path: Path, width: int) -> Path:
    """Write one that hears: 30 s of sound at 16,000 Hz become 25 tokens."""
    n_embd, stack = VISION_WIDTH, 60
    shapes = {
        "a.conv1d.1.weight": [3, 80, n_embd],
        "a.conv1d.1.bias": [1, n_embd],
        "a.conv1d.2.weight": [3, n_embd, n_embd],
        "a.conv1d.2.bias": [1, n_embd],
        "a.position_embd.weight": [n_embd, 1500],
        "a.post_ln.weight": [n_embd],
        "a.post_ln.bias": [n_embd],
        "mm.a.norm_pre.weight": [n_embd * stack],
        "mm.a.mlp.1.weight": [n_embd * stack, 64],
        "mm.a.norm_mid.weight": [32],
        "mm.a.mlp.2.weight": [32, width],
    } | _block("a")
    del shapes["a.blk.0.attn_k.bias"]
    metadata: dict[str, Value] = {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "general.name": "Tiny ears",
        "general.file_type": 0,
        "clip.has_audio_encoder": True,
        "clip.projector_type": "ultravox",
        "clip.audio.num_mel_bins": 80,
        "clip.audio.projector.stack_factor": stack,
        "clip.use_gelu": True,
    } | _encoder("audio", width)
    return _write(path, metadata, shapes)


def tiny_qwen2vl(path: Path) -> Path:
    """Write a text model that counts positions in three directions, for `qwen2vl_projector`."""
    metadata = {
        key.replace("llama.", "qwen2vl."): value
        for key, value in tiny_metadata(general__architecture="qwen2vl").items()
    }
    metadata["qwen2vl.rope.dimension_sections"] = [2, 3, 3, 0]
    tensors = dict(tiny_tensors())
    for index in range(2):
        for name, size in (("attn_q", 64), ("attn_k", 32), ("attn_v", 32)):
            tensors[f"blk.{index}.{name}.bias"] = ([size], F32)
    return write_gguf(path, metadata, tensors)


def _vision_metadata(kind: str, width: int, image_size: int) -> dict[str, Value]:
    return {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "general.name": "Tiny",
        "general.file_type": 0,
        "clip.has_vision_encoder": True,
        "clip.projector_type": kind,
        "clip.vision.image_size": image_size,
        "clip.vision.patch_size": PATCH,
        "clip.vision.image_mean": [0.5, 0.5, 0.5],
        "clip.vision.image_std": [0.5, 0.5, 0.5],
        "clip.use_gelu": True,
    } | _encoder("vision", width)


def _encoder(kind: str, width: int) -> dict[str, Value]:
    return {
        f"clip.{kind}.embedding_length": VISION_WIDTH,
        f"clip.{kind}.feed_forward_length": 64,
        f"clip.{kind}.block_count": 1,
        f"clip.{kind}.attention.head_count": 2,
        f"clip.{kind}.attention.layer_norm_epsilon": 1e-6,
        f"clip.{kind}.projection_dim": width,
    }


def _vision_tensors(patches: int) -> dict[str, list[int]]:
    shapes = {
        "v.patch_embd.weight": [PATCH, PATCH, 3, VISION_WIDTH],
        "v.patch_embd.bias": [VISION_WIDTH],
        "v.post_ln.weight": [VISION_WIDTH],
        "v.post_ln.bias": [VISION_WIDTH],
    }
    if patches:
        shapes["v.position_embd.weight"] = [VISION_WIDTH, patches]
    return shapes | _block("v")


def _block(prefix: str) -> dict[str, list[int]]:
    n_embd, n_ff = VISION_WIDTH, 64
    shapes: dict[str, list[int]] = {}
    for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
        shapes[f"{prefix}.blk.0.{part}.weight"] = [n_embd, n_embd]
        shapes[f"{prefix}.blk.0.{part}.bias"] = [n_embd]
    for part in ("ln1", "ln2"):
        shapes[f"{prefix}.blk.0.{part}.weight"] = [n_embd]
        shapes[f"{prefix}.blk.0.{part}.bias"] = [n_embd]
    shapes[f"{prefix}.blk.0.ffn_up.weight"] = [n_embd, n_ff]
    shapes[f"{prefix}.blk.0.ffn_up.bias"] = [n_ff]
    shapes[f"{prefix}.blk.0.ffn_down.weight"] = [n_ff, n_embd]
    shapes[f"{prefix}.blk.0.ffn_down.bias"] = [n_embd]
    return shapes


def _write(path: Path, metadata: Mapping[str, Value], shapes: Shapes) -> Path:
    return write_gguf(path, metadata, {name: (shape, F32) for name, shape in shapes.items()})
