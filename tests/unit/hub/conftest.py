from collections.abc import Iterator

import pytest

from corral.hub.downloading import Downloader
from corral.hub.network import Network
from helpers.file_server import FileServer


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer().running() as server:
        yield server


@pytest.fixture
def downloader() -> Iterator[Downloader]:
    """Impatient, so that silence and failures do not make the tests long."""
    downloader = Downloader(Network(timeout_s=0.4, connect_timeout_s=2), first_pause_s=0.02)
    yield downloader
    downloader.client.close()
