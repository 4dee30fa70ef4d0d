"""Sound files to samples, by the decoder inside llama.cpp. For child processes only.

The decoder is reached through an `mtmd_context` that hears, and nobody wants to load the ears of a
real model for it: a file of some kilobytes with ears that hear nothing does.
"""

import ctypes
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corral.errors import ExternalError, UserError

LONGEST_S = 1800
# What ears of this kind hear; the decoder turns everything into it.
DECODED_RATE = 16_000
_KIND = "ultravox"


def decode_sound(data: bytes, rate: int) -> bytes:
    """Return the samples of a WAV, MP3 or FLAC file: 32-bit floats of one channel.

    Args:
        data: The file; its first bytes must be those of such a file.
        rate: Samples per second that are wanted.

    Raises:
        UserError: If it is damaged or too long.
    """
    import numpy as np  # lazy: only the child that decodes pays for it

    samples = _decoded(np, data)
    seconds = len(samples) / DECODED_RATE
    if seconds > LONGEST_S:
        raise UserError(
            f"The sound has {seconds:,.0f} seconds; at most {LONGEST_S:,} are taken.",
            hint="Cut it into parts.",
        )
    if rate != DECODED_RATE:
        count = max(1, round(len(samples) * rate / DECODED_RATE))
        places = np.arange(count) * (DECODED_RATE / rate)
        samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
    return bytes(samples.tobytes())


def _decoded(np: Any, data: bytes) -> Any:
    from llama_cpp import mtmd_cpp  # lazy: only the child that decodes pays for it

    mtmd: Any = mtmd_cpp
    with TemporaryDirectory(prefix="ears-") as folder:
        ears = _open_ears(mtmd, Path(folder) / "ears.gguf")
    try:
        pointer = ctypes.cast(ctypes.c_char_p(data), ctypes.POINTER(ctypes.c_uint8))
        bitmap = mtmd.mtmd_helper_bitmap_init_from_buf(ears, pointer, len(data), False)  # noqa: FBT003 (C call)
        if not bitmap:
            raise _refusal(data)
        try:
            count = mtmd.mtmd_bitmap_get_n_bytes(bitmap) // 4
            if not count or not mtmd.mtmd_bitmap_is_audio(bitmap):
                raise _refusal(data)
            found = ctypes.cast(mtmd.mtmd_bitmap_get_data(bitmap), ctypes.POINTER(ctypes.c_float))
            return np.ctypeslib.as_array(found, (count,)).copy()
        finally:
            mtmd.mtmd_bitmap_free(bitmap)
    finally:
        mtmd.mtmd_free(ears)


def _refusal(data: bytes) -> UserError:
    return UserError(
        f"This is no sound that can be decoded ({len(data):,} bytes).",
        hint="WAV, MP3 and FLAC can be; the file may be damaged.",
    )


def _open_ears(mtmd: Any, path: Path) -> int:
    _write_ears(path)
    params = mtmd.mtmd_context_params_default()
    params.use_gpu = params.warmup = False
    found = mtmd.mtmd_init_from_file(os.fsencode(path), None, params)
    if not found:
        raise ExternalError("llama.cpp's decoder of sounds cannot be reached.")
    return int(found)


def _write_ears(path: Path) -> None:
    """Write a projector of the smallest size that llama.cpp opens; all weights are zero."""
    import numpy as np  # lazy: as above
    from gguf import GGUFWriter  # lazy: so too

    writer = GGUFWriter(path, "clip")
    writer.add_bool("clip.has_audio_encoder", True)  # noqa: FBT003 (the key's value)
    writer.add_string("clip.projector_type", _KIND)
    numbers = {
        "embedding_length": 4,
        "feed_forward_length": 4,
        "block_count": 1,
        "projection_dim": 4,
        "attention.head_count": 1,
        "num_mel_bins": 80,
        "projector.stack_factor": 1,
    }
    for key, number in numbers.items():
        writer.add_uint32(f"clip.audio.{key}", number)
    writer.add_float32("clip.audio.attention.layer_norm_epsilon", 1e-5)
    matrices = (
        [f"a.blk.0.{part}.weight" for part in ("attn_q", "attn_k", "attn_v", "attn_out")]
        + [f"a.blk.0.{part}.weight" for part in ("ffn_up", "ffn_down")]
        + ["a.position_embd.weight", "mm.a.mlp.1.weight", "mm.a.mlp.2.weight"]
    )
    rows = (
        [f"a.blk.0.{part}.{kind}" for part in ("ln1", "ln2") for kind in ("weight", "bias")]
        + ["a.conv1d.1.bias", "a.conv1d.2.bias"]
        + ["mm.a.norm_pre.weight", "mm.a.norm_mid.weight"]
    )
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(matrices, (4, 4))
    shapes |= dict.fromkeys(rows, (4,))
    shapes |= {"a.conv1d.1.weight": (4, 80, 3), "a.conv1d.2.weight": (4, 4, 3)}
    for name, shape in shapes.items():
        writer.add_tensor(name, np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
