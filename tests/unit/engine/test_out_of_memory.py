"""A second model for which there is no memory: the first one answers on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
MOST_GROWN_MIB = 100  # the allocator keeps some of what it was given back; the model has 253


def test_a_load_without_memory_fails_with_numbers_and_leaves_the_rest_as_it_was(
    tmp_path: Path,
) -> None:
    child = Path(helpers.__path__[0]) / "starved_child.py"
    done = subprocess.run(
        [sys.executable, str(child), str(tmp_path / "busy.json")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    told = json.loads(done.stdout)
    thread, weights, cache = told["tries"]
    assert "no address space for a thread" in thread["summary"]
    assert (weights["reason"], cache["reason"]) == ("out_of_memory",) * 2
    assert "a piece of 223 MiB was asked for" in weights["summary"]
    assert "a context of 524,288 tokens with a f32 KV cache" in cache["summary"]
    for tried in told["tries"]:
        assert tried["same"]
        assert (tried["threads"], tried["marker"], tried["is_parked"]) == (1, False, False)
        assert tried["grown_mib"] < MOST_GROWN_MIB
    assert (told["loaded"], told["after"]) == (1, True)
