import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "packaging" / "wheel.py"


def environment(wheels: Path, **changes: str) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if k not in {"CMAKE_ARGS", "CFLAGS", "CXXFLAGS"}}
    return {**plain, "CORRAL_WHEELS": str(wheels), **changes}


def key(wheels: Path, **changes: str) -> str:
    command = [sys.executable, str(SCRIPT), "--key"]
    return subprocess.check_output(command, env=environment(wheels, **changes), text=True).strip()


def built_wheel(wheels: Path) -> Path:
    wheel = wheels / key(wheels) / "llama_cpp_python-0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    return wheel


def test_a_key_names_the_version_and_stays_the_same(tmp_path: Path) -> None:
    first = key(tmp_path)
    assert first.startswith("llama-0.3.")
    assert first == key(tmp_path, CMAKE_ARGS="")


@pytest.mark.parametrize(
    "change", [{"CMAKE_ARGS": "-DGGML_CUDA=ON"}, {"CXX": "cat"}, {"CXXFLAGS": "-O1"}]
)
def test_other_flags_and_compilers_have_other_keys(tmp_path: Path, change: dict[str, str]) -> None:
    assert key(tmp_path, **change) != key(tmp_path)


def test_a_wheel_that_was_built_is_found(tmp_path: Path) -> None:
    wheel = built_wheel(tmp_path)
    command = [sys.executable, str(SCRIPT)]
    output = subprocess.check_output(command, env=environment(tmp_path), text=True)
    assert output.strip() == str(wheel)


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    wheel = built_wheel(tmp_path)
    with wheel.parent.with_name(f"{wheel.parent.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as second:
            assert second.stderr
            assert second.stdout
            assert "waiting" in second.stderr.readline()
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert second.stdout.read().strip() == str(wheel)


def test_without_a_compiler_it_says_what_is_missing(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=environment(tmp_path, PATH="", CXX=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Missing on this machine: c++, cmake, ninja." in result.stderr
