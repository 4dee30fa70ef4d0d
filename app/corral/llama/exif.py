"""Which way up a camera was held: the one thing of a JPEG's EXIF data that changes the picture."""

import struct

ORIENTATION = 0x0112
_SOI, _APP1, _SOS = b"\xff\xd8", 0xE1, 0xDA
_ENTRY_BYTES = 12


def orientation_of(data: bytes) -> int:
    """Return the orientation, 1 to 8; 1 for files that do not tell or are damaged there."""
    try:
        tiff = _tiff(data)
        found = _entry(tiff) if tiff else 1
    except (struct.error, IndexError):
        return 1
    return found if 1 <= found <= 8 else 1


def _tiff(data: bytes) -> bytes:
    """Return the EXIF block of a JPEG file, empty when there is none."""
    position = 2
    while data.startswith(_SOI) and position + 4 <= len(data) and data[position] == 0xFF:
        kind = data[position + 1]
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if kind == _APP1 and body.startswith(b"Exif\0\0"):
            return body[6:]
        if kind == _SOS or length < 2:
            break
        position += 2 + length
    return b""


def _entry(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    if not order:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for index in range(count):
        tag, _type, _count, value = struct.unpack_from(
            order + "HHIH", tiff, start + 2 + index * _ENTRY_BYTES
        )
        if tag == ORIENTATION:
            return int(value)
    return 1
