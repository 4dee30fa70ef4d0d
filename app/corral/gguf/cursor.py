"""A place in a model file that moves forward, and never past its end.

The file is read in pieces, not mapped: a mapped file that another program cuts short kills the
process with a bus error.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from corral.errors import ExternalError, UserError
from corral.gguf.errors import DamagedError, TruncatedError, UnsupportedError
from corral.units import file_size

_PIECE_BYTES = 1 << 20
# Strings in all arrays together. The largest vocabularies have 262,144 tokens and twice as many
# merges; this many are walked in about a second.
_MAX_STRINGS = 1 << 22
# Real headers have some dozen megabytes; a hostile file of holes would keep us walking for ever.
_MAX_HEADER_BYTES = 1 << 29
_U32 = Struct("<I")
_U64 = Struct("<Q")


class Cursor:
    """Reads numbers and strings one after another from an open file.

    Attributes:
        size: Size of the file in bytes.
        what: What is being read, for errors.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.size = os.fstat(file.fileno()).st_size
        self.what = "the start of the file"
        self._file = file
        self._piece = b""
        self._piece_start = 0
        self._in_piece = 0
        self._strings_left = _MAX_STRINGS

    @property
    def subject(self) -> str:
        """What is being read, to begin a sentence with."""
        return self.what[:1].upper() + self.what[1:]

    @property
    def at(self) -> int:
        """The place in the file, in bytes from its start."""
        return self._piece_start + self._in_piece

    def seek(self, at: int) -> None:
        """Go to a place in the file.

        Raises:
            TruncatedError: If it lies behind the end.
            DamagedError: If it lies where no header reaches.
        """
        self._allow(at)
        if self._piece_start <= at <= self._piece_start + len(self._piece):
            self._in_piece = at - self._piece_start
        else:
            self._piece, self._piece_start, self._in_piece = b"", at, 0

    def skip(self, count: int) -> None:
        """Go forward by `count` bytes."""
        self.seek(self.at + count)

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes; the caller has limited `count`.

        Raises:
            TruncatedError: If the file ends before.
        """
        self._have(count)
        start = self._in_piece
        self._in_piece += count
        return self._piece[start : self._in_piece]

    def number(self, form: Struct) -> int | float | bool:
        """Return the next number of the given form."""
        self._have(form.size)
        value: int | float | bool = form.unpack_from(self._piece, self._in_piece)[0]
        self._in_piece += form.size
        return value

    def u32(self) -> int:
        """Return the next 32-bit count."""
        return int(self.number(_U32))

    def u64(self) -> int:
        """Return the next 64-bit count."""
        return int(self.number(_U64))

    def string(self, limit: int) -> bytes:
        """Return the next string.

        Args:
            limit: Bytes it may have at most.

        Raises:
            UnsupportedError: If it is longer.
        """
        length = self.u64()
        if length > self.size - self.at:
            raise self.truncated()
        if length > limit:
            raise UnsupportedError(
                f"A text in the file is too long: {length:,} bytes in {self.what}, "
                f"at most {limit:,} are read.",
                at=self.at,
                what=self.what,
            )
        return self.take(length)

    def skip_strings(self, count: int) -> None:
        """Go past `count` strings, building none of them."""
        self._allow_strings(count)
        unpack = _U64.unpack_from
        while count:
            self._have(8)
            piece, place = self._piece, self._in_piece
            last = len(piece) - 8
            while count and place <= last:
                place += 8 + unpack(piece, place)[0]
                count -= 1
            self.seek(self._piece_start + place)

    def strings(self, count: int, limit: int) -> Iterator[bytes]:
        """Yield `count` strings of at most `limit` bytes each; take them all before going on."""
        self._allow_strings(count)
        unpack = _U64.unpack_from
        piece, place = self._piece, self._in_piece
        for _ in range(count):
            start = place + 8
            end = start + (unpack(piece, place)[0] if start <= len(piece) else len(piece))
            if end > len(piece) or end - start > limit:
                yield self.string(limit)
                piece, place = self._piece, self._in_piece
            else:
                self._in_piece = place = end
                yield piece[start:end]

    def truncated(self) -> TruncatedError:
        """Return the error for a file that ends here."""
        return TruncatedError(
            f"The file is incomplete: it ends after {file_size(self.size)}, inside {self.what}.",
            at=self.at,
            what=self.what,
            hint="Download or copy it again.",
        )

    def _have(self, count: int) -> None:
        """Make the piece reach `count` bytes on."""
        if self._in_piece + count <= len(self._piece):
            return
        at = self.at
        self._allow(at + count)
        self._file.seek(at)
        piece = self._file.read(max(count, min(_PIECE_BYTES, self.size - at)))
        self._piece, self._piece_start, self._in_piece = piece, at, 0
        if len(piece) < count:  # it was cut short while we read
            raise self.truncated()

    def _allow(self, end: int) -> None:
        """Refuse to go to `end` if no header can reach so far."""
        if end > self.size:
            raise self.truncated()
        if end > _MAX_HEADER_BYTES:
            raise DamagedError(
                f"The header is larger than {file_size(_MAX_HEADER_BYTES)}: "
                f"it goes on to {file_size(end)}.",
                at=self.at,
                what=self.what,
            )

    def _allow_strings(self, count: int) -> None:
        if count > (self.size - self.at) // 8:
            raise self.truncated()
        if count > self._strings_left:
            raise DamagedError(
                f"The file has too many strings: {count:,} in {self.what}, "
                f"at most {_MAX_STRINGS:,} are read in all.",
                at=self.at,
                what=self.what,
            )
        self._strings_left -= count


@contextmanager
def open_cursor(path: Path) -> Iterator[Cursor]:
    """Open a model file for reading.

    Raises:
        UserError: If there is no such file, or it is a folder or a device.
        ExternalError: If it cannot be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            kind = "a folder" if path.is_dir() else "not an ordinary file"
            raise UserError(f"'{path}' is {kind}.", hint="Give the path of a GGUF file.")
        with path.open("rb", buffering=0) as file:
            yield Cursor(file)
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'.") from None
    except OSError as error:
        raise ExternalError(f"'{path}' cannot be read: {error.strerror}.") from error
