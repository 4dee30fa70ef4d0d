"""Writes picture and sound files as strangers would send them."""

import struct
import zlib


def png_bytes(width: int, height: int, *, seed: int = 1, alpha: int | None = None) -> bytes:
    """Return a PNG file with a pattern; with an alpha value everywhere if one is given."""
    pixel_bytes = 3 if alpha is None else 4
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(((x * seed) % 256, (y * seed) % 256, (x + y) % 256))
            rows += b"" if alpha is None else bytes((alpha,))
    kind = 2 if pixel_bytes == 3 else 6
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return png_of(header, zlib.compress(bytes(rows)))


def png_of(header: bytes, data: bytes) -> bytes:
    """Return a PNG file of any header and any compressed data, sound or not."""
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def bmp_bytes(rows: list[list[tuple[int, int, int]]]) -> bytes:
    """Return a BMP file of RGB pixels, the top row first."""
    width, height = len(rows[0]), len(rows)
    lines = [b"".join(bytes(pixel[::-1]) for pixel in row) for row in reversed(rows)]
    data = b"".join(line.ljust(-(-len(line) // 4) * 4, b"\0") for line in lines)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(data), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + info + data


def exif_jpeg_head(orientation: int, order: str = "<") -> bytes:
    """Return the beginning of a JPEG file whose EXIF data tells how the camera was held."""
    mark = b"II" if order == "<" else b"MM"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = mark + struct.pack(order + "HIH", 42, 8, 1) + entry + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def wav_bytes(samples: list[int], rate: int = 16_000, channels: int = 1) -> bytes:
    """Return a WAV file of 16-bit samples."""
    data = struct.pack(f"<{len(samples)}h", *samples)
    fmt = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
