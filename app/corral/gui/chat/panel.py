"""The chat tab as widgets: header, messages, message box."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from corral.errors import CorralError, UserError
from corral.events import TextKind
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope, show
from corral.gui.chat.composer import Composer
from corral.gui.chat.presenter import ChatPresenter
from corral.gui.chat.transcript import Transcript
from corral.gui.notices import NoticeBoard
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import ChoiceButton, IconButton, Look, TextButton
from corral.gui.widgets.gauge import ContextGauge
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, plain_tool_tip
from corral.gui.window_state import TabState
from corral.library.model import StoredModel
from corral.library.names import without_latest
from corral.prompt.choice import TemplateSource
from corral.prompt.history import IMAGE_TOKENS
from corral.workbench.loading import OverBudgetError

if TYPE_CHECKING:
    from corral.gui.chat.set_up import SetUpDialog

_COMPOSER_PADDING = 2 * GRID  # from its frame to its text


class ChatPanel(QWidget):
    """One conversation.

    Signals:
        title_changed: The tab is to be called otherwise.
        save_as_model_requested: The conversation is to become a model.
        plan_wanted: The plan for this chat is to be shown; carries its model and conversation.
        conversation_changed: Title, model or time of the conversation are others now.
        chat_forked: A branch became a chat of its own; carries its id.
    """

    title_changed = Signal(str)
    save_as_model_requested = Signal()
    plan_wanted = Signal(object, object)
    conversation_changed = Signal()
    chat_forked = Signal(str)

    def __init__(
        self, presenter: ChatPresenter, theme: Theme, *, scroll: tuple[str, int] | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("chat")
        self._presenter = presenter
        self._scroll = scroll
        self._has_scrolled = False
        self._notices = NoticeBoard(theme)
        self._scope = Scope(on_error=self._notices.tell_error)
        self._model = ChoiceButton(self.tr("Model of this chat"))
        self._model.setObjectName("chatModel")
        self._loaded_dot = PlainLabel("●", look="good")
        self._loaded_dot.setAccessibleName(self.tr("The model is loaded"))
        self._state = ElidedLabel(look="small")
        self._use_template = TextButton(self.tr("TEMPLATE set aside: use it"), look=Look.FLAT)
        self._use_template.setObjectName("useTemplate")
        self._use_template.hide()
        self._gauge = ContextGauge(theme)
        self._more = IconButton(theme, "ellipsis", self.tr("System text and parameters"))
        self._more.setObjectName("chatSetUp")
        self._transcript = Transcript(theme)
        self._composer = Composer(theme)
        self._arrange()
        self._connect()
        presenter.start()

    @property
    def key(self) -> str:
        """Id of the conversation."""
        return self._presenter.chat_id

    @property
    def title(self) -> str:
        """Words for the tab."""
        return self._presenter.title

    @property
    def model(self) -> str:
        """Name of the model that answers."""
        return self._presenter.model_name

    @property
    def suggested_model_name(self) -> str:
        """A name for the model that this conversation could become."""
        return self.model.partition(":")[0] + "-chat"

    def tab_state(self) -> TabState:
        """Return what is needed to open it again."""
        return TabState(kind="chat", key=self.key, scroll=self._transcript.scroll_state())

    async def close_panel(self) -> None:
        """Keep the draft and end what runs."""
        await self._scope.close()
        await self._presenter.close()

    async def save_as_model(self, name: str) -> StoredModel:
        """Make a model of the conversation."""
        return await self._presenter.save_as_model(name)

    def refresh(self) -> None:
        """Read the conversation again."""
        self._presenter.refresh()

    def focus_box(self) -> None:
        """Put the cursor into the message box."""
        self._composer.focus_field()

    def tell_plan(self) -> None:
        """Ask for the plan of this chat's model."""
        if self._presenter.model:
            self.plan_wanted.emit(self._presenter.model, self._presenter.conversation)

    def stop(self) -> None:
        """Stop the running answer, or the editing of a message."""
        if self._presenter.is_busy:
            self._presenter.stop()
        elif self._composer.edited_id:
            self._composer.cancel_editing()

    def regenerate(self) -> None:
        """Answer the last question again."""
        self._presenter.regenerate()

    def previous_variant(self) -> None:
        """Show the variant before the last answer's."""
        self._presenter.show_variant(None, -1)

    def next_variant(self) -> None:
        """Show the variant after the last answer's."""
        self._presenter.show_variant(None, 1)

    def copy_reply(self) -> None:
        """Put the last answer on the clipboard."""
        if answer := self._presenter.last_answer:
            QGuiApplication.clipboard().setText(answer.message.text)

    def choose_model(self) -> None:
        """Offer the models to answer from now on."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._presenter.models:
            action = QAction(safe_line(without_latest(name)), menu)
            action.setCheckable(True)
            action.setChecked(name == self.model)
            action.triggered.connect(lambda _=False, chosen=name: self._set_model(chosen))
            menu.addAction(action)
        menu.popup(self._model.mapToGlobal(QPoint(0, self._model.height())))

    # -- building --------------------------------------------------------------------------------

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(3 * GRID, GRID, 2 * GRID, GRID)
        head.setSpacing(GRID)
        head.addWidget(self._model)
        head.addWidget(self._loaded_dot)
        head.addWidget(self._state, 1)
        head.addWidget(self._use_template)
        head.addWidget(self._gauge)
        head.addWidget(self._more)
        self._box = QHBoxLayout()
        self._box.addWidget(self._composer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._notices)
        layout.addWidget(self._transcript, 1)
        layout.addLayout(self._box)
        self._transcript.set_empty_text(self.tr("Ask something, or go on with a text."))

    def _connect(self) -> None:
        presenter, transcript, composer = self._presenter, self._transcript, self._composer
        presenter.conversation_changed.connect(self._on_conversation_changed)
        presenter.branch_changed.connect(self._on_branch_changed)
        presenter.message_changed.connect(transcript.update_message)
        presenter.text_added.connect(self._on_text_added)
        presenter.busy_changed.connect(self._on_busy_changed)
        presenter.draft_loaded.connect(composer.set_draft)
        presenter.failed.connect(self._on_failed)
        presenter.over_limit.connect(self._on_over_limit)
        presenter.attached.connect(composer.attach)
        composer.attach_requested.connect(self._on_attach_requested)
        composer.media_offered.connect(self._on_media_offered)
        composer.attachments_changed.connect(self._show_context)
        composer.send_requested.connect(self._on_send_requested)
        composer.edit_submitted.connect(self._on_edit_submitted)
        composer.edit_last_requested.connect(self._on_edit_last_requested)
        composer.stop_requested.connect(presenter.stop)
        composer.save_as_model_requested.connect(self.save_as_model_requested)
        composer.draft_changed.connect(presenter.keep_draft)
        transcript.edit_requested.connect(self._on_edit_requested)
        transcript.branch_requested.connect(self._on_branch_requested)
        transcript.regenerate_requested.connect(presenter.regenerate)
        transcript.tokens_requested.connect(self._on_tokens_requested)
        transcript.variant_requested.connect(presenter.show_variant)
        transcript.link_requested.connect(self._on_link_requested)
        transcript.margin_changed.connect(self._on_margin_changed)
        self._model.clicked.connect(self.choose_model)
        self._more.clicked.connect(self._on_more_clicked)
        self._use_template.clicked.connect(self._on_use_template_clicked)

    # -- what happened ---------------------------------------------------------------------------

    @Slot()
    def _on_conversation_changed(self) -> None:
        presenter = self._presenter
        name = safe_line(without_latest(presenter.model_name))
        self._model.set_choice(name)
        self._loaded_dot.setVisible(presenter.is_loaded)
        words = (presenter.state_text, presenter.prompt_note)
        self._state.setText(" · ".join(word for word in words if word))
        self._use_template.setVisible(presenter.sets_aside_template)
        self._use_template.setToolTip(plain_tool_tip(presenter.prompt_note))
        self._composer.set_model_name(name)
        self._composer.set_attaching(presenter.attach_refusal)
        self._composer.set_can_save(bool(presenter.views) and presenter.model is not None)
        self._show_context()
        self.title_changed.emit(presenter.title)
        self.conversation_changed.emit()
        self.tell_plan()

    @Slot()
    def _show_context(self) -> None:
        """Show what the context holds, and about what attached pictures will take."""
        if context := self._presenter.context:
            estimated = IMAGE_TOKENS * len(self._composer.attachments)
            self._gauge.show_usage(*context, estimated)
        else:
            self._gauge.show_unknown()

    @Slot(int)
    def _on_margin_changed(self, margin: int) -> None:
        """Keep what is typed in line with what is read."""
        side = max(GRID, margin - _COMPOSER_PADDING)
        self._box.setContentsMargins(side, 0, side, 2 * GRID)

    @Slot()
    def _on_branch_changed(self) -> None:
        self._transcript.set_messages(self._presenter.views)
        if not self._has_scrolled and self._presenter.views:
            self._has_scrolled = True
            self._transcript.restore_scroll(self._scroll)

    @Slot()
    def _on_use_template_clicked(self) -> None:
        self._presenter.use_template(TemplateSource.MODELFILE)

    @Slot(str, str, object)
    def _on_text_added(self, message_id: str, text: str, kind: TextKind) -> None:
        self._transcript.append_text(message_id, text, kind)

    @Slot(bool)
    def _on_busy_changed(self, is_busy: bool) -> None:  # noqa: FBT001 (Qt's signal)
        self._composer.set_busy(is_busy)
        self._transcript.announce(
            self.tr("The answer begins") if is_busy else self.tr("The answer has ended")
        )

    @Slot(object)
    def _on_failed(self, error: CorralError) -> None:
        self._notices.tell_error(error)

    @Slot(object)
    def _on_over_limit(self, refusal: OverBudgetError) -> None:
        from corral.gui.hardware.wording import move_button  # lazy: comes with the hardware panel

        presenter = self._presenter
        moves = [
            (move_button(move), partial(presenter.answer_with, move.options))
            for move in refusal.moves
        ]
        anyway = (self.tr("Load anyway"), presenter.answer_anyway)
        self._notices.tell_error(refusal, *moves, anyway)

    @Slot(str)
    def _on_send_requested(self, text: str) -> None:
        self._notices.clear()
        self._presenter.send(text, self._composer.attachments)
        self._composer.clear()
        self._transcript.jump_to_end()

    @Slot()
    def _on_attach_requested(self) -> None:
        self._scope.start(self._attach())

    async def _attach(self) -> None:
        from corral.gui.chat.attaching import choose_files  # lazy: most messages have none

        if self._presenter.model:
            self._presenter.attach(await choose_files(self, self._presenter.model))

    @Slot(object)
    def _on_media_offered(self, source: QMimeData) -> None:
        from corral.gui.chat.attaching import files_in, picture_in  # lazy: as above

        if reason := self._presenter.attach_refusal:
            self._notices.tell_error(UserError(reason))
        elif files := files_in(source):
            self._presenter.attach(files)
        elif data := picture_in(source):
            self._presenter.attach_data(self.tr("pasted picture"), data)

    @Slot(str, str)
    def _on_edit_submitted(self, message_id: str, text: str) -> None:
        self._presenter.edit(message_id, text)
        self._composer.clear()

    @Slot()
    def _on_edit_last_requested(self) -> None:
        if question := self._presenter.last_question:
            self._on_edit_requested(question.message.id)

    @Slot(str)
    def _on_edit_requested(self, message_id: str) -> None:
        if step := self._presenter.message(message_id):
            self._composer.start_editing(message_id, step.message.text)

    @Slot(str)
    def _on_tokens_requested(self, message_id: str) -> None:
        self._scope.start(self._show_tokens(message_id))

    async def _show_tokens(self, message_id: str) -> None:
        from corral.gui.chat.tokens_dialog import TokensDialog  # lazy: seldom looked at

        dialog = TokensDialog(self, self._presenter.choices_of(message_id))
        try:
            if await show(dialog) == TokensDialog.DialogCode.Accepted and dialog.chosen:
                self._presenter.continue_from(message_id, *dialog.chosen)
        finally:
            dialog.deleteLater()

    @Slot(str)
    def _on_branch_requested(self, message_id: str) -> None:
        self._scope.start(self._fork(message_id))

    async def _fork(self, message_id: str) -> None:
        self.chat_forked.emit(await self._presenter.fork(message_id))

    @Slot(str)
    def _on_link_requested(self, address: str) -> None:
        from corral.gui.chat.links import open_link  # lazy: comes with the first link

        self._scope.start(open_link(self, address))

    @Slot()
    def _on_more_clicked(self) -> None:
        self._scope.start(self._set_up())

    async def _set_up(self) -> None:
        from corral.gui.chat.set_up import SetUpDialog  # lazy: comes with the first look

        chat, model = self._presenter.conversation, self._presenter.model
        if chat is None:
            return
        dialog = SetUpDialog(
            self, chat=chat, model=model, templates=self._presenter.template_sources
        )
        dialog.adapter_wanted.connect(lambda: self._scope.start(self._choose_adapters(dialog)))
        try:
            if await show(dialog) == SetUpDialog.DialogCode.Accepted:
                self._presenter.set_up(
                    dialog.system, dialog.parameters, dialog.template, dialog.answering
                )
        finally:
            dialog.deleteLater()

    async def _choose_adapters(self, dialog: "SetUpDialog") -> None:
        from PySide6.QtWidgets import QFileDialog  # lazy: so too

        chooser = QFileDialog(dialog, self.tr("A LoRA adapter"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chooser.setNameFilter(self.tr("GGUF files (*.gguf)"))
        try:
            if await show(chooser) == QFileDialog.DialogCode.Accepted:
                for name in chooser.selectedFiles():
                    dialog.add_adapter(Path(name))
        finally:
            chooser.deleteLater()

    def _set_model(self, name: str) -> None:
        self._presenter.set_model(name)
