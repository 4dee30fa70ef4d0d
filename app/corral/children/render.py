"""The *render* child: templates are foreign programs and run here.

Only the child imports this module; it pays for jinja2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from corral.children.limits import MIB, RENDER_LIMITS
from corral.children.protocol import Json
from corral.errors import UserError
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation, conversation_from_json
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.guard import GuardedText, agreed, all_moved, kept
from corral.prompt.jinja_chat import ChatTemplates
from corral.prompt.origin import Span

KEPT_TEMPLATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A template and what it gets besides a conversation.

    Attributes:
        text: The template.
        language: What it is written in.
        bos_token: Text of the token that begins a text.
        eos_token: Text of the token that ends a text.
        add_generation_prompt: Whether the prompt is to end where an answer begins.
    """

    text: str
    language: str
    bos_token: str
    eos_token: str
    add_generation_prompt: bool = True


class RenderRole:
    """Answers the questions of `render_client.Renderer`."""

    def __init__(self) -> None:
        self._jinja = ChatTemplates()
        self._go = lru_cache(KEPT_TEMPLATES)(GoTemplate)

    def render(
        self,
        *,
        template: str,
        language: str,
        conversation: Mapping[str, Json],
        bos_token: str,
        eos_token: str,
        add_generation_prompt: bool,
    ) -> str:
        """Return the prompt.

        Raises:
            UserError: If the template fails, or takes more than it may.
        """
        chat = conversation_from_json(conversation)
        program = Program(
            text=template,
            language=language,
            bos_token=bos_token,
            eos_token=eos_token,
            add_generation_prompt=add_generation_prompt,
        )
        return self._render(program, chat)

    def render_guarded(
        self,
        *,
        template: str,
        language: str,
        conversation: Mapping[str, Json],
        moved: Mapping[str, Json] | None,
        bos_token: str,
        eos_token: str,
    ) -> Json:
        """Return the prompt, where people's words are in it, and whether both renderings agree.

        Args:
            template: The template.
            language: What it is written in.
            conversation: What it gets.
            moved: The same with letters moved, None for all of them.
            bos_token: Text of the token that begins a text.
            eos_token: Text of the token that ends a text.

        Raises:
            UserError: If the template fails, or takes more than it may.
        """
        chat = conversation_from_json(conversation)
        program = Program(
            text=template, language=language, bos_token=bos_token, eos_token=eos_token
        )
        away = all_moved(chat) if moved is None else conversation_from_json(moved)
        if language == TemplateLanguage.GO:  # all that it can do leaves letters their origin
            return _told(kept(self._render(program, away)), agrees=True)
        plain = self._render(program, chat)
        try:
            with_moved = self._render(program, away)
        except UserError:  # it looks at the letters of messages: nothing in its prompt is trusted
            whole = Span(start=0, end=len(plain))
            return _told(GuardedText(text=plain, guarded=(whole,)), agrees=False)
        found = agreed(plain, with_moved)
        return _told(found or kept(with_moved), agrees=found is not None)

    def _render(self, program: "Program", chat: Conversation) -> str:
        try:
            if program.language == TemplateLanguage.GO:
                return self._go(program.text).render(chat)
            return self._jinja.render(
                program.text,
                chat,
                bos_token=program.bos_token,
                eos_token=program.eos_token,
                add_generation_prompt=program.add_generation_prompt,
            )
        except MemoryError as error:
            raise UserError(_memory_words(program.language)) from error


def _told(prompt: GuardedText, *, agrees: bool) -> Json:
    places = [[span.start, span.end] for span in prompt.guarded]
    return {"text": prompt.text, "guarded": places, "agrees": agrees}


def _memory_words(language: str) -> str:
    name = "TEMPLATE" if language == TemplateLanguage.GO else "chat template"
    limit_bytes = RENDER_LIMITS.memory_bytes or 0
    return f"The {name} needs more than the {limit_bytes // MIB} MiB of memory it may have."
