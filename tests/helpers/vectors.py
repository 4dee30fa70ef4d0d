"""Ollama's cases, read in place beside the project."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def vectors(name: str) -> dict[str, Any]:
    """Return the cases of one file; the test or module is skipped when the folder is absent."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no cases of Ollama in {FOLDER}", allow_module_level=True)
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
