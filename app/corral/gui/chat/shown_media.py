"""The pictures of one chat, decoded where that can do no harm, to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.chat.view_data import MediaView, MessageViewData

if TYPE_CHECKING:  # come with the first picture
    from corral.chats.attachment import Attachment
    from corral.chats.store import ConversationId
    from corral.library.model import StoredModel
    from corral.llama.media import Picture
    from corral.workbench.workbench import Workbench

translate = QCoreApplication.translate


class ShownMedia:
    """Knows what the pictures in messages look like.

    Thread: the event loop's.
    """

    def __init__(self, workbench: Workbench, chat_id: ConversationId) -> None:
        self._workbench = workbench
        self._chat_id = chat_id
        self._known: dict[str, MediaView] = {}

    def fill(self, view: MessageViewData) -> MessageViewData:
        """Return a message with the pictures that are decoded."""
        if not view.media:
            return view
        return replace(view, media=tuple(self._known.get(m.digest, m) for m in view.media))

    def missing(self, views: Iterable[MessageViewData]) -> list[MediaView]:
        """Return what has to be decoded before messages can be shown whole."""
        return [m for view in views for m in view.media if m.digest not in self._known]

    async def decode(self, wanted: Sequence[MediaView]) -> None:
        """Decode pictures; those that cannot be are shown with the reason."""
        digests = [media.digest for media in wanted]
        stored = await self._workbench.chats.attached(self._chat_id, digests)
        for media in wanted:
            self._known[media.digest] = await self._decoded(media, stored.get(media.digest))

    async def look_at(self, attachment: Attachment, model: StoredModel | None) -> Picture | None:
        """Return what a file looks like that is to be sent, None for a sound.

        Raises:
            UserError: If it cannot be decoded, or the model could not see or hear it.
            ExternalError: If the decoder cannot be started.
        """
        # lazy: most messages have none
        from corral.chats.attachment import AttachmentKind
        from corral.gui.chat.attaching import can_hear, can_see

        is_picture = attachment.kind is AttachmentKind.PICTURE
        if model and not (can_see if is_picture else can_hear)(model):
            words = (
                translate("Chat", "%1 is a picture, and %2 cannot see.")
                if is_picture
                else translate("Chat", "%1 is a sound, and %2 cannot hear.")
            )
            name = safe_line(model.name)
            raise UserError(words.replace("%1", attachment.name).replace("%2", name))
        if not is_picture:
            return None
        return await self._workbench.media().to_show(attachment.digest, attachment.data)

    async def _decoded(self, media: MediaView, data: bytes | None) -> MediaView:
        if media.is_sound:
            return media
        if data is None:
            return replace(media, problem=translate("Chat", "its file is lost"))
        try:
            picture = await self._workbench.media().to_show(media.digest, data)
        except CorralError as error:
            return replace(media, problem=error.summary)
        return replace(media, picture=picture)
