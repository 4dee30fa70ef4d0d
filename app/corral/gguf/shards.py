"""Weights that are split over several files, and the one model that they are together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corral.gguf.errors import DamagedError, TruncatedError
from corral.gguf.header import ArrayValue, Header, Scalar, TensorInfo

SPLIT_KEYS = "split."
# The format counts in 16 bits; no model has more than some dozen.
_MOST_SHARDS = 1024
_NAME = re.compile(r"(?P<prefix>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardName:
    """What the file name of one of several files says.

    Attributes:
        prefix: What all of them begin with.
        number: Which one it is, from 1.
        count: How many there are.
    """

    prefix: str
    number: int
    count: int

    def file_name(self, number: int) -> str:
        """Return the name of another file of the model."""
        return f"{self.prefix}-{number:05}-of-{self.count:05}.gguf"


def shard_name(file_name: str) -> ShardName | None:
    """Return what a file name says of the split, None when it is no shard's.

    Source: llama.cpp's ``llama_split_path``.
    """
    found = _NAME.fullmatch(file_name)
    if found is None:
        return None
    name = ShardName(prefix=found["prefix"], number=int(found["number"]), count=int(found["count"]))
    return name if 1 < name.count <= _MOST_SHARDS and 1 <= name.number <= name.count else None


def shard_paths(first: Path) -> tuple[Path, ...]:
    """Return all files of a model by the name of its first; () when it has no such name.

    Whether they are there is not looked at.
    """
    name = shard_name(first.name)
    if name is None or name.number != 1:
        return ()
    return tuple(first.with_name(name.file_name(n)) for n in range(1, name.count + 1))


def join_headers(headers: Sequence[Header]) -> Header:
    """Return the header that the files would have as one file.

    Args:
        headers: Of all the files, in their order.

    Raises:
        DamagedError: If they do not belong together.
        TruncatedError: If tensors are missing.
    """
    first = headers[0]
    for index, header in enumerate(headers):
        _check_belongs(header, index, len(headers))
    tensors: dict[str, TensorInfo] = {}
    end = 0
    for tensor in (tensor for header in headers for tensor in header.tensors):
        if tensor.name in tensors:
            raise DamagedError("A tensor is in two of the model's files.", what="the tensors")
        offset = -(-end // first.alignment) * first.alignment
        tensors[tensor.name] = replace(tensor, offset=offset)
        end = offset + tensor.size_bytes
    expected = first.value("split.tensors.count", len(tensors))
    if expected != len(tensors):
        raise TruncatedError(
            f"The model's files have {len(tensors):,} of {expected:,} tensors.",
            what="the key 'split.tensors.count'",
        )
    return replace(
        first,
        metadata=_without_split(first.metadata),
        tensors=tuple(tensors.values()),
        file_bytes=sum(header.file_bytes for header in headers),
    )


def _without_split(
    metadata: Mapping[str, Scalar | ArrayValue],
) -> dict[str, Scalar | ArrayValue]:
    return {key: value for key, value in metadata.items() if not key.startswith(SPLIT_KEYS)}


def _check_belongs(header: Header, index: int, count: int) -> None:
    number = header.value("split.no", -1)
    if (number, header.split_count) != (index, count):
        raise DamagedError(
            f"File {index + 1} of {count} says that it is file {number + 1} of "
            f"{header.split_count}.",
            what="the key 'split.no'",
        )
