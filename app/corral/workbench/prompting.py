"""From a request to the tokens that the model reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corral.errors import UserError
from corral.events import ContextTrimmed
from corral.prompt.completion import completion_prompt
from corral.prompt.history import shorter_histories, without_missing_answers
from corral.prompt.message import Message, Role
from corral.prompt.thinking import ThinkingSplitter, thinking_tags
from corral.workbench.request import ChatRequest

if TYPE_CHECKING:  # what writes prompts comes with the first one
    from corral.children.render_client import Renderer
    from corral.engine.request import GenerationRequest
    from corral.engine.runner import Runner
    from corral.library.model import StoredModel
    from corral.modelfile.catalogue import ParameterValue

# Room that is kept for the reply, so that a full context still answers.
REPLY_SHARE = 8
REPLY_TOKENS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPrompt:
    """What goes to the runner, and what had to be left out.

    Attributes:
        request: Tokens, parameters and stop strings.
        text: The prompt as text.
        trimmed: What did not fit, None when all did.
    """

    request: GenerationRequest
    text: str
    trimmed: ContextTrimmed | None


class Prompting:
    """Renders, counts and fits prompts.

    Thread: the event loop's.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def prepare(
        self, model: StoredModel, runner: Runner, request: ChatRequest
    ) -> PreparedPrompt:
        """Render the whole conversation, dropping oldest messages until it fits the context.

        Raises:
            UserError: If even the last message alone does not fit, or the template fails.
        """
        from corral.engine.request import GenerationRequest  # lazy: comes with the first prompt

        parameters = {**model.parameters, **request.parameters}
        system = request.system if request.system is not None else model.system
        head = (Message(role=Role.SYSTEM, content=system),) if system else ()
        messages = (*head, *model.messages, *(request.messages or ()))
        n_ctx = runner.info.n_ctx
        room = n_ctx - min(REPLY_TOKENS, n_ctx // REPLY_SHARE)
        dropped, text, tokens = await self._fit(runner, messages, room)
        splitter = None
        if tags := thinking_tags(runner.info.chat_template):
            opening, closing = tags
            starts = text.rstrip().endswith(opening)
            splitter = ThinkingSplitter(opening=opening, closing=closing, starts_thinking=starts)
        return PreparedPrompt(
            request=GenerationRequest(
                tokens=tuple(tokens),
                parameters=parameters,
                stops=_stops(parameters),
                max_tokens=_max_tokens(parameters),
                splitter=splitter,
            ),
            text=text,
            trimmed=ContextTrimmed(dropped_messages=dropped, context_tokens=n_ctx)
            if dropped
            else None,
        )

    async def _fit(
        self, runner: Runner, messages: tuple[Message, ...], room: int
    ) -> tuple[int, str, list[int]]:
        histories = list(shorter_histories(messages))
        dropped, history = histories[0]
        text, tokens = await self._tokens(runner, history)
        if len(tokens) <= room:
            return dropped, text, tokens
        low, high = 1, len(histories)  # the first history that fits, by bisection
        fitting: tuple[int, str, list[int]] | None = None
        while low < high:
            middle = (low + high) // 2
            dropped, history = histories[middle]
            text, tokens = await self._tokens(runner, history)
            if len(tokens) <= room:
                fitting, high = (dropped, text, tokens), middle
            else:
                low = middle + 1
        if fitting:
            return fitting
        raise UserError(
            f"The message is too long: {len(tokens)} tokens with the system text, and the context "
            f"of {runner.info.n_ctx} tokens leaves room for {room}.",
            hint="Shorten it, or load the model with a longer context.",
        )

    async def _tokens(self, runner: Runner, messages: tuple[Message, ...]) -> tuple[str, list[int]]:
        text = await self._render(runner, messages)
        has_bos = bool(runner.info.bos_token) and text.startswith(runner.info.bos_token)
        tokens = await runner.tokenize(text, add_special=not has_bos, parse_special=True)
        return text, tokens

    async def _render(self, runner: Runner, messages: tuple[Message, ...]) -> str:
        template, messages = runner.info.chat_template, without_missing_answers(messages)
        if not template:
            return completion_prompt(messages)
        return await self._renderer.render(
            template,
            messages,
            bos_token=runner.info.bos_token,
            eos_token=runner.info.eos_token,
        )


def _stops(parameters: dict[str, ParameterValue]) -> tuple[str, ...]:
    stops = parameters.get("stop", ())
    return stops if isinstance(stops, tuple) else (str(stops),)


def _max_tokens(parameters: dict[str, ParameterValue]) -> int:
    value = parameters.get("num_predict", -1)
    return value if isinstance(value, int) and value >= 0 else -1
