"""The *render* child: chat templates are foreign programs and run here.

Only the child imports this module; it pays for jinja2.
"""

from collections.abc import Mapping, Sequence

from corral.children.limits import MIB, RENDER_LIMITS
from corral.errors import UserError
from corral.prompt.jinja_chat import ChatTemplates
from corral.prompt.message import Message, Role


class RenderRole:
    """Answers the questions of `render_client.Renderer`."""

    def __init__(self) -> None:
        self._templates = ChatTemplates()

    def render(
        self,
        *,
        template: str,
        messages: Sequence[Mapping[str, str]],
        bos_token: str,
        eos_token: str,
        add_generation_prompt: bool,
    ) -> str:
        """Return the prompt.

        Raises:
            UserError: If the template fails, or takes more than it may.
        """
        try:
            return self._templates.render(
                template,
                [Message(role=Role(item["role"]), content=item["content"]) for item in messages],
                bos_token=bos_token,
                eos_token=eos_token,
                add_generation_prompt=add_generation_prompt,
            )
        except MemoryError as error:
            raise UserError(_memory_words()) from error


def _memory_words() -> str:
    limit_bytes = RENDER_LIMITS.memory_bytes or 0
    return f"The chat template needs more than the {limit_bytes // MIB} MiB of memory it may have."
