"""What a model reads: prompts shown with their tokens, and where two templates differ."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corral.children.inspect_client import Inspector
from corral.children.render_client import Renderer
from corral.children.vocabulary_client import (
    ControlTexts,
    PromptToken,
    control_texts,
    prompt_tokens,
)
from corral.errors import UserError
from corral.library.model import StoredModel
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.conversation import Conversation, conversation_from_json
from corral.prompt.guard import GuardedText, Guards, SpecialTexts, marking_words
from corral.prompt.message import Message, Role
from corral.prompt.reply_format import ALL_MARKS
from corral.prompt.tool import Json
from corral.workbench.planning import Planning
from corral.workbench.prompt_writer import PromptWriter
from corral.workbench.templates import template_of

SAMPLE = Conversation(
    messages=(
        Message(role=Role.USER, content="Why is the sky blue?"),
        Message(role=Role.ASSISTANT, content="Air scatters blue light more than red."),
        Message(role=Role.USER, content="And at sunset?"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPrompt:
    """One prompt.

    Attributes:
        template: The template that wrote it.
        text: The prompt.
        tokens: Its tokens.
        is_kept: Whether the template works on texts of special tokens in messages, and was not let.
        other: The template that would be used without that one, None if there is none.
        difference: Where the other's prompt is another one, as lines of a unified diff.
        problem: Why the other template writes nothing, "" if it does.
    """

    template: ChosenTemplate
    text: str
    tokens: tuple[PromptToken, ...]
    is_kept: bool
    other: ChosenTemplate | None
    difference: tuple[str, ...]
    problem: str = ""


class PromptShowing:
    """Shows prompts of models, loaded or not.

    Thread: the event loop's.
    """

    def __init__(self, *, renderer: Renderer, inspector: Inspector, planning: Planning) -> None:
        self._renderer = renderer
        self._inspector = inspector
        self._planning = planning

    async def show(
        self,
        model: StoredModel,
        conversation: Conversation = SAMPLE,
        wanted: TemplateSource | None = None,
    ) -> ShownPrompt:
        """Return the prompt of a conversation, the model's own messages before it.

        All of it is shown: what a context of a certain length leaves out is told by the chat.

        Raises:
            UserError: If the template fails, or the one that is wanted is not there.
            ExternalError: If the model's file cannot be read.
        """
        gguf = (await self._planning.header(model)).chat_template
        template = template_of(model, gguf, wanted)
        texts = await control_texts(self._inspector, model.weights)
        chat = _with_own(model, conversation)
        writer = self._writer(template, texts)
        prompt = await writer.write(chat)
        tokens = await prompt_tokens(
            self._inspector,
            model.weights,
            prompt,
            words=writer.guards.words,
            adds_special=writer.adds_special(prompt),
        )
        other = _other(template, model.template, gguf)
        difference, problem = await self._compare(prompt, other, texts, chat)
        return ShownPrompt(
            template=template,
            text=prompt.text,
            tokens=tokens,
            is_kept=prompt.is_kept,
            other=other,
            difference=difference,
            problem=problem,
        )

    async def _compare(
        self,
        prompt: GuardedText,
        other: ChosenTemplate | None,
        texts: ControlTexts,
        chat: Conversation,
    ) -> tuple[tuple[str, ...], str]:
        if other is None:
            return (), ""
        try:
            others = await self._writer(other, texts).write(chat)
        except UserError as error:
            return (), str(error)
        return different_lines(prompt.text, others.text), ""

    def _writer(self, template: ChosenTemplate, texts: ControlTexts) -> PromptWriter:
        words = marking_words(texts.words, template.text, ALL_MARKS)
        return PromptWriter(
            renderer=self._renderer,
            template=template,
            guards=Guards(SpecialTexts(control=texts.control, words=words)),
            bos_token=texts.bos_token,
            eos_token=texts.eos_token,
        )


def conversation_of_json(value: Json) -> Conversation:
    """Return the conversation in JSON that a person wrote: a list of messages, or an object.

    Raises:
        UserError: If it is none.
    """
    try:
        if isinstance(value, Mapping):
            return conversation_from_json(value)
        return conversation_from_json({"messages": value})
    except ValueError as error:
        raise UserError(
            f"The conversation cannot be read: {error}.",
            hint='It looks like this: [{"role": "user", "content": "Hello"}], or an object with '
            '"messages", "tools" and "think".',
        ) from error


def different_lines(one: str, other: str) -> tuple[str, ...]:
    """Return where two prompts differ; each line break is shown as ↵."""
    lines = difflib.unified_diff(_lines(one), _lines(other), n=1, lineterm="")
    return tuple(line for line in lines if not line.startswith(("---", "+++")))


def _lines(text: str) -> Sequence[str]:
    return [line.replace("\n", "↵") for line in text.splitlines(keepends=True)]


def _with_own(model: StoredModel, conversation: Conversation) -> Conversation:
    has_system = any(message.role is Role.SYSTEM for message in conversation.messages)
    is_told = bool(model.system) and not has_system
    head = (Message(role=Role.SYSTEM, content=model.system or ""),) if is_told else ()
    return replace(conversation, messages=(*head, *model.messages, *conversation.messages))


def _other(
    template: ChosenTemplate, modelfile: str | None, gguf: str | None
) -> ChosenTemplate | None:
    if template.source is TemplateSource.MODELFILE and gguf:
        return ChosenTemplate(source=TemplateSource.GGUF, text=gguf)
    if template.source is TemplateSource.GGUF and modelfile:
        return ChosenTemplate(source=TemplateSource.MODELFILE, text=modelfile)
    return None
