from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from corral.engine.engine import Engine
from corral.engine.runner import Runner
from corral.llama.library import LlamaLibrary, load_library
from corral.plan.options import ContextOptions, LoadOptions
from helpers.models import gemma3_path, smollm2_path


@pytest.fixture(scope="session")
def library() -> LlamaLibrary:
    return load_library()


@pytest_asyncio.fixture
async def engine(library: LlamaLibrary, tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path / "busy.json", lambda: library)
    yield engine
    await engine.close()


@pytest_asyncio.fixture
async def runner(engine: Engine) -> Runner:
    """SmolLM2, an instruct model; a short context and micro-batch keep the tests short."""
    options = ContextOptions(n_ctx=512, n_ubatch=128)
    return await engine.load(smollm2_path(), LoadOptions(context=options))


@pytest_asyncio.fixture
async def gemma(engine: Engine) -> Runner:
    """Gemma 3 270M, a base model with a sliding window of 512 tokens."""
    options = ContextOptions(n_ctx=1024, n_ubatch=128)
    return await engine.load(gemma3_path(), LoadOptions(context=options))
