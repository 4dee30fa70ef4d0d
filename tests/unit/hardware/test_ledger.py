"""The ledger of this machine."""

from pathlib import Path

from corral.hardware import ledger as ledger_module
from corral.hardware.ledger import Ledger, LoadEntry
from corral.hardware.store import MachineStore
from corral.plan.learning import SpeedRun, Where
from corral.plan.plan import Kind, Line, Part

LINE = Line(device="CPU", part=Part.KV, size_bytes=100, kind=Kind.EXACT)


def entry(model: str) -> LoadEntry:
    return LoadEntry(
        at=1.5,
        model=model,
        kind=Kind.EXACT,
        planned=(LINE, LINE),
        measured=(LINE,),
        process_bytes=7,
    )


def speed(model: str) -> SpeedRun:
    return SpeedRun(
        at=2.5, model=model, where=Where.MIXED, prompt_per_s=3, generated_per_s=4,
        expected_prompt=5, expected_generation=6,
    )  # fmt: skip


async def test_loads_and_runs_outlive_the_program_the_newest_first(tmp_path: Path) -> None:
    store = MachineStore(tmp_path / "machine.db")
    ledger = Ledger(store.database)
    for name in ("old", "new"):
        await ledger.keep_load(entry(name))
        await ledger.keep_run(speed(name))
    store.close()

    store = MachineStore(tmp_path / "machine.db")
    ledger = Ledger(store.database)
    assert await ledger.loads() == (entry("new"), entry("old"))
    assert await ledger.runs() == (speed("new"), speed("old"))
    store.close()


async def test_the_oldest_rows_go(tmp_path: Path) -> None:
    store = MachineStore(tmp_path / "machine.db")
    ledger = Ledger(store.database)
    for number in range(ledger_module.KEPT_ROWS + 3):
        await ledger.keep_run(speed(str(number)))
    runs = await ledger.runs()
    store.close()
    assert len(runs) == ledger_module.KEPT_ROWS
    assert runs[-1].model == "3"


def test_an_entry_is_summed_by_device() -> None:
    assert entry("a").by_device() == (("CPU", 200, 100),)
