"""Pictures and sounds that come with a message, as the files they were."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from corral.errors import UserError
from corral.foreign import safe_line
from corral.units import file_size

MOST_BYTES = 100_000_000
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")
SOUND_SUFFIXES = (".wav", ".mp3", ".flac")


class AttachmentKind(StrEnum):
    """What an attachment is."""

    PICTURE = "picture"
    SOUND = "sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that comes with a message.

    Attributes:
        digest: SHA-256 of the file, 64 hex digits.
        kind: What it is, by its first bytes.
        name: What people call it: the name of the file, without its folder.
        data: The file.
    """

    digest: str
    kind: AttachmentKind
    name: str
    data: bytes


def attach(name: str, data: bytes) -> Attachment:
    """Return an attachment.

    Raises:
        UserError: If it is empty or too large.
    """
    shown = safe_line(name)
    if not data:
        raise UserError(f"{shown} is empty.")
    if len(data) > MOST_BYTES:
        raise _too_large(shown, len(data))
    digest = hashlib.sha256(data).hexdigest()
    return Attachment(digest=digest, kind=_kind_of(data), name=shown, data=data)


def attach_file(path: Path) -> Attachment:
    """Return a file as an attachment.

    Raises:
        UserError: If it cannot be read, is empty or too large.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MOST_BYTES:
            raise _too_large(safe_line(path.name), size_bytes)
        if not path.is_file():
            raise UserError(f"{safe_line(str(path))} is no file.")
        return attach(path.name, path.read_bytes())
    except OSError as error:
        raise UserError(
            f"{safe_line(str(path))} cannot be read: {error.strerror}.",
            hint="Look at the path.",
        ) from error


def _kind_of(data: bytes) -> AttachmentKind:
    is_wave = data.startswith(b"RIFF") and data[8:12] == b"WAVE"
    is_mp3 = data.startswith(b"ID3") or (len(data) > 1 and data[0] == 0xFF and data[1] >= 0xE0)
    is_sound = is_wave or is_mp3 or data.startswith(b"fLaC")
    return AttachmentKind.SOUND if is_sound else AttachmentKind.PICTURE


def _too_large(shown: str, size_bytes: int) -> UserError:
    return UserError(
        f"{shown} has {file_size(size_bytes)}; at most {file_size(MOST_BYTES)} can be attached.",
        hint="Make it smaller.",
    )
