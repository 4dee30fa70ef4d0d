import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from corral.engine.marker import DECODING, LOADING, Marker, Suspect, read_suspect

MODEL = Path("model.gguf")

LEAVE_A_MARKER = """
import os, sys
from pathlib import Path
from corral.engine.marker import Marker
with Marker(Path(sys.argv[1])).busy(Path("model.gguf"), "decoding"):
    os._exit(9)
"""


def test_the_marker_is_there_while_work_goes_on_and_gone_after(tmp_path: Path) -> None:
    file = tmp_path / "busy.json"
    marker = Marker(file)
    with marker.busy(MODEL, LOADING):
        assert json.loads(file.read_text())["doing"] == "loading"
        with marker.busy(Path("other.gguf"), DECODING):
            assert json.loads(file.read_text())["path"] == "other.gguf"
        assert json.loads(file.read_text())["path"] == "model.gguf"
    assert list(tmp_path.iterdir()) == []


def test_the_marker_of_a_process_that_died_names_the_suspect(tmp_path: Path) -> None:
    file = tmp_path / "busy.json"
    command = [sys.executable, "-c", LEAVE_A_MARKER, str(file)]
    assert subprocess.run(command, env=child_env(), check=False).returncode == 9
    assert read_suspect(file) == Suspect(path=MODEL, doing=DECODING)


def test_the_marker_of_a_living_process_is_no_sign(tmp_path: Path) -> None:
    file = tmp_path / "busy.json"
    with Marker(file).busy(MODEL, DECODING):
        assert read_suspect(file) is None


def test_the_number_of_a_dead_process_given_to_another_does_not_deceive(tmp_path: Path) -> None:
    file = tmp_path / "busy.json"
    started = psutil.Process().create_time() - 100
    text = {"path": "model.gguf", "doing": LOADING, "pid": os.getpid(), "started": started}
    file.write_text(json.dumps(text))
    assert read_suspect(file) == Suspect(path=MODEL, doing=LOADING)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"path": 3}', '{"path":"a","doing":"b","pid":[]}']
)
def test_a_damaged_marker_is_no_suspect(tmp_path: Path, text: str) -> None:
    file = tmp_path / "busy.json"
    file.write_text(text)
    assert read_suspect(file) is None


def test_no_marker_is_no_suspect(tmp_path: Path) -> None:
    assert read_suspect(tmp_path / "busy.json") is None


def test_a_folder_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    with Marker(tmp_path / "missing" / "busy.json").busy(MODEL, LOADING):
        pass


def child_env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
