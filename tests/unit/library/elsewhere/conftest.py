from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.elsewhere.homes import find_homes
from corral.library.library import Library
from corral.library.store import Store

OpenLibrary = Callable[..., Library]


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The home folder of a person who has other programs."""
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def open_library(tmp_path: Path, user: Path) -> OpenLibrary:
    """Opens Corral's library beside what the person's other programs keep."""

    def opened(*added: Path, environment: Mapping[str, str] | None = None) -> Library:
        headers, store = HeaderCache(tmp_path / "headers"), Store(tmp_path / "models")
        elsewhere = Elsewhere(
            lambda: find_homes(environment or {}, user, added),
            headers,
            tmp_path / "elsewhere.json",
            own_root=store.root,
        )
        return Library(store, headers, elsewhere)

    return opened


@pytest.fixture
def library(open_library: OpenLibrary) -> Library:
    return open_library()
