"""The slider of the context is followed 60 times a second, and nothing stalls meanwhile."""

import asyncio
import os
import statistics
import time
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QSlider

from corral.gui.hardware.panel import HardwarePanel
from corral.gui.hardware.presenter import HardwarePresenter
from corral.gui.theme.theme import Theme
from corral.library.model import StoredModel
from corral.places import find_places
from corral.settings import ThemeChoice
from corral.workbench.workbench import open_workbench
from helpers.header_files import write_experts
from helpers.window import discard, on_the_loop, part, until

SECONDS, STEP_S, TICK_S = 3.0, 0.004, 0.005
WANTED_PER_S, WANTED_GAP_MS = 55, 50.0


async def _gaps(until_time: float) -> list[float]:
    """Return by how many milliseconds a short sleep was late, again and again."""
    late = []
    while (now := time.perf_counter()) < until_time:
        await asyncio.sleep(TICK_S)
        late.append((time.perf_counter() - now - TICK_S) * 1e3)
    return late


async def _drag(slider: QSlider, until_time: float) -> None:
    position, step = slider.value(), 1
    while time.perf_counter() < until_time:
        step = -step if not 0 < position + step < slider.maximum() else step
        position += step
        slider.setValue(position)
        await asyncio.sleep(STEP_S)


@pytest.mark.perf
@on_the_loop
async def test_plans_follow_the_slider(
    qapp: QApplication, tmp_path: Path, corral_home: Path
) -> None:
    theme = Theme(qapp, ThemeChoice.LIGHT)
    async with open_workbench(find_places()) as workbench:
        presenter = HardwarePresenter(workbench)
        panel = HardwarePanel(presenter, theme)
        panel.resize(360, 900)
        panel.show()
        presenter.start()
        await until(lambda: presenter.here, "this machine")
        assert presenter.here
        workbench.planning.machines.choose('2x"RTX 3090"+64GB', presenter.here)
        weights = write_experts(tmp_path / "experts.gguf", 48)
        presenter.show_model(StoredModel(name="experts", weights=weights))
        await until(lambda: presenter.plan_view, "the plan")
        plans = QSignalSpy(presenter.plan_changed)
        started, end = time.process_time(), time.perf_counter() + SECONDS
        gaps, _ = await asyncio.gather(
            _gaps(end), _drag(part(panel, QSlider, "contextSlider"), end)
        )
        per_s = plans.count() / SECONDS
        cpu_ms = (time.process_time() - started) * 1e3 / plans.count()
        worst = statistics.quantiles(gaps, n=100)[98]
        print(
            f"\n{per_s:.0f} plans a second on two cards, 579 tensors, {cpu_ms:.1f} ms of CPU "
            f"each with all that is drawn; the loop was late by "
            f"p50 {statistics.median(gaps):.1f} ms, p99 {worst:.1f} ms, worst {max(gaps):.1f} ms"
        )
        await presenter.close()
        discard(panel, presenter)
        assert cpu_ms < 1000 / 60, "frames would not fit, however quiet the machine is"
        assert per_s >= WANTED_PER_S
        assert worst < WANTED_GAP_MS
    theme.deleteLater()
