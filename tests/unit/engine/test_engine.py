"""Loading, swapping, cancelling, failing."""

import asyncio
import json
import threading
from pathlib import Path

import psutil
import pytest

from corral.engine.engine import Engine
from corral.engine.request import GenerationHandle, GenerationRequest
from corral.errors import ExternalError, UserError
from corral.events import Event, FinishReason, TextAdded
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Part
from helpers.asking import answer, ask
from helpers.gguf_files import tiny_metadata, write_gguf
from helpers.models import gemma3_path, smollm2_path

SMALL = LoadOptions(context=ContextOptions(n_ctx=512, n_ubatch=128))
NO_MAP = LoadOptions(context=SMALL.context, load_mode=LoadMode.NONE)


async def test_a_loaded_model_is_described(engine: Engine) -> None:
    percents: list[int] = []
    runner = await engine.load(smollm2_path(), SMALL, percents.append)
    info = runner.info
    assert (info.path, info.requested) == (smollm2_path(), SMALL)
    assert info.options == LoadOptions(n_gpu_layers=0, context=SMALL.context)
    assert (info.n_ctx, info.n_vocab, info.n_layer) == (512, 49152, 31)
    assert (info.bos_token, info.eos_token, info.adds_bos) == ("<|im_start|>", "<|im_end|>", False)
    assert info.chat_template
    assert "<|im_start|>" in info.chat_template
    assert percents == sorted(set(percents))
    assert percents[-1] == 100


async def test_memory_is_measured_and_mapped_weights_are_told_apart(engine: Engine) -> None:
    mapped = (await engine.load(smollm2_path(), SMALL)).info.measured
    read = (await engine.load(smollm2_path(), NO_MAP)).info.measured
    assert Part.MAPPED in {line.part for line in mapped}
    assert Part.MAPPED not in {line.part for line in read}
    kv = [line.size_bytes for line in mapped if line.part is Part.KV]
    assert kv == [30 * 512 * 2 * 3 * 64 * 2]  # layers, cells, keys and values, heads, size, f16


async def test_the_same_load_again_answers_the_same_runner(engine: Engine) -> None:
    runner = await engine.load(smollm2_path(), SMALL)
    assert await engine.load(smollm2_path(), SMALL) is runner


async def test_other_context_options_make_a_new_context_on_the_same_weights(
    engine: Engine,
) -> None:
    runner = await engine.load(smollm2_path(), SMALL)
    before = (await ask(runner, "One two three")).text
    longer = LoadOptions(context=ContextOptions(n_ctx=1000, kv_type=CacheType.Q8_0))
    percents: list[int] = []
    assert await engine.load(smollm2_path(), longer, percents.append) is runner
    assert percents == []
    assert (runner.info.n_ctx, runner.info.requested) == (1024, longer)
    assert (await ask(runner, "One two three")).text
    await runner.set_context(SMALL.context)
    assert (await ask(runner, "One two three")).text == before


async def test_another_placement_loads_anew(engine: Engine) -> None:
    mapped = await engine.load(smollm2_path(), SMALL)
    read = await engine.load(smollm2_path(), NO_MAP)
    assert engine.loaded == (read,)
    assert mapped is not read
    assert (await ask(read, "One two three")).text


async def test_two_models_live_side_by_side_and_one_can_go(engine: Engine) -> None:
    changes = []
    engine.subscribe(lambda: changes.append(len(engine.loaded)))
    smol = await engine.load(smollm2_path(), SMALL)
    gemma = await engine.load(gemma3_path(), SMALL)
    answers = await asyncio.gather(ask(smol, "Rain fell"), ask(gemma, "Rain fell"))
    assert all(answer.usage.generated_tokens for answer in answers)
    await engine.unload(smol)
    assert changes == [1, 2, 1]
    assert (await ask(gemma, "Rain fell")).text == answers[1].text


async def test_unloading_cancels_what_runs(engine: Engine) -> None:
    runner = await engine.load(smollm2_path(), SMALL)
    unloading: list[asyncio.Task[None]] = []

    def unload_once(event: Event, _handle: GenerationHandle) -> None:
        if isinstance(event, TextAdded) and not unloading:
            unloading.append(asyncio.create_task(engine.unload(runner)))

    ended = await answer(runner, GenerationRequest(tokens=(1, 2, 3)), unload_once)
    assert ended.end.reason is FinishReason.CANCELLED
    await unloading[0]
    late = await ask(runner, (1, 2, 3))
    assert "was unloaded" in str(late.end.error)


def engine_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("engine")}


@pytest.mark.parametrize("at", [0, 50])
async def test_a_cancelled_load_leaves_nothing(engine: Engine, tmp_path: Path, at: int) -> None:
    told: list[int] = []

    def cancel(percent: int) -> None:
        if percent >= at and not any(before >= at for before in told):
            loading.cancel()
        told.append(percent)

    before, threads = psutil.Process().memory_info().rss, engine_threads()
    loading = asyncio.create_task(engine.load(smollm2_path(), NO_MAP, cancel))
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert max(told) < 100
    assert engine.loaded == ()
    assert not (tmp_path / "busy.json").exists()
    assert psutil.Process().memory_info().rss - before < 60 * 1024**2  # the model has 98 MB
    assert engine_threads() <= threads  # those of a test that parks are never gone
    assert (await ask(await engine.load(smollm2_path(), SMALL), "One two three")).text


async def test_a_file_that_is_no_model_fails_with_its_name_and_size(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "notes.gguf"
    path.write_bytes(b"GGUF" + b"\0" * 1000)
    with pytest.raises(ExternalError, match=r"notes\.gguf \(1\.0 KB\)") as failure:
        await engine.load(path, SMALL)
    assert failure.value.detail
    assert not (tmp_path / "busy.json").exists()


async def test_a_missing_file_says_so(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ExternalError, match="No such file"):
        await engine.load(tmp_path / "gone.gguf", SMALL)


async def test_a_model_without_its_tensors_fails(engine: Engine, tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "empty.gguf", tiny_metadata())
    with pytest.raises(ExternalError, match=r"llama\.cpp refuses"):
        await engine.load(path, SMALL)


async def test_a_context_that_cannot_be_made_leaves_the_old_one(engine: Engine) -> None:
    runner = await engine.load(smollm2_path(), SMALL)
    huge = LoadOptions(context=ContextOptions(n_ctx=2**23, kv_type=CacheType.F32))
    with pytest.raises(ExternalError, match="8,388,608 tokens"):
        await engine.load(smollm2_path(), huge)
    assert runner.info.requested == SMALL
    assert (await ask(runner, "One two three")).text


@pytest.mark.parametrize("n_ctx", [0, -5, 2**24 + 1, 2**32 + 512])
async def test_an_absurd_context_is_refused_before_llama_cpp_sees_it(
    engine: Engine, n_ctx: int
) -> None:
    with pytest.raises(UserError, match=f"n_ctx is {n_ctx:,}; it can be 1 to 16,777,216"):
        await engine.load(smollm2_path(), LoadOptions(context=ContextOptions(n_ctx=n_ctx)))
    assert engine.loaded == ()


async def test_the_marker_names_the_file_while_it_loads_and_decodes(
    engine: Engine, tmp_path: Path
) -> None:
    marker = tmp_path / "busy.json"
    seen: list[str] = []
    runner = await engine.load(
        smollm2_path(), NO_MAP, lambda _: marker.exists() and seen.append(marker.read_text())
    )
    assert json.loads(seen[0])["doing"] == "loading"
    seen.clear()
    request = GenerationRequest(tokens=(1, 2, 3), max_tokens=30)

    def look_once(event: Event, _handle: GenerationHandle) -> None:
        if isinstance(event, TextAdded) and not seen:
            seen.append(marker.read_text())

    await answer(runner, request, look_once)
    decoding = json.loads(seen[0])
    assert (decoding["path"], decoding["doing"]) == (str(smollm2_path()), "decoding")
    assert not marker.exists()
