"""Pictures and sounds of messages, decoded for a model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from corral.chats.attachment import Attachment, AttachmentKind
from corral.errors import ExternalError, UserError
from corral.llama.media import Media, Picture

if TYPE_CHECKING:
    from corral.children.media_client import MediaDecoder
    from corral.engine.info import LoadedInfo
    from corral.library.model import StoredModel
    from corral.prompt.message import Message

# A conversation goes on about the same pictures; decoding them takes a moment each.
KEPT_BYTES = 256 * 1024**2
# As large as pictures are shown to people, on screens with twice the pixels.
SHOWN_SIDE = 640
KEPT_SHOWN = 64


class MediaReading:
    """Decodes what comes with messages, and keeps what was decoded last.

    Thread: the event loop's.
    """

    def __init__(self, decoder: MediaDecoder) -> None:
        self._decoder = decoder
        self._kept: OrderedDict[tuple[str, int], Media] = OrderedDict()
        self._shown: OrderedDict[str, Picture] = OrderedDict()

    async def read(
        self, messages: Sequence[Message], attachments: Mapping[str, Attachment], info: LoadedInfo
    ) -> Mapping[str, Media]:
        """Return all pictures and sounds of messages, by their digests.

        Args:
            messages: They.
            attachments: The files, by their digests.
            info: The model that is to look or listen.

        Raises:
            UserError: If the model cannot see or hear, or one cannot be decoded.
            ExternalError: If the decoder cannot be started, or a file is lost.
        """
        found: dict[str, Media] = {}
        for digest in (digest for message in messages for digest in message.media):
            if digest not in attachments:
                raise ExternalError("The file of a picture in this conversation is lost.")
            found[digest] = await self._read(attachments[digest], info)
        return found

    async def to_show(self, digest: str, data: bytes) -> Picture:
        """Return a picture as large as people are shown it.

        Args:
            digest: Of the file.
            data: The file.

        Raises:
            UserError: If it cannot be decoded.
            ExternalError: If the decoder cannot be started.
        """
        if digest not in self._shown:
            self._shown[digest] = await self._decoder.picture(data, SHOWN_SIDE)
            if len(self._shown) > KEPT_SHOWN:
                self._shown.popitem(last=False)
        return self._shown[digest]

    async def close(self) -> None:
        """End the decoder."""
        await self._decoder.close()

    async def _read(self, attachment: Attachment, info: LoadedInfo) -> Media:
        is_picture = attachment.kind is AttachmentKind.PICTURE
        if not (info.can_see if is_picture else info.can_hear):
            raise UserError(
                info.projector_problem
                or f"{attachment.name} is a {attachment.kind}, and the model cannot "
                f"{'see' if is_picture else 'hear'}.",
                hint="Choose a model that can.",
            )
        key = (attachment.digest, 0 if is_picture else info.sample_rate)
        if key not in self._kept:
            data = attachment.data
            self._keep(
                key,
                await self._decoder.picture(data)
                if is_picture
                else await self._decoder.sound(data, info.sample_rate),
            )
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple[str, int], media: Media) -> None:
        self._kept[key] = media
        while len(self._kept) > 1 and sum(map(_size_bytes, self._kept.values())) > KEPT_BYTES:
            self._kept.popitem(last=False)


def require_projector(model: StoredModel, attachments: Iterable[Attachment]) -> None:
    """See that a model has eyes or ears, before it is loaded.

    Raises:
        UserError: If it has none and something is to be looked at.
    """
    first = next(iter(attachments), None)
    if first and not model.projectors:
        sense = "see" if first.kind is AttachmentKind.PICTURE else "hear"
        raise UserError(
            f"{first.name} is a {first.kind}, and {model.name} has no projector to {sense} with.",
            hint="Choose a model that can, or create one FROM the weights and their projector.",
        )


def _size_bytes(media: Media) -> int:
    return len(media.rgb if isinstance(media, Picture) else media.samples)
