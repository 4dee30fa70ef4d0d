"""`corral run`: one question, or a conversation on the terminal."""

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass, field

from corral.chats.store import Conversation
from corral.cli.output import ProgressLine, print_error
from corral.errors import UserError
from corral.events import (
    ContextTrimmed,
    Event,
    Finished,
    FinishReason,
    Phase,
    PhaseChanged,
    TextAdded,
    TextKind,
    Usage,
)
from corral.foreign import safe_text
from corral.jobs import Progress
from corral.places import find_places
from corral.prompt.choice import TemplateSource
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.prompting import template_of
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench

PROMPT = ">>> "
LIMIT_REACHED = "it may not be longer (num_predict)"
HELP = 'Ctrl+C stops an answer, "/bye" or Ctrl+D ends.'
PHASE_TEXTS = {
    Phase.WAITING: "Waiting",
    Phase.CHECKING: "Checking the model",
    Phase.LOADING: "Loading",
    Phase.RENDERING: "Preparing the prompt",
    Phase.READING_PROMPT: "Reading the prompt",
    Phase.GENERATING: "",
}


def run(options: argparse.Namespace) -> int:
    """Talk to a model.

    Text that comes on stdin is put before the question; without a question and on a terminal the
    conversation goes on until Ctrl+D or /bye.
    """
    is_terminal = sys.stdin is not None and sys.stdin.isatty()  # None: it was closed
    piped = "" if is_terminal else _piped()
    question = " ".join(part for part in (piped, *options.prompt) if part)
    if not question and not is_terminal:
        raise UserError(
            "There is no question, and nothing came on stdin.",
            hint=f"Ask one: corral run {options.model} 'Why is the sky blue?'",
        )
    return asyncio.run(_run(options, question))


def _piped() -> str:
    data = sys.stdin.buffer.read() if sys.stdin else b""
    return data.decode("utf-8", "replace").strip()


@dataclass(slots=True)
class _Talk:
    """A conversation on the terminal.

    Attributes:
        model: Name of the model.
        messages: What was said so far.
        stored: Where it is kept among the chats, None when it is not.
    """

    workbench: Workbench
    options: argparse.Namespace
    model: str
    messages: list[Message] = field(default_factory=list)
    stored: Conversation | None = None

    async def ask(self, text: str) -> Finished:
        self.messages.append(Message(role=Role.USER, content=text))
        generation = await self._start(text)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, generation.stop)
        try:
            finished = await _print_events(generation)
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        if finished.error:
            self.messages.pop()  # what could not be answered is not asked again
        else:
            self.messages.append(Message(role=Role.ASSISTANT, content=generation.answer))
        if self.options.verbose:
            _print_usage(finished.usage)
        return finished

    async def _start(self, text: str) -> Generation:
        conversing = self.workbench.conversing
        if self.options.save:
            if self.stored is None:
                self.stored = await self.workbench.chats.create_conversation(
                    self.model, system=self.options.system, template=_template(self.options)
                )
            self.stored = await self.workbench.chats.get(self.stored.id)
            return await conversing.send(
                self.stored, text, is_over_budget_allowed=self.options.anyway
            )
        return conversing.start(
            ChatRequest(
                model=self.model,
                messages=tuple(self.messages),
                system=self.options.system,
                template=_template(self.options),
                is_over_budget_allowed=self.options.anyway,
            )
        )


async def _run(options: argparse.Namespace, question: str) -> int:
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models)
        model = await workbench.modelling.get(options.model)
        if options.anyway:
            workbench.loading.trust()
        header = await workbench.planning.header(model)
        template = template_of(model, header.chat_template, _template(options))
        if template.source is TemplateSource.PLAIN:
            _warn("no chat template: the model goes on with your text")
        talk = _Talk(workbench, options, model.name)
        if question:
            return _exit_code(await talk.ask(question))
        return await _converse(talk)


def _template(options: argparse.Namespace) -> TemplateSource | None:
    return TemplateSource(options.template) if options.template else None


def _warn(text: str) -> None:
    print(f"corral: {text}", file=sys.stderr)


async def _converse(talk: _Talk) -> int:
    print(HELP, file=sys.stderr)
    while True:
        try:
            text = (await _read_line()).strip()
        except EOFError:
            print()
            return 0
        if text == "/bye":
            return 0
        if text:
            await talk.ask(text)


async def _read_line() -> str:
    """Read a line from the terminal; Ctrl+C empties it."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: print(f"\n{HELP}\n{PROMPT}", end="", flush=True))
    try:
        return await asyncio.to_thread(input, PROMPT)
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def _print_events(generation: Generation) -> Finished:
    line = ProgressLine()
    kind = TextKind.ANSWER
    async for event in generation.events():
        match event:
            case PhaseChanged():
                _show_phase(line, event)
            case TextAdded():
                line.clear()
                if event.kind is not kind:
                    print("Thinking..." if event.kind is TextKind.THINKING else "\n...done.\n")
                    kind = event.kind
                print(safe_text(event.text), end="", flush=True)
            case ContextTrimmed():
                line.clear()
                _warn(
                    f"the {event.dropped_messages} oldest messages did not fit into the context "
                    f"of {event.context_tokens} tokens"
                )
            case Finished():
                line.clear()
                _print_end(event, has_text=bool(generation.answer or generation.thinking))
                return event
            case _:
                _ignore(event)
    raise AssertionError("a generation ended without Finished")


def _ignore(event: Event) -> None:
    """Queued and ToolCalled say nothing on a terminal."""


def _show_phase(line: ProgressLine, event: PhaseChanged) -> None:
    if text := PHASE_TEXTS[event.phase]:
        unit = "percent" if event.phase is Phase.LOADING else "tokens"
        line.show(Progress(phase=text, done=event.done or 0, total=event.total, unit=unit))


def _print_end(event: Finished, *, has_text: bool) -> None:
    if has_text:
        print()
    if event.error:
        print_error(event.error)
    elif event.reason is FinishReason.CANCELLED:
        _warn("stopped")
    elif event.reason is FinishReason.LENGTH:
        usage = event.usage
        is_full = usage.prompt_tokens + usage.generated_tokens >= usage.context_tokens
        _warn(f"the answer ended because {'the context is full' if is_full else LIMIT_REACHED}")


def _print_usage(usage: Usage) -> None:
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
    )
    print("\n".join(lines), file=sys.stderr)


def _exit_code(finished: Finished) -> int:
    if finished.error:
        return finished.error.exit_code
    return 130 if finished.reason is FinishReason.CANCELLED else 0
