"""Pictures and sounds in prompts, seen with tiny projectors of random weights."""

import asyncio
import ctypes
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from corral.engine.clock import StepClock
from corral.engine.engine import Engine
from corral.engine.kv_store import KvStore
from corral.engine.looking import Looking
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.errors import UserError
from corral.events import Finished, FinishReason, Phase, PhaseChanged, TextAdded
from corral.llama.library import LlamaLibrary
from corral.llama.media import Media, MediaParts, Picture, PlacedChunk, Sound, place
from corral.plan.options import ContextOptions, LoadOptions
from helpers.gguf_files import tiny_model
from helpers.models import smollm2_path
from helpers.projectors import (
    gemma3_projector,
    qwen2vl_projector,
    tiny_qwen2vl,
    ultravox_projector,
)

OPTIONS = LoadOptions(context=ContextOptions(n_ctx=512, n_ubatch=128, n_seq_max=2))
SMOLLM2_WIDTH, TINY_WIDTH = 576, 64


def picture(seed: int, width: int = 60, height: int = 40) -> Picture:
    rgb = bytes((seed * 7 + 3 * n + n // 50) % 256 for n in range(width * height * 3))
    return Picture(digest=hashlib.sha256(rgb).hexdigest(), width=width, height=height, rgb=rgb)


@dataclass
class Answer:
    text: str
    phases: list[Phase]
    end: Finished


async def layout(runner: Runner, media: Media) -> MediaParts:
    return await runner.between_steps(lambda session: session.require_projector().layout(media))


async def prompt(
    runner: Runner, media: Media, question: str
) -> tuple[list[int], list[PlacedChunk]]:
    before = await runner.tokenize("<|im_start|>user\n", add_special=True, parse_special=True)
    after = await runner.tokenize(
        f"{question}<|im_end|>\n<|im_start|>assistant\n", add_special=False, parse_special=True
    )
    return place([before, *await layout(runner, media), after])


async def answer(
    runner: Runner,
    tokens: Sequence[int],
    placed: Sequence[PlacedChunk],
    most: int = 6,
    kept_as: str = "",
) -> Answer:
    mailbox = Mailbox(asyncio.get_running_loop())
    request = GenerationRequest(
        tokens=tuple(tokens),
        media=tuple(placed),
        parameters={"temperature": 0.0},
        max_tokens=most,
        kept_as=kept_as,
    )
    runner.generate(request, mailbox)
    text, phases = "", []
    async for event in mailbox:
        match event:
            case TextAdded():
                text += event.text
            case PhaseChanged():
                phases.append(event.phase)
            case Finished():
                return Answer(text, phases, event)
    raise AssertionError("no end")


async def ask(runner: Runner, media: Media, question: str = "What is it?") -> Answer:
    return await answer(runner, *await prompt(runner, media, question))


@pytest.fixture(params=["one_line", "rows_and_columns", "both_directions"])
async def seeing(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> Runner:
    """A tiny model that sees, for each way in which pictures get their places."""
    if request.param == "both_directions":
        text, eyes = tiny_model(tmp_path / "t.gguf"), gemma3_projector(tmp_path / "p.gguf", 64)
    elif request.param == "rows_and_columns":
        text, eyes = tiny_qwen2vl(tmp_path / "t.gguf"), qwen2vl_projector(tmp_path / "p.gguf", 64)
    else:
        text, eyes = tiny_model(tmp_path / "t.gguf"), qwen2vl_projector(tmp_path / "p.gguf", 64)
    return await engine.load(text, OPTIONS, projector=eyes)


def last_logits(session: Session) -> np.ndarray:
    found = session.library.api.llama_get_logits_ith(session.context.pointer, -1)
    return np.ctypeslib.as_array(found, shape=(session.model.vocabulary.n_vocab,)).copy()


def read_by_ourselves(
    session: Session, tokens: Sequence[int], placed: Sequence[PlacedChunk]
) -> np.ndarray:
    """Read a prompt as the scheduler does, in one sequence."""
    session.forget()
    slot = session.slots.take(tokens)
    looking, clock = Looking(placed), StepClock()
    while len(slot.tokens) < len(tokens):
        start = len(slot.tokens)
        if looking.at(start):
            looking.step(session, slot, clock)
            continue
        part = tokens[start : looking.text_end(start, len(tokens))]
        session.batch.clear()
        session.batch.add(part, start, sequence=slot.id)
        assert session.context.decode(session.batch) == 0
        slot.tokens += part
    session.slots.give_back(slot)
    return last_logits(session)


def read_by_llama_cpp(
    session: Session, tokens: Sequence[int], placed: Sequence[PlacedChunk]
) -> np.ndarray:
    """Read the same prompt with mtmd's own function for chunks."""
    session.forget()
    projector = session.require_projector()
    mtmd = projector._mtmd
    past, position = ctypes.c_int32(0), 0
    for start, chunk in [(each.start, each.chunk) for each in placed] + [(len(tokens), None)]:
        text = tokens[position:start]
        session.batch.clear()
        session.batch.add(text, past.value)
        assert session.context.decode(session.batch) == 0
        past.value += len(text)
        if chunk:
            pointer = projector._each(projector._chunks_of(chunk.source))[chunk.index]
            begin = past.value
            assert (
                mtmd.mtmd_helper_eval_chunk_single(
                    projector._pointer,
                    session.context.pointer,
                    pointer,
                    begin,
                    0,
                    128,
                    False,
                    ctypes.byref(past),
                )
                == 0
            )
            assert past.value == begin + chunk.n_positions
            position = start + chunk.n_positions
    return last_logits(session)


async def test_what_is_seen_is_what_llama_cpp_itself_would_see(seeing: Runner) -> None:
    tokens, placed = await prompt(seeing, picture(1, 200, 120), "What is it?")
    others, others_placed = await prompt(seeing, picture(2, 200, 120), "What is it?")

    ours = await seeing.on_session(lambda s: read_by_ourselves(s, tokens, placed))
    theirs = await seeing.on_session(lambda s: read_by_llama_cpp(s, tokens, placed))
    other = await seeing.on_session(lambda s: read_by_ourselves(s, others, others_placed))

    assert np.abs(ours - theirs).max() < 1e-4
    assert np.abs(ours - other).max() > 1e-3


async def test_a_second_turn_about_the_same_picture_does_not_look_again(seeing: Runner) -> None:
    first = await ask(seeing, picture(1))
    same = await ask(seeing, picture(1), "And who?")
    other = await ask(seeing, picture(2))

    assert Phase.LOOKING in first.phases
    assert Phase.LOOKING not in same.phases
    assert same.end.usage.cached_tokens > first.end.usage.prompt_tokens // 3
    assert Phase.LOOKING in other.phases
    assert first.end.reason is same.end.reason is other.end.reason is FinishReason.LENGTH


async def test_two_prompts_with_pictures_and_one_without_run_together(seeing: Runner) -> None:
    tokens = await seeing.tokenize("Hello there", add_special=True, parse_special=False)
    alone = [await ask(seeing, picture(3)), await answer(seeing, tokens, ())]
    await seeing.on_session(Session.forget)

    together = await asyncio.gather(
        ask(seeing, picture(3)), answer(seeing, tokens, ()), ask(seeing, picture(4))
    )

    assert [each.end.error for each in together] == [None] * 3
    assert together[0].text == alone[0].text
    assert together[1].text == alone[1].text


async def test_pictures_in_rows_take_more_places_than_positions(
    engine: Engine, tmp_path: Path
) -> None:
    text, eyes = tiny_qwen2vl(tmp_path / "t.gguf"), qwen2vl_projector(tmp_path / "p.gguf", 64)
    options = LoadOptions(context=ContextOptions(n_ctx=256, n_ubatch=64))
    runner = await engine.load(text, options, projector=eyes)

    tokens, placed = await prompt(runner, picture(1, 320, 200), "x")
    too_long = await answer(runner, tokens, placed)
    small, small_placed = await prompt(runner, picture(1, 160, 160), "x")
    full = await answer(runner, small, small_placed, most=-1)

    places = len(tokens) + sum(e.chunk.n_tokens - e.chunk.n_positions for e in placed)
    assert len(tokens) < 256 < places
    assert too_long.end.error
    assert str(places) in too_long.end.error.summary
    assert full.end.reason is FinishReason.LENGTH
    assert full.end.usage.prompt_tokens + full.end.usage.generated_tokens == 257


async def test_a_chat_with_a_picture_goes_on_after_a_restart_without_looking_again(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    text, eyes = tiny_qwen2vl(tmp_path / "t.gguf"), qwen2vl_projector(tmp_path / "p.gguf", 64)
    question = "What is it? " * 20

    async def go_on(number: int, projector: Path) -> Answer:
        store = KvStore(tmp_path / "kv")
        engine = Engine(tmp_path / f"busy{number}.json", lambda: library, kv_store=store)
        runner = await engine.load(text, OPTIONS, projector=projector)
        tokens, placed = await prompt(runner, picture(1, 160, 120), question)
        told = await answer(runner, tokens, placed, kept_as="chat")
        await engine.close()
        return told

    first, again = await go_on(1, eyes), await go_on(2, eyes)
    changed = qwen2vl_projector(tmp_path / "other.gguf", 64)
    with_other_eyes = await go_on(3, changed)

    assert Phase.LOOKING in first.phases
    assert Phase.LOOKING not in again.phases
    assert again.end.usage.cached_tokens == again.end.usage.prompt_tokens - 1
    assert again.text == first.text
    assert Phase.LOOKING in with_other_eyes.phases


async def test_a_real_model_reads_what_a_projector_of_its_width_sees(
    engine: Engine, tmp_path: Path
) -> None:
    eyes = gemma3_projector(tmp_path / "p.gguf", SMOLLM2_WIDTH)
    runner = await engine.load(smollm2_path(), OPTIONS, projector=eyes)

    told = await ask(runner, picture(1))

    assert (runner.info.can_see, runner.info.can_hear) == (True, False)
    assert told.end.error is None
    assert told.text


async def test_a_sound_is_heard_and_not_seen(engine: Engine, tmp_path: Path) -> None:
    ears = ultravox_projector(tmp_path / "p.gguf", TINY_WIDTH)
    runner = await engine.load(tiny_model(tmp_path / "t.gguf"), OPTIONS, projector=ears)
    sound = Sound(digest="5" * 64, rate=16_000, samples=np.sin(np.arange(16_000) / 9).tobytes())

    heard = await ask(runner, sound)
    with pytest.raises(UserError, match="cannot see pictures"):
        await layout(runner, picture(1))

    assert (runner.info.can_see, runner.info.can_hear) == (False, True)
    assert runner.info.sample_rate == 16_000
    assert heard.end.error is None
    assert Phase.LOOKING in heard.phases


async def test_a_projector_of_another_model_leaves_the_model_able_to_read(
    engine: Engine, tmp_path: Path
) -> None:
    eyes = gemma3_projector(tmp_path / "p.gguf", SMOLLM2_WIDTH)
    runner = await engine.load(tiny_model(tmp_path / "t.gguf"), OPTIONS, projector=eyes)
    tokens = await runner.tokenize("Hello", add_special=True, parse_special=False)

    told = await answer(runner, tokens, ())
    with pytest.raises(UserError, match=r"576 numbers, those of t\.gguf have 64"):
        await layout(runner, picture(1))

    assert not runner.info.can_see
    assert told.end.error is None


async def test_without_a_projector_pictures_are_refused(engine: Engine, tmp_path: Path) -> None:
    runner = await engine.load(tiny_model(tmp_path / "t.gguf"), OPTIONS)

    with pytest.raises(UserError, match="no projector"):
        await layout(runner, picture(1))


async def test_a_picture_that_must_be_computed_at_once_needs_a_micro_batch_as_large(
    engine: Engine, tmp_path: Path
) -> None:
    eyes = gemma3_projector(tmp_path / "p.gguf", TINY_WIDTH)
    options = LoadOptions(context=ContextOptions(n_ctx=256, n_ubatch=2))
    runner = await engine.load(tiny_model(tmp_path / "t.gguf"), options, projector=eyes)

    told = await ask(runner, picture(1))

    assert told.end.error
    assert "has 4 tokens" in told.end.error.summary
    assert "computes 2 at once" in told.end.error.summary


async def test_a_forged_key_is_no_picture(seeing: Runner) -> None:
    told = await answer(seeing, [1, -5, 2], ())

    assert told.end.reason is FinishReason.FAILED
    assert isinstance(told.end.error, UserError)
