"""Writes prompts: from a conversation, through a template, to text with its guarded places."""

import re
from dataclasses import dataclass, replace

from corral.children.render_client import Renderer
from corral.prompt.choice import ChosenTemplate, TemplateSource
from corral.prompt.completion import completion_prompt
from corral.prompt.conversation import Conversation
from corral.prompt.guard import GuardedText, broken, clean, marked, without_marks
from corral.prompt.history import with_image_tags, without_missing_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWriter:
    """Renders conversations with one template.

    Attributes:
        renderer: The child that runs templates.
        template: The template.
        special: Finds control tokens of the model, None if it has none.
        bos_token: Text of the token that begins a text.
        eos_token: Text of the token that ends a text.

    Thread: the event loop's.
    """

    renderer: Renderer
    template: ChosenTemplate
    special: re.Pattern[str] | None
    bos_token: str
    eos_token: str

    async def write(self, conversation: Conversation) -> GuardedText:
        """Return the prompt, and where control tokens were meant as text.

        Raises:
            UserError: If the template fails or takes more than it may.
            ExternalError: If the *render* child cannot be started.
        """
        chat = clean(
            replace(
                conversation,
                messages=with_image_tags(without_missing_answers(conversation.messages)),
            )
        )
        with_marks = marked(chat, self.special) if self.special else None
        if self.special is None or with_marks is None:
            return GuardedText(text=await self._render(chat))
        found = without_marks(await self._render(with_marks))
        if found is not None and found.text == await self._render(chat):
            return found
        return GuardedText(text=await self._render(broken(chat, self.special)), broken=True)

    async def _render(self, conversation: Conversation) -> str:
        if self.template.source is TemplateSource.PLAIN:
            return completion_prompt(conversation.messages)
        return await self.renderer.render(
            self.template.text,
            conversation,
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
