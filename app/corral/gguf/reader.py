"""Reads the header of a GGUF file without building its vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from corral.foreign import safe_line
from corral.gguf.cursor import Cursor, open_cursor
from corral.gguf.errors import DamagedError, NotGgufError, UnsupportedError
from corral.gguf.header import ArrayValue, Header, Scalar, TensorInfo
from corral.gguf.types import TensorType, ValueType

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MAX_KEYS = 1 << 16
_MAX_TENSORS = 1 << 16
_MAX_DIMENSIONS = 4
# The format's own limit for keys; ggml's for tensor names.
_MAX_KEY_BYTES = 65_535
_MAX_NAME_BYTES = 63
_MAX_TEXT_BYTES = 1 << 24
_MAX_KEPT_ELEMENTS = 1024
# Metadata that is kept, in all.
_MAX_KEPT_BYTES = 1 << 26
_MAX_ELEMENTS = 1 << 63
_DEFAULT_ALIGNMENT = 32
_ALIGNMENT_KEY = "general.alignment"
_FORMS = {
    ValueType.UINT8: Struct("<B"),
    ValueType.INT8: Struct("<b"),
    ValueType.UINT16: Struct("<H"),
    ValueType.INT16: Struct("<h"),
    ValueType.UINT32: Struct("<I"),
    ValueType.INT32: Struct("<i"),
    ValueType.FLOAT32: Struct("<f"),
    ValueType.BOOL: Struct("<?"),
    ValueType.UINT64: Struct("<Q"),
    ValueType.INT64: Struct("<q"),
    ValueType.FLOAT64: Struct("<d"),
}
# What people take for a model file, by how it begins.
_OTHER_KINDS = (
    (b"PK", "It looks like a zip archive or a PyTorch checkpoint."),
    (b"<", "It looks like a web page: the download has failed."),
    (b"vers", "It looks like a Git LFS pointer: fetch the file itself with 'git lfs pull'."),
    (b"ggml", "It is an older GGML file: convert it or get a GGUF file."),
    (b"ggjt", "It is an older GGML file: convert it or get a GGUF file."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of the metadata and where it lies in the file.

    Attributes:
        key: The key.
        value: Its value.
        start: Byte where the entry begins.
        end: Byte behind the entry.
    """

    key: str
    value: Scalar | ArrayValue
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preamble:
    """The first 24 bytes.

    Attributes:
        version: Version of the format.
        tensor_count: How many tensors the file has.
        key_count: How many keys the metadata has.
    """

    version: int
    tensor_count: int
    key_count: int


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file.

    Args:
        path: The file, of version 2 or 3; one part of a split model will do.

    Returns:
        The header. Whether the tensors lie inside the file is `check_file`'s to say.

    Raises:
        GgufError: If the file is not a sound GGUF file; the subclasses tell the kinds apart.
        UserError: If there is no such file.
        ExternalError: If it cannot be read.
    """
    with open_cursor(path) as cursor:
        return read_header_at(cursor)


def read_header_at(cursor: Cursor) -> Header:
    """Read the header from an open file, as `read_header` does."""
    preamble = read_preamble(cursor)
    metadata: dict[str, Scalar | ArrayValue] = {}
    for entry in read_entries(cursor, preamble.key_count):
        if entry.key in metadata:
            raise _damaged(cursor, f"The key '{safe_line(entry.key, 80)}' is there twice.")
        metadata[entry.key] = entry.value
    alignment = _alignment(cursor, metadata.get(_ALIGNMENT_KEY, _DEFAULT_ALIGNMENT))
    tensors = _read_tensors(cursor, preamble.tensor_count)
    return Header(
        version=preamble.version,
        metadata=metadata,
        tensors=tensors,
        data_offset=-(-cursor.at // alignment) * alignment,
        alignment=alignment,
        file_bytes=cursor.size,
    )


def read_preamble(cursor: Cursor) -> Preamble:
    """Read the first 24 bytes and say so if this is not a GGUF file we can read."""
    magic = cursor.take(min(4, cursor.size))
    if magic != _MAGIC:
        raise _not_gguf(magic, cursor.size)
    version = cursor.u32()
    if version & 0xFFFF == 0 and version != 0:
        raise UnsupportedError(
            "This GGUF file is big-endian; this computer needs the little-endian one.",
            at=4,
            what="the version",
        )
    if version not in _VERSIONS:
        raise UnsupportedError(
            f"This is a GGUF file of version {version}; versions 2 and 3 can be read.",
            at=4,
            what="the version",
        )
    return Preamble(
        version=version,
        tensor_count=_count(cursor, "tensors", _MAX_TENSORS),
        key_count=_count(cursor, "keys", _MAX_KEYS),
    )


def _not_gguf(magic: bytes, size: int) -> NotGgufError:
    if not size:
        return NotGgufError("The file is empty.")
    text = magic.decode("latin-1")
    shown = "".join(c for c in text if c.isascii() and c.isprintable())
    start = f"'{shown}'" if shown else f"the bytes {magic.hex(' ')}"
    hint = next((hint for kind, hint in _OTHER_KINDS if magic.startswith(kind)), "")
    return NotGgufError(
        f"Not a GGUF file: it starts with {start}.", what="the first four bytes", hint=hint
    )


def _count(cursor: Cursor, what: str, limit: int) -> int:
    cursor.what = f"the number of {what}"
    count = cursor.u64()
    if count > limit:
        raise _damaged(cursor, f"The file claims {count:,} {what}; at most {limit:,} are read.")
    return count


def _damaged(cursor: Cursor, summary: str) -> DamagedError:
    return DamagedError(summary, at=cursor.at, what=cursor.what)


def read_entries(cursor: Cursor, count: int) -> Iterator[Entry]:
    """Yield the metadata's entries in the order of the file."""
    kept_bytes = 0
    for index in range(count):
        start = cursor.at
        cursor.what = f"key {index + 1} of {count}"
        key = cursor.string(_MAX_KEY_BYTES).decode(errors="replace")
        if not key:
            raise _damaged(cursor, f"Key {index + 1} of the metadata has no name.")
        cursor.what = f"the key '{safe_line(key, 80)}'"
        value = _read_value(cursor, _value_type(cursor))
        kept_bytes += _kept_bytes(key, value)
        if kept_bytes > _MAX_KEPT_BYTES:
            raise _damaged(cursor, f"The metadata is larger than {_MAX_KEPT_BYTES:,} bytes.")
        yield Entry(key=key, value=value, start=start, end=cursor.at)


def _kept_bytes(key: str, value: Scalar | ArrayValue) -> int:
    if isinstance(value, str):
        return len(key) + len(value)
    return len(key) + 32 * len((isinstance(value, ArrayValue) and value.values) or "1")


def _value_type(cursor: Cursor) -> ValueType:
    number = cursor.u32()
    try:
        return ValueType(number)
    except ValueError:
        raise UnsupportedError(
            f"The value of {cursor.what} has the unknown type {number}.",
            at=cursor.at,
            what=cursor.what,
        ) from None


def _read_value(cursor: Cursor, value_type: ValueType) -> Scalar | ArrayValue:
    if value_type is ValueType.ARRAY:
        return _read_array(cursor)
    if value_type is ValueType.STRING:
        return cursor.string(_MAX_TEXT_BYTES).decode(errors="replace")
    return cursor.number(_FORMS[value_type])


def _read_array(cursor: Cursor) -> ArrayValue:
    element_type, length = _value_type(cursor), cursor.u64()
    offset = cursor.at
    values = None
    if element_type is ValueType.ARRAY:
        raise UnsupportedError(
            f"{cursor.subject} holds arrays of arrays.", at=offset, what=cursor.what
        )
    if element_type is ValueType.STRING:
        cursor.skip_strings(length)
    elif length <= _MAX_KEPT_ELEMENTS:
        form = _FORMS[element_type]
        values = tuple(x for (x,) in form.iter_unpack(cursor.take(length * form.size)))
    else:
        cursor.skip(length * _FORMS[element_type].size)
    return ArrayValue(element_type=element_type, length=length, values=values, offset=offset)


def _alignment(cursor: Cursor, value: Scalar | ArrayValue) -> int:
    if type(value) is not int or value <= 0 or value.bit_count() != 1:
        raise _damaged(cursor, "The alignment of the file is not a power of two.")
    return value


def _read_tensors(cursor: Cursor, count: int) -> tuple[TensorInfo, ...]:
    tensors: dict[str, TensorInfo] = {}
    for index in range(count):
        cursor.what = f"tensor {index + 1} of {count}"
        name = cursor.string(_MAX_NAME_BYTES).decode(errors="replace")
        cursor.what = f"the tensor '{safe_line(name, 80)}'"
        if name in tensors:
            raise _damaged(cursor, f"There are two of {cursor.what}.")
        tensors[name] = _read_tensor(cursor, name)
    return tuple(tensors.values())


def _read_tensor(cursor: Cursor, name: str) -> TensorInfo:
    dimensions = cursor.u32()
    if dimensions > _MAX_DIMENSIONS:
        raise _damaged(cursor, f"{cursor.subject} has {dimensions:,} dimensions, not 1-4.")
    shape = tuple(cursor.u64() for _ in range(dimensions))
    tensor = TensorInfo(name=name, shape=shape, type=_tensor_type(cursor), offset=cursor.u64())
    if max(shape, default=0) >= _MAX_ELEMENTS or tensor.element_count >= _MAX_ELEMENTS:
        raise _damaged(cursor, f"{cursor.subject} has an impossible shape: {shape}.")
    row_length = shape[0] if shape else 1
    if row_length % tensor.type.block_size:
        raise _damaged(
            cursor,
            f"A row of {cursor.what} has {row_length:,} values, "
            f"not a multiple of {tensor.type.block_size} as {tensor.type.label} needs.",
        )
    return tensor


def _tensor_type(cursor: Cursor) -> TensorType:
    number = cursor.u32()
    try:
        return TensorType(number)
    except ValueError:
        raise UnsupportedError(
            f"{cursor.subject} has the type {number}, "
            "which this version of llama.cpp does not know.",
            at=cursor.at,
            what=cursor.what,
        ) from None
