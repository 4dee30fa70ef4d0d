"""An answer on the terminal: progress, text, and how it ended."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from math import exp

from corral.cli.output import ProgressLine, print_error
from corral.cli.word_wrap import WordWrap
from corral.events import (
    ContextShifted,
    ContextTrimmed,
    Event,
    Finished,
    FinishReason,
    Phase,
    PhaseChanged,
    TextAdded,
    TextKind,
    TokenChance,
    TokenChoice,
    ToolCalled,
    Usage,
)
from corral.foreign import safe_line, safe_text
from corral.jobs import Progress
from corral.workbench.generation import Generation

LIMIT_REACHED = "it may not be longer (num_predict)"
PHASE_TEXTS = {
    Phase.WAITING: "Waiting",
    Phase.CHECKING: "Checking the model",
    Phase.LOADING: "Loading",
    Phase.RENDERING: "Preparing the prompt",
    Phase.READING_PROMPT: "Reading the prompt",
    Phase.LOOKING: "Looking",
    Phase.GENERATING: "",
}


class AnswerPrinter:
    """Prints one generation as it comes.

    Args:
        is_wrapped: Whether lines break between words; only a terminal has an edge.
        prints_calls: Whether calls of tools are part of the answer, each a line of JSON, and not
            a remark beside it.
    """

    def __init__(self, *, is_wrapped: bool, prints_calls: bool = False) -> None:
        self._prints_calls = prints_calls
        self._line = ProgressLine()
        self._kind = TextKind.ANSWER
        is_terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size().columns if is_wrapped and is_terminal else 0
        self._wrap = WordWrap(columns) if columns else None

    async def print(self, generation: Generation) -> Finished:
        """Print everything up to the end, and return that."""
        async for event in generation.events():
            match event:
                case PhaseChanged():
                    self._show_phase(event)
                case TextAdded():
                    self._show_text(event)
                case ContextTrimmed():
                    self._line.clear()
                    warn(
                        f"the {event.dropped_messages} oldest messages did not fit into the "
                        f"context of {event.context_tokens} tokens"
                    )
                case ContextShifted():
                    self._line.clear()
                    warn(
                        f"the context of {event.context_tokens} tokens was full: "
                        f"{event.dropped_tokens} tokens of its middle were dropped"
                    )
                case ToolCalled():
                    self._show_call(event)
                case Finished():
                    self._line.clear()
                    self._show_end(event, has_text=bool(generation.answer or generation.thinking))
                    return event
                case _:
                    _ignore(event)
        raise AssertionError("a generation ended without Finished")

    def _show_phase(self, event: PhaseChanged) -> None:
        if text := PHASE_TEXTS[event.phase]:
            unit = "percent" if event.phase is Phase.LOADING else "tokens"
            self._line.show(
                Progress(phase=text, done=event.done or 0, total=event.total, unit=unit)
            )

    def _show_text(self, event: TextAdded) -> None:
        self._line.clear()
        if event.kind is not self._kind:
            is_thinking = event.kind is TextKind.THINKING
            self._put(self._rest())
            print("Thinking..." if is_thinking else "\n...done thinking.\n")
            self._kind = event.kind
        text = safe_text(event.text)
        self._put(self._wrap.feed(text) if self._wrap else text)

    def _show_call(self, call: ToolCalled) -> None:
        self._line.clear()
        if not self._prints_calls or call.problem:
            warn(_call_words(call))
            return
        self._put(self._rest())
        arguments = json.loads(call.arguments)
        print(json.dumps({"name": call.name, "arguments": arguments}))  # escapes all but ASCII

    def _show_end(self, event: Finished, *, has_text: bool) -> None:
        self._put(self._rest())
        if has_text:
            print()
        if event.error:
            print_error(event.error)
        elif event.reason is FinishReason.CANCELLED:
            warn("stopped")
        elif event.reason is FinishReason.LENGTH:
            usage = event.usage
            is_full = usage.prompt_tokens + usage.generated_tokens >= usage.context_tokens
            warn(f"the answer ended because {'the context is full' if is_full else LIMIT_REACHED}")

    def _rest(self) -> str:
        return self._wrap.end() if self._wrap else ""

    def _put(self, text: str) -> None:
        print(text, end="", flush=True)


def warn(text: str) -> None:
    """Print a remark to the standard error."""
    print(f"corral: {text}", file=sys.stderr)


def _call_words(call: ToolCalled) -> str:
    if call.problem:
        return f"{call.problem} {safe_line(call.arguments)}"
    return safe_line(f"the model calls the tool {call.name}: {call.arguments}")


def print_usage(usage: Usage) -> None:
    """Print counts and times to the standard error, as Ollama prints them."""
    rate = usage.tokens_per_second
    prompt_rate = (usage.prompt_tokens - usage.cached_tokens) / max(usage.prompt_s, 1e-9)
    lines = (
        f"total duration:       {usage.total_s:.3f} s",
        f"load duration:        {usage.load_s:.3f} s",
        f"prompt eval count:    {usage.prompt_tokens} tokens, {usage.cached_tokens} from the cache",
        f"prompt eval duration: {usage.prompt_s:.3f} s",
        f"prompt eval rate:     {prompt_rate:.2f} tokens/s",
        f"eval count:           {usage.generated_tokens} tokens",
        f"eval duration:        {usage.generation_s:.3f} s",
        f"eval rate:            {f'{rate:.2f} tokens/s' if rate else 'unknown, too short'}",
        *_guessed_words(usage),
    )
    print("\n".join(lines), file=sys.stderr)


def _guessed_words(usage: Usage) -> list[str]:
    if not usage.drafted_tokens:
        return []
    guessed, right = usage.drafted_tokens, usage.accepted_tokens
    return [f"guessed ahead:        {guessed} tokens, {right} of them right"]


def print_choices(choices: Sequence[TokenChoice]) -> None:
    """Print tokens with their alternatives to the standard error, a line each."""
    for place, choice in enumerate(choices, 1):
        others = "  ".join(f"{number}: {chance_words(c)}" for number, c in _numbered(choice))
        print(f"{place:>4}  {chance_words(choice.chosen):<24}  {others}".rstrip(), file=sys.stderr)


def chance_words(chance: TokenChance) -> str:
    """Return a token and how probable it was: "'the' 12.3 %"."""
    text = safe_line(chance.text.replace("\n", "\\n"), 40)
    return f"'{text}' {100 * exp(chance.log_probability):.1f} %"


def _numbered(choice: TokenChoice) -> Iterator[tuple[int, TokenChance]]:
    return enumerate(choice.alternatives, 1)


def _ignore(event: Event) -> None:
    """Queued says nothing on a terminal."""
