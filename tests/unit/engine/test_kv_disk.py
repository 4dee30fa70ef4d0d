"""A chat's KV cache outlives its place in memory, on disk; what does not match is computed."""

from pathlib import Path

import pytest

from corral.engine.engine import Engine
from corral.engine.kv_store import KvStore
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.events import TextAdded
from corral.llama.library import LlamaLibrary
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from helpers.asking import Answer, answer, tokens_of
from helpers.models import gemma3_path, smollm2_path

TEXT = "The old harbour lay quiet in the morning, and the boats had not yet come in. "
SMALL = LoadOptions(context=ContextOptions(n_ctx=1024, n_ubatch=128))
FAMILY = b"f" * 32


async def told(
    runner: Runner, tokens: tuple[int, ...], kept_as: str = "chat", max_tokens: int = 8
) -> Answer:
    request = GenerationRequest(
        tokens=tokens,
        parameters={"temperature": 0.0},
        max_tokens=max_tokens,
        kept_as=kept_as,
        n_choices=0,
    )
    return await answer(runner, request)


def first_chance(told: Answer) -> float:
    """Return the log-probability of the first token."""
    first = next(event for event in told.events if isinstance(event, TextAdded))
    return first.choices[0].chosen.log_probability


async def first_life(
    library: LlamaLibrary,
    folder: Path,
    kept_as: str = "chat",
    model: Path | None = None,
    n_tokens: int = 300,
) -> tuple[tuple[int, ...], str]:
    """Read a long prompt, and unload the model."""
    engine = Engine(folder / "busy.json", lambda: library, kv_store=KvStore(folder / "kv"))
    runner = await engine.load(model or smollm2_path(), SMALL)
    tokens = (await tokens_of(runner, TEXT * 40))[:n_tokens]
    text = (await told(runner, tokens, kept_as, 1 if model else 8)).text
    await engine.close()
    return tokens, text


async def second_life(
    library: LlamaLibrary,
    folder: Path,
    tokens: tuple[int, ...],
    options: LoadOptions = SMALL,
    model: Path | None = None,
) -> Answer:
    engine = Engine(folder / "busy.json", lambda: library, kv_store=KvStore(folder / "kv"))
    runner = await engine.load(model or smollm2_path(), options)
    ended = await told(runner, tokens)
    await engine.close()
    return ended


async def test_a_chat_goes_on_after_a_restart_without_being_read_again(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    tokens, text = await first_life(library, tmp_path)
    (file,) = (tmp_path / "kv").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    again = await second_life(library, tmp_path, tokens)
    assert again.usage.cached_tokens == 299
    assert again.text == text
    more = await second_life(library, tmp_path, (*tokens[:250], *range(40)))
    assert more.usage.cached_tokens == 250


async def test_a_windowed_models_chat_goes_on_too(library: LlamaLibrary, tmp_path: Path) -> None:
    tokens, _ = await first_life(library, tmp_path, model=gemma3_path(), n_tokens=600)
    longer = (*tokens, *range(700, 720))
    again = await second_life(library, tmp_path, longer, model=gemma3_path())
    assert again.usage.cached_tokens == 600
    engine = Engine(tmp_path / "busy.json", lambda: library)
    runner = await engine.load(gemma3_path(), SMALL)
    await told(runner, tokens, max_tokens=1)
    in_memory = await told(runner, longer)  # the same batches, and nothing from disk
    assert in_memory.usage.cached_tokens == 600
    assert first_chance(again) == pytest.approx(first_chance(in_memory), abs=1e-3)
    await engine.close()


async def test_another_chat_in_its_place_does_not_cost_a_chat_its_cache(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    engine = Engine(tmp_path / "busy.json", lambda: library, kv_store=KvStore(tmp_path / "kv"))
    runner = await engine.load(smollm2_path(), SMALL)
    tokens = (await tokens_of(runner, TEXT * 20))[:300]
    await told(runner, tokens)
    await told(runner, tuple(range(700, 900)), kept_as="other")
    assert (await told(runner, tokens)).usage.cached_tokens == 299
    await engine.close()


async def test_a_temporary_chat_leaves_nothing_on_disk(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    await first_life(library, tmp_path, kept_as="")
    assert not (tmp_path / "kv").exists()


@pytest.mark.parametrize(
    "where",
    [
        0,
        60 + 4 * 300 + 5000,
        *(pytest.param(where, marks=pytest.mark.slow) for where in (8, 20, 100, -1)),
    ],
)
async def test_a_damaged_file_is_as_good_as_none(
    library: LlamaLibrary, tmp_path: Path, where: int
) -> None:
    tokens, text = await first_life(library, tmp_path)
    (file,) = (tmp_path / "kv").iterdir()
    data = bytearray(file.read_bytes())
    data[where] ^= 0x55
    file.write_bytes(data)
    again = await second_life(library, tmp_path, tokens)
    assert again.usage.cached_tokens < 299
    assert again.text == text


async def test_a_file_of_another_kind_of_context_is_not_taken(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    tokens, _ = await first_life(library, tmp_path)
    other = LoadOptions(context=ContextOptions(n_ctx=1024, kv_type=CacheType.F32))
    assert (await second_life(library, tmp_path, tokens, other)).usage.cached_tokens == 0


async def test_a_longer_context_takes_it_and_a_shorter_one_does_not(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    tokens, _ = await first_life(library, tmp_path)
    longer = LoadOptions(context=ContextOptions(n_ctx=2048, n_ubatch=128))
    assert (await second_life(library, tmp_path, tokens, longer)).usage.cached_tokens == 299
    shorter = LoadOptions(context=ContextOptions(n_ctx=256, n_ubatch=128))
    assert (await second_life(library, tmp_path, tokens[:200], shorter)).usage.cached_tokens == 0


def test_the_quota_keeps_the_newest(tmp_path: Path) -> None:
    store = KvStore(tmp_path, quota_bytes=3000)
    for owner in "abc":
        store.write(owner, FAMILY, (1, 2), owner.encode() * 1000)
    assert [bool(store.look(owner, FAMILY)) for owner in "abc"] == [False, True, True]
    store.write("d", FAMILY, (1,), b"d" * 4000)
    assert store.look("d", FAMILY) is None


def test_what_is_dropped_does_not_come_back(tmp_path: Path) -> None:
    store = KvStore(tmp_path)
    store.write("chat", FAMILY, (1, 2), b"state")
    store.drop("chat")
    store.write("chat", FAMILY, (1, 2), b"state")
    assert store.look("chat", FAMILY) is None
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_cache(tmp_path: Path) -> None:
    (tmp_path / "kv").write_text("a file")
    store = KvStore(tmp_path / "kv")
    store.write("chat", FAMILY, (1, 2), b"state")
    assert store.look("chat", FAMILY) is None
