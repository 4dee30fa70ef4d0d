"""The files of a split model, as the one file that they would be.

The metadata is the first file's without the keys of the split, the tensors follow one another as
they do in the files. Nothing is read into memory but the headers.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from corral.foreign import safe_line
from corral.gguf.check import check_tensors
from corral.gguf.cursor import Cursor, open_cursor
from corral.gguf.errors import TruncatedError
from corral.gguf.header import Header
from corral.gguf.reader import read_entries, read_header, read_preamble
from corral.gguf.shards import SPLIT_KEYS, join_headers
from corral.gguf.strip import tensor_line

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Data of one tensor.

    Attributes:
        path: The file it lies in.
        start: Byte where it begins.
        size_bytes: Its size.
        padding_bytes: Zeros behind it.
    """

    path: Path
    start: int
    size_bytes: int
    padding_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A file that is to be written.

    Attributes:
        head: Everything before the data, padding included.
        spans: The data.
    """

    head: bytes
    spans: tuple[Span, ...]

    @property
    def size_bytes(self) -> int:
        """Size of the file."""
        data = sum(span.size_bytes + span.padding_bytes for span in self.spans)
        return len(self.head) + data

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's content in pieces.

        Raises:
            TruncatedError: If a file was cut short meanwhile.
            OSError: If one cannot be read.
        """
        yield self.head
        for path, spans in groupby(self.spans, key=lambda span: span.path):
            with path.open("rb") as file:
                for span in spans:
                    file.seek(span.start)
                    left = span.size_bytes
                    while left:
                        chunk = file.read(min(left, _CHUNK_BYTES))
                        if not chunk:
                            raise TruncatedError(f"{safe_line(path.name)} was cut short.")
                        left -= len(chunk)
                        yield chunk
                    if span.padding_bytes:
                        yield bytes(span.padding_bytes)


def plan_merge(shards: Sequence[Path]) -> Merge:
    """Read the headers of a split model and lay out the whole file.

    Args:
        shards: All its files, in their order.

    Raises:
        GgufError: If a file is damaged or they do not belong together.
        UserError: If one is not there.
        ExternalError: If one cannot be read.
    """
    headers = [read_header(path) for path in shards]
    for header in headers:
        if header.tensors:  # the first may hold metadata alone
            check_tensors(header)
    whole = join_headers(headers)
    with open_cursor(shards[0]) as cursor:
        head = _head(cursor, whole)
    return Merge(head=head, spans=tuple(_spans(shards, headers, whole.alignment)))


def _head(cursor: Cursor, whole: Header) -> bytes:
    count = read_preamble(cursor).key_count
    spans = [
        (entry.start, entry.end)
        for entry in read_entries(cursor, count)
        if not entry.key.startswith(SPLIT_KEYS)
    ]
    pieces = []
    for start, end in spans:
        cursor.seek(start)
        pieces.append(cursor.take(end - start))
    counts = struct.pack("<IQQ", whole.version, len(whole.tensors), len(pieces))
    head = b"".join([b"GGUF", counts, *pieces, *map(tensor_line, whole.tensors)])
    return head + bytes(-len(head) % whole.alignment)


def _spans(shards: Sequence[Path], headers: Sequence[Header], alignment: int) -> Iterator[Span]:
    for path, header in zip(shards, headers, strict=True):
        for tensor in header.tensors:
            yield Span(
                path=path,
                start=header.data_offset + tensor.offset,
                size_bytes=tensor.size_bytes,
                padding_bytes=-tensor.size_bytes % alignment,
            )
