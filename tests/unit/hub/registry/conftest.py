from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.front import Front
from helpers.registry import DockerRegistry
from helpers.side import Side


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Callable[[str], Side]]:
    """Makes computers."""
    sides: dict[str, Side] = {}

    def get(name: str) -> Side:
        return sides.setdefault(name, Side(tmp_path / name))

    yield get
    for each in sides.values():
        each.downloader.client.close()


@pytest.fixture
def here(side: Callable[[str], Side]) -> Side:
    return side("here")


@pytest.fixture
def there(side: Callable[[str], Side]) -> Side:
    return side("there")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    with DockerRegistry(tmp_path / "registry").running() as registry:
        yield registry


@pytest.fixture
def front(registry: DockerRegistry) -> Iterator[Front]:
    with Front(registry.port).running() as front:
        yield front
