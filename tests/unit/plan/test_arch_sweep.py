"""KV cache and state by device, for every architecture, against llama.cpp on virtual GPUs.

The figures (`arch_sweep.jsonl`) and the dimensions they were made with are read in place.
"""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from corral.plan.kv import kv_bytes
from corral.plan.layers import model_memory
from corral.plan.options import ContextOptions
from corral.plan.placement import place
from helpers.headers import Key, make_header, make_machine
from helpers.vectors import FOLDER

SHARED = FOLDER.parent
SWEEP = SHARED / "data" / "arch_sweep.jsonl"
FIXTURES = SHARED / "tools" / "planning" / "allarch.py"
CONTEXT = ContextOptions(n_ctx=2048)
MIB = 1024**2

pytestmark = pytest.mark.skipif(
    not (SWEEP.exists() and FIXTURES.exists()),
    reason="the sweep over all architectures lies beside the project, and is not there",
)


def fixture_keys(architecture: str) -> dict[str, Key]:
    specification = importlib.util.spec_from_file_location("allarch", FIXTURES)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    keys: Mapping[str, Any] = module.keys(architecture)[0]
    return {key: _plain(value) for key, value in keys.items()}


def _plain(value: Any) -> Key:
    return value[1] if isinstance(value, tuple) else value  # type: ignore[no-any-return]


def rows() -> Iterator[dict[str, Any]]:
    for line in SWEEP.read_text("utf-8").splitlines():
        row = json.loads(line)
        if "err" not in row:
            yield row


def test_each_device_keeps_what_llama_cpp_says() -> None:
    wrong, worst, compared = [], 0.0, 0
    for row in rows():
        architecture = row["arch"]
        memory = model_memory(make_header(architecture, fixture_keys(architecture)))
        assert memory.is_known, architecture
        for count in (1, 2):
            if row[f"v{count}"] == "fail":
                continue
            machine = make_machine(64, *(8,) * count)
            found = kv_bytes(memory, place(-1, len(memory.layers), machine), CONTEXT)
            for device, _, expected_mib, _ in row[f"v{count}"]:
                off = abs(found.get(device, 0) / MIB - expected_mib)
                compared += 1
                worst = max(worst, off)
                if off > 0.001:  # the figures have three digits
                    wrong.append((architecture, count, device, expected_mib, found))
    print(f"{compared} figures compared, the worst {worst:.4f} MiB off")
    assert compared > 500
    assert wrong == []
