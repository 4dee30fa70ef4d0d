"""Pictures and sounds as a model takes them in: beside the tokens of its texts."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Keys of media are below zero, so that they are never a token, and fit into 64 bits.
KEY_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture.

    Attributes:
        digest: Of the file it came from, 64 hex digits.
        width: In pixels.
        height: In pixels.
        rgb: Three bytes for each pixel, row by row.
    """

    digest: str
    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A decoded sound.

    Attributes:
        digest: Of the file it came from, 64 hex digits.
        rate: Samples per second.
        samples: 32-bit floats of one channel.
    """

    digest: str
    rate: int
    samples: bytes


Media = Picture | Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaChunk:
    """A piece of a picture or sound that is looked at as a whole.

    Attributes:
        source: What it is a piece of.
        index: Which piece of it.
        n_tokens: Places that it takes in the KV cache.
        n_positions: Positions that it takes in the sequence: fewer where pictures have rows.
        is_whole: Whether its tokens look at each other in both directions, so that all of them
            must be computed at once.
    """

    source: Media
    index: int
    n_tokens: int
    n_positions: int
    is_whole: bool = False

    @property
    def keys(self) -> tuple[int, ...]:
        """What stands for it among the tokens of a prompt, one number for each position.

        They depend on the content: two prompts with the same picture have the same keys.
        """
        name = f"{self.source.digest} {self.index} {self.n_tokens}".encode()
        base = int.from_bytes(hashlib.sha256(name).digest()[:8], "little") >> (64 - KEY_BITS)
        return tuple(-1 - (base + step) % (1 << KEY_BITS) for step in range(self.n_positions))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChunk:
    """A chunk and where its keys begin in the tokens of a prompt."""

    start: int
    chunk: MediaChunk


# What the model reads for one picture: tokens that it is announced with, and its chunks.
MediaParts = tuple[tuple[int, ...] | MediaChunk, ...]


def place(parts: Sequence[Sequence[int] | MediaChunk]) -> tuple[list[int], list[PlacedChunk]]:
    """Return parts of a prompt as one list of tokens, with keys for the chunks."""
    tokens: list[int] = []
    placed: list[PlacedChunk] = []
    for part in parts:
        if isinstance(part, MediaChunk):
            placed.append(PlacedChunk(start=len(tokens), chunk=part))
            tokens += part.keys
        else:
            tokens += part
    return tokens, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """What a chunk looks like to the model.

    Attributes:
        rows: 32-bit floats, `width` for each token (a numpy array).
        width: Length of one token's embedding.
        offsets: For models that place pictures in rows and columns: positions of each token when
            the chunk begins at 0 and when it begins at 1 (two numpy arrays of 4 x tokens); None
            where tokens simply follow each other.
        is_whole: Whether all of it must be computed at once, looking in both directions.
    """

    rows: Any
    width: int
    offsets: tuple[Any, Any] | None
    is_whole: bool

    @property
    def n_tokens(self) -> int:
        """How many tokens there are."""
        return len(self.rows) // self.width

    @property
    def size_bytes(self) -> int:
        """Memory it takes."""
        return int(self.rows.nbytes)

    def positions(self, begin: int, first: int, end: int) -> list[int]:
        """Return the positions of some of its tokens, direction by direction.

        Args:
            begin: Where the chunk begins in the sequence.
            first: The first token.
            end: The one after the last token.
        """
        if self.offsets is None:
            return list(range(begin + first, begin + end))
        at_0, at_1 = self.offsets
        moved = at_0[:, first:end] + begin * (at_1[:, first:end] - at_0[:, first:end])
        return list(itertools.chain.from_iterable(moved.tolist()))
