"""From a request to the tokens that the model reads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from corral.children.render_client import Renderer
from corral.engine.protocol import AnyRunner
from corral.engine.request import GenerationRequest
from corral.engine.session import Session
from corral.errors import UserError
from corral.events import ContextTrimmed
from corral.library.model import StoredModel
from corral.library.names import parse_name
from corral.llama.media import Media
from corral.llama.special_tokens import SpecialTokens, read_special_tokens
from corral.modelfile.catalogue import ParameterValue
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.conversation import Conversation
from corral.prompt.family import Family, family_stops
from corral.prompt.guard import GuardedText, Guards
from corral.prompt.history import HistorySearch
from corral.prompt.media_marks import with_media_tags
from corral.prompt.message import Message, Role
from corral.prompt.old_thinking import forgets_thinking, without_old_thinking
from corral.prompt.reply_format import ALL_MARKS, reply_format
from corral.prompt.tool import tool_name
from corral.workbench.answering import adapters_of, bias_of, grammar_of
from corral.workbench.completing import completion_prompt
from corral.workbench.media_tokens import PromptTokens, prompt_tokens
from corral.workbench.prompt_writer import PromptWriter
from corral.workbench.request import ChatRequest
from corral.workbench.template_families import family_of
from corral.workbench.templates import template_of

if TYPE_CHECKING:
    from corral.workbench.later import Later
    from corral.workbench.media_reading import MediaReading

# Room that is kept for the reply, so that a full context still answers.
REPLY_SHARE = 8
REPLY_TOKENS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPrompt:
    """What goes to the runner, and what had to be left out.

    Attributes:
        request: Tokens, parameters and stop strings.
        text: The prompt as text.
        template: The template that wrote it.
        trimmed: What did not fit, None when all did.
    """

    request: GenerationRequest
    text: str
    template: ChosenTemplate
    trimmed: ContextTrimmed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a template says of a model's special texts, and the family that it belongs to."""

    guards: Guards
    family: Family | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    text: GuardedText
    read: PromptTokens
    dropped: int


class Prompting:
    """Renders, counts and fits prompts.

    Thread: the event loop's.
    """

    def __init__(self, renderer: Renderer, media: Later[MediaReading] | None = None) -> None:
        self._renderer = renderer
        self._media = media
        self._special: WeakKeyDictionary[AnyRunner, SpecialTokens] = WeakKeyDictionary()
        self._known: WeakKeyDictionary[AnyRunner, dict[str, _Known]] = WeakKeyDictionary()

    async def prepare(
        self, model: StoredModel, runner: AnyRunner, request: ChatRequest
    ) -> PreparedPrompt:
        """Render the whole conversation, dropping oldest messages until it fits the context.

        Raises:
            UserError: If even the last message alone does not fit, the template fails, or the
                answer cannot be made as it is wanted.
        """
        answering = request.answering
        answering.check()
        grammar, adapters = grammar_of(answering), adapters_of(answering, model)
        bias = (
            await runner.on_session(partial(bias_of, answering=answering))
            if answering.logit_bias
            else {}
        )
        prompt = await self._prepared(model, runner, request)
        asked = replace(
            prompt.request,
            grammar=grammar,
            adapters=adapters,
            logit_bias=bias,
            n_choices=answering.n_choices,
            forced=request.forced,
        )
        return replace(prompt, request=asked)

    async def _prepared(
        self, model: StoredModel, runner: AnyRunner, request: ChatRequest
    ) -> PreparedPrompt:
        parameters = {**model.parameters, **request.parameters}
        template = template_of(model, runner.info.chat_template, request.template)
        special = await self._special_tokens(runner)
        known = await self._known_of(runner, special, template)
        writer = PromptWriter(
            renderer=self._renderer,
            template=template,
            guards=known.guards,
            bos_token=runner.info.bos_token,
            eos_token=runner.info.eos_token,
            marks_media=True,
        )
        if request.completion:
            prompt = await completion_prompt(
                model.name, runner, special, writer, request.completion
            )
            return PreparedPrompt(
                request=GenerationRequest(
                    tokens=prompt.tokens,
                    parameters=parameters,
                    stops=_stops(parameters),
                    max_tokens=_max_tokens(parameters),
                ),
                text=prompt.text,
                template=template,
                trimmed=None,
            )
        conversation = conversation_of(model, request)
        media = await self._read_media(conversation, request, runner)
        fitted = await _fit(runner, special, writer, conversation, media)
        tools = [tool_name(tool) for tool in request.tools]
        replies = reply_format(template, special.by_text, tools, model.config.parser)
        n_ctx = runner.info.n_ctx
        return PreparedPrompt(
            request=GenerationRequest(
                tokens=fitted.read.tokens,
                media=fitted.read.media,
                parameters=parameters,
                stops=_stops(parameters) or family_stops(known.family, special.by_text),
                max_tokens=_max_tokens(parameters),
                splitter=replies.splitter(fitted.text.text),
                marks=special.marks(replies.marks),
            ),
            text=with_media_tags(fitted.text.text),
            template=template,
            trimmed=ContextTrimmed(dropped_messages=fitted.dropped, context_tokens=n_ctx)
            if fitted.dropped
            else None,
        )

    async def _read_media(
        self, conversation: Conversation, request: ChatRequest, runner: AnyRunner
    ) -> Mapping[str, Media]:
        if self._media is None or not any(message.media for message in conversation.messages):
            return {}
        return await self._media().read(conversation.messages, request.attachments, runner.info)

    async def _special_tokens(self, runner: AnyRunner) -> SpecialTokens:
        if runner not in self._special:
            self._special[runner] = await runner.between_steps(_read_special_tokens)
        return self._special[runner]

    async def _known_of(
        self, runner: AnyRunner, special: SpecialTokens, template: ChosenTemplate
    ) -> _Known:
        """Return what is found out once for a model and template."""
        known = self._known.setdefault(runner, {})
        if template.text not in known:
            found = await asyncio.to_thread(_find_out, special, template)
            known.clear()  # a chat keeps to one template
            known[template.text] = found
        return known[template.text]


def conversation_of(model: StoredModel, request: ChatRequest) -> Conversation:
    """Return all that the template is given: the model's own messages come first."""
    system = request.system if request.system is not None else model.system
    head = (Message(role=Role.SYSTEM, content=system),) if system else ()
    messages = (*head, *model.messages, *(request.messages or ()))
    if forgets_thinking(model.config.family, parse_name(model.name).model):
        messages = without_old_thinking(messages)
    return Conversation(
        messages=tuple(replace(message, images=len(message.media)) for message in messages),
        tools=request.tools,
        thinks=request.thinks,
        think_level=request.think_level,
    )


async def _fit(
    runner: AnyRunner,
    special: SpecialTokens,
    writer: PromptWriter,
    conversation: Conversation,
    media: Mapping[str, Media],
) -> _Fitted:
    """Return the longest history that leaves room for an answer."""
    n_ctx = runner.info.n_ctx
    room = n_ctx - min(REPLY_TOKENS, n_ctx // REPLY_SHARE)
    search = HistorySearch(conversation.messages)
    fitting: _Fitted | None = None
    needed = 0
    while history := search.candidate:
        text = await writer.write(replace(conversation, messages=history.messages))
        adds_special = writer.adds_special(text)
        seen = [media[digest] for message in history.messages for digest in message.media]
        read = await runner.between_steps(
            partial(
                prompt_tokens,
                special=special,
                guards=writer.guards,
                text=text,
                media=seen,
                adds_special=adds_special,
            )
        )
        needed = read.count
        if needed <= room:
            fitting = _Fitted(text=text, read=read, dropped=history.dropped)
        search.tell(fits=needed <= room)
    if fitting:
        return fitting
    raise UserError(
        f"The message is too long: {needed} tokens with the system text, and the context "
        f"of {n_ctx} tokens leaves room for {room}.",
        hint="Shorten it, or load the model with a longer context.",
    )


def _read_special_tokens(session: Session) -> SpecialTokens:
    return read_special_tokens(session.library, session.model.vocabulary)


def _find_out(special: SpecialTokens, template: ChosenTemplate) -> _Known:
    """Tell what takes a moment: large patterns, and the nearest of all known templates."""
    is_own = template.source is TemplateSource.GGUF
    return _Known(
        guards=Guards(special.texts(template.text, ALL_MARKS)),
        family=family_of(template.text) if is_own else None,
    )


def _stops(parameters: dict[str, ParameterValue]) -> tuple[str, ...]:
    stops = parameters.get("stop", ())
    return stops if isinstance(stops, tuple) else (str(stops),)


def _max_tokens(parameters: dict[str, ParameterValue]) -> int:
    value = parameters.get("num_predict", -1)
    return value if isinstance(value, int) and value >= 0 else -1
