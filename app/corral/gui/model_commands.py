"""What people do with models and rows of the library, and the questions that come first."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope, show
from corral.gui.dialogs import ask_name
from corral.gui.library import wording
from corral.gui.library.presenter import LibraryPresenter, Removed
from corral.gui.library.row_actions import RowActions
from corral.gui.notices import NoticeBoard
from corral.gui.theme.theme import Theme
from corral.jobs import Cancelled
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.workbench.workbench import Workbench


class ModelCommands(QObject):
    """The commands on models of one window; each says what it did and offers to undo it.

    Signals:
        take_in_wanted: A found model is to be taken in; carries its name and its new one.
    """

    take_in_wanted = Signal(str, str)

    def __init__(
        self,
        *,
        window: QWidget,
        workbench: Workbench,
        library: LibraryPresenter,
        actions: RowActions,
        notices: NoticeBoard,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._workbench = workbench
        self._library = library
        self._notices = notices
        self._theme = theme
        self._scope = Scope(on_error=notices.tell_error)
        library.removed.connect(self._on_removed)
        actions.model_rename_requested.connect(self._on_rename_requested)
        actions.chat_rename_requested.connect(self._on_chat_rename_requested)
        actions.duplicate_requested.connect(self._on_duplicate_requested)
        actions.take_in_requested.connect(self._on_take_in_requested)
        actions.export_requested.connect(self._on_export_requested)
        actions.show_file_requested.connect(self._on_show_file_requested)
        actions.restore_requested.connect(self.open_trash)

    async def close(self) -> None:
        """End what runs."""
        await self._scope.close()

    @Slot()
    def open_trash(self) -> None:
        """Show what was removed, to bring it back."""
        self._scope.start(self._open_trash())

    @Slot()
    def open_folders(self) -> None:
        """Show the folders in which models are looked for."""
        self._scope.start(self._open_folders())

    @Slot(object, object)
    def drag_out(self, source: QWidget, names: tuple[str, ...]) -> None:
        """Let the user drop models on another program; called within a mouse handler."""
        from corral.gui.widgets.drag import drag_files  # lazy: for drags only
        from corral.library.outgoing import withdraw  # lazy: for drags only

        models = [model for name in names if (model := self._library.model(name))]
        usable = [model for model in models if not model.problem]
        try:
            offered = [
                path
                for model in usable
                for path in self._workbench.modelling.offer(self._workbench.places.models, model)
            ]
        except CorralError as error:
            self._notices.tell_error(error)
            return
        if not offered:
            return
        label = ", ".join(path.name for path in offered)
        if not drag_files(source, offered, label, self._theme):
            withdraw(tuple(offered))

    # -- removing -------------------------------------------------------------------------------

    @Slot(object)
    def _on_removed(self, removed: Removed) -> None:
        undo = (self.tr("Undo"), lambda: self._library.restore(removed))
        self._notices.tell(self._removed_text(removed), undo)

    def _removed_text(self, removed: Removed) -> str:
        n_models, n_chats = len(removed.models), len(removed.chats)
        if n_models == 1 and not n_chats:
            name = safe_line(without_latest(removed.models[0].name))
            return self.tr("%1 is in the trash for 7 days.").replace("%1", name)
        if n_chats == 1 and not n_models:
            return self.tr("The chat was deleted.")
        texts = []
        if n_models:
            texts.append(self.tr("%n model(s) are in the trash for 7 days.", "", n_models))
        if n_chats:
            texts.append(self.tr("%n chat(s) were deleted.", "", n_chats))
        return " ".join(texts)

    async def _open_trash(self) -> None:
        # lazy: opened seldom
        from corral.gui.library.trash_dialog import TrashDialog
        from corral.library.trash import KEPT_DAYS

        dialog = TrashDialog(await self._library.trash(), KEPT_DAYS, self._window)
        try:
            if await show(dialog) == TrashDialog.DialogCode.Accepted:
                self._library.restore(Removed(models=dialog.chosen))
        finally:
            dialog.deleteLater()

    async def _open_folders(self) -> None:
        from corral.gui.library.folders_dialog import FoldersDialog  # lazy: opened seldom

        dialog = FoldersDialog(self._window)

        async def show_folders() -> None:
            dialog.show_folders(*await self._library.folders())

        async def add() -> None:
            if folder := await self._ask_folder(dialog):
                self._library.add_folder(folder)
                await show_folders()

        async def remove(folder: str) -> None:
            self._library.remove_folder(folder)
            await show_folders()

        dialog.add_requested.connect(lambda: self._scope.start(add()))
        dialog.removal_requested.connect(lambda folder: self._scope.start(remove(folder)))
        try:
            await show_folders()
            await show(dialog)
        finally:
            dialog.deleteLater()

    async def _ask_folder(self, parent: QWidget) -> Path | None:
        chooser = QFileDialog(parent, self.tr("A folder with models"))
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        try:
            is_chosen = await show(chooser) == QFileDialog.DialogCode.Accepted
            return Path(chooser.selectedFiles()[0]) if is_chosen else None
        finally:
            chooser.deleteLater()

    # -- names ----------------------------------------------------------------------------------

    @Slot(str)
    def _on_rename_requested(self, name: str) -> None:
        self._ask_name(
            self.tr("Rename"),
            self.tr("New name"),
            without_latest(name),
            lambda new: self._library.rename_model(name, new),
        )

    @Slot(str)
    def _on_chat_rename_requested(self, chat_id: str) -> None:
        self._ask_name(
            self.tr("Rename"),
            self.tr("New name"),
            self._library.chat_title(chat_id),
            lambda new: self._library.rename_chat(chat_id, new),
        )

    @Slot(str)
    def _on_duplicate_requested(self, name: str) -> None:
        self._ask_name(
            self.tr("Duplicate"),
            self.tr("Name of the second model; its files are shared"),
            self._library.free_name(name),
            lambda new: self._library.duplicate(name, new),
        )

    @Slot(str)
    def _on_take_in_requested(self, name: str) -> None:
        async def take_in(new_name: str) -> None:
            self._library.check_new_name(new_name)
            self.take_in_wanted.emit(name, new_name)

        self._ask_name(
            self.tr("Make it mine"),
            self.tr("Name of the model here; the other program keeps its own"),
            without_latest(name),
            take_in,
        )

    def _ask_name(
        self, title: str, label: str, text: str, do: Callable[[str], Awaitable[object]]
    ) -> None:
        self._scope.start(
            ask_name(self._window, title=title, label=label, text=text, button=title, do=do)
        )

    # -- files ----------------------------------------------------------------------------------

    @Slot(str)
    def _on_show_file_requested(self, name: str) -> None:
        model = self._library.model(name)
        if model and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(model.weights.parent))):
            folder = safe_line(str(model.weights.parent), 500)
            self._notices.tell_error(
                UserError(self.tr("No program here shows folders."), detail=folder)
            )

    @Slot(object)
    def _on_export_requested(self, names: tuple[str, ...]) -> None:
        models = [model for name in names if (model := self._library.model(name))]
        self._scope.start(self._export(models))

    async def _export(self, models: list[StoredModel]) -> None:
        from corral.library.outgoing import outgoing_stem  # lazy: for exports only

        file_names = [f"{outgoing_stem(model)}.gguf" for model in models]
        targets = await self._ask_targets(file_names)
        for model, target in zip(models, targets, strict=False):
            try:
                written = await self._workbench.modelling.export(model, target).result()
            except Cancelled:
                return
            text = self.tr("%1 was saved as %2.").replace("%1", wording.title(model))
            self._notices.tell(text.replace("%2", safe_line(str(written[0]), 500)))

    async def _ask_targets(self, file_names: list[str]) -> list[Path]:
        """Ask for the file, or for the folder of several files; none when there was no answer."""
        dialog = QFileDialog(self._window, self.tr("Save as GGUF file"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if len(file_names) == 1:
            dialog.setNameFilters([self.tr("GGUF models (*.gguf)")])
            dialog.setDefaultSuffix("gguf")
            dialog.selectFile(file_names[0])
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        try:
            if await show(dialog) != QFileDialog.DialogCode.Accepted:
                return []
            chosen = Path(dialog.selectedFiles()[0])
        finally:
            dialog.deleteLater()
        return [chosen] if len(file_names) == 1 else [chosen / name for name in file_names]
