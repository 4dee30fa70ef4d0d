"""What is kept in machine.db."""

from pathlib import Path

import pytest

from corral.children.verdict import Verdict
from corral.hardware.store import MachineStore


async def test_verdicts_outlive_the_program(tmp_path: Path) -> None:
    bad = Verdict(summary="llama.cpp breaks over it.", detail="GGML_ASSERT")
    store = MachineStore(tmp_path / "machine.db")
    await store.keep("good", Verdict())
    await store.keep("bad", bad)
    store.close()

    store = MachineStore(tmp_path / "machine.db")
    assert await store.find("good") == Verdict()
    assert await store.find("bad") == bad
    assert await store.find("other") is None
    store.close()


async def test_a_new_verdict_replaces_the_old_one(tmp_path: Path) -> None:
    store = MachineStore(tmp_path / "machine.db")
    await store.keep("file", Verdict(summary="broken"))
    await store.keep("file", Verdict())
    found = await store.find("file")
    store.close()
    assert found is not None
    assert found.has_passed


async def test_a_damaged_file_makes_room_for_a_new_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "machine.db"
    path.write_bytes(b"no database" * 1000)
    store = MachineStore(path)
    assert await store.find("a") is None
    store.close()
    assert "begun anew" in caplog.text
