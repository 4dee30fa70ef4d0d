"""Picture files to pixels, by the decoder inside llama.cpp. For child processes only.

The decoder reads what strangers made, so this never runs where the models are.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from corral.errors import UserError
from corral.llama.exif import orientation_of

MOST_PIXELS = 64_000_000
CHANNELS = 4
HAVE_ALPHA = (2, 4)
WHITE = 255

# What is often meant to be shown and cannot be decoded: name, place in the file, what stands there.
_OTHER_KINDS = (
    ("WebP", 8, b"WEBP"),
    ("HEIC", 4, b"ftyphei"),
    ("HEIC", 4, b"ftypmif1"),
    ("AVIF", 4, b"ftypavif"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("PDF", 0, b"%PDF"),
    ("SVG", 0, b"<svg"),
    ("SVG", 0, b"<?xml"),
)
_TURNS: dict[int, Callable[[Any], Any]] = {
    2: lambda rows: rows[:, ::-1],
    3: lambda rows: rows[::-1, ::-1],
    4: lambda rows: rows[::-1],
    5: lambda rows: rows.swapaxes(0, 1),
    6: lambda rows: rows.swapaxes(0, 1)[:, ::-1],
    7: lambda rows: rows.swapaxes(0, 1)[::-1, ::-1],
    8: lambda rows: rows.swapaxes(0, 1)[::-1],
}


def decode_picture(data: bytes, longest_side: int) -> tuple[int, int, bytes]:
    """Return width, height and RGB of a PNG, JPEG, GIF or BMP file, the right way up.

    What is transparent becomes white. Of an animation the first picture counts.

    Args:
        data: The file.
        longest_side: A picture with a longer side is made smaller.

    Raises:
        UserError: If it is none of these, damaged, or has too many pixels.
    """
    import numpy as np  # lazy: only the child that decodes pays for it

    stb = _decoder()
    width, height, channels = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    sizes = [ctypes.byref(each) for each in (width, height, channels)]
    if not stb.stbi_info_from_memory(data, len(data), *sizes):
        raise _refusal(stb, data)
    if width.value * height.value > MOST_PIXELS:
        raise UserError(
            f"The picture has {width.value:,} x {height.value:,} = "
            f"{width.value * height.value:,} pixels; at most {MOST_PIXELS:,} are taken.",
            hint="Make it smaller.",
        )
    pixels = stb.stbi_load_from_memory(data, len(data), *sizes, CHANNELS)
    if not pixels:
        raise _refusal(stb, data)
    try:
        shape = (height.value, width.value, CHANNELS)
        rows = np.ctypeslib.as_array(ctypes.cast(pixels, ctypes.POINTER(ctypes.c_uint8)), shape)
        rows = _smaller(np, rows, longest_side)
        rgb = _on_white(np, rows) if channels.value in HAVE_ALPHA else rows[..., :3]
        turned = _TURNS.get(orientation_of(data), lambda same: same)(rgb)
        return turned.shape[1], turned.shape[0], turned.tobytes()
    finally:
        stb.stbi_image_free(pixels)


def _decoder() -> Any:
    """Return llama.cpp's library for pictures with the decoder's functions typed."""
    from llama_cpp import mtmd_cpp  # lazy: only the child that decodes pays for it

    library = mtmd_cpp._libmtmd  # noqa: SLF001 (the only handle to it)
    int_pointer = ctypes.POINTER(ctypes.c_int)
    memory = [ctypes.c_char_p, ctypes.c_int, int_pointer, int_pointer, int_pointer]
    library.stbi_info_from_memory.argtypes = memory
    library.stbi_load_from_memory.argtypes = [*memory, ctypes.c_int]
    library.stbi_load_from_memory.restype = ctypes.c_void_p
    library.stbi_image_free.argtypes = [ctypes.c_void_p]
    library.stbi_failure_reason.restype = ctypes.c_char_p
    return library


def _refusal(stb: Any, data: bytes) -> UserError:
    head = data[:64].lstrip()
    for kind, start, mark in _OTHER_KINDS:
        if head[start:].startswith(mark):
            return UserError(
                f"This is a {kind} file, which Corral cannot decode.",
                hint="Save it as PNG or JPEG.",
            )
    reason = (stb.stbi_failure_reason() or b"").decode("utf-8", "replace")
    return UserError(
        f"This is no picture that can be decoded ({len(data):,} bytes): {reason or 'no reason'}.",
        hint="PNG, JPEG, GIF and BMP can be; the file may be damaged.",
    )


def _smaller(np: Any, rows: Any, longest_side: int) -> Any:
    """Return fewer pixels if sides are too long, each the mean of a square of them."""
    height, width = rows.shape[:2]
    factor = -(-max(width, height) // longest_side)
    if factor == 1:
        return rows
    height, width = max(1, height // factor), max(1, width // factor)
    cut = rows[: height * factor, : width * factor]
    squares = cut.reshape(
        height, min(factor, cut.shape[0]), width, min(factor, cut.shape[1]), CHANNELS
    )
    return squares.mean(axis=(1, 3), dtype=np.float32).round().astype(np.uint8)


def _on_white(np: Any, rows: Any) -> Any:
    alpha = rows[..., 3:].astype(np.uint16)
    mixed = rows[..., :3] * alpha + WHITE * (WHITE - alpha)
    return ((mixed + WHITE // 2) // WHITE).astype(np.uint8)
