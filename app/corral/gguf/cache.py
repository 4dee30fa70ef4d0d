"""Headers kept as JSON, so that a file's vocabulary is walked once and not at every start."""

import json
import logging
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.gguf.header import ArrayValue, Header, Scalar, TensorInfo
from corral.gguf.reader import read_header
from corral.gguf.shards import join_headers, shard_paths
from corral.gguf.types import TensorType, ValueType
from corral.settings import write_atomically

logger = logging.getLogger(__name__)
_SCHEMA = 1


class HeaderCache:
    """Headers by the identity of their files.

    Thread: any.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: Path) -> Header:
        """Return the header of a file, from the cache if the file is still the same.

        The same is: device, inode, size and time of change to the nanosecond.

        Raises:
            GgufError: If the file is not a sound GGUF file.
            UserError: If there is no such file.
            ExternalError: If it cannot be read.
        """
        identity = _identity(path)
        entry = self._folder / f"{identity[0]:x}-{identity[1]:x}.json"
        header = _load(entry, identity)
        if header is None:
            header = read_header(path)
            self._store(entry, identity, header)
        return header

    def read_model(self, path: Path) -> Header:
        """Return the header of a model, of all its files when it is split over several.

        Args:
            path: The file, or the first of them.

        Raises:
            GgufError: If one is not sound or they do not belong together.
            UserError: If one is not there.
            ExternalError: If one cannot be read.
        """
        first, shards = self.read(path), shard_paths(path)
        if first.split_count == 1 or not shards:
            return first
        return join_headers([first, *map(self.read, shards[1:])])

    def _store(self, entry: Path, identity: list[int], header: Header) -> None:
        record = {"schema": _SCHEMA, "file": identity, "header": header_to_json(header)}
        try:
            write_atomically(entry, json.dumps(record, separators=(",", ":")))
        except ExternalError as error:  # a full disk costs time at the next start, no more
            logger.warning("A model's header could not be kept: %s", error)


def _identity(path: Path) -> list[int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'.") from None
    except OSError as error:
        raise ExternalError(f"'{path}' cannot be read: {error.strerror}.") from error
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]


def _load(entry: Path, identity: list[int]) -> Header | None:
    """Return the header of an entry; None if there is none, or another file's, or a broken one."""
    try:
        record = json.loads(entry.read_bytes())
        if record["schema"] != _SCHEMA or record["file"] != identity:
            return None
        return header_from_json(record["header"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def header_to_json(header: Header) -> dict[str, object]:
    """Return a header as plain JSON values."""
    return {
        "version": header.version,
        "metadata": {key: _value_to_json(value) for key, value in header.metadata.items()},
        "tensors": [[t.name, t.shape, t.type, t.offset] for t in header.tensors],
        "data_offset": header.data_offset,
        "alignment": header.alignment,
        "file_bytes": header.file_bytes,
    }


def _value_to_json(value: Scalar | ArrayValue) -> object:
    if isinstance(value, ArrayValue):
        return [value.element_type, value.length, value.values, value.offset]
    return value


def header_from_json(record: dict[str, object]) -> Header:
    """Return the header that `header_to_json` has written.

    Raises:
        ValueError: Or TypeError, KeyError or AttributeError, if it is something else.
    """
    metadata, tensors = record["metadata"], record["tensors"]
    if not isinstance(metadata, dict) or not isinstance(tensors, list):
        raise TypeError
    return Header(
        version=_whole(record["version"]),
        metadata={key: _value_from_json(value) for key, value in metadata.items()},
        tensors=tuple(
            TensorInfo(
                name=str(name),
                shape=tuple(map(_whole, shape)),
                type=TensorType(kind),
                offset=_whole(offset),
            )
            for name, shape, kind, offset in tensors
        ),
        data_offset=_whole(record["data_offset"]),
        alignment=_whole(record["alignment"]),
        file_bytes=_whole(record["file_bytes"]),
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _value_from_json(value: object) -> Scalar | ArrayValue:
    if isinstance(value, str | int | float | bool):
        return value
    if not isinstance(value, list):
        raise TypeError
    element_type, length, values, offset = value
    return ArrayValue(
        element_type=ValueType(element_type),
        length=_whole(length),
        values=None if values is None else tuple(values),
        offset=_whole(offset),
    )
