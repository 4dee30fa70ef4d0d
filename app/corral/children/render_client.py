"""Renders chat templates from the parent's side, whatever the template does."""

import logging

from corral.children.errors import ChildNotStarted, ChildTimeout
from corral.children.limits import RENDER_LIMITS, Limits
from corral.children.spawn import Child
from corral.errors import ExternalError, UserError
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation, conversation_json

logger = logging.getLogger(__name__)

HINT = "The template is part of the model file; another file of this model may have a sound one."


class Renderer:
    """Owns the *render* child.

    Thread: the event loop's.
    """

    def __init__(self, limits: Limits = RENDER_LIMITS) -> None:
        self._child = Child("render", limits)

    async def prewarm(self) -> None:
        """Have the child running before the first prompt; a failure waits for that prompt."""
        try:
            await self._child.start()
        except ChildNotStarted as error:
            logger.warning("%s\n%s", error, error.detail)

    async def render(
        self,
        template: str,
        conversation: Conversation,
        *,
        language: TemplateLanguage = TemplateLanguage.JINJA,
        bos_token: str = "",
        eos_token: str = "",
        add_generation_prompt: bool = True,
    ) -> str:
        """Return the prompt that `template` makes of a conversation.

        Raises:
            UserError: If the template fails or takes more time, memory or text than it may.
            ExternalError: If the child cannot be started.
        """
        try:
            prompt = await self._child.call(
                "render",
                template=template,
                language=language,
                conversation=conversation_json(conversation),
                bos_token=bos_token,
                eos_token=eos_token,
                add_generation_prompt=add_generation_prompt,
            )
        except ChildNotStarted:
            raise
        except ChildTimeout as error:
            raise UserError(
                f"The chat template did not come to an end within {error.limit_s:g} seconds.",
                hint=HINT,
            ) from error
        except ExternalError as error:
            raise UserError(
                f"The chat template broke its renderer. {error.summary}",
                detail=error.detail,
                hint=HINT,
            ) from error
        assert isinstance(prompt, str)
        return prompt

    async def close(self) -> None:
        """End the child."""
        await self._child.close()
