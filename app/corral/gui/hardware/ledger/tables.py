"""Loads and runs as rows of a table."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.gui.hardware import wording
from corral.hardware.ledger import LoadEntry
from corral.hardware.load_memory import overheads
from corral.plan.learning import SpeedRun, Where, learn
from corral.plan.plan import Kind
from corral.plan.speed import Correction
from corral.units import memory_size

translate = QCoreApplication.translate
MOST_SHOWN = 200


def load_titles() -> tuple[str, ...]:
    """Return what stands above the columns of loads."""
    return (
        translate("Ledger", "Loaded"),
        translate("Ledger", "Model"),
        translate("Ledger", "Device"),
        translate("Ledger", "Planned"),
        translate("Ledger", "Measured"),
        translate("Ledger", "Error"),
        translate("Ledger", "By the system"),
        translate("Ledger", "Plan"),
    )


def load_rows(loads: Sequence[LoadEntry]) -> list[tuple[str, ...]]:
    """Return a row for each device of each load, the newest first."""
    rows: list[tuple[str, ...]] = []
    for load in loads[:MOST_SHOWN]:
        exact = translate("Ledger", "exact")
        kind = exact if load.kind is Kind.EXACT else translate("Ledger", "by formulas")
        for device, planned, measured in load.by_device():
            told = memory_size(measured) if load.measured else translate("Ledger", "not told")
            error = _error(planned, measured) if load.measured else ""
            held = load.held(device)
            rows.append(
                (
                    _when(load.at),
                    safe_line(load.model),
                    device,
                    memory_size(planned),
                    told,
                    error,
                    "" if held is None else memory_size(max(0, held)),
                    kind,
                )
            )
    return rows


def notes(loads: Sequence[LoadEntry]) -> list[str]:
    """Return what of the newest loads went where it is slow, in sentences."""
    told = [load for load in loads[:MOST_SHOWN] if load.note]
    return [
        f"{_when(load.at)} {safe_line(load.model)}: {safe_line(load.note, 300)}" for load in told
    ]


def run_titles() -> tuple[str, ...]:
    """Return what stands above the columns of runs."""
    return (
        translate("Ledger", "Ran"),
        translate("Ledger", "Model"),
        translate("Ledger", "On"),
        translate("Ledger", "Answer, tokens/s"),
        translate("Ledger", "by tables"),
        translate("Ledger", "Prompt, tokens/s"),
        translate("Ledger", "by tables"),
    )


def run_rows(runs: Sequence[SpeedRun]) -> list[tuple[str, ...]]:
    """Return a row for each run, the newest first."""
    return [
        (
            _when(run.at),
            safe_line(run.model),
            _place(run.where),
            wording.rate(run.generated_per_s),
            wording.rate(run.expected_generation),
            wording.rate(run.prompt_per_s),
            wording.rate(run.expected_prompt),
        )
        for run in runs[:MOST_SHOWN]
    ]


def learned(loads: Sequence[LoadEntry], runs: Sequence[SpeedRun]) -> list[str]:
    """Return what loads and runs have taught of this machine, in sentences."""
    text = translate("Ledger", "%1: the driver takes %2 beside what llama.cpp counts")
    found = [
        text.replace("%1", device).replace("%2", memory_size(size))
        for device, size in overheads(loads).items()
    ]
    for where in Where:
        prompt, generation = learn(runs, "", where)
        for correction, text in (
            (generation, translate("Ledger", "Answers, %1: %2")),
            (prompt, translate("Ledger", "Prompts, %1: %2")),
        ):
            if correction.runs:
                said = text.replace("%1", _place(where)).replace("%2", _correction(correction))
                found.append(said)
    return found


def _correction(correction: Correction) -> str:
    text = translate(
        "Ledger", "%1 of what the tables say, three runs in four within ±%2 % (%3 measured)"
    )
    text = text.replace("%1", f"{correction.factor:.2f}")
    text = text.replace("%2", f"{(correction.spread - 1) * 100:.0f}")
    return text.replace("%3", str(correction.runs))


def _place(where: Where) -> str:
    match where:
        case Where.GPU:
            return translate("Ledger", "on the GPU")
        case Where.MIXED:
            return translate("Ledger", "on GPU and processor")
        case Where.CPU:
            return translate("Ledger", "on the processor")


def _error(planned: int, measured: int) -> str:
    return f"{(planned - measured) / measured:+.1%}" if measured else "–"


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
