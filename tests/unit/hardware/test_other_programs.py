"""Who else holds memory, and what of a load went where it is slow."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from corral.hardware.ledger import LoadEntry
from corral.hardware.load_memory import (
    CardMemory,
    MemoryState,
    overheads,
    paged_bytes,
    read_memory,
    slow_memory,
)
from corral.hardware.machine import read_machine
from corral.hardware.nvidia import nvidia_cards
from corral.hardware.programs import LEAST_BYTES, Program, in_words, other_programs
from corral.plan.machine import Device
from corral.plan.plan import Kind, Line, Part
from corral.units import GIB, MIB
from helpers.fake_nvml import FakeCard, fake_pynvml
from helpers.headers import make_machine

ME = os.getpid()
Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts cards into this machine."""

    def work(*cards: FakeCard, **more: bool) -> None:
        monkeypatch.setitem(sys.modules, "pynvml", fake_pynvml(*cards, **more))

    return work


def interpreter(folder: Path, name: str) -> Path:
    """Return Python under another name, which is then the name of its process."""
    path = folder / name
    path.symlink_to(Path(sys.executable).resolve())
    return path


@pytest.fixture
def other(tmp_path: Path) -> Iterator[psutil.Process]:
    """A process that is none of ours: its parent has ended."""
    path = interpreter(tmp_path, "other")
    holds = f"b = bytearray({3 * LEAST_BYTES}); print(1, flush=True); import time; time.sleep(600)"
    code = f"""
import subprocess
child = subprocess.Popen(
    [{str(path)!r}, "-c", {holds!r}], start_new_session=True,
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
)
child.stdout.readline()
print(child.pid)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    process = psutil.Process(int(done.stdout))
    yield process
    process.kill()


def card_named(name: str) -> Device:
    return replace(make_machine(64, 12).gpus[0], description=name)


def test_programs_on_a_card_are_named_and_this_one_is_not(
    install: Install, other: psutil.Process
) -> None:
    card = FakeCard(
        total=12 * GIB,
        used=6 * GIB,
        computes={ME: 3 * GIB, other.pid: GIB},
        draws={other.pid: GIB, 1: 200 * MIB},
    )
    install(card)
    found = [p for p in other_programs([card_named(card.name)]) if p.device == "CUDA0"]
    first = psutil.Process(1).name()
    assert {p.name: p.used_bytes for p in found} == {other.name(): GIB, first: 200 * MIB}
    assert found[0].used_bytes == GIB
    (read,) = nvidia_cards()
    assert (read.own_bytes(ME), read.own_bytes(-1)) == (3 * GIB, 0)


def test_a_driver_that_names_programs_without_sizes_is_quoted_so(install: Install) -> None:
    install(FakeCard(total=12 * GIB, used=GIB, computes={ME: None}, draws={1: None}))
    found = other_programs([card_named("NVIDIA GeForce RTX 4070")])
    first = psutil.Process(1).name()
    assert Program(name=first, device="CUDA0", used_bytes=None) in found
    assert f"CUDA0: {first} (size not told)" in in_words(found)
    assert nvidia_cards()[0].own_bytes(ME) is None


def test_a_driver_that_tells_no_programs_still_tells_what_is_free(install: Install) -> None:
    install(FakeCard(total=12 * GIB, used=5 * GIB, tells_processes=False))
    (card,) = nvidia_cards()
    assert (card.free_bytes, card.processes) == (7 * GIB, ())
    install(has_driver=False)
    assert nvidia_cards() == []


def test_the_real_library_without_a_driver_is_no_error() -> None:
    assert isinstance(nvidia_cards(), list)


def test_main_memory_of_other_programs_is_told_without_our_own(
    other: psutil.Process, tmp_path: Path
) -> None:
    code = f"b = bytearray({8 * LEAST_BYTES}); print(1, flush=True); input()"
    ours = subprocess.Popen(
        [interpreter(tmp_path, "ours"), "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert ours.stdout
    ours.stdout.readline()
    try:
        found = other_programs([])
    finally:
        ours.kill()
        ours.communicate()
    assert all(program.device == "CPU" for program in found)
    sizes = [program.used_bytes or 0 for program in found]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= LEAST_BYTES
    names = {program.name for program in found}
    assert "ours" not in names
    assert other.name() == "other"
    assert "other" in names or min(sizes) > 3 * LEAST_BYTES  # five others hold more


def card(used_mib: int, own_mib: int | None) -> CardMemory:
    return CardMemory(used_bytes=used_mib * MIB, own_bytes=own_mib and own_mib * MIB)


def state(swapped: int = 0, **cards: CardMemory) -> MemoryState:
    return MemoryState(resident_bytes=0, swapped_bytes=swapped, cards=cards)


@pytest.mark.parametrize(
    ("before", "after", "missing_mib"),
    [
        (card(1000, 100), card(9100, 8200), 0),  # all of it, and the driver's own
        (card(1000, 100), card(7000, 6100), 2000),
        (card(1000, 100), card(9000, 8060), 0),  # 40 MiB are rounding
        (card(1000, None), card(9000, None), 0),  # the card's own figures where no process is told
        (card(4000, None), card(9000, None), 3000),
    ],
)
def test_what_is_not_on_the_card_after_a_load_was_moved(
    before: CardMemory, after: CardMemory, missing_mib: int
) -> None:
    assert paged_bytes(8000 * MIB, before, after) == missing_mib * MIB


def test_slow_memory_is_said_as_surely_as_it_is_known() -> None:
    lines = [Line(device="CUDA0", part=Part.KV, size_bytes=8000 * MIB, kind=Kind.EXACT)]
    sure = slow_memory(state(CUDA0=card(0, 1)), state(CUDA0=card(6000, 6001)), lines)
    assert sure.startswith("1.95 GiB of the 7.81 GiB on CUDA0 is in main memory")
    unsure = slow_memory(state(CUDA0=card(0, None)), state(CUDA0=card(6000, None)), lines)
    assert "seems to be in main memory" in unsure
    assert slow_memory(state(CUDA0=card(0, 1)), state(CUDA0=card(8000, 8001)), lines) == ""
    swapped = slow_memory(state(), state(swapped=300 * MIB), lines)
    assert "moved 300 MiB of main memory to the disk" in swapped


def load(held_mib: int, measured_mib: int) -> LoadEntry:
    line = Line(device="CUDA0", part=Part.KV, size_bytes=measured_mib * MIB, kind=Kind.EXACT)
    return LoadEntry(
        at=1, model="m", kind=Kind.EXACT, planned=(line,), measured=(line,), process_bytes=0,
        on_cards=(("CUDA0", held_mib * MIB),),
    )  # fmt: skip


def test_what_the_driver_takes_is_learned_and_counts_until_it_is_taken(install: Install) -> None:
    learned = overheads([load(1300, 1000), load(800, 500), load(4400, 4000), load(100, 500)])
    assert learned == {"CUDA0": 300 * MIB}
    gpu = card_named("NVIDIA GeForce RTX 4070")
    install(FakeCard(total=12 * GIB, used=2 * GIB))
    devices = [gpu, make_machine(64).cpu]
    assert read_machine(devices, learned).gpus[0].free_bytes == 10 * GIB - 300 * MIB
    install(FakeCard(total=12 * GIB, used=2 * GIB, computes={ME: GIB}))
    assert read_machine(devices, learned).gpus[0].free_bytes == 10 * GIB
    assert read_memory([gpu]).cards == {"CUDA0": card(2048, 1024)}
