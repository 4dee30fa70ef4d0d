"""Models go when nobody has used them for their time, and give way to others."""

import asyncio
from math import inf
from pathlib import Path

import pytest

from corral.engine.engine import Engine
from corral.engine.limits import Limits
from corral.engine.pool import Pool
from corral.plan.options import ContextOptions, LoadOptions
from helpers.asking import ask
from helpers.models import gemma3_path, smollm2_path

SMALL = LoadOptions(context=ContextOptions(n_ctx=256))


@pytest.mark.parametrize(("said", "n_gpus", "most"), [(0, 0, 3), (0, 2, 6), (1, 4, 1)])
def test_the_most_models_are_three_for_each_gpu_unless_said(
    engine: Engine, said: int, n_gpus: int, most: int
) -> None:
    pool = Pool(engine, Limits(max_loaded_models=said))
    assert pool.most_loaded(n_gpus) == most


async def test_an_unused_model_goes_after_its_time_and_a_used_one_stays(engine: Engine) -> None:
    pool = Pool(engine, Limits(keep_alive_s=0.2))
    runner = await engine.load(smollm2_path(), SMALL)
    async with pool.using(runner):
        await asyncio.sleep(0.4)
        assert engine.loaded == (runner,)
    async with pool.using(runner):  # used again within its time
        await asyncio.sleep(0.3)
    assert engine.loaded == (runner,)
    gone = asyncio.Event()
    engine.subscribe(gone.set)
    await asyncio.wait_for(gone.wait(), 10)
    assert engine.loaded == ()


async def test_a_request_says_how_long_its_model_stays(engine: Engine) -> None:
    pool = Pool(engine, Limits(keep_alive_s=0.0))
    runner = await engine.load(smollm2_path(), SMALL)
    async with pool.using(runner, inf):
        assert (await ask(runner, "Hello", max_tokens=1)).text
    await asyncio.sleep(0.1)
    assert engine.loaded == (runner,)
    async with pool.using(runner):
        pass
    await asyncio.sleep(0.1)
    await pool.close()
    assert engine.loaded == ()


async def test_who_gives_way_is_unused_and_was_used_longest_ago(
    engine: Engine, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.gguf"
    copy.symlink_to(smollm2_path())
    pool = Pool(engine, Limits())
    runners = [await engine.load(path, SMALL) for path in (smollm2_path(), gemma3_path(), copy)]
    for runner in runners:
        async with pool.using(runner):
            pass
    async with pool.using(runners[0]):
        assert pool.givable(engine.loaded) is runners[1]
    assert pool.givable(engine.loaded) is runners[1]
    assert pool.givable((runners[0], runners[2])) is runners[2]
    await pool.close()


async def test_waiting_for_users_is_told_and_ends(engine: Engine) -> None:
    pool = Pool(engine, Limits())
    runner = await engine.load(smollm2_path(), SMALL)
    told: list[bool] = []
    async with pool.using(runner):
        waiting = asyncio.create_task(pool.wait_until_unused(runner, lambda: told.append(True)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
    await waiting
    assert told == [True]
    await pool.close()
