"""`corral run`: one question, or a conversation on the terminal."""

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass, field

from corral.chats.store import Conversation
from corral.cli.output import ProgressLine, print_error
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
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench

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
    piped = "" if sys.stdin.isatty() else sys.stdin.read()
    prompt = " ".join(part for part in (piped.strip(), " ".join(options.prompt)) if part)
    return asyncio.run(_run(options, prompt))


@dataclass(slots=True)
class _Talk:
    """A conversation on the terminal.

    Attributes:
        messages: What was said so far.
        stored: Where it is kept among the chats, None when it is not.
    """

    workbench: Workbench
    options: argparse.Namespace
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
        self.messages.append(Message(role=Role.ASSISTANT, content=generation.answer))
        if self.options.verbose:
            _print_usage(finished.usage)
        return finished

    async def _start(self, text: str) -> Generation:
        conversing = self.workbench.conversing
        if self.options.save:
            if self.stored is None:
                self.stored = await self.workbench.chats.create_conversation(
                    model=self.options.model, system=self.options.system
                )
            self.stored = await self.workbench.chats.get(self.stored.id)
            return await conversing.send(self.stored, text)
        return conversing.start(
            ChatRequest(
                model=self.options.model,
                messages=tuple(self.messages),
                system=self.options.system,
                is_over_budget_allowed=self.options.anyway,
            )
        )


async def _run(options: argparse.Namespace, prompt: str) -> int:
    async with open_workbench(find_places()) as workbench:
        await workbench.modelling.register_starter(workbench.places.models).result()
        model = await workbench.modelling.get(options.model)
        if options.anyway:
            workbench.loading.trust()
        header = await workbench.planning.header(model)
        if not header.chat_template:
            _warn("this model has no chat template: it goes on with your text")
        elif model.template:
            _warn("the GGUF's own chat template is used, not the Modelfile's TEMPLATE")
        talk = _Talk(workbench, options)
        if prompt or not sys.stdin.isatty():
            return _exit_code(await talk.ask(prompt))
        return await _converse(talk)


def _warn(text: str) -> None:
    print(f"corral: {text}", file=sys.stderr)


async def _converse(talk: _Talk) -> int:
    print('Ctrl+C stops an answer, "/bye" or Ctrl+D ends.', file=sys.stderr)
    while True:
        try:
            text = (await asyncio.to_thread(input, ">>> ")).strip()
        except EOFError:
            print()
            return 0
        if text == "/bye":
            return 0
        if text:
            await talk.ask(text)


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
        _warn("the answer ended because the context is full")


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
