"""Header-only projectors with the dimensions of real ones: sparse, no weights."""

from pathlib import Path

from corral.gguf.types import TensorType
from helpers.gguf_files import Value, write_sparse

F16, F32 = TensorType.F16, TensorType.F32
Tensors = dict[str, tuple[list[int], TensorType]]


def write_gemma3_eyes(path: Path, blocks: int = 27) -> Path:
    """Write the eyes of Gemma 3: SigLIP, whose images are 896 pixels square."""
    width, ffn, out, patch, image = 1152, 4304, 2560, 14, 896
    tensors = _encoder(width, ffn, blocks, patch) | {
        "v.patch_embd.bias": ([width], F32),
        "v.position_embd.weight": ([width, (image // patch) ** 2], F32),
        "mm.input_projection.weight": ([out, width], F16),
        "mm.soft_emb_norm.weight": ([width], F32),
    }
    keys = _keys("gemma3", width, ffn, blocks, patch, image, out)
    return write_sparse(path, keys | {"clip.vision.projector.scale_factor": 4}, tensors)


def write_qwen2_eyes(path: Path, blocks: int = 32) -> Path:
    """Write the eyes of Qwen 2 VL, which look at pictures of any size."""
    width, ffn, out, patch, image = 1280, 5120, 3584, 14, 560
    tensors = _encoder(width, ffn, blocks, patch) | {
        "v.patch_embd.weight.1": ([patch, patch, 3, width], F16),
        "mm.0.weight": ([width * 4, width * 4], F16),
        "mm.0.bias": ([width * 4], F32),
        "mm.2.weight": ([width * 4, out], F16),
        "mm.2.bias": ([out], F32),
    }
    return write_sparse(
        path, _keys("qwen2vl_merger", width, ffn, blocks, patch, image, out), tensors
    )


def _encoder(width: int, ffn: int, blocks: int, patch: int) -> Tensors:
    tensors: Tensors = {
        "v.patch_embd.weight": ([patch, patch, 3, width], F16),
        "v.post_ln.weight": ([width], F32),
        "v.post_ln.bias": ([width], F32),
    }
    matrices = {
        **{key: [width, width] for key in ("attn_q", "attn_k", "attn_v", "attn_out")},
        "ffn_up": [width, ffn],
        "ffn_down": [ffn, width],
    }
    for i in range(blocks):
        for name, shape in matrices.items():
            tensors[f"v.blk.{i}.{name}.weight"] = (shape, F16)
            tensors[f"v.blk.{i}.{name}.bias"] = (shape[1:], F32)
        for name in ("ln1", "ln2"):
            tensors[f"v.blk.{i}.{name}.weight"] = ([width], F32)
            tensors[f"v.blk.{i}.{name}.bias"] = ([width], F32)
    return tensors


def _keys(
    kind: str, width: int, ffn: int, blocks: int, patch: int, image: int, out: int
) -> dict[str, Value]:
    return {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "general.name": "Eyes",
        "general.file_type": 1,
        "clip.has_vision_encoder": True,
        "clip.projector_type": kind,
        "clip.use_gelu": True,
        "clip.vision.image_size": image,
        "clip.vision.patch_size": patch,
        "clip.vision.image_mean": [0.5, 0.5, 0.5],
        "clip.vision.image_std": [0.5, 0.5, 0.5],
        "clip.vision.embedding_length": width,
        "clip.vision.feed_forward_length": ffn,
        "clip.vision.block_count": blocks,
        "clip.vision.attention.head_count": 16,
        "clip.vision.attention.layer_norm_epsilon": 1e-6,
        "clip.vision.projection_dim": out,
    }
