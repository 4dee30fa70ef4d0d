"""The *inspect* child: exact plans and the pre-flight, whatever a file does to llama.cpp."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from corral.children import inspect_client
from corral.children.errors import ChildTimeout
from corral.children.inspect_client import Inspector
from corral.children.protocol import Json
from corral.children.spawn import Child
from corral.errors import CorralError, ExternalError, UserError
from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from corral.hardware.machine import read_machine
from corral.hardware.store import MachineStore
from corral.llama.build import engine_build, engine_release, has_gpu_backend
from corral.plan.formula import default_options, plan_by_formula
from corral.plan.options import ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Part, Plan
from helpers.gguf_files import tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.models import smollm2_path


@pytest.fixture
async def inspector(tmp_path: Path) -> AsyncIterator[Inspector]:
    store = MachineStore(tmp_path / "machine.db")
    inspector = Inspector(store, tmp_path / "stripped")
    yield inspector
    await inspector.stop()
    store.close()


def aborting_model(path: Path) -> Path:
    """Write a file that passes our check and then trips an assertion in llama.cpp's graph."""
    metadata = {
        key.replace("llama.", "plm."): value
        for key, value in tiny_metadata(general__architecture="plm").items()
    }
    metadata |= {
        "plm.attention.kv_lora_rank": 32,
        "plm.attention.key_length": 24,
        "plm.attention.value_length": 16,
        "plm.attention.head_count_kv": 4,
        "plm.rope.dimension_count": 8,
    }
    attention = {
        "attn_q": [64, 96],
        "attn_kv_a_mqa": [64, 40],
        "attn_kv_a_norm": [32],
        "attn_kv_b": [32, 128],
    }
    tensors = {n: t for n, t in tiny_tensors().items() if "attn_k" not in n and "attn_v" not in n}
    for block in range(2):
        for name, shape in attention.items():
            tensors[f"blk.{block}.{name}.weight"] = (shape, TensorType.F32)
        del tensors[f"blk.{block}.ffn_gate.weight"]
    return write_gguf(path, metadata, tensors)


async def plan_of(inspector: Inspector, path: Path, options: LoadOptions | None = None) -> Plan:
    machine = read_machine(await inspector.devices())
    header = read_header(path)
    return await inspector.plan(path, header, options or default_options(header, machine), machine)


async def test_an_exact_plan_of_a_real_model(inspector: Inspector) -> None:
    plan = await plan_of(inspector, smollm2_path())
    assert plan.kind is Kind.EXACT
    by_formula = plan_by_formula(read_header(smollm2_path()), plan.options, plan.machine)
    for part in (Part.WEIGHTS, Part.MAPPED, Part.KV, Part.OUTPUT):
        assert by_formula.size_bytes(None, part) == plan.size_bytes(None, part)
    assert by_formula.total_bytes == pytest.approx(plan.total_bytes, rel=0.05)


async def test_the_plan_follows_load_mode_and_context(inspector: Inspector, tmp_path: Path) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    short, long = (
        LoadOptions(load_mode=LoadMode.NONE, context=ContextOptions(n_ctx=n)) for n in (256, 512)
    )
    first, second = await plan_of(inspector, file, short), await plan_of(inspector, file, long)
    assert first.size_bytes(None, Part.MAPPED) == 0
    assert 2 * first.size_bytes(None, Part.KV) == second.size_bytes(None, Part.KV)


async def test_a_header_copy_is_made_once_and_again_when_the_file_changes(
    inspector: Inspector, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    for _ in range(2):
        await plan_of(inspector, file)
    assert len(list((tmp_path / "stripped").iterdir())) == 1
    tiny_model(tmp_path / "tiny.gguf", general__name="Other")
    await plan_of(inspector, file)
    assert len(list((tmp_path / "stripped").iterdir())) == 2


async def test_a_sound_file_is_checked_once(inspector: Inspector, tmp_path: Path) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    await inspector.preflight(file)
    await inspector.stop()
    await inspector.preflight(file)
    assert inspector.child_pid is None


async def test_a_file_that_aborts_llama_cpp_is_refused_in_its_own_words(
    inspector: Inspector, tmp_path: Path
) -> None:
    file = aborting_model(tmp_path / "aborting.gguf")
    for _ in range(2):  # the second time from the store
        with pytest.raises(ExternalError, match=r"breaks over aborting.gguf: .*GGML_ASSERT"):
            await inspector.preflight(file)
    await inspector.preflight(tiny_model(tmp_path / "sound.gguf"))


async def test_a_plan_for_a_file_that_aborts_llama_cpp_is_an_error_and_the_next_one_works(
    inspector: Inspector, tmp_path: Path
) -> None:
    with pytest.raises(ExternalError):
        await plan_of(inspector, aborting_model(tmp_path / "aborting.gguf"))
    assert (await plan_of(inspector, tiny_model(tmp_path / "tiny.gguf"))).kind is Kind.EXACT


async def test_a_damaged_file_is_refused_before_llama_cpp_sees_it(
    inspector: Inspector, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ExternalError) as caught:
        await inspector.preflight(file)
    assert "llama.cpp" not in caught.value.summary


async def test_a_missing_file_is_the_users_error(inspector: Inspector, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        await inspector.preflight(tmp_path / "none.gguf")


async def test_a_killed_child_is_replaced(inspector: Inspector, tmp_path: Path) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    await plan_of(inspector, file)
    assert inspector.child_pid
    os.kill(inspector.child_pid, signal.SIGKILL)
    assert (await plan_of(inspector, file)).kind is Kind.EXACT


async def test_a_caller_who_gives_up_does_not_cost_the_child_its_life(
    inspector: Inspector, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    await plan_of(inspector, file)
    pid = inspector.child_pid
    asking = asyncio.create_task(plan_of(inspector, file))
    await asyncio.sleep(0.001)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await plan_of(inspector, file)
    assert inspector.child_pid == pid


async def test_whoever_waits_while_the_child_is_stopped_is_told(
    inspector: Inspector, tmp_path: Path
) -> None:
    file, header = tiny_model(tmp_path / "tiny.gguf"), read_header(tiny_model(tmp_path / "t.gguf"))
    machine = read_machine(await inspector.devices())
    asking = asyncio.create_task(inspector.plan(file, header, LoadOptions(), machine))
    await asyncio.sleep(0)
    await inspector.stop()
    with pytest.raises(ExternalError, match="given up"):
        await asking
    assert inspector.child_pid is None


async def test_the_child_ends_when_nobody_asks(
    inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_client, "IDLE_S", 0.2)
    await inspector.devices()
    assert inspector.child_pid
    async with asyncio.timeout(5):
        while inspector.child_pid:  # noqa: ASYNC110 (nothing tells when the timer has done it)
            await asyncio.sleep(0.05)


async def test_of_many_questions_that_were_given_up_only_the_running_one_is_answered(
    inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, asked = tiny_model(tmp_path / "tiny.gguf"), []
    await plan_of(inspector, file)
    ask_child = Child.call

    async def counted(child: Child, method: str, **params: Json) -> Json:
        asked.append(method)
        return await ask_child(child, method, **params)

    monkeypatch.setattr(Child, "call", counted)
    moves = [asyncio.create_task(plan_of(inspector, file)) for _ in range(50)]
    await asyncio.sleep(0.001)
    for move in moves[:-1]:
        move.cancel()
    assert (await moves[-1]).kind is Kind.EXACT
    assert len(asked) <= 2
    assert all(move.cancelled() for move in moves[:-1])


async def test_whoever_waits_behind_another_question_is_told_too_when_the_child_is_stopped(
    inspector: Inspector, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    machine, header = read_machine(await inspector.devices()), read_header(file)
    asking = [
        asyncio.create_task(inspector.plan(file, header, LoadOptions(), machine)) for _ in range(3)
    ]
    await asyncio.sleep(0)
    await inspector.stop()
    for outcome in await asyncio.gather(*asking, return_exceptions=True):
        assert isinstance(outcome, ExternalError)
        assert "given up" in outcome.summary
    assert inspector.child_pid is None


async def test_a_child_that_hangs_is_killed_in_time_and_the_next_one_answers(
    inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tiny_model(tmp_path / "tiny.gguf")
    monkeypatch.setattr(inspect_client, "CALL_S", 2.0)
    await plan_of(inspector, file)
    hung = inspector.child_pid
    assert hung
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(ChildTimeout, match="no answer within 2 s"):
        await inspector.ask("devices", workers=[])
    assert not psutil.pid_exists(hung)
    monkeypatch.undo()
    assert (await plan_of(inspector, file)).kind is Kind.EXACT


async def test_corrupt_headers_are_errors_and_the_same_child_goes_on(
    inspector: Inspector, tmp_path: Path
) -> None:
    sound, corrupt = tiny_model(tmp_path / "tiny.gguf"), tmp_path / "corrupt.gguf"
    whole = sound.read_bytes()
    machine, header = read_machine(await inspector.devices()), read_header(sound)
    pid = inspector.child_pid
    for cut in (0, 3, 24, 60, 200, 1000):
        corrupt.write_bytes(whole[:cut] + b"\xff" * 64 + whole[cut + 64 :])
        with contextlib.suppress(CorralError):  # what is hit may be a name that nobody needs
            await inspector.plan(corrupt, header, LoadOptions(), machine)
        corrupt.write_bytes(whole[:cut])
        with pytest.raises(CorralError):
            await inspector.plan(corrupt, header, LoadOptions(), machine)
    assert (await inspector.plan(sound, header, LoadOptions(), machine)).kind is Kind.EXACT
    assert inspector.child_pid == pid


def test_the_build_is_known_without_loading_it_and_changes_with_its_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = engine_build()
    assert installed.startswith(f"{engine_release()} ")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
    for name, has_gpu in (("libggml-cpu.so", False), ("libggml-cuda.so", True)):
        (tmp_path / name).write_bytes(b"library")
        before, installed = installed, engine_build()
        assert before != installed
        assert has_gpu_backend() is has_gpu
    assert engine_build() == installed
    (tmp_path / "libggml-cpu.so").write_bytes(b"another library")
    assert engine_build() != installed
