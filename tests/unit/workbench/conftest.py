from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corral.chats.store import Conversation
from corral.places import Places
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import PARAMETERS, STARTER, copy_home, places_of


@pytest.fixture
def places(stocked_home: Path, corral_home: Path) -> Places:
    """A home with models for one test."""
    return places_of(copy_home(stocked_home, corral_home))


@pytest_asyncio.fixture
async def workbench(places: Places) -> AsyncIterator[Workbench]:
    """A workbench for one test."""
    async with open_workbench(places) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    stocked_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Workbench]:
    """A workbench for a whole module, so that the model is loaded once."""
    home = copy_home(stocked_home, tmp_path_factory.mktemp("shared") / "home")
    async with open_workbench(places_of(home)) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def conversation(shared: Workbench) -> Conversation:
    """A new conversation with SmolLM2."""
    return await shared.chats.create_conversation(STARTER, parameters=PARAMETERS)
