"""Plans with projector, adapters and draft model, made by llama.cpp where it can."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corral.children.inspect_client import Inspector
from corral.hardware.store import MachineStore
from corral.library.model import StoredModel
from corral.plan.formula import Formula
from corral.plan.options import LoadOptions
from corral.plan.plan import COMPANION_PARTS, Kind, Part, Plan
from corral.workbench.accompanying import Accompanying
from helpers.headers import make_machine
from helpers.models import smollm2_path
from helpers.projector_headers import write_gemma3_eyes

OPTIONS = LoadOptions(n_gpu_layers=0)


@pytest.fixture
async def inspector(tmp_path: Path) -> AsyncIterator[Inspector]:
    store = MachineStore(tmp_path / "machine.db")
    inspector = Inspector(store, tmp_path / "stripped")
    yield inspector
    await inspector.stop()
    store.close()


def model(eyes: Path) -> StoredModel:
    weights = smollm2_path()
    return StoredModel(name="all", weights=weights, projectors=(eyes,), drafts=(weights,))


async def planned(inspector: Inspector, tmp_path: Path, stored: StoredModel) -> Plan:
    accompanying = Accompanying(tmp_path / "headers", inspector)
    headers = await accompanying.headers(stored)
    formula = Formula(headers.drafts[0], headers)
    machine = make_machine(64)
    plan = await inspector.plan(stored.weights, formula.header, OPTIONS, machine)
    return await accompanying.added(plan, stored, formula)


async def test_what_llama_cpp_can_plan_beside_a_model_is_exact(
    inspector: Inspector, tmp_path: Path
) -> None:
    plan = await planned(
        inspector, tmp_path, model(write_gemma3_eyes(tmp_path / "eyes.gguf", blocks=1))
    )
    assert {line.kind for line in plan.lines} == {Kind.EXACT}
    own = sum(x.size_bytes for x in plan.lines if x.part not in COMPANION_PARTS)
    assert plan.size_bytes(None, Part.DRAFT) == own  # it is its own draft model here
    assert plan.size_bytes(None, Part.PROJECTOR) > 100 * 1024**2


async def test_a_projector_that_llama_cpp_refuses_is_planned_by_its_header(
    inspector: Inspector, tmp_path: Path
) -> None:
    eyes = write_gemma3_eyes(tmp_path / "eyes.gguf", blocks=1)
    eyes.write_bytes(eyes.read_bytes().replace(b"mm.soft_emb_norm", b"mm.soft_emb_morn"))
    plan = await planned(inspector, tmp_path, model(eyes))
    lines = [line for line in plan.lines if line.part is Part.PROJECTOR]
    assert {line.kind for line in lines} == {Kind.FORMULA, Kind.ASSUMED}
    assert plan.kind is Kind.EXACT  # the model itself


async def test_a_file_that_is_gone_takes_no_memory(inspector: Inspector, tmp_path: Path) -> None:
    plan = await planned(inspector, tmp_path, model(tmp_path / "gone.gguf"))
    assert plan.size_bytes(None, Part.PROJECTOR) == 0
