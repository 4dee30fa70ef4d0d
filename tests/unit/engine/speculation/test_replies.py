"""A reply with guesses is the one without, in fewer batches."""

import asyncio

import pytest_asyncio

from corral.engine.engine import Engine
from corral.engine.grammar.schema import json_grammar
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.engine.speculation.costs import BatchCosts
from corral.errors import UserError
from corral.events import Event, FinishReason, TextAdded
from corral.plan.options import ContextOptions, LoadOptions
from corral.settings import Speculation
from helpers.asking import Answer, answer, tokens_of
from helpers.models import gemma3_path, smollm2_path

LINES = "".join(
    f"{number}. The {thing} is kept in the {room} room.\n"
    for number, (thing, room) in enumerate(
        zip(
            ["lamp", "rope", "chart", "bell", "flag", "oil"],
            ["red", "blue", "green", "white", "black", "upper"],
            strict=True,
        ),
        1,
    )
)
COPY = f"<|im_start|>user\nRepeat this list exactly:\n{LINES}<|im_end|>\n<|im_start|>assistant\n"
GUESSING = ContextOptions(n_ctx=512, n_ubatch=128, n_outputs_max=16)


class AlwaysWorthIt(BatchCosts):
    """Finds guesses cheap on any machine, so that these tests do not depend on its speed."""

    def note(self, size: int, duration_s: float) -> None:
        """Learn nothing."""

    @property
    def is_known(self) -> bool:
        return True

    def of(self, size: int) -> float:
        return 1000.0 + size


async def guessing(engine: Engine, options: ContextOptions = GUESSING) -> Runner:
    runner = await engine.load(smollm2_path(), LoadOptions(context=options))
    await runner.on_session(always_guess)
    return runner


def always_guess(session: Session) -> None:
    session.speculating.costs = AlwaysWorthIt()


@pytest_asyncio.fixture
async def copier(engine: Engine) -> Runner:
    """SmolLM2, which guesses whenever it can."""
    return await guessing(engine)


async def both(runner: Runner, prompt: str, **changes: object) -> tuple[Answer, Answer]:
    """Answer without guesses and with them."""
    told = []
    for kind in (Speculation.OFF, Speculation.LOOKUP):
        await runner.on_session(Session.forget)
        request = request_of(await tokens_of(runner, prompt), kind, **changes)
        told.append(await answer(runner, request))
    return told[0], told[1]


def request_of(tokens: tuple[int, ...], kind: Speculation, **changes: object) -> GenerationRequest:
    wanted = {"parameters": {"temperature": 0.0}, "max_tokens": 48, **changes}
    return GenerationRequest(tokens=tokens, speculation=kind, **wanted)  # type: ignore[arg-type]


def cache_is_whole(session: Session) -> bool:
    """Whether the cache holds what the slot says and nothing behind it."""
    held = session.slots._all[0].tokens
    return session.context.last_position(0) == len(held) - 1


async def test_a_copied_text_is_the_same_in_fewer_batches(copier: Runner) -> None:
    plain, guessed = await both(copier, COPY)
    assert guessed.text == plain.text
    assert LINES[:60] in plain.text
    assert len(guessed.handle.shares) < 0.7 * len(plain.handle.shares)
    usage = guessed.usage
    assert usage.generated_tokens == plain.usage.generated_tokens
    assert usage.drafted_tokens >= usage.accepted_tokens > 15
    steps = usage.generated_tokens - usage.accepted_tokens
    assert abs(len(guessed.handle.shares) - steps) <= 1
    assert (plain.usage.drafted_tokens, plain.usage.accepted_tokens) == (0, 0)


async def test_the_cache_after_guesses_is_what_a_reading_leaves(copier: Runner) -> None:
    request = request_of(await tokens_of(copier, COPY), Speculation.LOOKUP)
    assert (await answer(copier, request)).usage.drafted_tokens
    assert await copier.on_session(cache_is_whole)
    held = await copier.on_session(lambda session: tuple(session.slots._all[0].tokens))
    again = request_of((*held, 198), Speculation.OFF, max_tokens=8)
    reused = await answer(copier, again)
    await copier.on_session(Session.forget)
    assert reused.usage.cached_tokens == len(held)
    assert reused.text == (await answer(copier, again)).text


async def test_sampling_with_a_seed_chooses_the_same_and_tells_how_probable_it_was(
    copier: Runner,
) -> None:
    sampling = {"temperature": 0.4, "seed": 11}
    plain, guessed = await both(copier, COPY, parameters=sampling, n_choices=2)
    assert guessed.text == plain.text
    assert guessed.usage.accepted_tokens > 10
    choices = [
        [choice for e in told.events if isinstance(e, TextAdded) for choice in e.choices]
        for told in (plain, guessed)
    ]
    for left, right in zip(*choices, strict=True):
        assert left.chosen.token == right.chosen.token
        # A batch of another size rounds otherwise.
        assert abs(left.chosen.log_probability - right.chosen.log_probability) < 0.3


async def test_not_one_token_too_many_is_said(copier: Runner) -> None:
    for most in (1, 2, 33):
        request = request_of(await tokens_of(copier, COPY), Speculation.LOOKUP, max_tokens=most)
        told = await answer(copier, request)
        assert told.usage.generated_tokens == most
        assert told.end.reason is FinishReason.LENGTH


async def test_a_stop_string_within_a_guess_ends_there(copier: Runner) -> None:
    plain, guessed = await both(copier, COPY, stops=("kept in the blue",))
    assert guessed.text == plain.text
    assert guessed.text.endswith("is ")
    assert guessed.end.reason is FinishReason.STOP
    assert guessed.usage.accepted_tokens > 5
    assert await copier.on_session(cache_is_whole)


async def test_a_context_is_filled_to_its_last_token(engine: Engine) -> None:
    small = await guessing(engine, ContextOptions(n_ctx=256, n_ubatch=128, n_outputs_max=16))
    tokens = (await tokens_of(small, LINES * 4))[:230]
    told = await answer(small, request_of(tokens, Speculation.LOOKUP, max_tokens=-1))
    assert told.usage.accepted_tokens > 10
    assert told.end.reason is FinishReason.LENGTH
    assert told.usage.prompt_tokens + told.usage.generated_tokens == 257


async def test_a_grammar_is_obeyed(copier: Runner) -> None:
    prompt = 'Numbers as JSON: {"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]}\nAgain: '
    plain, guessed = await both(copier, prompt, grammar=json_grammar(), max_tokens=24)
    assert guessed.text == plain.text
    assert guessed.usage.accepted_tokens > 3


async def test_a_cancel_leaves_the_cache_whole(copier: Runner) -> None:
    def cancel(event: Event, handle: GenerationHandle) -> None:
        if isinstance(event, TextAdded):
            handle.cancel()

    request = request_of(await tokens_of(copier, COPY), Speculation.LOOKUP, max_tokens=400)
    told = await answer(copier, request, cancel)
    assert told.end.reason is FinishReason.CANCELLED
    assert await copier.on_session(cache_is_whole)


async def test_four_at_once_guess_within_the_rows_of_the_context(engine: Engine) -> None:
    four = await guessing(
        engine, ContextOptions(n_ctx=256, n_ubatch=128, n_seq_max=4, n_outputs_max=10)
    )
    prompts = [COPY, COPY.replace("lamp", "door"), "def add(a, b):\n    return a + b\n" * 3, LINES]
    requests = [
        request_of(await tokens_of(four, prompt), Speculation.LOOKUP, max_tokens=30)
        for prompt in prompts
    ]
    told = await asyncio.gather(*[answer(four, request) for request in requests])
    assert [each.usage.generated_tokens for each in told] == [30, 30, 30, 30]
    assert sum(each.usage.accepted_tokens for each in told) > 30
    assert LINES[:40] in told[0].text


async def test_a_sliding_window_is_whole_after_wrong_guesses(engine: Engine) -> None:
    context = ContextOptions(n_ctx=1024, n_ubatch=128, n_outputs_max=16)
    gemma = await engine.load(gemma3_path(), LoadOptions(context=context))
    await gemma.on_session(always_guess)
    tokens = await tokens_of(gemma, LINES * 13 + "\nOnce upon a time")
    assert len(tokens) > 768  # the window's cells are used a second time
    request = request_of(tokens, Speculation.LOOKUP, max_tokens=16)
    usage = (await answer(gemma, request)).usage
    assert usage.drafted_tokens > usage.accepted_tokens
    assert await gemma.on_session(cache_is_whole)
    first, held = await gemma.on_session(
        lambda session: (session.context.first_position(0), len(session.slots._all[0].tokens))
    )
    assert 0 < first <= held - 512


async def test_who_sets_a_seed_is_left_alone_unless_guesses_are_asked_for(copier: Runner) -> None:
    tokens = await tokens_of(copier, COPY)
    seeded = {"temperature": 0.0, "seed": 3}
    told = [
        await answer(copier, request_of(tokens, kind, parameters=parameters, max_tokens=12))
        for kind, parameters in (
            (Speculation.AUTO, seeded),
            (Speculation.AUTO, {"temperature": 0.0}),
            (Speculation.LOOKUP, seeded),
        )
    ]
    assert [each.usage.drafted_tokens > 0 for each in told] == [False, True, True]


async def test_what_cannot_guess_says_why_when_it_is_told_to(runner: Runner) -> None:
    for kind, reason in (
        (Speculation.LOOKUP, "1 rows of logits"),
        (Speculation.MTP, "1 rows of logits"),
    ):
        told = await answer(runner, request_of((1, 2, 3), kind))
        assert isinstance(told.end.error, UserError)
        assert reason in told.end.error.summary
    assert (await answer(runner, request_of((1, 2, 3), Speculation.AUTO, max_tokens=2))).usage
