"""A second model guesses; here it is the same one, which is always right."""

from dataclasses import replace
from pathlib import Path

import pytest_asyncio

from corral.engine.engine import Engine
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.engine.speculation.costs import BatchCosts
from corral.errors import UserError
from corral.plan.options import ContextOptions, LoadOptions
from corral.settings import Speculation
from helpers.asking import answer, tokens_of
from helpers.models import gemma3_path, smollm2_path

GUESSING = ContextOptions(n_ctx=256, n_ubatch=128, n_outputs_max=16)


class AlwaysWorthIt(BatchCosts):
    """Finds guesses cheap on any machine."""

    def note(self, size: int, duration_s: float) -> None:
        """Learn nothing."""

    @property
    def is_known(self) -> bool:
        return True

    def of(self, size: int) -> float:
        return 1000.0 + size


@pytest_asyncio.fixture
async def drafted(engine: Engine) -> Runner:
    """SmolLM2, whose guesses always count as worth their time."""

    def always_guess(session: Session) -> None:
        session.speculating.costs = AlwaysWorthIt()

    runner = await engine.load(smollm2_path(), LoadOptions(context=GUESSING))
    await runner.on_session(always_guess)
    return runner


async def request_of(runner: Runner, draft: Path | None) -> GenerationRequest:
    return GenerationRequest(
        tokens=await tokens_of(runner, "The capital of France is"),
        parameters={"temperature": 0.0},
        max_tokens=30,
        speculation=Speculation.DRAFT,
        draft_model=draft,
    )


async def test_the_same_model_as_draft_guesses_almost_every_token(drafted: Runner) -> None:
    request = await request_of(drafted, smollm2_path())
    plain = await answer(drafted, replace(request, speculation=Speculation.OFF))
    told = await answer(drafted, request)
    assert told.text == plain.text
    usage = told.usage
    assert usage.accepted_tokens >= 0.8 * usage.drafted_tokens > 15
    assert len(told.handle.shares) <= 8
    short = replace(request, parameters={"temperature": 0.0, "draft_num_predict": 2})
    again = await answer(drafted, short)
    assert again.text == plain.text
    assert len(again.handle.shares) >= 10
    none = replace(request, parameters={"temperature": 0.0, "draft_num_predict": 0})
    assert (await answer(drafted, none)).usage.drafted_tokens == 0


async def test_another_vocabulary_is_refused_with_both_sizes(drafted: Runner) -> None:
    told = await answer(drafted, await request_of(drafted, gemma3_path()))
    assert isinstance(told.end.error, UserError)
    assert "262144 tokens and the model 49152" in told.end.error.summary
    request = await request_of(drafted, gemma3_path())
    off = await answer(drafted, replace(request, speculation=Speculation.OFF))
    assert off.usage.generated_tokens == 30


async def test_without_a_draft_model_the_wish_for_one_is_refused(drafted: Runner) -> None:
    told = await answer(drafted, await request_of(drafted, None))
    assert isinstance(told.end.error, UserError)
    assert "has no DRAFT" in told.end.error.summary
    request = replace(await request_of(drafted, None), speculation=Speculation.MTP)
    told = await answer(drafted, request)
    assert "no layers that predict further tokens" in str(told.end.error)

    def have_three(session: Session) -> None:
        session.model.n_layer_nextn = 3

    await drafted.on_session(have_three)
    told = await answer(drafted, request)
    assert "without its 3 layers" in str(told.end.error)
