"""Answers obey a grammar, and are valid whenever they end by themselves."""

import asyncio
import json

import pytest

from corral.engine.engine import Engine
from corral.engine.grammar.schema import json_grammar, schema_grammar
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.errors import UserError
from corral.events import FinishReason, TextAdded, TextKind
from corral.plan.options import ContextOptions, LoadOptions
from corral.prompt.thinking import ThinkingSplitter
from helpers.asking import Answer, answer, tokens_of
from helpers.json_schema import is_valid
from helpers.made_schemas import made_schema
from helpers.models import smollm2_path

ASK = (
    "<|im_start|>user\nDescribe a shop as short JSON with these keys: {keys}.<|im_end|>\n"
    "<|im_start|>assistant\n"
)
SEEDS_AT_ONCE = 8


async def constrained(
    runner: Runner, prompt: str, grammar: str, max_tokens: int = 150, **more: object
) -> Answer:
    request = GenerationRequest(
        tokens=await tokens_of(runner, prompt),
        parameters={"temperature": 0.0, "repeat_penalty": 1.1},
        max_tokens=max_tokens,
        grammar=grammar,
        **more,
    )
    return await answer(runner, request)


async def follow_schema(runner: Runner, seed: int) -> bool:
    """Return whether the answer ended by itself, after it was found valid."""
    schema = made_schema(seed)
    prompt = ASK.format(keys=", ".join(schema["properties"]))
    ended = await constrained(runner, prompt, schema_grammar(schema))
    assert ended.end.error is None, (seed, ended.end.error)
    if ended.end.reason is not FinishReason.STOP:
        return False
    assert is_valid(json.loads(ended.text), schema), (seed, schema, ended.text)
    return True


async def follow_schemas(engine: Engine, seeds: range) -> int:
    context = ContextOptions(n_ctx=512, n_ubatch=128, n_seq_max=SEEDS_AT_ONCE)
    runner = await engine.load(smollm2_path(), LoadOptions(context=context))
    ended = await asyncio.gather(*[follow_schema(runner, seed) for seed in seeds])
    return sum(ended)


async def test_answers_are_valid_under_six_schemas(engine: Engine) -> None:
    assert await follow_schemas(engine, range(6)) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, 40))
async def test_answers_are_valid_under_two_hundred_schemas(engine: Engine, first: int) -> None:
    assert await follow_schemas(engine, range(first, first + 40)) >= 30


async def test_any_json_is_an_object(runner: Runner) -> None:
    ended = await constrained(runner, ASK.format(keys="name, price"), json_grammar(), 250)
    assert ended.end.reason is FinishReason.STOP
    assert isinstance(json.loads(ended.text), dict)


async def test_gbnf_leaves_no_other_words(runner: Runner) -> None:
    ended = await constrained(runner, "The sky is", 'root ::= " violet" | " turquoise"')
    assert ended.text in (" violet", " turquoise")
    assert ended.end.reason is FinishReason.STOP


async def test_characters_of_several_tokens_are_allowed(runner: Runner) -> None:
    ended = await constrained(runner, "Say it:", 'root ::= "🦜é漢字"')
    assert (ended.text, ended.end.reason) == ("🦜é漢字", FinishReason.STOP)


async def test_a_grammar_that_llama_cpp_refuses_fails_and_the_runner_goes_on(
    runner: Runner,
) -> None:
    ended = await constrained(runner, "x", 'root ::= root "a"')
    assert isinstance(ended.end.error, UserError)
    assert (await constrained(runner, "x", 'root ::= "a"')).text == "a"


async def test_thinking_is_free_and_the_answer_is_not(runner: Runner) -> None:
    plain = await constrained(runner, ASK.format(keys="name"), "", 40)
    splitter = ThinkingSplitter(closing=plain.text[20:32], starts_thinking=True)
    ended = await constrained(
        runner, ASK.format(keys="name"), 'root ::= "{}"', 60, splitter=splitter
    )
    texts = [event for event in ended.events if isinstance(event, TextAdded)]
    thinking = "".join(event.text for event in texts if event.kind is TextKind.THINKING)
    said = "".join(event.text for event in texts if event.kind is TextKind.ANSWER)
    assert plain.text.startswith(thinking.rstrip())
    assert thinking
    assert said.endswith("{}")
    assert ended.end.reason is FinishReason.STOP


async def test_without_thinking_the_grammar_counts_from_the_first_token(runner: Runner) -> None:
    ended = await constrained(
        runner, ASK.format(keys="name"), 'root ::= "{}"', 60, splitter=ThinkingSplitter()
    )
    assert ended.text == "{}"
