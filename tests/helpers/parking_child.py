"""Provokes a failure of llama.cpp in this process and prints, as JSON, how the engine took it."""

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

from corral.engine.engine import Engine
from corral.engine.recovery import ParkedError, Recovery
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.events import TextAdded
from corral.llama.library import LlamaLibrary, load_library
from corral.plan.options import ContextOptions, LoadOptions
from corral.prompt.thinking import ThinkingSplitter
from helpers.asking import answer, ask
from helpers.models import smollm2_path

MARKER = Path(sys.argv[3])
OPTIONS = LoadOptions(context=ContextOptions(n_ctx=256))
Told = dict[str, object]
PROMPT = tuple(range(500, 520))


class Bomb(ThinkingSplitter):
    """Makes ggml abort in the middle of an answer."""

    def __init__(self, library: LlamaLibrary, is_elsewhere: bool) -> None:
        super().__init__()
        self._abort = lambda: library.cdll.ggml_abort(b"test.c", 1, b"provoked")
        self._is_elsewhere = is_elsewhere
        self._fed = 0

    def feed(self, text: str) -> list[TextAdded]:
        self._fed += 1
        if self._fed == 5 and self._is_elsewhere:
            helper = threading.Thread(target=self._abort, daemon=True)
            helper.start()
            helper.join()  # as the engine thread waits for OpenMP's: for ever
        elif self._fed == 5:
            self._abort()
        return super().feed(text)


async def abort_while_answering(
    engine: Engine, runner: Runner, library: LlamaLibrary, is_elsewhere: bool
) -> Told:
    def bomb() -> GenerationRequest:
        return GenerationRequest(
            tokens=PROMPT,
            parameters={"temperature": 0.0},
            splitter=Bomb(library, is_elsewhere),
        )

    ended = await answer(runner, bomb())
    assert engine.parked is ended.end.error
    told = {
        "reason": ended.end.reason,
        "error": str(ended.end.error),
        "text_before": ended.text,
        "marker_while_parked": doing(),
        "while_parked": (await ask(runner, PROMPT)).end.reason,
    }
    await engine.recover(Recovery.CONTEXT)
    told["after_context"] = (await ask(runner, PROMPT)).text
    await answer(runner, bomb())
    await engine.recover(Recovery.RELOAD)
    told["after_reload"] = (await ask(runner, PROMPT)).text
    return told


async def throw(engine: Engine, runner: Runner, library: LlamaLibrary) -> Told:
    def ask_for_no_token(session: Session) -> None:
        vocabulary = library.api.llama_model_get_vocab(session.model.pointer)
        library.api.llama_vocab_get_text(vocabulary, 10**9)

    try:
        await runner.on_session(ask_for_no_token)
    except ParkedError as error:
        told = {"error": str(error)}
    await engine.recover(Recovery.CONTEXT)
    told["after_context"] = (await ask(runner, PROMPT)).text
    return told


async def abort_while_loading(engine: Engine, model: Path) -> Told:
    try:
        await engine.load(model, OPTIONS)
    except ParkedError as error:
        told = {"error": str(error), "loaded": len(engine.loaded)}
    told["marker_while_parked"] = doing()
    await engine.recover()
    runner = await engine.load(smollm2_path(), OPTIONS)
    return told | {"after": (await ask(runner, PROMPT)).text}


def doing() -> str | None:
    """What the marker says."""
    return json.loads(MARKER.read_text())["doing"] if MARKER.exists() else None


async def main(scene: str, model: Path) -> Told:
    library = load_library()
    engine = Engine(MARKER, lambda: library)
    if scene == "abort while loading":
        return await abort_while_loading(engine, model)
    runner = await engine.load(model, OPTIONS)
    expected = (await ask(runner, PROMPT)).text
    if scene == "exception":
        told = await throw(engine, runner, library)
    else:
        told = await abort_while_answering(engine, runner, library, "helper" in scene)
    await engine.close()
    told["parked_at_end"] = engine.parked
    told["marker_at_end"] = doing()
    return told | {"expected": expected}


print(json.dumps(asyncio.run(main(sys.argv[1], Path(sys.argv[2])))), flush=True)
os._exit(0)  # parked threads would never let the process end
