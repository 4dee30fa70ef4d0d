"""What `llamafit` and `ggufit` of PyPI say that loads take, for whoever has them.

Run as a script by a Python that has both; it is no part of Corral and imports nothing of it.
Reads a list of loads as JSON and answers with the MiB that each says of the GPUs (or of main
memory where there are none), without what it adds for drivers and the process itself. `ggufit`
goes by a model's name; it is given the true size of the weights.
"""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

_FAULTS = (ImportError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError)


def by_llamafit(load: Mapping[str, Any]) -> float:
    """Return the MiB by `llamafit`, from the file's header."""
    budget = "llamafit.budget."
    facts = import_module("llamafit.gguf.cache").read_facts(Path(load["path"]))
    layers, pool = (999, "vram") if load["on_gpu"] else (0, "ram")
    lines = [
        *import_module(budget + "weights").weight_lines(
            facts,
            gpu_layers=layers,
            cpu_moe_layers=load["cpu_moe"],
            shared_experts_pool=None,
            stream_lazy_tables=False,
        ),
        *import_module(budget + "kv").cache_lines(
            facts, context=load["n_ctx"], kv_type=load["kv_type"], gpu_layers=layers
        ),
        *import_module(budget + "compute_buffer").buffer_lines(
            micro_batch=load["n_ubatch"],
            context=load["n_ctx"],
            n_vocab=facts.n_vocab or 0,
            batch=load["n_batch"],
            projector_on_gpu=False,
            pool=pool,
        ),
    ]
    return float(sum(line.bytes_ for line in lines if line.pool == pool)) / 2**20


def by_ggufit(load: Mapping[str, Any]) -> float:
    """Return the MiB by `ggufit`, from dimensions and the size of the weights."""
    calculator = import_module("ggufit.calculator")
    weights, bits = load["weights_bytes"] / 2**30, {"f16": 16, "q8_0": 8.5}[load["kv_type"]]
    kv_cache = calculator.kv_cache_gb(load["ggufit_model"], load["n_ctx"], kv_bits=bits)
    if load["on_gpu"]:
        gib = calculator.gpu_vram_needed(weights, kv_cache) - calculator.GPU_OVERHEAD_BASELINE_GB
    else:
        gib = calculator.host_ram_needed(weights, kv_cache) - calculator.OVERHEAD_BASELINE_GB
    return float(gib) * 1024


def tried(work: Callable[[Mapping[str, Any]], float], load: Mapping[str, Any]) -> float | str:
    """Return what a planner says, or why it says nothing."""
    try:
        return round(work(load), 1)
    except _FAULTS as error:
        return f"{type(error).__name__}: {str(error)[:60]}"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    said = [{"llamafit": tried(by_llamafit, x), "ggufit": tried(by_ggufit, x)} for x in asked]
    json.dump(said, sys.stdout)
