"""What a chat tab knows and can do; knows no widgets."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from corral.chats.store import BranchMessage, Conversation, ConversationId, MessageId
from corral.errors import CorralError, UserError
from corral.events import (
    ContextShifted,
    Finished,
    Phase,
    PhaseChanged,
    Queued,
    TextAdded,
    TokenChance,
    TokenChoice,
    ToolCalled,
)
from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.chat.shown_media import ShownMedia
from corral.gui.chat.view_data import MediaView, MessageViewData, ReplyState
from corral.gui.chat.wording import (
    branch_views,
    call_views,
    context_tokens,
    message_view,
    phase_text,
    shifted_text,
)
from corral.gui.template_wording import parser_words, template_words
from corral.library.model import StoredModel
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.answering import Answering
from corral.prompt.choice import ChoiceReason, TemplateSource
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.loading import OverBudgetError
from corral.workbench.templates import template_of
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # come with the first picture and the first plan
    from corral.chats.attachment import Attachment
    from corral.plan.options import LoadOptions

DRAFT_AFTER_S = 0.4

Begin = Callable[[Conversation], Coroutine[object, object, Generation]]


class ChatPresenter(QObject):
    """One conversation.

    Signals:
        conversation_changed: Title, model, system text or parameters are others now.
        branch_changed: Other messages are shown; `views` has them.
        message_changed: One message changed; carries its `MessageViewData`.
        text_added: A running answer grew; carries the message id, the text and its `TextKind`.
        busy_changed: An answer began or ended; carries whether one runs.
        draft_loaded: The unsent text that was kept; carries it.
        failed: A command could not be done; carries the `CorralError`.
        over_limit: The model was not loaded, as that is over the user's limit; carries the
            `OverBudgetError` with what would fit.
        attached: A file can go with the next message; carries the `Attachment`, and the
            `Picture` to show, None for a sound.
    """

    conversation_changed = Signal()
    branch_changed = Signal()
    message_changed = Signal(object)
    text_added = Signal(str, str, object)
    busy_changed = Signal(bool)
    draft_loaded = Signal(str)
    failed = Signal(object)
    over_limit = Signal(object)
    attached = Signal(object, object)

    def __init__(self, workbench: Workbench, chat_id: ConversationId) -> None:
        super().__init__()
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._branch: tuple[BranchMessage, ...] = ()
        self._generation: Generation | None = None
        self._draft = ""
        self._gguf_template: str | None = None
        self._media = ShownMedia(workbench, chat_id)
        self._shifted: dict[str, ContextShifted] = {}
        self._draft_task: asyncio.Task[None] | None = None
        self.chat_id = chat_id
        self.conversation: Conversation | None = None
        self.model: StoredModel | None = None
        self.models: tuple[str, ...] = ()
        self.views: list[MessageViewData] = []
        self._unsubscribes: tuple[Callable[[], None], ...] = (
            workbench.engine.subscribe(self.conversation_changed.emit),
            workbench.modelling.changed.subscribe(self.refresh),
        )

    # -- what there is ---------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether an answer runs."""
        return self._generation is not None

    @property
    def title(self) -> str:
        """The conversation's title."""
        title = self.conversation.title if self.conversation else ""
        return safe_line(title) or self.tr("New chat")

    @property
    def model_name(self) -> str:
        """Name of the model that answers."""
        return self.conversation.model if self.conversation else ""

    @property
    def state_text(self) -> str:
        """Where the model is, in words."""
        if self.model is None:
            return self.tr("not in the library")
        runner = self._workbench.planning.runner_of(self.model)
        if runner is None:
            return self.tr("not loaded")
        layers = runner.info.options.n_gpu_layers
        return self.tr("on the CPU") if layers == 0 else self.tr("on the GPU")

    @property
    def prompt_note(self) -> str:
        """What is particular about how the prompt is made, "" when nothing is."""
        if self.model is None or self.conversation is None:
            return ""
        try:
            chosen = template_of(self.model, self._gguf_template, self.conversation.template)
        except UserError as error:
            return str(error)
        is_usual = chosen.source is TemplateSource.GGUF and chosen.reason is ChoiceReason.ONLY
        words = "" if is_usual and not chosen.stands_in_for else template_words(chosen)
        return " · ".join(filter(None, (words, parser_words(self.model.config.parser))))

    @property
    def sets_aside_template(self) -> bool:
        """Whether the Modelfile has a TEMPLATE that is not used though nobody said so."""
        if self.model is None or self.conversation is None or self.conversation.template:
            return False
        return template_of(self.model, self._gguf_template).sets_aside_modelfile

    def use_template(self, source: TemplateSource) -> None:
        """Let another template make the prompts of this chat from now on."""
        self._scope.start(self._change(self._workbench.chats.set_template(self.chat_id, source)))

    @property
    def attach_refusal(self) -> str:
        """Why nothing can be attached, "" when it can."""
        from corral.gui.chat.attaching import refusal  # lazy: after the window is there

        runner = self.model and self._workbench.planning.runner_of(self.model)
        return refusal(self.model, runner.info.projector_problem if runner else "")

    def attach(self, paths: Sequence[Path]) -> None:
        """Have files ready for the next message."""
        self._scope.start(self._attach_files(paths))

    def attach_data(self, name: str, data: bytes) -> None:
        """Have a pasted picture ready for the next message."""
        self._scope.start(self._attach_data(name, data))

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self.model is not None and self._workbench.loading.is_loaded(self.model)

    @property
    def context(self) -> tuple[int | None, int] | None:
        """Tokens used and there in all; None while neither is known."""
        if known := context_tokens(self._branch):
            return known
        runner = self.model and self._workbench.planning.runner_of(self.model)
        return (None, runner.info.n_ctx) if runner else None

    @property
    def last_answer(self) -> BranchMessage | None:
        """The last answer of the branch that is shown."""
        answers = (s for s in reversed(self._branch) if s.message.role is Role.ASSISTANT)
        return next(answers, None)

    @property
    def last_question(self) -> BranchMessage | None:
        """The last thing that the user said on the branch that is shown."""
        questions = (s for s in reversed(self._branch) if s.message.role is Role.USER)
        return next(questions, None)

    def message(self, message_id: str) -> BranchMessage | None:
        """Return a message of the branch that is shown."""
        return next((s for s in self._branch if s.message.id == message_id), None)

    # -- commands --------------------------------------------------------------------------------

    def start(self) -> None:
        """Read the conversation."""
        self._scope.start(self._start())

    def refresh(self) -> None:
        """Read the conversation again."""
        self._scope.start(self._read())

    def send(self, text: str, attachments: Sequence["Attachment"] = ()) -> None:
        """Say something and have it answered."""
        conversing = self._workbench.conversing
        if not self.is_busy and text.strip():
            self._run(
                lambda chat: conversing.send(chat, text, attachments=attachments),
                said=text,
                attachments=attachments,
            )

    def edit(self, message_id: str, text: str) -> None:
        """Say something else instead, in a branch beside it."""
        step = self.message(message_id)
        if step and not self.is_busy and text.strip():
            self._run(lambda chat: self._workbench.conversing.edit(chat, step.message, text))

    def regenerate(self, message_id: str | None = None) -> None:
        """Answer again, in a branch beside the answer; None is the last one."""
        step = self.message(message_id) if message_id else self.last_answer
        if step and not self.is_busy:
            self._run(lambda chat: self._workbench.conversing.regenerate(chat, step.message))

    def answer_with(self, options: "LoadOptions") -> None:
        """Answer again, with the model loaded otherwise from now on."""
        if self.model and not self.is_busy:
            self._workbench.planning.choose(self.model, options)
            self.regenerate()

    def answer_anyway(self) -> None:
        """Answer again, with the model loaded over the user's limit."""
        step, conversing = self.last_answer, self._workbench.conversing
        if step and not self.is_busy:
            self._run(
                lambda chat: conversing.regenerate(chat, step.message, is_over_budget_allowed=True)
            )

    def stop(self) -> None:
        """Stop the running answer."""
        if self._generation:
            self._generation.stop()

    def choices_of(self, message_id: str) -> tuple[TokenChoice, ...]:
        """Return the tokens of an answer with their alternatives, () where they are not known."""
        return self._workbench.conversing.choices_of(MessageId(message_id))

    def continue_from(self, message_id: str, place: int, chance: TokenChance) -> None:
        """Answer as a message does up to one of its tokens, and go on with another one there."""
        step, conversing = self.message(message_id), self._workbench.conversing
        if step and not self.is_busy:
            self._run(lambda chat: conversing.continue_from(chat, step.message, place, chance))

    def show_variant(self, message_id: str | None, step: int) -> None:
        """Show the variant before or after a message's.

        Without a message it is the last answer's, or its question's if it is the only answer.
        """
        shown = self.message(message_id) if message_id else self.last_answer
        if message_id is None and (shown is None or shown.count == 1):
            shown = self.last_question
        if shown and not self.is_busy and 0 <= shown.index + step < shown.count:
            self._scope.start(self._show_branch(shown.sibling_ids[shown.index + step]))

    def set_model(self, name: str) -> None:
        """Let another model answer from now on."""
        self._scope.start(self._change(self._workbench.chats.set_model(self.chat_id, name)))

    def set_up(
        self,
        system: str | None,
        parameters: Mapping[str, ParameterValue],
        template: TemplateSource | None,
        answering: Answering,
    ) -> None:
        """Set the system text, the parameters, whose template makes prompts, and the answers."""
        self._scope.start(self._set_up(system, parameters, template, answering))

    @property
    def template_sources(self) -> tuple[TemplateSource, ...]:
        """Whose templates there are to choose from."""
        has = {
            TemplateSource.MODELFILE: bool(self.model and self.model.template),
            TemplateSource.GGUF: bool(self._gguf_template),
            TemplateSource.PLAIN: True,
        }
        return tuple(source for source, is_there in has.items() if is_there)

    def keep_draft(self, text: str) -> None:
        """Keep the text that is typed and not sent, soon."""
        self._draft = text
        if self._draft_task is None or self._draft_task.done():
            self._draft_task = self._scope.start(self._keep_draft_soon())

    async def save_as_model(self, name: str) -> StoredModel:
        """Make a model of the conversation.

        Raises:
            CorralError: If it cannot be made.
        """
        if self.model is None or self.conversation is None:
            text = self.tr("The model '%1' is not in the library.")
            raise UserError(text.replace("%1", safe_line(self.model_name)))
        job = self._workbench.modelling.save_conversation(
            name,
            self.model,
            system=self.conversation.system,
            parameters=self.conversation.parameters,
            messages=tuple(
                Message(role=step.message.role, content=step.message.text)
                for step in self._branch
                if step.message.text
            ),
        )
        return await job.result()

    async def fork(self, message_id: str) -> ConversationId:
        """Make a chat of its own of the branch up to a message.

        Raises:
            UserError: If the message is not on the branch any more.
        """
        step = self.message(message_id)
        if step is None or self.conversation is None:
            raise UserError(self.tr("This message is not in the shown branch."))
        return (await self._workbench.conversing.fork(self.conversation, step.message)).id

    async def close(self) -> None:
        """Keep the draft and end what follows; a running answer goes on without a reader."""
        unsubscribes, self._unsubscribes = self._unsubscribes, ()
        for unsubscribe in unsubscribes:
            unsubscribe()
        await self._scope.close()
        if self.conversation and self._draft != self.conversation.draft:
            await self._workbench.chats.set_draft(self.chat_id, self._draft)

    # -- how -------------------------------------------------------------------------------------

    async def _start(self) -> None:
        await self._read()
        if self.conversation and not self._draft:  # what was typed meanwhile stays
            self._draft = self.conversation.draft
            self.draft_loaded.emit(self._draft)
        if running := self._workbench.conversing.answering(self.chat_id):
            await self._follow(*running)

    async def _read(self) -> None:
        self.conversation = await self._workbench.chats.get(self.chat_id)
        self.models = tuple(
            model.name for model in await self._workbench.modelling.list() if not model.problem
        )
        try:
            self.model = await self._workbench.modelling.get(self.conversation.model)
            header = await self._workbench.planning.header(self.model)
            self._gguf_template = header.chat_template
        except CorralError:
            self.model = None  # the head of the chat says so and offers another
        await self._read_branch()
        self.conversation_changed.emit()

    async def _read_branch(self) -> None:
        assert self.conversation is not None
        self._branch = await self._workbench.chats.branch(self.conversation.leaf_id)
        views = branch_views(self._branch, self.model.messages if self.model else ())
        self.views = [self._as_it_grows(self._with_facts(self._media.fill(view))) for view in views]
        self.branch_changed.emit()
        if wanted := self._media.missing(self.views):
            self._scope.start(self._decode(wanted))

    async def _decode(self, wanted: Sequence[MediaView]) -> None:
        await self._media.decode(wanted)
        digests = {media.digest for media in wanted}
        self.views = [self._media.fill(view) for view in self.views]
        for view in self.views:
            if any(media.digest in digests for media in view.media):
                self.message_changed.emit(view)

    async def _attach_files(self, paths: Sequence[Path]) -> None:
        from corral.chats.attachment import attach_file  # lazy: most messages have none

        for path in paths:
            await self._show_attached(await asyncio.to_thread(attach_file, path))

    async def _attach_data(self, name: str, data: bytes) -> None:
        from corral.chats.attachment import attach  # lazy: as above

        await self._show_attached(attach(name, data))

    async def _show_attached(self, attachment: "Attachment") -> None:
        picture = await self._media.look_at(attachment, self.model)
        self.attached.emit(attachment, picture)

    def _as_it_grows(self, view: MessageViewData) -> MessageViewData:
        """Return a message with the text of its running answer, which the disk has not all of."""
        running = self._workbench.conversing.answering(self.chat_id)
        if running is None or running[0] != view.id:
            return view
        if self._generation is None:  # what came so far is told again when it is followed
            return replace(view, text="", thinking="", tool_calls=(), state=ReplyState.WAITING)
        answer, thinking = self._generation.answer, self._generation.thinking
        calls = call_views(self._generation.tool_calls)
        state = ReplyState.STREAMING if answer or thinking or calls else ReplyState.WAITING
        return replace(view, text=answer, thinking=thinking, tool_calls=calls, state=state)

    def _run(self, begin: Begin, said: str = "", attachments: Sequence["Attachment"] = ()) -> None:
        self._scope.start(self._begin_and_follow(begin, said, attachments))

    async def _begin_and_follow(
        self, begin: Begin, said: str, attachments: Sequence["Attachment"]
    ) -> None:
        try:
            self.conversation = await self._workbench.chats.get(self.chat_id)
            generation = await begin(self.conversation)
        except CorralError:
            if said and not self._draft:
                self.draft_loaded.emit(said)  # it was not taken: back into the box
            for attachment in attachments:
                await self._show_attached(attachment)
            raise
        running = self._workbench.conversing.answering(self.chat_id)
        await self._read()
        if running:
            await self._follow(*running)
        else:
            await generation.wait()
            await self._read()

    async def _follow(self, message_id: MessageId, generation: Generation) -> None:
        self._generation, refusal = generation, None
        self.busy_changed.emit(True)  # noqa: FBT003 (a signal)
        try:
            async for event in generation.events():
                match event:
                    case TextAdded():
                        self.text_added.emit(message_id, event.text, event.kind)
                    case ToolCalled():
                        self._show_call(message_id)
                    case PhaseChanged():
                        self._show_phase(message_id, event)
                    case Queued():
                        self._show_phase(message_id, PhaseChanged(phase=Phase.WAITING))
                    case ContextShifted():
                        self._shifted[message_id] = event
                    case Finished():
                        refusal = event.error
                        break
        finally:
            self._generation = None
            self.busy_changed.emit(False)  # noqa: FBT003
        await self._read()
        if step := self.message(message_id):
            self.message_changed.emit(self._with_facts(self._media.fill(message_view(step))))
        if isinstance(refusal, OverBudgetError):
            self.over_limit.emit(refusal)

    def _with_facts(self, view: MessageViewData) -> MessageViewData:
        """Return a view with what is known of it only as long as the program runs."""
        footer = view.footer
        if shifted := self._shifted.get(view.id):
            footer = " · ".join(part for part in (footer, shifted_text(shifted)) if part)
        return replace(view, has_choices=bool(self.choices_of(view.id)), footer=footer)

    def _show_call(self, message_id: MessageId) -> None:
        """Add the calls; the text, which may be ahead of what was told here, comes by itself."""
        step = self.message(message_id)
        if step and self._generation:
            calls = call_views(self._generation.tool_calls)
            view = replace(message_view(step), text="", thinking="", tool_calls=calls)
            self.message_changed.emit(replace(view, state=ReplyState.STREAMING))

    def _show_phase(self, message_id: MessageId, event: PhaseChanged) -> None:
        step = self.message(message_id)
        if step and not (self._generation and self._generation.answer):
            self.message_changed.emit(message_view(step, note=phase_text(event)))

    async def _show_branch(self, message_id: MessageId) -> None:
        self.conversation = await self._workbench.chats.set_leaf(self.chat_id, message_id)
        await self._read_branch()
        self.conversation_changed.emit()

    async def _change(self, change: Coroutine[object, object, None]) -> None:
        await change
        await self._read()

    async def _set_up(
        self,
        system: str | None,
        parameters: Mapping[str, ParameterValue],
        template: TemplateSource | None,
        answering: Answering,
    ) -> None:
        await self._workbench.chats.set_system(self.chat_id, system)
        await self._workbench.chats.set_parameters(self.chat_id, parameters)
        await self._workbench.chats.set_template(self.chat_id, template)
        await self._workbench.chats.set_answering(self.chat_id, answering)
        await self._read()

    async def _keep_draft_soon(self) -> None:
        await asyncio.sleep(DRAFT_AFTER_S)
        await self._workbench.chats.set_draft(self.chat_id, self._draft)
