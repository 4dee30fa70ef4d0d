"""llama.cpp fails in ways that end programs; here, in a child process, it ends only its thread."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.gguf_files import tiny_metadata, write_gguf
from helpers.models import smollm2_path

SCRIPT = Path(__file__).parents[2] / "helpers" / "parking_child.py"


def run_child(tmp_path: Path, scene: str, model: Path) -> dict:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(SCRIPT), scene, str(model), str(tmp_path / "busy.json")]
    child = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=180, check=False
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


@pytest.mark.parametrize("thread", ["its own", "a helper"])
def test_an_abort_while_answering_is_parked_and_a_new_context_answers(
    tmp_path: Path, thread: str
) -> None:
    told = run_child(tmp_path, f"abort in {thread} thread", smollm2_path())
    assert told["reason"] == "failed"
    assert "provoked" in told["error"]
    assert told["text_before"]
    assert told["marker_while_parked"] == "decoding"
    assert told["while_parked"] == "failed"
    assert told["after_context"] == told["expected"]
    assert told["after_reload"] == told["expected"]
    assert told["parked_at_end"] is None
    assert told["marker_at_end"] is None


def test_an_uncaught_exception_of_cpp_is_parked_with_its_name(tmp_path: Path) -> None:
    told = run_child(tmp_path, "exception", smollm2_path())
    assert "std::out_of_range" in told["error"]
    assert told["after_context"] == told["expected"]


def test_an_abort_while_loading_is_parked_and_another_model_loads(tmp_path: Path) -> None:
    hostile = write_gguf(tmp_path / "hostile.gguf", tiny_metadata(llama__block_count=0))
    told = run_child(tmp_path, "abort while loading", hostile)
    assert told["error"]
    assert told["loaded"] == 0
    assert told["marker_while_parked"] == "loading"
    assert told["after"]
