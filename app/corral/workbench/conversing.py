"""One turn of a conversation, from the request to the stored answer.

Every front end comes this way: resolve the model, plan, load if needed, render, fit, generate.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corral.chats.attachment import Attachment, AttachmentKind
from corral.chats.store import (
    ChatStore,
    Conversation,
    ConversationId,
    MessageId,
    MessageState,
    PicturePart,
    SoundPart,
    StoredMessage,
    TextPart,
)
from corral.errors import CorralError, ExternalError, UserError
from corral.events import (
    ContextTrimmed,
    Event,
    Finished,
    FinishReason,
    Phase,
    PhaseChanged,
    TextAdded,
    TokenChance,
    TokenChoice,
    ToolCalled,
    Usage,
)
from corral.prompt.message import Message, Role
from corral.prompt.tool import ToolCall
from corral.prompt.tool_json import parsed_object
from corral.settings import Overflow, SettingsFile
from corral.workbench.announcer import Announcer
from corral.workbench.answer_writer import AnswerWriter
from corral.workbench.generation import Generation
from corral.workbench.loading import Loading
from corral.workbench.modelling import Modelling
from corral.workbench.request import ChatRequest

if TYPE_CHECKING:
    from corral.children.render_client import Renderer
    from corral.engine.protocol import AnyRunner
    from corral.engine.request import GenerationRequest
    from corral.workbench.later import Later
    from corral.workbench.media_reading import MediaReading
    from corral.workbench.prompting import Prompting

logger = logging.getLogger(__name__)

# Answers whose tokens are remembered with their alternatives.
MOST_KNOWN_CHOICES = 50


class Conversing:
    """Starts generations, owns them while they run and stores their answers.

    Attributes:
        changed: Told whenever a generation starts or ends.
        last_usage: Counts and times of the generation that ended last.

    Thread: the event loop's.
    """

    def __init__(
        self,
        *,
        modelling: Modelling,
        loading: Loading,
        renderer: Renderer,
        chats: ChatStore,
        media: Later[MediaReading],
        settings: SettingsFile,
    ) -> None:
        self._modelling = modelling
        self._loading = loading
        self._renderer = renderer
        self._media = media
        self._settings = settings
        self._prompting: Prompting | None = None
        self._chats = chats
        self._beginnings: set[asyncio.Task[Generation]] = set()
        self._pumps: dict[asyncio.Task[None], Generation] = {}
        self._answering: dict[ConversationId, tuple[MessageId, Generation]] = {}
        self._chosen: dict[MessageId, Generation] = {}
        self.changed = Announcer()
        self.last_usage: Usage | None = None

    def start(self, request: ChatRequest) -> Generation:
        """Begin a generation and answer at once; all else is told by its events."""
        generation = Generation()
        task = asyncio.get_running_loop().create_task(self._pump(request, generation))
        self._pumps[task] = generation
        task.add_done_callback(self._ended)
        self.changed.announce()
        return generation

    async def send(
        self,
        conversation: Conversation,
        text: str,
        parent_id: MessageId | None = None,
        *,
        attachments: Sequence[Attachment] = (),
        is_over_budget_allowed: bool = False,
    ) -> Generation:
        """Store what the user says and answer it.

        The message is on disk before anything else happens.

        Args:
            conversation: Where it is said.
            text: What is said.
            parent_id: The message it follows; None is the end of the shown branch.
            attachments: Pictures and sounds that come with it.
            is_over_budget_allowed: Load even if the plan is over the free memory.
        """
        return await self._whole(
            self._ask(
                conversation,
                parent_id or conversation.leaf_id,
                text,
                attachments=attachments,
                is_over_budget_allowed=is_over_budget_allowed,
            )
        )

    async def edit(
        self, conversation: Conversation, message: StoredMessage, text: str
    ) -> Generation:
        """Say something else instead of `message`, in a branch beside it, and answer that.

        The pictures and sounds that came with it come with the new one too.
        """
        attachments = tuple((await self._attachments((message,))).values())
        return await self._whole(
            self._ask(conversation, message.parent_id, text, attachments=attachments)
        )

    async def regenerate(
        self,
        conversation: Conversation,
        answer: StoredMessage,
        *,
        is_over_budget_allowed: bool = False,
    ) -> Generation:
        """Answer the same question once more, in a branch beside `answer`.

        Args:
            conversation: Where it was answered.
            answer: The answer.
            is_over_budget_allowed: Load even if the plan is over the free memory.
        """
        assert answer.parent_id is not None
        return await self._whole(
            self._answer(
                conversation, answer.parent_id, is_over_budget_allowed=is_over_budget_allowed
            )
        )

    def choices_of(self, message_id: MessageId) -> tuple[TokenChoice, ...]:
        """Return the tokens of an answer of this run with their alternatives, () if unknown."""
        generation = self._chosen.get(message_id)
        return generation.choices if generation else ()

    async def continue_from(
        self, conversation: Conversation, answer: StoredMessage, place: int, chance: TokenChance
    ) -> Generation:
        """Answer once more as `answer` does up to a place, go on there with another token.

        Args:
            conversation: Where.
            answer: An answer whose choices are known.
            place: Number of one of its tokens, from 0.
            chance: What stands there instead.

        Raises:
            UserError: If the choices of the answer are not known any more.
        """
        assert answer.parent_id is not None
        choices = self.choices_of(answer.id)
        if not 0 <= place < len(choices):
            raise UserError(
                f"Token {place + 1:,} of this answer is not known; {len(choices):,} are.",
                hint="Let it be answered again with the alternatives of each token.",
            )
        other = replace(choices[place], chosen=chance)
        begun = (*choices[:place], other)
        return await self._whole(self._answer(conversation, answer.parent_id, begun=begun))

    async def fork(self, conversation: Conversation, message: StoredMessage) -> Conversation:
        """Make a conversation of its own of everything up to `message`."""
        made = await self._chats.create_conversation(
            conversation.model,
            system=conversation.system,
            parameters=conversation.parameters,
            template=conversation.template,
            answering=conversation.answering,
        )
        parent_id: MessageId | None = None
        for step in await self._chats.branch(message.id):
            parent_id = await self._copy(made.id, parent_id, step.message)
        return await self._chats.get(made.id)

    async def said(self, conversation_id: ConversationId) -> tuple[Message, ...]:
        """Return the shown branch of a conversation as templates get it.

        Raises:
            UserError: If it is not there any more.
        """
        leaf = (await self._chats.get(conversation_id)).leaf_id
        return tuple(_said(step.message) for step in await self._chats.branch(leaf))

    def answering(self, conversation_id: ConversationId) -> tuple[MessageId, Generation] | None:
        """Return the running answer of a conversation and the message that receives it."""
        return self._answering.get(conversation_id)

    @property
    def running(self) -> tuple[Generation, ...]:
        """Generations that have not ended."""
        return tuple(self._pumps.values())

    async def close(self) -> None:
        """Stop everything that runs and wait until the answers are on disk."""
        await asyncio.gather(*self._beginnings, return_exceptions=True)
        for generation in self.running:
            generation.stop()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _whole(self, beginning: Coroutine[object, object, Generation]) -> Generation:
        """Begin a turn wholly, even when its caller goes away: no question without its answer."""
        task = asyncio.get_running_loop().create_task(beginning)
        self._beginnings.add(task)
        task.add_done_callback(self._beginnings.discard)
        return await asyncio.shield(task)

    async def _ask(
        self,
        conversation: Conversation,
        parent_id: MessageId | None,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        is_over_budget_allowed: bool = False,
    ) -> Generation:
        question = await self._chats.add_message(
            conversation.id,
            parent_id,
            Role.USER,
            (*map(_part, attachments), TextPart(text=text)),
            attachments=attachments,
        )
        return await self._answer(
            conversation, question.id, is_over_budget_allowed=is_over_budget_allowed
        )

    async def _copy(
        self, conversation_id: ConversationId, parent_id: MessageId | None, message: StoredMessage
    ) -> MessageId:
        """Add a message like another one; an answer that still grows ends here."""
        is_growing = message.state is MessageState.STREAMING
        copy = await self._chats.add_message(
            conversation_id,
            parent_id,
            message.role,
            message.parts,
            model=message.model,
            state=MessageState.STOPPED if is_growing else message.state,
            attachments=tuple((await self._attachments((message,))).values()),
        )
        await self._chats.update_message(
            copy.id,
            usage=message.usage,
            finish_reason=message.finish_reason,
            error=message.error,
            dropped_messages=message.dropped_messages,
        )
        return copy.id

    async def _answer(
        self,
        conversation: Conversation,
        question_id: MessageId,
        *,
        is_over_budget_allowed: bool = False,
        begun: tuple[TokenChoice, ...] = (),
    ) -> Generation:
        branch = await self._chats.branch(question_id)
        attachments = await self._attachments([step.message for step in branch])
        answer = await self._chats.add_message(
            conversation.id,
            question_id,
            Role.ASSISTANT,
            model=conversation.model,
            state=MessageState.STREAMING,
        )
        generation = self.start(
            ChatRequest(
                model=conversation.model,
                messages=tuple(_said(step.message) for step in branch),
                attachments=attachments,
                system=conversation.system,
                parameters=conversation.parameters,
                template=conversation.template,
                answering=conversation.answering,
                forced=tuple(choice.chosen.token for choice in begun),
                is_over_budget_allowed=is_over_budget_allowed,
                answer=answer.id,
                kept_as=conversation.id,
            )
        )
        generation.choices = begun
        self._answering[conversation.id] = (answer.id, generation)
        if conversation.answering.n_choices >= 0:
            self._keep_choices(answer.id, generation)
        self.changed.announce()
        return generation

    async def _attachments(self, messages: Sequence[StoredMessage]) -> Mapping[str, Attachment]:
        """Return the files of pictures and sounds in stored messages of one conversation."""
        parts = {part.digest: part for message in messages for part in message.media}
        if not parts:
            return {}
        found = await self._chats.attached(messages[0].conversation_id, parts)
        return {
            digest: Attachment(
                digest=digest,
                kind=AttachmentKind.SOUND
                if isinstance(part, SoundPart)
                else AttachmentKind.PICTURE,
                name=part.name,
                data=found[digest],
            )
            for digest, part in parts.items()
            if digest in found
        }

    def _keep_choices(self, answer_id: MessageId, generation: Generation) -> None:
        self._chosen[answer_id] = generation
        while len(self._chosen) > MOST_KNOWN_CHOICES:
            del self._chosen[next(iter(self._chosen))]

    async def _pump(self, request: ChatRequest, generation: Generation) -> None:
        """Own one generation from its first step to its stored end."""
        started = time.perf_counter()
        writer = AnswerWriter(self._chats, request.answer, generation) if request.answer else None
        end = Finished(reason=FinishReason.CANCELLED)
        try:
            async for event in self._steps(request, generation):
                if isinstance(event, Finished):
                    end = event
                    continue
                generation.publish(event)
                if writer and isinstance(event, TextAdded | ToolCalled):
                    writer.touch()
        except asyncio.CancelledError:
            if not generation.is_stopping:
                raise
        except CorralError as error:
            end = Finished(reason=FinishReason.FAILED, error=error)
        except Exception as error:  # border: a bug must end this generation, not the program
            logger.exception("a generation failed")
            bug = ExternalError(f"Corral made a mistake: {error!r}.", hint="The log has more.")
            end = Finished(reason=FinishReason.FAILED, error=bug)
        generation.work_on(None)
        end = replace(end, usage=replace(end.usage, total_s=time.perf_counter() - started))
        if writer:
            end = await self._store_end(writer, end)
        if end.usage.generated_tokens:
            self.last_usage = end.usage
        generation.publish(end)

    async def _store_end(self, writer: AnswerWriter, end: Finished) -> Finished:
        try:
            await writer.finish(end)
        except ExternalError as error:
            return Finished(reason=FinishReason.FAILED, usage=end.usage, error=error)
        return end

    async def _steps(self, request: ChatRequest, generation: Generation) -> AsyncIterator[Event]:
        this = asyncio.current_task()
        assert this is not None
        generation.work_on(this)
        started = time.perf_counter()
        model = await self._modelling.get(request.model)
        if request.attachments:
            from corral.workbench.media_reading import require_projector  # lazy: few messages

            require_projector(model, request.attachments.values())
        was_loaded = self._loading.is_loaded(model)
        async with self._loading.using(model, request, generation.publish) as runner:
            load_s = 0.0 if was_loaded else time.perf_counter() - started
            if request.messages is None:
                yield Finished(reason=FinishReason.LOADED, usage=Usage(load_s=load_s))
                return
            generation.ledger = self._loading.ledger(runner)
            yield PhaseChanged(phase=Phase.RENDERING)
            overflow = request.answering.overflow or self._settings.current.context_overflow
            prompt = await self._prompter().prepare(model, runner, request)
            if prompt.trimmed:
                if overflow is Overflow.REFUSE:
                    raise _too_long(prompt.trimmed)
                yield prompt.trimmed
            before_s = time.perf_counter() - started
            asked = replace(
                prompt.request,
                kept_as=request.kept_as,
                overflow=overflow,
                speculation=request.speculation or self._settings.current.speculation,
                draft_model=model.drafts[0] if model.drafts else None,
            )
            async for event in self._generate(runner, asked, generation):
                if isinstance(event, Finished):
                    first_s = before_s + event.usage.first_token_s
                    usage = replace(event.usage, load_s=load_s, first_token_s=first_s)
                    event = replace(event, usage=usage)  # noqa: PLW2901 (the same event, completed)
                    await self._loading.note_run(model, runner, usage)
                yield event

    def _prompter(self) -> Prompting:
        from corral.workbench.prompting import Prompting  # lazy: comes with the first prompt

        if self._prompting is None:
            self._prompting = Prompting(self._renderer, self._media)
        return self._prompting

    async def _generate(
        self, runner: AnyRunner, request: GenerationRequest, generation: Generation
    ) -> AsyncIterator[Event]:
        from corral.engine.mailbox import Mailbox  # lazy: comes with the first prompt

        mailbox = Mailbox(asyncio.get_running_loop())
        yield PhaseChanged(phase=Phase.READING_PROMPT, done=0, total=len(request.tokens))
        handle = runner.generate(request, mailbox)
        generation.step_shares = handle.shares
        generation.work_on(handle)
        async for event in mailbox:
            yield event

    def _ended(self, task: asyncio.Task[None]) -> None:
        generation = self._pumps.pop(task)
        for conversation_id, (_, answering) in list(self._answering.items()):
            if answering is generation:
                del self._answering[conversation_id]
        self.changed.announce()
        if not task.cancelled() and (error := task.exception()):
            logger.error("a pump ended with an error", exc_info=error)


def _part(attachment: Attachment) -> PicturePart | SoundPart:
    kind = SoundPart if attachment.kind is AttachmentKind.SOUND else PicturePart
    return kind(digest=attachment.digest, name=attachment.name)


def _said(message: StoredMessage) -> Message:
    """Return a stored message as templates get it, with the tool calls that could be read."""
    return Message(
        role=message.role,
        content=message.text,
        images=len(message.media),
        media=tuple(part.digest for part in message.media),
        tool_calls=tuple(
            ToolCall(name=part.name, arguments=parsed_object(part.text) or {})
            for part in message.tool_calls
            if not part.problem
        ),
    )


def _too_long(trimmed: ContextTrimmed) -> UserError:
    return UserError(
        f"The conversation does not fit into the context of {trimmed.context_tokens} tokens; "
        f"{trimmed.dropped_messages} messages would have to be left out.",
        hint="Load the model with a longer context, or allow messages to be left out.",
    )
