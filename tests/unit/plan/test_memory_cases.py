"""Plans of loads on real machines, beside what llama.cpp logged there.

Those logs are of other builds, so buffers may differ a little; weights and caches may not.
`test_the_table` prints all of it; with `CORRAL_OTHER_PLANNERS` set to a Python that has `llamafit`
and `ggufit`, also what they say.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from corral.errors import ExternalError
from corral.gguf.reader import read_header
from corral.llama.breakdown import breakdown_lines
from corral.llama.dry_run import DryModel
from corral.llama.library import LlamaLibrary, load_library
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.formula import Formula
from corral.plan.keys import Keys
from corral.plan.plan import Line, Part
from corral.units import MIB
from helpers.memory_cases import CASES, Case, logged, parts

OTHER_PLANNERS = Path(__file__).parents[2] / "helpers" / "other_planners.py"
PART_NAMES = {
    Part.WEIGHTS: "weights",
    Part.MAPPED: "weights",
    Part.KV: "kv",
    Part.COMPUTE: "compute",
}
ROUNDED_MIB = 1.0  # some logs tell whole MiB
Sizes = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one load took on its GPUs, or in main memory where it had none."""

    name: str
    logged: Sizes
    formula: Sizes
    exact: Sizes | None
    others: Mapping[str, Any]

    def off(self, sizes: Sizes | None) -> float | None:
        """Return how far the parts that were logged are from these."""
        if sizes is None:
            return None
        total = sum(self.logged.values())
        return (sum(sizes.get(part, 0.0) for part in self.logged) - total) / total


@pytest.fixture(scope="module")
def library() -> LlamaLibrary:
    return load_library()


def devices(case: Case) -> tuple[str, ...]:
    return case.gpus or ("CPU",)


def logged_sizes(name: str, case: Case) -> Sizes:
    """Return what the log says, but for weights whose mix nobody knows."""
    total: Sizes = {}
    for device in devices(case):
        for part, size in parts(logged()[name]["expected_mib"], device).items():
            if part != "weights" or case.mix_is_known:
                total[part] = total.get(part, 0.0) + size
    return total


def planned_sizes(case: Case, lines: tuple[Line, ...]) -> Sizes:
    total = dict.fromkeys(("weights", "kv", "compute"), 0.0)
    for line in lines:
        if line.device in devices(case) and line.part in PART_NAMES:
            total[PART_NAMES[line.part]] += line.size_bytes / MIB
    return total


def by_formula(case: Case, path: Path) -> Sizes:
    plan = Formula(read_header(path)).plan(case.options, case.machine)
    return planned_sizes(case, plan.lines)


def by_llama_cpp(library: LlamaLibrary, case: Case, path: Path) -> Sizes | None:
    """Return llama.cpp's plan on cards like CUDA's; None where it plans for none such."""
    cards = tuple(replace(gpu, name=f"CUDA{i}") for i, gpu in enumerate(case.machine.gpus))
    like_cuda = replace(case, gpus=tuple(card.name for card in cards))
    try:
        model = DryModel(
            library, path, case.options, VirtualGpus(library, cards) if cards else None
        )
    except ExternalError:
        return None
    try:
        uses = model.plan(read_header(path), case.context, case.options.load_mode)
    finally:
        model.close()
    return planned_sizes(like_cuda, breakdown_lines(uses, 0))


@pytest.mark.parametrize("name", CASES)
def test_weights_and_cache_are_what_the_log_says(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    said, found = logged_sizes(name, case), by_formula(case, case.write(tmp_path))
    for part in ("weights", "kv"):
        if part in said:
            assert found[part] == pytest.approx(said[part], abs=ROUNDED_MIB), part


@pytest.mark.parametrize("name", CASES)
def test_the_total_is_within_a_fiftieth_or_it_is_known_why_not(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    row = Row(
        name=name,
        logged=logged_sizes(name, case),
        formula=by_formula(case, case.write(tmp_path)),
        exact=None,
        others={},
    )
    off = row.off(row.formula)
    assert off is not None
    if case.cause:
        assert abs(off) > 0.02, "no exception any more"
    else:
        assert abs(off) < 0.02, (row.logged, row.formula)


@pytest.mark.slow
def test_the_table(library: LlamaLibrary, tmp_path: Path) -> None:
    paths = {name: case.write(tmp_path) for name, case in CASES.items()}
    others = said_by_others(paths)
    rows = [
        Row(
            name=name,
            logged=logged_sizes(name, case),
            formula=by_formula(case, paths[name]),
            exact=by_llama_cpp(library, case, paths[name]),
            others=others.get(name, {}),
        )
        for name, case in CASES.items()
    ]
    print()
    print(f"{'load':36}{'logged MiB':>11}{'exact':>9}{'formula':>9}{'llamafit':>10}{'ggufit':>9}")
    for row in rows:
        print(line_of(row))
    named = {name: case.cause for name, case in CASES.items() if case.cause}
    print("exceptions:", *(f"{name}: {cause}" for name, cause in named.items()), sep="\n  ")
    worst = max(
        (row for row in rows if row.name not in named),
        key=lambda row: abs(row.off(row.formula) or 0),
    )
    print(f"worst of the others by formula: {worst.name} {worst.off(worst.formula):+.2%}")
    assert len(rows) >= 20


def line_of(row: Row) -> str:
    total = sum(row.logged.values())
    figures = [_percent(row.off(row.exact)), _percent(row.off(row.formula))]
    for tool in ("llamafit", "ggufit"):
        said = row.others.get(tool)
        whole = {"weights", "kv", "compute"} == {*row.logged}
        figures.append(
            _percent((said - total) / total) if whole and isinstance(said, float) else "-"
        )
    told = "+".join(part[0] for part in row.logged)
    return f"{row.name + ' (' + told + ')':36}{total:>11.1f}" + "".join(
        f"{figure:>{width}}" for figure, width in zip(figures, (9, 9, 10, 9), strict=True)
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:+.2%}"


def said_by_others(paths: Mapping[str, Path]) -> dict[str, Any]:
    """Return what the other planners say, nothing where they are not installed."""
    python = os.environ.get("CORRAL_OTHER_PLANNERS")
    if not python:
        print("CORRAL_OTHER_PLANNERS names no Python that has llamafit and ggufit: not compared")
        return {}
    loads = [load_of(CASES[name], path) for name, path in paths.items()]
    done = subprocess.run(
        [python, str(OTHER_PLANNERS)], input=json.dumps(loads), capture_output=True, text=True,
        check=True, timeout=300,
    )  # fmt: skip
    return dict(zip(paths, json.loads(done.stdout), strict=True))


def load_of(case: Case, path: Path) -> dict[str, Any]:
    header, context = read_header(path), case.context
    keys = Keys(header)
    plan = Formula(header).plan(case.options, case.machine)
    weights = sum(plan.size_bytes(device, Part.WEIGHTS) for device in devices(case))
    return {
        "path": str(path),
        "on_gpu": bool(case.gpus),
        "cpu_moe": case.kept_experts,
        "n_ctx": context.n_ctx * context.n_seq_max,
        "n_ubatch": context.n_ubatch,
        "n_batch": context.n_batch,
        "kv_type": str(context.kv_type),
        "weights_bytes": weights,
        "ggufit_model": {
            "layers": keys.count,
            "num_key_value_heads": max(keys.kv_heads),
            "num_attention_heads": keys.first_heads,
            "head_dim": keys.key_length,
            "hidden_size": keys.embedding,
        },
    }
