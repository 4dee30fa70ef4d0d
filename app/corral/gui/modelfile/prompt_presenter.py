"""What a model would read by the Modelfile that is being written; knows no widgets."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from corral.chats.store import ConversationId
from corral.errors import CorralError, UserError
from corral.gui.async_bridge import Scope
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.modelfile.document import Document
from corral.modelfile.parser import parse
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from corral.workbench.workbench import Workbench

MOST_CHATS = 30


class PromptPresenter(QObject):
    """The prompt of one message, alone or behind a chat.

    Signals:
        chats_listed: The chats used last; carries pairs of id and title.
        shown: A prompt was made; carries its `ShownPrompt`.
        failed: There is none; carries why, as text.
    """

    chats_listed = Signal(object)
    shown = Signal(object)
    failed = Signal(str)

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self._scope = Scope()
        self._asked = 0

    def list_chats(self) -> None:
        """Look for chats whose prompts may be shown."""
        self._scope.start(self._list_chats())

    def ask(self, text: str, message: str, chat_id: str = "") -> None:
        """Make the prompt of a message by a Modelfile's text; an older question is forgotten.

        Args:
            text: The Modelfile.
            message: What is said, "" for nothing more than the chat.
            chat_id: The chat that it is said in, "" for none.
        """
        self._asked += 1
        self._scope.start(self._show(self._asked, text, message, chat_id))

    async def close(self) -> None:
        """End what runs."""
        await self._scope.close()

    async def _list_chats(self) -> None:
        chats = await self._workbench.chats.list_conversations()
        self.chats_listed.emit([(chat.id, chat.title) for chat in chats[:MOST_CHATS]])

    async def _show(self, asked: int, text: str, message: str, chat_id: str) -> None:
        try:
            model = await self._model(parse(text))
            before = (
                await self._workbench.conversing.said(ConversationId(chat_id)) if chat_id else ()
            )
            is_said = bool(message) or not before
            last = (Message(role=Role.USER, content=message),) if is_said else ()
            chat = Conversation(messages=(*before, *last))
            made = await self._workbench.prompts().show(model, chat)
        except CorralError as error:
            if asked == self._asked:
                self.failed.emit(str(error))
        else:
            if asked == self._asked:
                self.shown.emit(made)

    async def _said(self, chat_id: str) -> tuple[Message, ...]:
        if not chat_id:
            return ()
        return await self._workbench.conversing.said(ConversationId(chat_id))

    async def _model(self, document: Document) -> StoredModel:
        """Return the model that is built on, as the document changes it."""
        wanted = without_latest(document.from_).lower()
        models = [model for model in await self._workbench.modelling.list() if not model.problem]
        for base in models:
            if wanted and wanted in (without_latest(base.name).lower(), str(base.weights)):
                return replace(
                    base,
                    template=_said(document.template, base.template),
                    system=_said(document.system, base.system),
                    messages=document.messages or base.messages,
                    config=replace(
                        base.config,
                        renderer=document.renderer or base.config.renderer,
                        parser=document.parser or base.config.parser,
                    ),
                )
        raise UserError("There is no model of the library after FROM, so its tokens are not known.")


def _said(own: str | None, base: str | None) -> str | None:
    """Return what the document says, nothing if it says so, else what its base has."""
    return base if own is None else own or None
