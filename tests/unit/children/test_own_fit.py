"""llama.cpp's own fit in the *inspect* child, on cards that are not there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from corral.children.inspect_client import Inspector
from corral.errors import ExternalError
from corral.gguf.reader import read_header
from corral.hardware.store import MachineStore
from corral.llama import own_fit
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.plan import Kind, Plan
from helpers.header_files import write_dense, write_experts
from helpers.headers import GIB, make_machine

CHOOSE = LoadOptions(context=ContextOptions(n_ctx=0))


@pytest.fixture
async def inspector(tmp_path: Path) -> AsyncIterator[Inspector]:
    store = MachineStore(tmp_path / "machine.db")
    inspector = Inspector(store, tmp_path / "stripped")
    yield inspector
    await inspector.stop()
    store.close()


async def planned(inspector: Inspector, path: Path, *gpu_gib: float, n_ctx: int = 0) -> Plan:
    """Return the exact plan of what the fit chooses."""
    machine = replace(make_machine(64, *gpu_gib), name="not here")
    given = replace(CHOOSE, context=ContextOptions(n_ctx=n_ctx))
    found = await inspector.own_fit(path, given, machine)
    return await inspector.plan(path, read_header(path), found, machine)


async def test_it_takes_less_context_then_fewer_layers_and_leaves_its_margin_free(
    inspector: Inspector, tmp_path: Path
) -> None:
    path = write_dense(tmp_path / "dense.gguf")
    trained = read_header(path).context_length
    roomy, small, tiny = [await planned(inspector, path, gib) for gib in (64, 4, 2.5)]
    assert (roomy.options.n_gpu_layers, roomy.options.context.n_ctx) == (21, trained)
    assert (small.options.n_gpu_layers, trained > small.options.context.n_ctx > 4096) == (21, True)
    assert (tiny.options.context.n_ctx, 0 < tiny.options.n_gpu_layers < 21) == (4096, True)
    for plan in (roomy, small, tiny):
        assert plan.kind is Kind.EXACT
        (gpu,) = plan.machine.gpus
        assert plan.size_bytes(gpu.name) <= gpu.free_bytes - GIB


async def test_a_given_context_stays_and_two_cards_share_the_layers(
    inspector: Inspector, tmp_path: Path
) -> None:
    path = write_dense(tmp_path / "dense.gguf")
    plan = await planned(inspector, path, 2.0, 1.75, n_ctx=8192)
    assert plan.options.context.n_ctx == 8192
    assert sum(plan.options.tensor_split) == plan.options.n_gpu_layers
    for gpu in plan.machine.gpus:
        assert 0 < plan.size_bytes(gpu.name) <= gpu.free_bytes - GIB


async def test_experts_that_do_not_fit_stay_in_main_memory(
    inspector: Inspector, tmp_path: Path
) -> None:
    path = write_experts(tmp_path / "experts.gguf")
    plan = await planned(inspector, path, 3, n_ctx=4096)
    assert plan.options.n_gpu_layers == 13
    places = {device for _, device in plan.options.tensor_overrides}
    assert places == {"CPU"}
    assert plan.size_bytes("CUDA0") <= 2 * GIB


async def test_a_build_in_which_it_is_not_known_or_not_there_says_so(
    inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = replace(make_machine(64, 24, gpu_name="MTL"), name="not here")
    path = write_dense(tmp_path / "dense.gguf", 1)
    with pytest.raises(ExternalError, match="only for NVIDIA and AMD"):
        await inspector.own_fit(path, CHOOSE, machine)
    monkeypatch.setattr(own_fit, "_LIBRARY", "libnone.so")
    with pytest.raises(ExternalError, match=r"not installed \(libnone\.so\)"):
        own_fit.OwnFit(None)  # type: ignore[arg-type]
    monkeypatch.setattr(own_fit, "KNOWN_RELEASES", ("0.2.0",))
    with pytest.raises(ExternalError, match=r"not known in release 0\.3\."):
        own_fit.OwnFit(None)  # type: ignore[arg-type]
