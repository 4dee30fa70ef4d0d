"""LoRA adapters, set and scaled from request to request."""

import asyncio
from pathlib import Path

import pytest

from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.errors import CorralError, ExternalError
from corral.llama.adapters import AdapterSet
from helpers.adapters import write_adapter
from helpers.asking import Answer, answer, ask, tokens_of

PROMPT = "The capital of France is"


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "first.gguf", seed=1)


async def told(runner: Runner, adapters: AdapterSet) -> Answer:
    request = GenerationRequest(
        tokens=await tokens_of(runner, PROMPT),
        parameters={"temperature": 0.0},
        max_tokens=16,
        adapters=adapters,
    )
    return await answer(runner, request)


async def test_an_adapter_changes_the_answer_and_goes_without_a_trace(
    runner: Runner, adapter: Path
) -> None:
    plain = (await ask(runner, PROMPT, max_tokens=16)).text
    changed = await told(runner, ((adapter, 1.0),))
    assert changed.usage.cached_tokens == 0
    assert changed.text != plain
    again = await told(runner, ())
    assert (again.usage.cached_tokens, again.text) == (0, plain)


async def test_scales_count_and_nought_is_the_plain_model(runner: Runner, adapter: Path) -> None:
    plain = (await ask(runner, PROMPT, max_tokens=16)).text
    full, half, nothing = [
        (await told(runner, ((adapter, scale),))).text for scale in (1.0, 0.5, 0.0)
    ]
    assert full != half
    assert nothing == plain


async def test_several_adapters_work_together(
    runner: Runner, adapter: Path, tmp_path: Path
) -> None:
    other = write_adapter(tmp_path / "other.gguf", seed=2)
    texts = {
        (await told(runner, adapters)).text
        for adapters in (((adapter, 1.0),), ((other, 1.0),), ((adapter, 1.0), (other, 1.0)))
    }
    assert len(texts) == 3


async def test_requests_with_other_adapters_wait_for_each_other_and_all_come_true(
    runner: Runner, adapter: Path
) -> None:
    sets: list[AdapterSet] = [(), ((adapter, 1.0),), (), ((adapter, 0.5),)]
    alone = [(await told(runner, each)).text for each in sets]
    together = await asyncio.gather(*[told(runner, each) for each in sets])
    assert [each.text for each in together] == alone


async def test_an_adapter_of_another_model_is_refused_with_the_reason(
    runner: Runner, tmp_path: Path
) -> None:
    wide = write_adapter(tmp_path / "wide.gguf", seed=1, width=640)
    other = write_adapter(tmp_path / "gemma.gguf", seed=1, architecture="gemma3")
    for path in (wide, other):
        ended = await told(runner, ((path, 1.0),))
        assert isinstance(ended.end.error, ExternalError)
        assert path.name in ended.end.error.summary
        assert ended.end.error.detail
    assert (await ask(runner, PROMPT)).text


def broken_copies(adapter: Path) -> list[Path]:
    whole = adapter.read_bytes()
    paths = []
    for number, data in enumerate((b"", b"GGUF" + bytes(100), whole[:3000], whole[:-50_000])):
        paths.append(adapter.with_name(f"broken{number}.gguf"))
        paths[-1].write_bytes(data)
    return paths


async def test_a_damaged_or_missing_adapter_never_comes_to_llama_cpp(
    runner: Runner, adapter: Path, tmp_path: Path
) -> None:
    for broken in broken_copies(adapter):
        error = (await told(runner, ((broken, 1.0),))).end.error
        assert isinstance(error, CorralError)
        assert broken.name in error.summary
    gone = await told(runner, ((tmp_path / "gone.gguf", 1.0),))
    assert isinstance(gone.end.error, CorralError)
    assert (await ask(runner, PROMPT)).text
