"""Models of other programs answer where they lie, in one file and in several."""

import asyncio
import shutil
from pathlib import Path

import pytest

from corral.library.model import HomeKind
from corral.places import Places
from corral.prompt.message import Message, Role
from corral.workbench import modelling
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import open_workbench
from helpers.gguf_files import tiny_model
from helpers.homes import PARAMETERS, STARTER
from helpers.models import smollm2_path
from helpers.splits import split_gguf

pytestmark = pytest.mark.asyncio


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A publisher in LM Studio's folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    return tmp_path / "user" / ".lmstudio" / "models" / "acme"


async def test_found_models_answer_like_own_ones(places: Places, publisher: Path) -> None:
    (publisher / "One").mkdir(parents=True)
    shutil.copy(smollm2_path(), publisher / "One" / "One-Q4_1.gguf")
    split_gguf(smollm2_path(), publisher / "Split", stem="Split-Q4_1")
    blobs = {path.name for path in (places.models / "blobs").iterdir()}
    answers = {}
    async with open_workbench(places) as workbench:
        for name in (STARTER, "acme/One:Q4_1", "acme/Split:Q4_1"):
            request = ChatRequest(
                model=name,
                messages=(Message(role=Role.USER, content="Name a colour."),),
                parameters=PARAMETERS,
                is_over_budget_allowed=True,
            )
            generation = workbench.conversing.start(request)
            end = await generation.wait()
            assert end.error is None, end.error
            answers[name] = generation.answer
        used = [await workbench.modelling.get(name) for name in answers]
        assert [model.home.kind for model in used] == [
            HomeKind.OWN,
            HomeKind.LM_STUDIO,
            HomeKind.LM_STUDIO,
        ]
        assert all(model.last_used_at > 0 for model in used)
    assert len(set(answers.values())) == 1, answers
    assert answers[STARTER].strip()
    assert {path.name for path in (places.models / "blobs").iterdir()} == blobs


async def test_models_that_take_long_to_read_are_announced(
    places: Places, publisher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelling, "PATIENCE_S", 0.0)
    for number in range(20):
        tiny_model(publisher / f"M{number}" / "tiny-Q8_0.gguf")
    async with open_workbench(places) as workbench:
        is_told, counts = asyncio.Event(), []
        workbench.modelling.changed.subscribe(is_told.set)
        while not counts or is_told.is_set():
            is_told.clear()
            counts.append(len(await workbench.modelling.list()))
            await asyncio.sleep(0)  # what is announced is announced now
    assert counts[0] < counts[-1] == 22
    assert counts == sorted(counts)
