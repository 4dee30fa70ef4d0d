"""Splits a GGUF file into several, as llama.cpp's ``llama-gguf-split`` does."""

import struct
from collections.abc import Iterator
from pathlib import Path

from corral.gguf.cursor import open_cursor
from corral.gguf.header import Header, TensorInfo
from corral.gguf.reader import read_entries, read_header, read_preamble
from corral.gguf.shards import ShardName
from corral.gguf.types import ValueType


def split_gguf(source: Path, folder: Path, count: int = 3, stem: str = "") -> list[Path]:
    """Write the shards of a file and return their paths, the first with all the metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    header = read_header(source)
    name = ShardName(prefix=stem or source.stem, number=1, count=count)
    entries = list(_entries(source))
    shards = []
    for index in range(count):
        own = [
            _number("split.no", ValueType.UINT16, "<H", index),
            _number("split.count", ValueType.UINT16, "<H", count),
            _number("split.tensors.count", ValueType.INT32, "<i", len(header.tensors)),
        ]
        tensors = header.tensors[
            len(header.tensors) * index // count : len(header.tensors) * (index + 1) // count
        ]
        path = folder / name.file_name(index + 1)
        # Only the first file says another alignment than the usual one.
        alignment = 32 if index else header.alignment
        all_entries = [*([] if index else entries), *own]
        _write(path, source, header, all_entries, tensors, alignment)
        shards.append(path)
    return shards


def _entries(source: Path) -> Iterator[bytes]:
    with open_cursor(source) as cursor:
        count = read_preamble(cursor).key_count
        spans = [(entry.start, entry.end) for entry in read_entries(cursor, count)]
    data = source.read_bytes()[: spans[-1][1]]
    yield from (data[start:end] for start, end in spans)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _number(key: str, value_type: ValueType, form: str, value: int) -> bytes:
    return _text(key) + struct.pack("<I", value_type) + struct.pack(form, value)


def _write(
    path: Path,
    source: Path,
    header: Header,
    entries: list[bytes],
    tensors: tuple[TensorInfo, ...],
    alignment: int,
) -> None:
    table, offset = [], 0
    for tensor in tensors:
        shape = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        table.append(_text(tensor.name) + shape + struct.pack("<IQ", tensor.type, offset))
        offset += -(-tensor.size_bytes // alignment) * alignment
    counts = struct.pack("<IQQ", 3, len(tensors), len(entries))
    head = b"GGUF" + counts + b"".join([*entries, *table])
    with source.open("rb") as weights, path.open("wb") as file:
        file.write(head.ljust(-(-len(head) // alignment) * alignment, b"\0"))
        for tensor in tensors:
            weights.seek(header.data_offset + tensor.offset)
            data = weights.read(tensor.size_bytes)
            file.write(data.ljust(-(-len(data) // alignment) * alignment, b"\0"))
