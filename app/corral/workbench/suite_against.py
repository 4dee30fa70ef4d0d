"""The suite beside PyPI's `xllamacpp`, llama-server in a Python process: in one of its own."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.workbench.bench_rows import Row, ratio_row
from corral.workbench.benching import GENERATED_TOKENS, PROMPT_TOKENS, SENTENCE, BenchResult
from corral.workbench.suite import BATCH_TOKENS, BATCHES, ROUNDS, batch_starts
from corral.workbench.suite_speculation import COPY, STORIES, TOKENS

COURSE = Path(__file__).with_name("xllamacpp_course.py")
LONGEST_S = 3600.0
_WORDS_PER_TOKEN = 0.75


async def rows_beside_xllamacpp(
    python: Path, weights: Path, result: BenchResult, rows: Sequence[Row]
) -> list[Row]:
    """Measure xllamacpp on the same texts; return Corral's figures of this run beside its own.

    Args:
        python: A Python that can import it.
        weights: The model's file.
        result: What was measured of one generation.
        rows: The suite's.

    Raises:
        UserError: If that Python cannot be started, or has no xllamacpp.
        ExternalError: If it fails otherwise.
    """
    answer = await _run(python, _order(weights))
    ours = {row.name: row.corral for row in rows}
    version = f"beside: xllamacpp {safe_line(str(answer['version']), 40)}"
    made = [
        ratio_row("xllamacpp: reading a prompt", result.prompt_tokens_per_s, answer["prompt"]),
        ratio_row("xllamacpp: generation", result.generation_tokens_per_s, answer["generation"]),
    ]
    for number in BATCHES:
        name = f"{number} at once, beside a bare loop of the same batches"
        made.append(
            ratio_row(f"xllamacpp: {number} at once", ours[name], answer["at_once"][str(number)])
        )
    copied = ours["guessed from the prompt, a copied text"]
    made.append(
        ratio_row(
            "xllamacpp: guessed from the prompt, a copied text",
            copied,
            answer["copied_guessed"],
            note=f"{answer['copied']:.1f} without guesses there; {version}",
        )
    )
    return made


def _order(weights: Path) -> Mapping[str, Any]:
    from corral.llama.context import thread_count  # lazy: only those who measure need it

    words = (SENTENCE * 100).split()[: int(PROMPT_TOKENS * _WORDS_PER_TOKEN)]
    return {
        "model": str(weights),
        "n_ctx": 2048,
        "n_threads": thread_count(0),
        "batches": BATCHES,
        "rounds": ROUNDS,
        "prompt": " ".join(words),
        "story": STORIES[0],
        "generated": GENERATED_TOKENS,
        "copied": COPY,
        "copied_tokens": TOKENS,
        "starts": batch_starts(max(BATCHES)),
        "batch_tokens": BATCH_TOKENS,
    }


async def _run(python: Path, order: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        child = await asyncio.create_subprocess_exec(
            str(python), str(COURSE), stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
    except OSError as error:
        raise UserError(f"{python} cannot be started: {error.strerror}.") from error
    try:
        async with asyncio.timeout(LONGEST_S):
            said, complaints = await child.communicate(json.dumps(order).encode())
    except BaseException:  # also when the caller is cancelled
        child.kill()
        await child.wait()
        raise
    complaint = complaints.decode("utf-8", "replace")
    if child.returncode != 0:
        if "No module named 'xllamacpp'" in complaint:
            raise UserError(
                f"{python} has no xllamacpp.", hint=f"{python} -m pip install xllamacpp"
            )
        raise ExternalError(
            f"xllamacpp ended with code {child.returncode}.", detail=complaint[-2000:]
        )
    last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
    try:
        answer: Mapping[str, Any] = json.loads(last)
    except ValueError as error:
        raise ExternalError("xllamacpp gave no figures.", detail=last[-2000:]) from error
    return answer
