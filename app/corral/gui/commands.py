"""What people do with chats and models: opening, naming, saving, and undoing it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from corral.chats.store import Conversation, ConversationId
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope, show
from corral.gui.chat.panel import ChatPanel
from corral.gui.dialogs import ask_name
from corral.gui.importing import Importing
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.notices import NoticeBoard
from corral.gui.tabs import Tabs
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.workbench.workbench import Workbench

NEW_MODELFILE = "mymodel"


class Commands(QObject):
    """The commands of one window; each says what it did and offers to undo it."""

    def __init__(
        self,
        *,
        window: QWidget,
        workbench: Workbench,
        library: LibraryPresenter,
        tabs: Tabs,
        notices: NoticeBoard,
        scope: Scope,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._workbench = workbench
        self._library = library
        self._tabs = tabs
        self._notices = notices
        self._scope = scope
        self._importing = Importing(workbench.modelling, window)
        self._importing.imported.connect(self.tell_made)
        self._importing.failed.connect(notices.tell_error)
        library.chat_deleted.connect(self._on_chat_deleted)

    async def close(self) -> None:
        """End what runs."""
        await self._importing.close()

    # -- chats ----------------------------------------------------------------------------------

    @Slot()
    def new_chat(self) -> None:
        """Begin a chat with the model of the chat in front, or with the newest one."""
        chat = self._tabs.current_chat
        models = self._library.models
        if chat and chat.model:
            self.new_chat_with(chat.model)
        elif models:
            self.new_chat_with(models[0].name)
        else:
            self.open_gguf()

    @Slot(str)
    def new_chat_with(self, model: str) -> None:
        """Begin a chat with a model."""
        self._scope.start(self._create_chat(model))

    async def open_first_chat(self) -> None:
        """Show the last chat, or begin one with the newest model."""
        chats = await self._workbench.chats.list_conversations()
        if chats:
            self.open_chat(chats[0].id)
            return
        models = await self._workbench.modelling.list()
        usable = [model for model in models if not model.problem]
        if usable:
            await self._create_chat(usable[0].name)

    @Slot(str)
    def open_chat(self, chat_id: str) -> None:
        """Show a chat."""
        self._tabs.open_chat(ConversationId(chat_id)).focus_box()

    def save_as_model(self, panel: ChatPanel) -> None:
        """Ask for a name and make a model of a chat."""
        self._scope.start(self._save_as_model(panel))

    async def _create_chat(self, model: str) -> None:
        """Begin a chat, or show the one with this model in which nothing was said yet."""
        chats = self._workbench.chats
        unused = (chat for chat in await chats.list_conversations() if _is_unused(chat, model))
        chat = next(unused, None) or await chats.create_conversation(model)
        self.open_chat(chat.id)
        self._library.refresh()

    async def _save_as_model(self, panel: ChatPanel) -> None:
        made: list[StoredModel] = []

        async def save(name: str) -> None:
            made.append(await panel.save_as_model(name))

        await ask_name(
            self._window,
            title=self.tr("Save conversation as model"),
            label=self.tr("Name of the new model"),
            text=panel.suggested_model_name,
            button=self.tr("Save"),
            do=save,
        )
        if made:
            self.tell_made(made[0])

    @Slot(str)
    def _on_chat_deleted(self, chat_id: str) -> None:
        if panel := self._tabs.chat(chat_id):
            self._scope.start(self._tabs.close_tab(self._tabs.indexOf(panel)))

    # -- models ---------------------------------------------------------------------------------

    @Slot()
    def open_gguf(self) -> None:
        """Choose files to import."""
        self._scope.start(self._choose_files())

    def import_file(self, path: Path) -> None:
        """Bring a file into the library."""
        self._importing.import_file(path)

    @Slot(str, str)
    def take_in(self, name: str, new_name: str) -> None:
        """Make a model of another program one's own."""
        self._importing.take_in(name, new_name)

    @Slot(object)
    def tell_made(self, model: StoredModel) -> None:
        """Say that a model was made."""
        name = model.name
        self._notices.tell(
            self.tr("%1 is in the library.").replace("%1", safe_line(without_latest(name))),
            (self.tr("Chat with it"), lambda: self.new_chat_with(name)),
        )

    @Slot(str)
    def open_modelfile(self, name: str) -> None:
        """Show a model's Modelfile, or begin one."""
        self._tabs.open_modelfile(name)

    @Slot()
    def new_modelfile(self) -> None:
        """Begin a Modelfile, not that of a model that is there already."""
        taken = {without_latest(model.name) for model in self._library.models}
        name, number = NEW_MODELFILE, 1
        while name in taken:
            number += 1
            name = f"{NEW_MODELFILE}-{number}"
        self.open_modelfile(name)

    @Slot(int)
    def close_tab(self, index: int) -> None:
        """Close a tab; what was typed into a Modelfile can be had back."""
        if 0 <= index < self._tabs.count():
            from corral.gui.modelfile.panel import ModelfilePanel  # lazy: many have none open

            panel = self._tabs.widget(index)
            self._scope.start(self._tabs.close_tab(index))
            if isinstance(panel, ModelfilePanel) and panel.is_unsaved:
                self._offer_modelfile(panel.key, panel.tab_state().text)

    def _offer_modelfile(self, name: str, text: str | None) -> None:
        self._notices.tell(
            self.tr("The Modelfile was closed; no model was made of its last text."),
            (self.tr("Undo"), lambda: self._reopen_modelfile(name, text)),
        )

    def _reopen_modelfile(self, name: str, text: str | None) -> None:
        self._tabs.open_modelfile(name, text=text)

    async def _choose_files(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Open a GGUF file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("GGUF models (*.gguf)"), self.tr("All files (*)")])
        if await show(dialog) == QFileDialog.DialogCode.Accepted:
            for name in dialog.selectedFiles():
                self.import_file(Path(name))
        dialog.deleteLater()


def _is_unused(chat: Conversation, model: str) -> bool:
    has_choices = chat.title or chat.draft or chat.parameters or chat.system is not None
    return chat.model == model and chat.n_messages == 0 and not has_choices
