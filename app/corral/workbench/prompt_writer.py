"""Writes prompts: from a conversation, through a template, to text with its guarded places."""

from dataclasses import dataclass, replace

from corral.children.render_client import Renderer
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.completion import completion_prompt
from corral.prompt.conversation import Conversation
from corral.prompt.guard import (
    GuardedText,
    Guards,
    agreed,
    all_moved,
    clean,
    said_moved,
    special_moved,
)
from corral.prompt.history import with_image_tags, without_missing_answers
from corral.prompt.media_marks import with_media_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWriter:
    """Renders conversations with one template.

    Attributes:
        renderer: The child that runs templates.
        template: The template.
        guards: Finds the special tokens of the model.
        bos_token: Text of the token that begins a text.
        eos_token: Text of the token that ends a text.
        marks_media: Whether pictures get marks that nobody can type, for a model that reads them;
            else tags as Ollama writes them, for people.

    Thread: the event loop's.
    """

    renderer: Renderer
    template: ChosenTemplate
    guards: Guards
    bos_token: str
    eos_token: str
    marks_media: bool = False

    async def write(self, conversation: Conversation) -> GuardedText:
        """Return the prompt, and where in it people's words are.

        Raises:
            UserError: If the template fails or takes more than it may.
            ExternalError: If the *render* child cannot be started.
        """
        placed = with_media_marks if self.marks_media else with_image_tags
        chat = clean(conversation)
        chat = replace(chat, messages=placed(without_missing_answers(chat.messages)))
        if self.template.source is TemplateSource.PLAIN:
            return _plain(chat)
        prompt, agrees = await self._render(chat, None)
        for moving in (said_moved, special_moved):
            if agrees:
                break
            prompt, agrees = await self._render(chat, moving(chat, self.guards))
        return prompt

    async def _render(
        self, conversation: Conversation, moved: Conversation | None
    ) -> tuple[GuardedText, bool]:
        return await self.renderer.render_guarded(
            self.template.text,
            conversation,
            moved,
            language=self.template.language,
            bos_token=self.bos_token,
            eos_token=self.eos_token,
        )

    def adds_special(self, text: GuardedText) -> bool:
        """Return whether the tokenizer is to begin the prompt as the model wants it.

        It is not when the template has written that token already.
        """
        return not (self.bos_token and text.text.startswith(self.bos_token)) or any(
            span.start == 0 for span in text.guarded
        )


def _plain(chat: Conversation) -> GuardedText:
    """Return the text of a conversation; all of it is people's."""
    prompt = agreed(completion_prompt(chat.messages), completion_prompt(all_moved(chat).messages))
    assert prompt, "the same texts are put together"
    return prompt
