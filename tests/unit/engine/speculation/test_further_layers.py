"""The model's own layers for further tokens guess; what they say never changes the reply."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from corral.engine.engine import Engine
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.engine.slots import Slot
from corral.engine.speculation.costs import BatchCosts
from corral.engine.speculation.further_layers import FurtherLayers
from corral.errors import UserError
from corral.gguf.reader import read_header
from corral.llama.breakdown import context_breakdown
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.llama.model import load_model
from corral.plan.formula import plan_by_formula
from corral.plan.further import FURTHER_ARCHITECTURES, further_context, further_output_bytes
from corral.plan.keys import Keys
from corral.plan.options import ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Part
from corral.settings import Speculation
from helpers.asking import answer, tokens_of
from helpers.further_model import Guesses, write_further_architecture, write_further_model
from helpers.headers import make_machine
from helpers.models import smollm2_path

CONTEXT = ContextOptions(n_ctx=512, n_ubatch=64, n_outputs_max=16)
LOADED = LoadOptions(mtp=True, context=CONTEXT)
LARGE = ("deepseek32", "glm-dsa")  # as tiny models go
TEXT = "A lamp, a rope and a chart lie in the red room of the lighthouse; the bell is outside. "


class AlwaysWorthIt(BatchCosts):
    """Finds guesses cheap on any machine."""

    def note(self, size: int, duration_s: float) -> None:
        """Learn nothing."""

    @property
    def is_known(self) -> bool:
        return True

    def of(self, size: int) -> float:
        return 1000.0 + size


async def load(engine: Engine, folder: Path, guesses: Guesses, **changes: int) -> Runner:
    path = write_further_model(folder / f"{guesses}.gguf", guesses)
    return await eager(engine, path, **changes)


async def eager(engine: Engine, path: Path, **changes: int) -> Runner:
    """Load a model that guesses whenever it can."""
    options = replace(LOADED, context=replace(CONTEXT, **changes))
    runner = await engine.load(path, options)

    def always_guess(session: Session) -> None:
        session.speculating.costs = AlwaysWorthIt()

    await runner.on_session(always_guess)
    return runner


async def what_is_said(runner: Runner) -> list[tuple[int, list[int]]]:
    """Return a list that gets each token after which the layers guess, and their guesses."""
    said: list[tuple[int, list[int]]] = []

    def listen(session: Session) -> None:
        layers = session.speculating._further
        assert layers
        guess = layers.guess

        def heard(slot: Slot, token: int, most: int) -> list[int]:
            said.append((token, guess(slot, token, most)))
            return said[-1][1]

        layers.guess = heard  # type: ignore[method-assign]

    await runner.on_session(listen)
    return said


def request_of(tokens: tuple[int, ...], kind: Speculation, most: int = 40) -> GenerationRequest:
    return GenerationRequest(
        tokens=tokens, parameters={"temperature": 0.0}, max_tokens=most, speculation=kind
    )


async def test_right_guesses_need_fewer_batches_for_the_same_text(
    engine: Engine, tmp_path: Path
) -> None:
    runner = await load(engine, tmp_path, Guesses.RIGHT)
    tokens = await tokens_of(runner, TEXT * 2)
    plain = await answer(runner, request_of(tokens, Speculation.OFF))
    for kind in (Speculation.MTP, Speculation.AUTO):
        await runner.on_session(Session.forget)
        guessed = await answer(runner, request_of(tokens, kind))
        assert guessed.text == plain.text
        assert guessed.usage.generated_tokens == plain.usage.generated_tokens > 12
        assert guessed.usage.accepted_tokens == guessed.usage.drafted_tokens > 8
        assert len(guessed.handle.shares) < 0.5 * len(plain.handle.shares)


async def test_wrong_guesses_change_nothing(engine: Engine, tmp_path: Path) -> None:
    runner = await load(engine, tmp_path, Guesses.RANDOM)
    tokens = await tokens_of(runner, TEXT * 3)
    for length in (5, 63, 64, 65, 200):
        told = []
        for kind in (Speculation.OFF, Speculation.MTP):
            await runner.on_session(Session.forget)
            told.append(await answer(runner, request_of(tokens[:length], kind)))
        assert told[1].text == told[0].text
        assert told[1].usage.generated_tokens == told[0].usage.generated_tokens
    assert told[1].usage.drafted_tokens > told[1].usage.accepted_tokens

    def is_whole(session: Session) -> bool:
        held = session.slots._all[0].tokens
        return session.context.last_position(0) == len(held) - 1

    assert await runner.on_session(is_whole)


async def test_each_token_is_read_with_the_hidden_row_before_it(
    engine: Engine, tmp_path: Path
) -> None:
    """The layer says again what follows the row: with the right row that is the last token."""
    runner = await load(engine, tmp_path, Guesses.ECHO, n_seq_max=2)
    said = await what_is_said(runner)
    tokens = await tokens_of(runner, TEXT * 3)
    prompts = [
        tokens[:200],  # several micro-batches
        tokens[:205],  # a little more than is held
        tokens[:120],  # cut deep: the row before is not known any more
        (*tokens[:64], *tokens[10:60]),
        tokens[:1],
    ]
    for prompt in prompts:
        said.clear()
        told = await answer(runner, request_of(prompt, Speculation.MTP, 12))
        assert told.usage.drafted_tokens
        assert said
        assert all(guessed and set(guessed) == {token} for token, guessed in said)
    said.clear()
    both = [request_of(prompt, Speculation.MTP, 12) for prompt in prompts[:2]]
    await asyncio.gather(*[answer(runner, request) for request in both])
    assert len(said) > 2
    assert all(set(guessed) == {token} for token, guessed in said)


async def test_what_the_layers_read_at_once_and_in_parts_is_the_same(
    engine: Engine, tmp_path: Path
) -> None:
    """The guesses after a long way of cuts and rejections are those of a fresh reading."""
    runner = await load(engine, tmp_path, Guesses.RANDOM)
    tokens = await tokens_of(runner, TEXT * 3)
    await answer(runner, request_of(tokens[:90], Speculation.MTP))
    held = await runner.on_session(lambda session: tuple(session.slots._all[0].tokens))

    def guess(session: Session) -> list[int]:
        layers = session.speculating._further
        assert layers
        return layers.guess(session.slots._all[0], 77, 6)

    after = await runner.on_session(guess)
    await runner.on_session(Session.forget)
    await answer(runner, request_of((*held, 77), Speculation.MTP, 0))

    def cut(session: Session) -> None:
        session.slots.cut(session.slots._all[0], len(held))

    await runner.on_session(cut)
    assert len(after) == 6
    assert await runner.on_session(guess) == after


async def test_models_that_cannot_are_refused_with_the_reason(
    engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="has no layers that predict further tokens"):
        await engine.load(smollm2_path(), LOADED)
    path = write_further_model(tmp_path / "further.gguf")
    apart = replace(LOADED, context=replace(CONTEXT, kv_unified=False, n_seq_max=2))
    with pytest.raises(UserError, match="one cache for all sequences"):
        await engine.load(path, apart)
    dense = write_further_model(tmp_path / "dense.gguf", leading_dense_block_count=3)
    with pytest.raises(UserError, match="3 blocks without experts of 3"):
        await engine.load(dense, LOADED)
    runner = await engine.load(path, replace(LOADED, mtp=False))
    told = await answer(runner, request_of((1, 20, 30), Speculation.MTP))
    assert isinstance(told.end.error, UserError)
    assert "mtp=true" in told.end.error.summary

    def refuse(session: Session) -> None:
        session.model.n_layer_nextn = 2
        with pytest.raises(UserError, match="glm4moe with 2 layers"):
            FurtherLayers(session.library, session.context, session.model, CONTEXT)
        session.model.n_layer_nextn, session.model.has_state = 1, True
        with pytest.raises(UserError, match="carries a state"):
            FurtherLayers(session.library, session.context, session.model, CONTEXT)

    await runner.on_session(refuse)


@pytest.mark.parametrize(
    "name",
    [
        name if name == "deepseek2" else pytest.param(name, marks=pytest.mark.slow)
        for name in FURTHER_ARCHITECTURES
        if name != "glm4moe"  # all others test that one
    ],
)
async def test_other_architectures_read_the_right_rows_too(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    for guesses in (Guesses.RIGHT, Guesses.ECHO):
        path = write_further_architecture(tmp_path / f"{guesses}.gguf", name, guesses)
        runner = await eager(engine, path)
        said = await what_is_said(runner)
        tokens = (await tokens_of(runner, TEXT * 2))[:150]
        plain = await answer(runner, request_of(tokens, Speculation.OFF))
        await runner.on_session(Session.forget)
        told = await answer(runner, request_of(tokens, Speculation.MTP))
        assert told.text == plain.text
        assert told.usage.drafted_tokens > 8
        if guesses is Guesses.RIGHT:
            assert told.usage.accepted_tokens == told.usage.drafted_tokens
        else:
            assert all(set(guessed) == {token} for token, guessed in said)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name
        for name in FURTHER_ARCHITECTURES
    ],
)
def test_the_plan_counts_their_weights_and_their_context(
    library: LlamaLibrary, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "further.gguf"
    if name == "glm4moe":
        write_further_model(path)
    else:
        write_further_architecture(path, name, Guesses.RIGHT)
    header, machine = read_header(path), make_machine(64)
    loaded = replace(LOADED, load_mode=LoadMode.NONE)
    planned, without = (
        plan_by_formula(header, replace(loaded, mtp=mtp), machine) for mtp in (True, False)
    )
    assert without.size_bytes(None, Part.DRAFT) == 0
    model = load_model(library, path, loaded, lambda _percent: True)
    context, further = Context(library, model, CONTEXT), further_context(CONTEXT)
    own = Context(library, model, further, before=context)
    uses = context_breakdown(library, own.pointer)
    own.close()
    context.close()
    model.close()
    weights = sum(use.model_bytes for use in uses)
    assert weights == planned.size_bytes(None, Part.WEIGHTS)
    assert weights > without.size_bytes(None, Part.WEIGHTS)
    kv = sum(use.context_bytes for use in uses)
    rows = further_output_bytes(Keys(header), header.vocab_size, further)
    drafts = [line for line in planned.lines if line.part is Part.DRAFT]
    assert sum(line.size_bytes for line in drafts if line.kind is Kind.FORMULA) == kv + rows
    compute = sum(use.compute_bytes for use in uses)
    assumed = sum(line.size_bytes for line in drafts if line.kind is Kind.ASSUMED)
    assert compute <= assumed <= 2 * compute
