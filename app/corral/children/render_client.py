"""Renders chat templates from the parent's side, whatever the template does."""

import logging
from collections.abc import Iterator, Sequence

from corral.children.errors import ChildNotStarted, ChildTimeout
from corral.children.limits import RENDER_LIMITS, Limits
from corral.children.protocol import Json
from corral.children.spawn import Child
from corral.errors import ExternalError, UserError
from corral.prompt.choice import TemplateLanguage
from corral.prompt.conversation import Conversation, conversation_json
from corral.prompt.guard import GuardedText
from corral.prompt.origin import Span

logger = logging.getLogger(__name__)

HINT = "Choose another template for the chat, or another file of this model with a sound one."


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
        prompt = await self._ask(
            "render",
            template=template,
            language=language,
            conversation=conversation_json(conversation),
            bos_token=bos_token,
            eos_token=eos_token,
            add_generation_prompt=add_generation_prompt,
        )
        assert isinstance(prompt, str)
        return prompt

    async def render_guarded(
        self,
        template: str,
        conversation: Conversation,
        moved: Conversation | None = None,
        *,
        language: TemplateLanguage = TemplateLanguage.JINJA,
        bos_token: str = "",
        eos_token: str = "",
    ) -> tuple[GuardedText, bool]:
        """Return the prompt with the places of people's words in it.

        It is rendered twice, a second time with the letters of messages moved away.

        Args:
            template: The template.
            conversation: What it gets.
            moved: The same with letters moved, None for all of them.
            language: What the template is written in.
            bos_token: Text of the token that begins a text.
            eos_token: Text of the token that ends a text.

        Returns:
            The prompt, and whether both renderings say the same; if not, it is the second's.

        Raises:
            UserError: If the template fails or takes more time, memory or text than it may.
            ExternalError: If the child cannot be started.
        """
        found = await self._ask(
            "render_guarded",
            template=template,
            language=language,
            conversation=conversation_json(conversation),
            moved=conversation_json(moved) if moved else None,
            bos_token=bos_token,
            eos_token=eos_token,
        )
        match found:
            case {"text": str(text), "guarded": list(places), "agrees": bool(agrees)}:
                spans = tuple(Span(start=start, end=end) for start, end in _pairs(places))
                return GuardedText(text=text, guarded=spans, is_kept=not agrees), agrees
            case _:
                raise ExternalError("The renderer answered nonsense.")

    async def _ask(self, method: str, **arguments: Json) -> Json:
        is_go = arguments["language"] == TemplateLanguage.GO
        name = "TEMPLATE" if is_go else "chat template"
        try:
            return await self._child.call(method, **arguments)
        except ChildNotStarted:
            raise
        except ChildTimeout as error:
            raise UserError(
                f"The {name} did not come to an end within {error.limit_s:g} seconds.",
                hint=HINT,
            ) from error
        except ExternalError as error:
            raise UserError(
                f"The {name} broke its renderer. {error.summary}",
                detail=error.detail,
                hint=HINT,
            ) from error

    async def close(self) -> None:
        """End the child."""
        await self._child.close()


def _pairs(places: Sequence[Json]) -> Iterator[tuple[int, int]]:
    for place in places:
        match place:
            case [int(start), int(end)]:
                yield start, end
            case _:
                raise ExternalError("The renderer answered nonsense.")
