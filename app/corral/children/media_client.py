"""Decodes pictures and sounds from the parent's side, whatever is in them."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from corral.children.errors import ChildNotStarted, ChildTimeout
from corral.children.limits import MEDIA_LIMITS, Limits
from corral.children.protocol import Json
from corral.children.spawn import Child
from corral.errors import ExternalError, UserError
from corral.llama.media import Picture, Sound

# No projector looks at more pixels.
LONGEST_SIDE = 4096
FLOAT_BYTES = 4
HINT = "The file may be damaged, or made to do harm."


class MediaDecoder:
    """Owns the *media* child. Files go to it and pixels come back through a folder.

    Thread: the event loop's.
    """

    def __init__(self, cache: Path, limits: Limits = MEDIA_LIMITS) -> None:
        """Begin without a child.

        Args:
            cache: Where files may lie for a moment.
            limits: What the child may take.
        """
        self._cache = cache
        self._limits = limits
        self._child = Child("media", limits)

    async def picture(self, data: bytes, longest_side: int = LONGEST_SIDE) -> Picture:
        """Return the pixels of a picture file.

        Args:
            data: The file.
            longest_side: A larger picture is made smaller than this.

        Raises:
            UserError: If it cannot be decoded, or takes more than it may.
            ExternalError: If the child cannot be started, or the disk is full.
        """
        told, rgb = await self._ask("picture", "picture", data, longest_side=longest_side)
        width, height = told.get("width"), told.get("height")
        if not isinstance(width, int) or not isinstance(height, int):
            raise ExternalError("The decoder of pictures answered nonsense.")
        if not 0 < width * height * 3 == len(rgb):
            raise ExternalError(
                f"The decoder of pictures told of {width} x {height} pixels and gave {len(rgb)} "
                "bytes."
            )
        digest = hashlib.sha256(data).hexdigest()
        return Picture(digest=digest, width=width, height=height, rgb=rgb)

    async def sound(self, data: bytes, rate: int) -> Sound:
        """Return the samples of a sound file.

        Args:
            data: The file.
            rate: Samples per second that are wanted.

        Raises:
            UserError: If it cannot be decoded, or takes more than it may.
            ExternalError: If the child cannot be started, or the disk is full.
        """
        _, samples = await self._ask("sound", "sound", data, rate=rate)
        if not samples or len(samples) % FLOAT_BYTES:
            raise ExternalError(f"The decoder of sounds gave {len(samples)} bytes of samples.")
        return Sound(digest=hashlib.sha256(data).hexdigest(), rate=rate, samples=samples)

    async def close(self) -> None:
        """End the child."""
        await self._child.close()

    async def _ask(
        self, method: str, kind: str, data: bytes, **params: Json
    ) -> tuple[Mapping[str, Json], bytes]:
        """Have a file decoded; return what the child told of it, and what it wrote."""
        try:
            with TemporaryDirectory(prefix="media-", dir=self._cache) as folder:
                source, target = Path(folder) / "source", Path(folder) / "target"
                await asyncio.to_thread(source.write_bytes, data)
                told = await self._call(
                    method, kind, source=str(source), target=str(target), **params
                )
                return told, await asyncio.to_thread(target.read_bytes)
        except OSError as error:
            raise ExternalError(f"The {kind} could not be decoded: {error.strerror}.") from error

    async def _call(self, method: str, kind: str, **params: Json) -> Mapping[str, Json]:
        try:
            told = await self._child.call(method, **params)
        except (ChildNotStarted, UserError):
            raise
        except ChildTimeout as error:
            raise UserError(
                f"The {kind} was not decoded within {error.limit_s:g} seconds.", hint=HINT
            ) from error
        except ExternalError as error:
            raise UserError(
                f"The {kind} broke its decoder. {error.summary}", detail=error.detail, hint=HINT
            ) from error
        return told if isinstance(told, Mapping) else {}
