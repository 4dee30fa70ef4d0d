"""Vectors of real models: SmolLM2, which also writes, and a tiny BERT, which does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from math import hypot
from pathlib import Path

import pytest
import pytest_asyncio

from corral.engine.embedding import BATCH_TEXTS, BATCH_TOKENS, grouped
from corral.engine.engine import Engine
from corral.engine.runner import Runner
from corral.errors import UserError
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.pooling import Pooling
from helpers.asking import ask
from helpers.models import smollm2_path
from helpers.tiny_bert import write_tiny_bert

SMALL = LoadOptions(context=ContextOptions(n_ctx=512))
TEXTS = ("The cat sat on the mat.", "A kitten sits on a rug.", "Stock markets fell on Monday.")
LONG = "the cat sat on a mat and " * 22  # more than one step of a model that reads in order


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def smollm2(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runner]:
    engine = Engine(tmp_path_factory.mktemp("smollm2") / "busy.json")
    yield await engine.load(smollm2_path(), SMALL)
    await engine.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bert(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runner]:
    folder = tmp_path_factory.mktemp("bert")
    engine = Engine(folder / "busy.json")
    file = write_tiny_bert(folder / "bert.gguf")
    yield await engine.load(file, LoadOptions(context=ContextOptions(n_ctx=64)))
    await engine.close()


async def tokens_of(runner: Runner, *texts: str) -> list[list[int]]:
    return [await runner.tokenize(text, add_special=True, parse_special=False) for text in texts]


def likeness(left: Sequence[float], right: Sequence[float]) -> float:
    product = sum(a * b for a, b in zip(left, right, strict=True))
    return product / hypot(*left) / hypot(*right)


@pytest.mark.asyncio(loop_scope="module")
async def test_texts_together_have_the_vectors_they_have_alone(smollm2: Runner) -> None:
    texts = await tokens_of(smollm2, *TEXTS, LONG)
    together = await smollm2.embed(texts, Pooling.MEAN)
    for tokens, (vector,) in zip(texts, together, strict=True):
        ((alone,),) = await smollm2.embed([tokens], Pooling.MEAN)
        assert len(vector) == 576
        assert likeness(vector, alone) == pytest.approx(1, abs=2e-3)


@pytest.mark.asyncio(loop_scope="module")
async def test_pooled_vectors_are_made_of_the_tokens_vectors(smollm2: Runner) -> None:
    texts = await tokens_of(smollm2, TEXTS[0], LONG)
    each = await smollm2.embed(texts, Pooling.NONE)
    assert [len(vectors) for vectors in each] == [len(tokens) for tokens in texts]
    made = {
        Pooling.CLS: [vectors[0] for vectors in each],
        Pooling.LAST: [vectors[-1] for vectors in each],
        Pooling.MEAN: [
            [sum(values) / len(vectors) for values in zip(*vectors, strict=True)]
            for vectors in each
        ],
    }
    for pooling, expected in made.items():
        pooled = await smollm2.embed(texts, pooling)
        for (vector,), wanted in zip(pooled, expected, strict=True):
            assert vector == pytest.approx(wanted, rel=1e-4, abs=1e-3)


@pytest.mark.asyncio(loop_scope="module")
async def test_like_texts_have_like_vectors(smollm2: Runner) -> None:
    vectors = await smollm2.embed(await tokens_of(smollm2, *TEXTS), Pooling.MEAN)
    cat, kitten, stocks = (vector for (vector,) in vectors)
    assert likeness(cat, kitten) > likeness(cat, stocks) + 0.05


@pytest.mark.asyncio(loop_scope="module")
async def test_vectors_come_while_the_model_writes_and_change_nothing(smollm2: Runner) -> None:
    alone = await ask(smollm2, "Count to ten: 1, 2,", max_tokens=48)
    writing = asyncio.create_task(ask(smollm2, "Count to ten: 1, 2,", max_tokens=48))
    await asyncio.sleep(0.05)
    vectors = await smollm2.embed(await tokens_of(smollm2, *TEXTS), Pooling.LAST)
    assert (len(vectors), (await writing).text) == (3, alone.text)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_model_without_a_cache_computes_vectors_and_does_not_write(bert: Runner) -> None:
    assert not bert.info.can_write
    texts = await tokens_of(bert, "the cat sat on a mat", "stock market", "a dog")
    together = await bert.embed(texts, Pooling.MEAN)
    each = await bert.embed(texts, Pooling.NONE)
    for tokens, (vector,), of_tokens in zip(texts, together, each, strict=True):
        ((alone,),) = await bert.embed([tokens], Pooling.MEAN)
        assert vector == pytest.approx(alone, abs=2e-3)
        mean = [sum(values) / len(tokens) for values in zip(*of_tokens, strict=True)]
        assert vector == pytest.approx(mean, abs=2e-3)
    end = (await ask(bert, tuple(texts[0]))).end
    assert isinstance(end.error, UserError)
    assert "computes vectors; it does not write" in end.error.summary


@pytest.mark.asyncio(loop_scope="module")
async def test_a_model_that_ranks_scores(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "busy.json")
    file = write_tiny_bert(tmp_path / "ranker.gguf", pooling=4, has_head=True)
    runner = await engine.load(file, LoadOptions(context=ContextOptions(n_ctx=64)))
    texts = await tokens_of(runner, "the cat", "stock market", "a dog")
    scores = await runner.embed(texts, Pooling.RANK)
    assert [len(score) for (score,) in scores] == [1, 1, 1]
    assert len({round(score[0], 5) for (score,) in scores}) == 3
    await engine.close()


def test_groups_keep_the_order_and_their_bounds() -> None:
    texts = [[n] * length for n, length in enumerate([5] * 40 + [500, 20, 2000, 3])]
    groups = list(grouped(texts))
    assert [tokens for group in groups for tokens in group] == texts
    for group in groups:
        assert len(group) <= BATCH_TEXTS
        assert len(group) == 1 or sum(map(len, group)) <= BATCH_TOKENS
