"""Model files that a stranger might have spoiled: a typed error or an answer, never a crash.

llama.cpp sees them in children that a crash may end; what our own check and the pre-flight let
through must also load and generate. The figures of the long sweep are printed.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import helpers
from corral.engine.engine import Engine
from corral.errors import CorralError
from corral.gguf.check import check_model
from corral.plan.options import ContextOptions, LoadOptions
from helpers.hostile import write_hostile

CHILD = Path(helpers.__path__[0]) / "hostile_child.py"
FEW, MANY = 300, 10_000
SILENCE_S = 300
# Without any change llama.cpp breaks over our fixtures of these, in the pre-flight already.
BREAKING_ANYWAY = {"plm", "rwkv6qwen2"}
# Keys that only one architecture has, which its graph takes without asking; the pre-flight's child
# pays for that.
MOST_PREFLIGHT_CRASHES = {FEW: 2, MANY: 40}


@dataclass
class Outcome:
    """What became of many files."""

    ends: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[int, str, str, str]] = field(default_factory=list)

    def at(self, stage: str) -> list[tuple[int, str, str, str]]:
        return [crash for crash in self.crashes if crash[2] == stage]


def sweep(folder: Path, count: int) -> Outcome:
    """Try the files of the numbers up to `count`; a child that crashes is followed by another."""
    outcome, start = Outcome(), 0
    while start < count:
        done = subprocess.run(
            [sys.executable, str(CHILD), str(folder), str(start), str(count)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=SILENCE_S + count,
            check=False,
        )
        told = [json.loads(line) for line in done.stdout.splitlines()]
        outcome.ends.update(line["ends"] for line in told if "ends" in line)
        if not told or ("ends" in told[-1] and done.returncode != 0):
            raise AssertionError(done.stderr)
        seed = told[-1]["seed"]
        if "ends" not in told[-1]:
            base = next(line["begins"] for line in told if line["seed"] == seed)
            stage = told[-1].get("reaches", "check")
            assert done.returncode < 0, done.stderr  # a mistake of ours is no crash
            outcome.crashes.append((seed, base, stage, done.stderr.strip()[-300:]))
        start = seed + 1
    return outcome


def check(outcome: Outcome, count: int) -> None:
    known = [crash for crash in outcome.at("preflight") if crash[1] not in BREAKING_ANYWAY]
    print(f"{outcome.ends}, crashes: {outcome.crashes}")
    assert outcome.at("check") == outcome.at("load") == []
    assert len(known) <= MOST_PREFLIGHT_CRASHES[count], known
    assert outcome.ends.total() + len(outcome.crashes) == count
    for stage in ("check", "preflight", "runs"):  # the files are spoiled in all degrees
        assert outcome.ends[stage] > count / 10


def test_three_hundred_spoiled_models_end_in_an_error_or_an_answer(tmp_path: Path) -> None:
    check(sweep(tmp_path, FEW), FEW)


@pytest.mark.slow
def test_ten_thousand_spoiled_models_end_in_an_error_or_an_answer(tmp_path: Path) -> None:
    check(sweep(tmp_path, MANY), MANY)


def test_a_number_always_makes_the_same_file(tmp_path: Path) -> None:
    for seed in (0, 1, 7):
        first, second = tmp_path / "a", tmp_path / "b"
        assert write_hostile(first, seed) == write_hostile(second, seed)
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "data", [b"", b"GGUF", b"GGUF" + bytes(64), os.urandom(4096), b"PK\x03\x04" + bytes(99)]
)
async def test_what_is_no_model_at_all_is_refused_twice(
    engine: Engine, tmp_path: Path, data: bytes
) -> None:
    """By our check, and by the engine if somebody asked it without."""
    path = tmp_path / "odd.gguf"
    path.write_bytes(data)
    with pytest.raises(CorralError):
        check_model(path)
    with pytest.raises(CorralError):
        await engine.load(path, LoadOptions(context=ContextOptions(n_ctx=64)))
    assert engine.loaded == ()
