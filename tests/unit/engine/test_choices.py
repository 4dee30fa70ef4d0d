"""Probabilities of tokens, and replies that go on from another token."""

import math

import pytest

from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.engine.session import Session
from corral.errors import UserError
from corral.events import TextAdded, TokenChoice
from helpers.asking import Answer, answer, ask, tokens_of

PROMPT = "The capital of France is"


def choices(told: Answer) -> list[TokenChoice]:
    texts = [event for event in told.events if isinstance(event, TextAdded)]
    return [choice for event in texts for choice in event.choices]


async def told_with_choices(runner: Runner, **more: object) -> Answer:
    request = GenerationRequest(
        tokens=await tokens_of(runner, PROMPT),
        parameters={"temperature": 0.0},
        max_tokens=12,
        n_choices=5,
        **more,
    )
    return await answer(runner, request)


async def test_each_token_comes_with_its_probability_and_the_best_ones(runner: Runner) -> None:
    told = await told_with_choices(runner)
    made = choices(told)
    assert len(made) == 12
    assert "".join(choice.chosen.text for choice in made) == told.text
    for choice in made:
        assert len(choice.alternatives) == 5
        assert choice.alternatives[0] == choice.chosen  # greedy takes the best
        logs = [each.log_probability for each in choice.alternatives]
        assert logs == sorted(logs, reverse=True)
        assert sum(map(math.exp, logs)) <= 1


async def test_probabilities_are_those_of_the_bare_logits(runner: Runner) -> None:
    tokens = await tokens_of(runner, PROMPT)
    told = await told_with_choices(runner)

    def bare(session: Session) -> dict[int, float]:
        session.forget()
        session.batch.clear()
        row = session.batch.add(tokens, 0)
        assert session.context.decode(session.batch) == 0
        api, n_vocab = session.library.api, session.model.vocabulary.n_vocab
        logits = api.llama_get_logits_ith(session.context.pointer, row)[:n_vocab]
        session.forget()
        total = math.log(math.fsum(map(math.exp, logits)))
        return {token: logits[token] - total for token in range(n_vocab)}

    expected = await runner.on_session(bare)
    for each in choices(told)[0].alternatives:
        assert each.log_probability == pytest.approx(expected[each.token], abs=1e-4)


async def test_nobody_pays_for_probabilities_that_nobody_wants(runner: Runner) -> None:
    assert choices(await ask(runner, PROMPT)) == []


async def test_a_reply_goes_on_from_another_token(runner: Runner) -> None:
    first = choices(await told_with_choices(runner))
    other = first[3].alternatives[1]
    forced = (*(choice.chosen.token for choice in first[:3]), other.token)
    told = await told_with_choices(runner, forced=forced)
    assert told.text.startswith("".join(c.chosen.text for c in first[:3]) + other.text)
    assert told.usage.generated_tokens == 12
    assert len(choices(told)) == 12 - len(forced)
    assert told.usage.cached_tokens >= told.usage.prompt_tokens + 2


async def test_a_reply_cannot_be_forced_beyond_its_end_or_its_grammar(runner: Runner) -> None:
    (end,) = await tokens_of(runner, "<|im_end|>")
    (word,) = await tokens_of(runner, " Paris")
    assert isinstance((await told_with_choices(runner, forced=(end,))).end.error, UserError)
    bound = await told_with_choices(runner, forced=(word,), grammar='root ::= "no"')
    assert isinstance(bound.end.error, UserError)
    assert (await told_with_choices(runner, forced=(word,))).text.startswith(" Paris")


async def test_a_bias_forbids_and_commands(runner: Runner) -> None:
    best = choices(await told_with_choices(runner))[0].chosen
    (word,) = await tokens_of(runner, " cheese")
    without = await told_with_choices(runner, logit_bias={best.token: -math.inf})
    assert choices(without)[0].chosen.token != best.token
    assert (await told_with_choices(runner, logit_bias={word: 100.0})).text.startswith(" cheese")


@pytest.mark.parametrize("bias", [{-1: 1.0}, {10**6: 1.0}, {5: math.nan}])
async def test_an_absurd_bias_is_refused(runner: Runner, bias: dict[int, float]) -> None:
    assert isinstance((await told_with_choices(runner, logit_bias=bias)).end.error, UserError)


@pytest.mark.parametrize(
    "parameters",
    [
        {"mirostat": 1},
        {"mirostat": 2, "mirostat_tau": 3.0},
        {"dynatemp_range": 0.5},
        {"xtc_probability": 0.5, "xtc_threshold": 0.05},
        {"dry_multiplier": 0.8},
        {"typical_p": 0.7},
        {"min_p": 0.1},
        {"top_n_sigma": 1.0},
    ],
)
async def test_a_seed_reproduces_with_every_sampler(
    runner: Runner, parameters: dict[str, float]
) -> None:
    asked = {"temperature": 0.9, "seed": 3, **parameters}
    texts = {(await ask(runner, PROMPT, max_tokens=16, **asked)).text for _ in range(2)}
    assert len(texts) == 1


async def test_dry_keeps_a_model_from_repeating_itself(runner: Runner) -> None:
    text = "one two three four five six seven eight nine ten one two three four five six seven"
    plain = (await ask(runner, text)).text
    dry = (await ask(runner, text, dry_multiplier=5.0)).text
    assert "nine one two three" in plain
    assert "nine one two three" not in dry
