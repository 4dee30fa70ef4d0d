"""The course for another program runs in a Python of its own, and its end is told in words."""

import json
import sys
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.workbench.bench_rows import Row, ratio_row
from corral.workbench.benching import BenchResult
from corral.workbench.suite import BATCHES
from corral.workbench.suite_against import rows_beside_xllamacpp

RESULT = BenchResult(
    prompt_tokens=439,
    prompt_tokens_per_s=300.0,
    generation_tokens_per_s=50.0,
    bare_prompt_tokens_per_s=300.0,
    bare_generation_tokens_per_s=50.0,
    prompt_ratio=1.0,
    generation_ratio=1.0,
    llama_share=0.99,
    steps=200,
    is_same_text=True,
)
ROWS = [
    *(
        ratio_row(f"{number} at once, beside a bare loop of the same batches", 60.0, 60.0)
        for number in BATCHES
    ),
    ratio_row("guessed from the prompt, a copied text", 90.0, 50.0),
]


async def beside(python: Path) -> list[Row]:
    return await rows_beside_xllamacpp(python, Path("model.gguf"), RESULT, ROWS)


def speaking(folder: Path, words: str, code: int = 0) -> Path:
    """Return a program that says this whatever it is asked."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\necho 'noise'\necho '{words}'\nexit {code}\n")
    program.chmod(0o755)
    return program


async def test_figures_stand_beside_those_of_the_other(tmp_path: Path) -> None:
    said = {
        "version": "1.2\x1b[31m",
        "prompt": 150.0,
        "generation": 40.0,
        "copied": 40.0,
        "copied_guessed": 60.0,
        "at_once": {str(number): 30.0 for number in BATCHES},
    }
    rows = await beside(speaking(tmp_path, json.dumps(said)))
    assert [row.value for row in rows] == [2.0, 1.25, *[2.0] * len(BATCHES), 1.5]
    assert "\x1b" not in rows[-1].note


async def test_a_python_without_it_and_one_that_fails_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no xllamacpp"):
        await beside(Path(sys.executable))
    with pytest.raises(UserError, match="cannot be started"):
        await beside(tmp_path / "nothing")
    with pytest.raises(ExternalError, match="ended with code 3"):
        await beside(speaking(tmp_path, "", 3))
    with pytest.raises(ExternalError, match="no figures"):
        await beside(speaking(tmp_path, "hello"))
