"""The real SmolLM2 answers."""

import pytest

from corral.engine.bare import run_bare
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.errors import UserError
from corral.events import FinishReason, Phase, PhaseChanged, TextAdded, TextKind
from corral.llama.sampler_settings import SamplerSettings
from corral.prompt.thinking import ThinkingSplitter
from helpers.asking import answer, ask, tokens_of

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


def chat(text: str) -> str:
    return (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n"
        f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"
    )


QUESTION = chat("Tell me a story.")
COUNT = "one two three four five six seven eight nine ten one two three four five six seven eight"


@pytest.mark.slow  # test_equality asks for more, of two models
async def test_greedy_text_is_that_of_the_barest_loop(runner: Runner) -> None:
    for prompt in (QUESTION, COUNT, "def main():"):
        tokens = await tokens_of(runner, prompt)
        bare = await runner.on_session(
            lambda session, tokens=tokens: session.model.vocabulary.text(
                run_bare(session, tokens, SamplerSettings(temperature=0), 40).tokens
            )
        )
        assert (await ask(runner, tokens, max_tokens=40)).text == bare


async def test_a_seed_gives_the_same_text_again_and_another_seed_another(runner: Runner) -> None:
    texts = [(await ask(runner, QUESTION, temperature=0.9, seed=seed)).text for seed in (7, 7, 8)]
    assert texts[0] == texts[1] != texts[2]


async def test_without_a_seed_each_text_is_another(runner: Runner) -> None:
    texts = {(await ask(runner, QUESTION, temperature=1.2)).text for _ in range(3)}
    assert len(texts) == 3


async def test_an_answer_ends_where_the_model_ends_it(runner: Runner) -> None:
    ended = await ask(runner, chat("What is 2+2?"), max_tokens=100)
    assert ended.end.reason is FinishReason.STOP
    assert "<|im_end|>" not in ended.text


async def test_an_answer_ends_after_the_most_tokens(runner: Runner) -> None:
    ended = await ask(runner, QUESTION, max_tokens=5)
    assert ended.end.reason is FinishReason.LENGTH
    assert ended.usage.generated_tokens == 5


async def test_with_no_tokens_wanted_the_prompt_is_read_and_nothing_said(runner: Runner) -> None:
    ended = await ask(runner, QUESTION, max_tokens=0)
    assert (ended.end.reason, ended.text) == (FinishReason.LENGTH, "")
    assert (await ask(runner, QUESTION)).usage.cached_tokens > 0


async def test_text_is_cut_before_a_stop_string_that_spans_tokens(runner: Runner) -> None:
    whole = (await ask(runner, QUESTION, max_tokens=40)).text
    stop = whole[20:33]
    cut = await ask(runner, QUESTION, max_tokens=40, stops=("never said", stop))
    assert cut.end.reason is FinishReason.STOP
    assert cut.text == whole[: whole.index(stop)]


async def test_an_emoji_of_several_tokens_comes_whole(runner: Runner) -> None:
    emoji = "🦜🦔🦜🦔"
    assert len(await tokens_of(runner, emoji)) > 2 * len(emoji)
    ended = await ask(runner, chat(f"{emoji} Repeat this."))
    assert {"🦜", "🦔"} <= set(ended.text)
    assert "\ufffd" not in ended.text


async def test_a_full_context_ends_the_answer(runner: Runner) -> None:
    tokens = (await tokens_of(runner, COUNT)) * 40
    ended = await ask(runner, tokens[:500], max_tokens=-1)
    assert ended.end.reason is FinishReason.LENGTH
    assert ended.usage.prompt_tokens + ended.usage.generated_tokens == 512 + 1


async def test_a_prompt_that_does_not_fit_fails_with_both_numbers(runner: Runner) -> None:
    ended = await ask(runner, (1,) * 513)
    assert ended.end.reason is FinishReason.FAILED
    assert isinstance(ended.end.error, UserError)
    assert "513" in ended.end.error.summary
    assert "512" in ended.end.error.summary
    assert (await ask(runner, QUESTION)).text


@pytest.mark.parametrize(
    "parameters",
    [{"temperature": float("nan")}, {"repeat_penalty": 0.0}, {"top_k": "many"}],
)
async def test_an_absurd_parameter_fails_and_the_runner_goes_on(
    runner: Runner, parameters: dict
) -> None:
    ended = await ask(runner, QUESTION, **parameters)
    assert isinstance(ended.end.error, UserError)
    assert (await ask(runner, QUESTION)).text


async def test_tokens_that_the_model_does_not_have_fail_cleanly(runner: Runner) -> None:
    ended = await ask(runner, (1, 2, 10_000_000))
    assert ended.end.reason is FinishReason.FAILED
    assert (await ask(runner, QUESTION)).text


async def test_thinking_is_told_apart_from_the_answer(runner: Runner) -> None:
    tokens = await tokens_of(runner, QUESTION)
    plain = (await ask(runner, tokens, max_tokens=30)).text
    request = GenerationRequest(
        tokens=tokens,
        parameters={"temperature": 0.0},
        max_tokens=30,
        splitter=ThinkingSplitter(closing=plain[15:25], starts_thinking=True),
    )
    events = (await answer(runner, request)).events
    texts = [event for event in events if isinstance(event, TextAdded)]
    kinds = [event.kind for event in texts]
    assert kinds == sorted(kinds, key=[TextKind.THINKING, TextKind.ANSWER].index)
    assert "".join(e.text for e in texts if e.kind is TextKind.THINKING).startswith(plain[:14])


async def test_phases_come_in_their_order_with_the_tokens_read(runner: Runner) -> None:
    tokens = (await tokens_of(runner, COUNT)) * 20
    events = (await ask(runner, tokens[:300], max_tokens=2)).events
    phases = [event for event in events if isinstance(event, PhaseChanged)]
    assert [(p.phase, p.done) for p in phases] == [
        (Phase.READING_PROMPT, 128),
        (Phase.READING_PROMPT, 256),
        (Phase.READING_PROMPT, 300),
        (Phase.GENERATING, None),
    ]


async def test_repeat_penalties_look_at_the_prompt_too(runner: Runner) -> None:
    plain = (await ask(runner, COUNT)).text
    punished = (await ask(runner, COUNT, repeat_penalty=1.8, repeat_last_n=-1)).text
    assert "three four five" in plain
    assert "three four five" not in punished


async def test_usage_adds_up(runner: Runner) -> None:
    usage = (await ask(runner, QUESTION, max_tokens=30)).usage
    assert usage.context_tokens == 512
    assert 0 < usage.prompt_s < usage.first_token_s < usage.total_s
    assert 0 < usage.library_s < usage.step_s <= usage.generation_s
    assert usage.prompt_s + usage.generation_s <= usage.total_s
