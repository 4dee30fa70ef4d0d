"""Vectors and rankings through the workbench and on the command line."""

import json
from collections.abc import AsyncIterator
from math import hypot
from pathlib import Path

import pytest
import pytest_asyncio

from corral.errors import UserError
from corral.places import Places
from corral.plan.pooling import Pooling
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.command_line import CommandLine
from helpers.homes import places_of
from helpers.tiny_bert import LONGEST, RANK_POOLING, WIDTH, write_tiny_bert

BERT = ChatRequest(model="bert", messages=None)
RANKER = ChatRequest(model="ranker", messages=None)
TEXTS = ("the cat sat on a mat", "stock market", "a dog on the rug")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workbench]:
    """A workbench with a model of vectors and one that ranks."""
    home = tmp_path_factory.mktemp("vectors")
    write_tiny_bert(home / "files" / "bert.gguf")
    write_tiny_bert(home / "files" / "ranker.gguf", pooling=RANK_POOLING, has_head=True)
    places: Places = places_of(home / "home")
    async with open_workbench(places) as workbench:
        for name in ("bert", "ranker"):
            await workbench.modelling.import_file(home / "files" / f"{name}.gguf", name).result()
        yield workbench


@pytest.mark.asyncio(loop_scope="module")
async def test_vectors_have_length_one_and_as_many_values_as_asked_for(bench: Workbench) -> None:
    found = await bench.embedding().embed(BERT, TEXTS)
    assert (found.pooling, found.cut, len(found.vectors)) == (Pooling.MEAN, (), 3)
    short = await bench.embedding().embed(BERT, TEXTS, dimensions=8)
    for (vector,), (head,) in zip(found.vectors, short.vectors, strict=True):
        assert (len(vector), len(head)) == (WIDTH, 8)
        assert (hypot(*vector), hypot(*head)) == pytest.approx((1, 1))
        assert [value / hypot(*vector[:8]) for value in vector[:8]] == pytest.approx(head)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_text_that_is_too_long_is_cut_and_said_or_refused(bench: Workbench) -> None:
    texts = ("cat", "cat " * LONGEST)
    found = await bench.embedding().embed(BERT, texts)
    assert (found.cut, found.tokens) == ((1,), 3 + LONGEST)
    with pytest.raises(UserError, match=f"Text 2 has {LONGEST + 2} tokens.* reads {LONGEST}"):
        await bench.embedding().embed(BERT, texts, is_cut=False)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_asked_for_is_refused(bench: Workbench) -> None:
    embedding = bench.embedding()
    with pytest.raises(UserError, match=f"have {WIDTH} values; 999 were asked for"):
        await embedding.embed(BERT, TEXTS, dimensions=999)
    with pytest.raises(UserError, match="cannot be pooled by rank"):
        await embedding.embed(BERT, TEXTS, pooling=Pooling.RANK)
    with pytest.raises(UserError, match="bert:latest does not rank"):
        await embedding.rank(BERT, "the cat", TEXTS)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_ranking_has_the_best_first_and_each_text_once(bench: Workbench) -> None:
    ranked = await bench.embedding().rank(RANKER, "the cat", TEXTS)
    assert sorted(each.index for each in ranked) == [0, 1, 2]
    assert [each.score for each in ranked] == sorted((r.score for r in ranked), reverse=True)
    other = await bench.embedding().rank(RANKER, "stock", TEXTS)
    assert {each.score for each in other}.isdisjoint(each.score for each in ranked)


async def test_a_head_that_is_promised_and_missing_ends_nothing(tmp_path: Path) -> None:
    file = write_tiny_bert(tmp_path / "liar.gguf", pooling=RANK_POOLING)
    async with open_workbench(places_of(tmp_path / "home")) as workbench:
        await workbench.modelling.import_file(file, "liar").result()
        liar = ChatRequest(model="liar", messages=None)
        with pytest.raises(UserError, match="does not rank"):
            await workbench.embedding().rank(liar, "the cat", TEXTS)
        with pytest.raises(UserError, match="scores"):
            await workbench.embedding().embed(liar, TEXTS)


def test_the_command_line_prints_arrays_and_scores(tmp_path: Path) -> None:
    corral = CommandLine(tmp_path / "home")
    for name in ("bert", "ranker"):
        pooling = RANK_POOLING if name == "ranker" else 1
        file = tmp_path / f"{name}.gguf"
        write_tiny_bert(file, pooling=pooling, has_head=name == "ranker")
        assert corral("import", file, name).exit_code == 0
    lines = corral("embed", "bert", *TEXTS).out.splitlines()
    assert [len(json.loads(line)) for line in lines] == [WIDTH] * 3
    told = json.loads(corral("embed", "bert", "--json", stdin=b"the cat\n\na dog\n").out)
    assert len(told["embeddings"]) == 2
    assert json.loads(corral("run", "bert", TEXTS[0]).out) == json.loads(lines[0])
    table = corral("rerank", "ranker", "the cat", *TEXTS).out.splitlines()
    assert (table[0].split(), len(table)) == (["SCORE", "TEXT"], 4)
    refused = corral("rerank", "bert", "the cat", *TEXTS)
    assert (refused.exit_code, "does not rank" in refused.err) == (2, True)
