"""What the library shows and can do; knows no widgets."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from corral.chats.store import Conversation, ConversationId
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.library.rows import Row, RowKind
from corral.gui.theme.palette import Role
from corral.jobs import Job
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.library.taking import ImportHow
from corral.plan.plan import Plan, Verdict
from corral.units import TimeUnit, context_size, file_size, past
from corral.workbench.workbench import Workbench


class LibraryPresenter(QObject):
    """Models and chats, found by a search, with a word on whether each model fits.

    Signals:
        rows_changed: `rows` are others now.
        failed: A command could not be done; carries the `CorralError`.
        model_removed: A model went to the trash; carries its name.
        chat_deleted: A chat was deleted; carries its id.
        chat_renamed: A chat has another title; carries its id.
    """

    rows_changed = Signal()
    failed = Signal(object)
    model_removed = Signal(str)
    chat_deleted = Signal(str)
    chat_renamed = Signal(str)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._search = ""
        self._models: tuple[StoredModel, ...] = ()
        self._chats: list[Conversation] = []
        self._plans: dict[str, Plan] = {}
        self.rows: tuple[Row, ...] = ()
        self._unsubscribes = (
            workbench.modelling.changed.subscribe(self.refresh),
            workbench.engine.subscribe(self.refresh),
        )

    @property
    def models(self) -> tuple[StoredModel, ...]:
        """All models that can be used, newest first, whatever is searched."""
        return tuple(model for model in self._models if not model.problem)

    def model(self, name: str) -> StoredModel | None:
        """Return a model by its name."""
        return next((m for m in self._models if m.name == name), None)

    async def register_starter(self) -> None:
        """At the first start, give the user a model to talk to."""
        await self._workbench.modelling.register_starter(self._workbench.places.models)

    async def has_chat(self, chat_id: ConversationId) -> bool:
        """Whether a chat is still there."""
        chats = await self._workbench.chats.list_conversations()
        return any(chat.id == chat_id for chat in chats)

    def set_search(self, text: str) -> None:
        """Show only what has these words."""
        self._search = text.strip()
        self.refresh()

    def refresh(self) -> None:
        """Read everything again."""
        self._scope.start(self._refresh())

    def import_file(self, path: Path, how: ImportHow) -> Job[StoredModel]:
        """Bring a file into the library."""
        return self._workbench.modelling.import_file(path, how=how)

    def rename_model(self, name: str, new_name: str) -> None:
        """Give a model another name."""
        self._scope.start(self._workbench.modelling.rename(name, new_name))

    def remove_model(self, name: str) -> None:
        """Move a model to the trash."""
        self._scope.start(self._remove_model(name))

    def restore_model(self, name: str) -> None:
        """Bring a removed model back."""
        self._scope.start(self._workbench.modelling.restore(name))

    def rename_chat(self, chat_id: str, title: str) -> None:
        """Give a chat another title."""
        self._scope.start(self._rename_chat(ConversationId(chat_id), title))

    def delete_chat(self, chat_id: str) -> None:
        """Delete a chat; it can be brought back."""
        self._scope.start(self._delete_chat(ConversationId(chat_id)))

    def restore_chat(self, chat_id: str) -> None:
        """Bring a deleted chat back."""
        self._scope.start(self._restore_chat(ConversationId(chat_id)))

    async def close(self) -> None:
        """End what runs."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        await self._scope.close()

    async def _refresh(self) -> None:
        self._models = await self._workbench.modelling.list()
        self._chats = await self._workbench.chats.list_conversations(self._search)
        self._show()
        self._plans = await self._workbench.planning.quick_plans(self.models)
        self._show()

    async def _remove_model(self, name: str) -> None:
        if model := self.model(name):
            await self._workbench.loading.unload(model)
        await self._workbench.modelling.remove(name)
        self.model_removed.emit(name)

    async def _rename_chat(self, chat_id: ConversationId, title: str) -> None:
        await self._workbench.chats.rename(chat_id, title)
        self.chat_renamed.emit(chat_id)
        await self._refresh()

    async def _delete_chat(self, chat_id: ConversationId) -> None:
        if answering := self._workbench.conversing.answering(chat_id):
            answering[1].stop()
            await answering[1].wait()
        await self._workbench.chats.delete(chat_id)
        self.chat_deleted.emit(chat_id)
        await self._refresh()

    async def _restore_chat(self, chat_id: ConversationId) -> None:
        await self._workbench.chats.undelete(chat_id)
        await self._refresh()

    def _show(self) -> None:
        wanted = self._search.casefold()
        models = [m for m in self._models if wanted in m.name.casefold()]
        rows = [self._model_row(model) for model in models]
        if self._chats:
            rows.append(Row(kind=RowKind.SECTION, title=self.tr("Chats").upper()))
            rows += [self._chat_row(chat) for chat in self._chats]
        if tuple(rows) != self.rows:
            self.rows = tuple(rows)
            self.rows_changed.emit()

    def _model_row(self, model: StoredModel) -> Row:
        badge, role = self._badge(model)
        return Row(
            kind=RowKind.MODEL,
            key=model.name,
            title=safe_line(without_latest(model.name)),
            detail=safe_line(model.problem or self._model_detail(model)),
            badge=badge,
            badge_role=role,
            is_loaded=self._workbench.loading.is_loaded(model),
        )

    def _badge(self, model: StoredModel) -> tuple[str, Role]:
        if model.problem:
            return self.tr("broken"), Role.BAD
        if self._workbench.loading.is_loaded(model):
            return self.tr("loaded"), Role.GOOD
        plan = self._plans.get(model.name)
        return self._plan_badge(plan) if plan else ("", Role.QUIET)

    def _plan_badge(self, plan: Plan) -> tuple[str, Role]:
        if plan.verdict is Verdict.OVER:
            return self.tr("too big"), Role.BAD
        on_gpu = plan.options.n_gpu_layers
        if plan.machine.gpus and 0 < on_gpu < plan.n_layers:
            text = self.tr("%1 of %2 on GPU").replace("%1", str(on_gpu))
            return text.replace("%2", str(plan.n_layers)), Role.TIGHT
        if plan.verdict is Verdict.TIGHT:
            return self.tr("tight"), Role.TIGHT
        return self.tr("fits"), Role.GOOD

    def _chat_row(self, chat: Conversation) -> Row:
        model = without_latest(chat.model)
        return Row(
            kind=RowKind.CHAT,
            key=chat.id,
            title=safe_line(chat.title) or self.tr("New chat"),
            detail=safe_line(f"{self._ago(time.time() - chat.updated_at)} · {model}"),
        )

    def _model_detail(self, model: StoredModel) -> str:
        if model.parent_name and model.messages:
            messages = self.tr("+ %n message(s)", "", len(model.messages))
            return f"{without_latest(model.parent_name)} {messages}"
        config = model.config
        parts = [file_size(model.size_bytes), config.quantization]
        if config.context_length:
            parts.append(context_size(config.context_length))
        return " · ".join(part for part in parts if part)

    def _ago(self, seconds: float) -> str:
        number, unit = past(seconds)
        if number == 0:
            return self.tr("just now")
        if (number, unit) == (1, TimeUnit.DAY):
            return self.tr("yesterday")
        words = {
            TimeUnit.MINUTE: self.tr("%n minute(s) ago", "", number),
            TimeUnit.HOUR: self.tr("%n hour(s) ago", "", number),
            TimeUnit.DAY: self.tr("%n day(s) ago", "", number),
            TimeUnit.WEEK: self.tr("%n week(s) ago", "", number),
            TimeUnit.MONTH: self.tr("%n month(s) ago", "", number),
        }
        return words[unit]
