import asyncio
from pathlib import Path

import pytest

from helpers.homes import make_home


@pytest.fixture(scope="session")
def stocked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with SmolLM2 and a tiny model; copy it, do not change it."""
    home = tmp_path_factory.mktemp("stocked") / "home"
    asyncio.run(make_home(home))
    return home
