"""`corral run`: one question, or a conversation on the terminal."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

from corral.chats.attachment import attach_file
from corral.cli.answer import warn
from corral.cli.answering import answering_of
from corral.cli.load_options import changes_of
from corral.cli.media_paths import take_media
from corral.cli.talk import Talk
from corral.cli.template_words import set_aside_words, template_words
from corral.cli.tools_file import read_tools, require_tools
from corral.cli.workers import asked_workers
from corral.errors import UserError
from corral.events import Finished, FinishReason
from corral.library.model import Capability
from corral.ollama_variables import duration
from corral.places import find_places
from corral.plan.option_specs import MOST_SEQUENCES
from corral.plan.options import LoadOptions
from corral.prompt.choice import TemplateSource
from corral.prompt.thinking_wish import ThinkingWish, thinking_wish
from corral.settings import Speculation
from corral.workbench.request import ChatRequest, Completion
from corral.workbench.templates import template_of
from corral.workbench.workbench import Workbench, open_workbench


def run(options: argparse.Namespace) -> int:
    """Talk to a model.

    Text that comes on stdin is put before the question; without a question and on a terminal the
    conversation goes on until Ctrl+D or /bye.
    """
    is_terminal = sys.stdin is not None and sys.stdin.isatty()  # None: it was closed
    piped = "" if is_terminal else _piped()
    typed = " ".join(options.prompt)
    if piped or typed:
        return asyncio.run(_answer(options, piped, typed))
    if is_terminal:
        return _converse(options)
    raise UserError(
        "There is no question, and nothing came on stdin.",
        hint=f"Ask one: corral run {options.model} 'Why is the sky blue?'",
    )


def _piped() -> str:
    data = sys.stdin.buffer.read() if sys.stdin else b""
    return data.decode("utf-8", "replace").strip()


async def _answer(options: argparse.Namespace, piped: str, typed: str) -> int:
    async with open_workbench(find_places()) as workbench:
        talk = await _begin(workbench, options)
        typed, named = take_media(talk.model, typed)
        question = " ".join(part for part in (piped, typed) if part)
        if Capability.COMPLETION not in talk.model.capabilities:
            return await _print_vector(workbench, talk.model.name, question)
        attachments = named + [attach_file(path) for path in (*options.image, *options.audio)]
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, talk.stop)
        try:
            if options.raw or options.suffix:
                completion = Completion(text=question, suffix=options.suffix)
                return exit_code(await talk.complete(completion))
            if options.variants > 1:
                ended = await talk.ask_variants(
                    question, options.variants, options.seed, attachments
                )
            else:
                ended = await talk.ask(question, attachments)
            return exit_code(ended)
        finally:
            loop.remove_signal_handler(signal.SIGINT)


async def _print_vector(workbench: Workbench, name: str, text: str) -> int:
    """Print the vector of a text: a model that does not write is asked for that."""
    request = ChatRequest(model=name, messages=None)
    found = await workbench.embedding().embed(request, [text])
    print(json.dumps(found.vectors[0][0]))
    return 0


def _converse(options: argparse.Namespace) -> int:
    from corral.cli.loop_thread import LoopThread  # lazy: one question needs no line editor
    from corral.cli.repl import Repl  # lazy: so too

    places = find_places()
    with LoopThread() as services:
        workbench = services.open(open_workbench(places))
        talk = services.do(_begin(workbench, options))
        loaded = services.do(talk.load(), talk.stop)
        if loaded.reason is not FinishReason.LOADED:
            return exit_code(loaded)
        return Repl(talk, services, places.history_file).run()


async def _begin(workbench: Workbench, options: argparse.Namespace) -> Talk:
    await workbench.modelling.register_starter(workbench.places.models)
    model = await workbench.modelling.get(options.model)
    if options.anyway:
        workbench.loading.trust()
    workbench.planning.use_workers(model, asked_workers(workbench, options.rpc))
    workbench.planning.adjust(model, _load_changes(options))
    header = await workbench.planning.header(model)
    template = TemplateSource(options.template) if options.template else None
    chosen = template_of(model, header.chat_template, template)
    if chosen.source is TemplateSource.PLAIN:
        warn("no chat template: the model goes on with your text")
    if chosen.sets_aside_modelfile:
        warn(f"prompts by {template_words(chosen)}: {set_aside_words(chosen)}")
    if options.tools and options.save:
        raise UserError("A saved chat has no tools.", hint="Leave out --save or --tools.")
    tools = read_tools(options.tools) if options.tools else ()
    if tools:
        require_tools(chosen, model.name)
    if options.speculation and options.save:
        raise UserError(
            "A saved chat guesses tokens as the setting says.",
            hint="Leave out --save or --speculation, or change it: corral settings speculation",
        )
    wish = _thinking(options)
    return Talk(
        workbench=workbench,
        model=model,
        is_saved=options.save,
        is_over_budget_allowed=options.anyway,
        system=options.system,
        template=template,
        thinks=wish.thinks,
        think_level=wish.level,
        tools=tools,
        answering=await answering_of(workbench, model, options),
        parameters={} if options.seed is None else {"seed": options.seed},
        is_verbose=options.verbose,
        is_wrapped=not options.nowordwrap,
        speculation=Speculation(options.speculation) if options.speculation else None,
        keep_alive_s=_keep_alive(options.keepalive) if options.keepalive else None,
    )


def _thinking(options: argparse.Namespace) -> ThinkingWish:
    if options.think and options.save:
        raise UserError("A saved chat thinks as the model's template has it.")
    try:
        return thinking_wish(options.think)
    except ValueError as error:
        raise UserError(f"{str(error).capitalize()}.", hint="--think, or --think=low") from error


def _load_changes(options: argparse.Namespace) -> Callable[[LoadOptions], LoadOptions]:
    """Return what is asked of the load; answers side by side need a sequence each."""
    wanted, count = changes_of(options), options.variants
    if not 1 <= count <= MOST_SEQUENCES:
        raise UserError(f"{count} variants were asked for; there can be 1 to {MOST_SEQUENCES}.")
    if count > 1 and options.save:
        raise UserError("A saved chat has one answer.", hint="Leave out --save or --variants.")

    def change(load: LoadOptions) -> LoadOptions:
        load = wanted(load)
        n_seq_max = max(load.context.n_seq_max, count)
        return replace(load, context=replace(load.context, n_seq_max=n_seq_max))

    return change


def _keep_alive(text: str) -> float:
    seconds = duration(text)
    if seconds is None:
        raise UserError(f"“{text}” is no duration.", hint="Write 90, 5m, 1h30m, or -1 for ever.")
    return seconds


def exit_code(finished: Finished) -> int:
    """Return what the program ends with after an answer."""
    if finished.error:
        return finished.error.exit_code
    return 130 if finished.reason is FinishReason.CANCELLED else 0
