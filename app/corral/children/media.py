"""The *media* child: pictures and sounds of strangers are decoded here.

Only the child imports this module; it pays for llama.cpp.
"""

from pathlib import Path

from corral.children.limits import MEDIA_LIMITS, MIB
from corral.children.protocol import Json
from corral.errors import UserError
from corral.llama.picture_decoding import decode_picture
from corral.llama.sound_decoding import decode_sound


class MediaRole:
    """Answers the questions of `media_client.MediaDecoder`."""

    def picture(self, *, source: str, target: str, longest_side: int) -> Json:
        """Write the pixels of a picture file into another file and return its size.

        Args:
            source: The file.
            target: Where the pixels go.
            longest_side: A larger picture is made smaller than this.

        Raises:
            UserError: If it cannot be decoded.
        """
        try:
            width, height, rgb = decode_picture(Path(source).read_bytes(), longest_side)
            Path(target).write_bytes(rgb)
        except MemoryError as error:
            raise UserError(_memory_words("picture")) from error
        return {"width": width, "height": height}

    def sound(self, *, source: str, target: str, rate: int) -> Json:
        """Write the samples of a sound file into another file.

        Args:
            source: The file.
            target: Where the samples go.
            rate: Samples per second that are wanted.

        Raises:
            UserError: If it cannot be decoded.
        """
        try:
            Path(target).write_bytes(decode_sound(Path(source).read_bytes(), rate))
        except MemoryError as error:
            raise UserError(_memory_words("sound")) from error
        return {}


def _memory_words(kind: str) -> str:
    limit_bytes = MEDIA_LIMITS.memory_bytes or 0
    return f"The {kind} needs more than the {limit_bytes // MIB} MiB that decoding may take."
