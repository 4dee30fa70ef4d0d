"""The calibration of a machine: a few of its measurements, for real."""

import asyncio
from dataclasses import replace

import pytest

from corral.jobs import Cancelled
from corral.llama.build import engine_build
from corral.plan.calibration import Build
from corral.plan.plan import Kind
from corral.workbench import calibrating as module
from corral.workbench.workbench import Workbench
from helpers.homes import STARTER


async def test_it_is_kept_with_its_build_and_makes_expected_speeds_calibrated(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TYPES", ("Q4_1",))
    monkeypatch.setattr(module, "BLOCKS", {"wide": 1, "narrow": 1})
    planning, calibrating = workbench.planning, workbench.calibrating()
    assert await calibrating.last() is None
    model = await workbench.modelling.get(STARTER)
    plan = await planning.quick_plan(model, await planning.options_for(model))
    before = await planning.speeds(model, plan)

    job = await calibrating.start()
    phases = set()
    job.subscribe(lambda: phases.add(job.progress.phase))
    found = await job.result()
    assert await calibrating.last() == found
    assert found.build == engine_build()
    assert {sample.build for sample in found.samples if not sample.n_threads} == set(Build)
    assert any(phase.startswith("Measuring Q4_1, narrow") for phase in phases)
    assert list(workbench.places.stripped.glob("zeros*")) == []

    after = await planning.speeds(model, plan)
    assert (before.kind, after.kind) == (Kind.ASSUMED, Kind.CALIBRATED)
    assert after.generation
    assert before.generation
    narrow, wide = after.generation, before.generation
    busy = max(sample.spread for sample in found.samples)
    assert narrow.high / narrow.low <= busy**2 * wide.high / wide.low

    # Of another build it counts no more.
    await planning.ledger().calibrations.keep(replace(found, build="another"))
    assert await planning.speeds(model, plan) == before


async def test_who_cancels_does_not_wait_for_the_measurement(workbench: Workbench) -> None:
    job = await workbench.calibrating().start()
    await asyncio.sleep(0.3)
    job.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(Cancelled):
            await job.result()
    assert await workbench.calibrating().last() is None
    # The child answers others afterwards.
    assert (await workbench.planning.machine()).cpu.name == "CPU"
