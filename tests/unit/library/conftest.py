from collections.abc import Callable
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.library.library import Library
from corral.library.store import Store
from helpers.gguf_files import tiny_model


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def library(store: Store, tmp_path: Path) -> Library:
    return Library(store, HeaderCache(tmp_path / "headers"))


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """A small sound model file, "tiny:f32" by its name."""
    return tiny_model(tmp_path / "downloads" / "Tiny.F32.gguf")


@pytest.fixture
def other_gguf(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a model file of another content."""
    return lambda name: tiny_model(tmp_path / "other" / name, general__name=f"Other {name}")


@pytest.fixture
def leftovers(store: Store) -> Callable[[], list[str]]:
    """Tells which unfinished files lie in the store."""
    return lambda: [path.name for path in store.root.rglob("*.part")]
