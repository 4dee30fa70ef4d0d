"""Header-only copies of model files, for dry runs.

llama.cpp's dry run needs the header and the size of the file, not the weights, and spends most of
its time on the vocabulary. A copy without both is some kilobytes on disk and gives the same
numbers.
"""

import os
import struct
from pathlib import Path

from corral.errors import ExternalError
from corral.foreign import safe_line
from corral.gguf.check import check_tensors
from corral.gguf.cursor import Cursor, open_cursor
from corral.gguf.errors import DamagedError
from corral.gguf.header import Header, TensorInfo
from corral.gguf.reader import read_entries, read_header_at, read_preamble
from corral.gguf.shards import SPLIT_KEYS, join_headers, shard_paths
from corral.gguf.types import ValueType

_TOKENIZER = "tokenizer."
# It decides the shape of a tensor (the token types of BERT).
_NEEDED = "tokenizer.ggml.token_type_count"
_TOKENIZER_MODEL = "tokenizer.ggml.model"
# llama.cpp's name for "so many tokens, of which nothing is known".
_NO_VOCABULARY = "no_vocab"


def write_stripped(source: Path, target: Path) -> None:
    """Write a copy of a model file without vocabulary and weights, as large as its tensors say.

    The copy is sparse: where the file system knows holes, the weights take no room.

    Args:
        source: A model file; of a split model the first, and the copy is of all in one.
        target: The copy; its folder is created, an older copy replaced at once.

    Raises:
        GgufError: If the source is not a sound GGUF file.
        UserError: If there is no such file.
        ExternalError: If it cannot be read, or the copy not be written.
    """
    header = _whole_header(source)
    with open_cursor(source) as cursor:
        head = _stripped_head(cursor, header)
    data_offset = -(-len(head) // header.alignment) * header.alignment
    data_bytes = header.tensors[-1].offset + header.tensors[-1].size_bytes
    try:
        write_hole(target, head, data_offset + data_bytes)
    except OSError as error:
        raise ExternalError(
            f"The header copy '{target}' could not be written: {error.strerror}."
        ) from error


def _whole_header(source: Path) -> Header:
    shards = shard_paths(source)
    headers = []
    for path in shards or (source,):
        with open_cursor(path) as cursor:
            headers.append(read_header_at(cursor))
        if not shards or headers[-1].tensors:
            check_tensors(headers[-1])
        if headers[0].split_count == 1:
            return headers[0]
    return join_headers(headers)


def _stripped_head(cursor: Cursor, header: Header) -> bytes:
    preamble = read_preamble(cursor)
    vocab_size_key = f"{header.architecture}.vocab_size"
    spans = [
        (entry.start, entry.end)
        for entry in read_entries(cursor, preamble.key_count)
        if entry.key == _NEEDED or not _is_dropped(entry.key, vocab_size_key)
    ]
    pieces = [_copy(cursor, start, end) for start, end in spans]
    pieces.append(text_entry(_TOKENIZER_MODEL, _NO_VOCABULARY))
    pieces.append(u32_entry(vocab_size_key, header.vocab_size))
    counts = struct.pack("<IQQ", header.version, len(header.tensors), len(pieces))
    return b"".join([b"GGUF", counts, *pieces, *map(tensor_line, header.tensors)])


def tensor_line(tensor: TensorInfo) -> bytes:
    """Return the line of a tensor in the table of tensors."""
    shape = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
    return _text(tensor.name) + shape + struct.pack("<IQ", tensor.type, tensor.offset)


def _is_dropped(key: str, vocab_size_key: str) -> bool:
    return key.startswith((_TOKENIZER, SPLIT_KEYS)) or key == vocab_size_key


def _copy(cursor: Cursor, start: int, end: int) -> bytes:
    cursor.seek(start)
    return cursor.take(end - start)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def text_entry(key: str, text: str) -> bytes:
    """Return a key with a text."""
    return _text(key) + struct.pack("<I", ValueType.STRING) + _text(text)


def u32_entry(key: str, number: int) -> bytes:
    """Return a key with a number.

    Raises:
        DamagedError: If it is too large.
    """
    if not 0 <= number < 1 << 32:
        raise DamagedError(f"'{safe_line(key, 80)}' is {number:,}.")
    return _text(key) + struct.pack("<II", ValueType.UINT32, number)


def write_hole(target: Path, head: bytes, size: int) -> None:
    """Write a file that begins with `head`, the rest of its `size` bytes a hole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    with partial.open("wb") as file:
        file.write(head)
        file.truncate(size)
    partial.replace(target)
