"""The *render* child: templates are foreign programs and run here.

Only the child imports this module; it pays for jinja2.
"""

from collections.abc import Mapping
from functools import lru_cache

from corral.children.limits import MIB, RENDER_LIMITS
from corral.children.protocol import Json
from corral.errors import UserError
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation, conversation_from_json
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.jinja_chat import ChatTemplates

KEPT_TEMPLATES = 8


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
        try:
            if language == TemplateLanguage.GO:
                return self._render_go(template, chat)
            return self._jinja.render(
                template,
                chat,
                bos_token=bos_token,
                eos_token=eos_token,
                add_generation_prompt=add_generation_prompt,
            )
        except MemoryError as error:
            raise UserError(_memory_words()) from error

    def _render_go(self, template: str, chat: Conversation) -> str:
        return self._go(template).render(chat)


def _memory_words() -> str:
    limit_bytes = RENDER_LIMITS.memory_bytes or 0
    return f"The chat template needs more than the {limit_bytes // MIB} MiB of memory it may have."
