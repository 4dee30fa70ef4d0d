"""What the library shows and can do; knows no widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from corral.chats.store import Conversation, ConversationId
from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.library import homes, wording
from corral.gui.library.filtering import Filter, ordered
from corral.gui.library.rows import Order, Row, RowKey, RowKind, Selection
from corral.gui.library.shelf import Shelf
from corral.jobs import Job
from corral.library.model import StoredModel
from corral.library.names import parse_name, without_latest
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:
    from corral.gguf.header import Header
    from corral.library.disk_use import DiskUse
    from corral.library.elsewhere.duplicates import Duplicate
    from corral.library.faults import CheckReport
    from corral.library.model import Home
    from corral.library.taking import ImportHow
    from corral.library.trash import TrashEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was taken away at once, and can be brought back at once.

    Attributes:
        models: The models, as they lie in the trash.
        chats: Ids of the chats.
    """

    models: tuple[TrashEntry, ...] = ()
    chats: tuple[str, ...] = ()


class LibraryPresenter(QObject):
    """Models by store, then chats, found by a search.

    Signals:
        rows_changed: `keys`, or what rows say, is another now.
        failed: A command could not be done; carries the `CorralError`.
        removed: Models and chats were removed; carries what `restore` takes, a `Removed`.
        chat_deleted: A chat was deleted; carries its id.
        chat_renamed: A chat has another title; carries its id.

    Attributes:
        keys: The rows in order.
        shelf: The models, whatever is searched.
        order: How the models of a store are put in order.
    """

    rows_changed = Signal()
    failed = Signal(object)
    removed = Signal(object)
    chat_deleted = Signal(str)
    chat_renamed = Signal(str)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._chats: dict[str, Conversation] = {}
        self._rows: dict[RowKey, Row] = {}
        self._filter = Filter()
        self._is_stale = self._is_refreshing = False
        self.keys: tuple[RowKey, ...] = ()
        self.order = Order.NEWEST
        self.shelf = Shelf(workbench, self._scope, self)
        self.shelf.fits_changed.connect(self._describe_again)
        self._unsubscribes = (
            workbench.modelling.changed.subscribe(self.refresh),
            workbench.engine.subscribe(self.refresh),
            workbench.planning.changed.subscribe(self.refresh),
        )

    @property
    def models(self) -> tuple[StoredModel, ...]:
        """All models that can be used, newest first, whatever is searched."""
        return tuple(model for model in self.shelf.models if not model.problem)

    @property
    def search(self) -> str:
        """What is searched."""
        return self._filter.text

    def model(self, name: str) -> StoredModel | None:
        """Return a model by its name."""
        return self.shelf.model(name)

    def chat_title(self, chat_id: str) -> str:
        """Return the title of a chat in the list."""
        return self.row((RowKind.CHAT, chat_id)).title

    def free_name(self, name: str) -> str:
        """Return a name for a second model that none has yet: "mario-copy", "mario-copy-2"."""
        base, _, tag = without_latest(name).partition(":")
        number, ending = 1, f":{tag}" if tag else ""
        new = f"{base}-copy{ending}"
        while self.model(new if tag else f"{new}:latest"):
            number += 1
            new = f"{base}-copy-{number}{ending}"
        return new

    def row(self, key: RowKey) -> Row:
        """Return what a row says."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._described(key)
        return row

    async def register_starter(self) -> None:
        """At the first start, give the user a model to talk to."""
        await self._workbench.modelling.register_starter(self._workbench.places.models)

    async def has_chat(self, chat_id: ConversationId) -> bool:
        """Whether a chat is still there."""
        chats = await self._workbench.chats.list_conversations()
        return any(chat.id == chat_id for chat in chats)

    def set_search(self, text: str) -> None:
        """Show only what has these words; models at once, chats when they were looked through."""
        self._filter = self._filter.searching(text)
        self._show()
        self._scope.start(self._find_chats())

    def set_order(self, order: Order) -> None:
        """Put the models of each store in another order."""
        self.order = order
        self._show()

    def set_order_by_name(self, name: str) -> None:
        """Put the models in an order that was remembered, if it is one."""
        if name in set(Order):
            self.set_order(Order(name))

    def refresh(self) -> None:
        """Read everything again; many wishes in a row are one."""
        self._is_stale = True
        if not self._is_refreshing:
            self._is_refreshing = self._scope.start(self._refresh_while_stale()) is not None

    # -- commands --------------------------------------------------------------------------------

    def import_file(self, path: Path, how: ImportHow) -> Job[StoredModel]:
        """Bring a file into the library."""
        return self._workbench.modelling.import_file(path, how=how)

    async def rename_model(self, name: str, new_name: str) -> None:
        """Give a model another name.

        Raises:
            UserError: If it cannot have that name.
        """
        await self._workbench.modelling.rename(name, new_name)

    async def duplicate(self, name: str, new_name: str) -> None:
        """Give a model a second name.

        Raises:
            UserError: If it cannot have that name.
        """
        await self._workbench.modelling.copy(name, new_name)

    def check_new_name(self, name: str) -> None:
        """Make sure that a model can have a name.

        Raises:
            UserError: If it is no name, or an own model has it.
        """
        found = self.model(parse_name(name).short)
        if found and homes.is_own(found):
            raise UserError(self.tr("There is a model of this name already."))

    def remove(self, selection: Selection) -> None:
        """Move models to the trash and delete chats, all of which `restore` brings back at once."""
        self._scope.start(self._remove(selection))

    def restore(self, removed: Removed) -> None:
        """Bring back what was removed."""
        self._scope.start(self._restore(removed))

    async def duplicates(self) -> tuple[Duplicate, ...]:
        """Return what lies in several places, as far as that is known."""
        return await self._workbench.modelling.duplicates()

    def hash_suspects(self) -> Job[int]:
        """Compare the files of the same size, so that `duplicates` knows all."""
        return self._workbench.modelling.hash_suspects()

    def check(self, *, mend: bool) -> Job[CheckReport]:
        """Compare all models with their digests; mend what can be mended when told to."""
        return self._workbench.modelling.check(mend=mend)

    async def disk_use(self) -> DiskUse:
        """Return what the own models take, each file counted once."""
        return await self._workbench.modelling.disk_use()

    async def folders(self) -> tuple[tuple[Home, ...], tuple[str, ...]]:
        """Return where models of others are looked for, and which folders the user added."""
        added = self._workbench.settings.current.model_folders
        return await self._workbench.modelling.homes(), added

    def add_folder(self, folder: Path) -> None:
        """Look for models in one more folder.

        Raises:
            ExternalError: If the settings cannot be written.
        """
        added = self._workbench.settings.current.model_folders
        wanted = str(folder.resolve())
        if wanted not in added:
            self._workbench.settings.change(model_folders=(*added, wanted))
        self.refresh()

    def remove_folder(self, folder: str) -> None:
        """Look for models in one folder less; what is in it stays.

        Raises:
            ExternalError: If the settings cannot be written.
        """
        added = self._workbench.settings.current.model_folders
        left = tuple(each for each in added if each != folder)
        self._workbench.settings.change(model_folders=left)
        self.refresh()

    async def trash(self) -> tuple[TrashEntry, ...]:
        """Return the removed models, the latest first."""
        return await self._workbench.modelling.trash()

    async def header(self, model: StoredModel) -> Header:
        """Return the header of a model's weights, read off the event loop.

        Raises:
            ExternalError: If it cannot be read.
        """
        return await self._workbench.planning.header(model)

    async def rename_chat(self, chat_id: str, title: str) -> None:
        """Give a chat another title."""
        await self._workbench.chats.rename(ConversationId(chat_id), title)
        self.chat_renamed.emit(chat_id)
        await self._refresh()

    async def close(self) -> None:
        """End what runs."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        await self._scope.close()

    async def _remove(self, selection: Selection) -> None:
        """Remove what can be removed, and say why the rest cannot."""
        entries: list[TrashEntry] = []
        errors: list[CorralError] = []
        for name in selection.models:
            try:
                entries.append(await self._remove_model(name))
            except CorralError as error:
                errors.append(error)
        for chat_id in selection.chats:
            await self._delete_chat(ConversationId(chat_id))
        if entries or selection.chats:
            self.removed.emit(Removed(models=tuple(entries), chats=selection.chats))
        if errors:
            self.failed.emit(errors[0])
        await self._refresh()

    async def _remove_model(self, name: str) -> TrashEntry:
        model = self.model(name)
        if model and not homes.is_own(model):
            text = self.tr("%1 belongs to %2 and is only used in place.")
            text = text.replace("%2", homes.label(model))
            raise UserError(
                text.replace("%1", wording.title(model)),
                hint=self.tr("Remove it there."),
            )
        if model and not model.problem:
            await self._workbench.loading.unload(model)
        return await self._workbench.modelling.remove(name)

    async def _delete_chat(self, chat_id: ConversationId) -> None:
        if answering := self._workbench.conversing.answering(chat_id):
            answering[1].stop()
            await answering[1].wait()
        await self._workbench.chats.delete(chat_id)
        self.chat_deleted.emit(chat_id)

    async def _restore(self, removed: Removed) -> None:
        for entry in removed.models:
            await self._workbench.modelling.restore(entry)
        for chat_id in removed.chats:
            await self._workbench.chats.undelete(ConversationId(chat_id))
        await self._refresh()

    # -- rows ------------------------------------------------------------------------------------

    async def _refresh_while_stale(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                await self._refresh()
        finally:
            self._is_refreshing = False

    async def _refresh(self) -> None:
        await self.shelf.refresh()
        self._filter = self._filter.over(self.shelf.models, self.shelf.haystacks)
        await self._find_chats()

    async def _find_chats(self) -> None:
        text = self._filter.text
        chats = await self._workbench.chats.list_conversations(text)
        if text == self._filter.text:  # nobody has typed on meanwhile
            self._chats = {chat.id: chat for chat in chats}
            self._show()

    def _show(self) -> None:
        self._rows.clear()
        stores: dict[str, list[StoredModel]] = {"": []}
        for model in self._filter.found():
            stores.setdefault(homes.section(model), []).append(model)
        keys: list[RowKey] = []
        for store, models in stores.items():
            if store:
                keys.append((RowKind.SECTION, self._section(homes.label(models[0]), len(models))))
            keys += [(RowKind.MODEL, model.name) for model in ordered(models, self.order)]
        if self._chats:
            keys.append((RowKind.SECTION, self.tr("Chats").upper()))
            keys += [(RowKind.CHAT, chat_id) for chat_id in self._chats]
        self.keys = tuple(keys)
        self.rows_changed.emit()

    def _section(self, label: str, n_models: int) -> str:
        text = self.tr("From %1").replace("%1", label).upper()
        return f"{text} · {n_models}"

    def _describe_again(self) -> None:
        self._rows.clear()
        self.rows_changed.emit()

    def _described(self, key: RowKey) -> Row:
        kind, name = key
        if kind is RowKind.MODEL and (model := self.model(name)):
            return self._model_row(model)
        if kind is RowKind.CHAT and name in self._chats:
            return self._chat_row(self._chats[name])
        return Row(kind=kind, key=name, title=name)

    def _model_row(self, model: StoredModel) -> Row:
        fit, is_loaded = self.shelf.fit(model), self.shelf.is_loaded(model)
        badge, role = wording.fit_badge(model, fit, is_loaded=is_loaded)
        return Row(
            kind=RowKind.MODEL,
            key=model.name,
            title=wording.title(model),
            detail=wording.detail(model, homes.label(model)),
            badge=badge,
            badge_role=role,
            tip=wording.fit_tip(model, fit),
            is_loaded=is_loaded,
        )

    def _chat_row(self, chat: Conversation) -> Row:
        model = without_latest(chat.model)
        age = wording.ago(time.time() - chat.updated_at)
        return Row(
            kind=RowKind.CHAT,
            key=chat.id,
            title=safe_line(chat.title) or self.tr("New chat"),
            detail=safe_line(f"{age} · {model}"),
        )
