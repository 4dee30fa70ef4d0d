from collections.abc import Callable, Iterator

import pytest

from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.records import Token
from corral.hub.network import Network
from helpers.fake_hub import FakeHub, fake_hub

Ask = Callable[..., HuggingFace]


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        yield hub


@pytest.fixture
def ask(fake: FakeHub) -> Iterator[Ask]:
    """Opens the real client on the fake hub, with a token or none."""

    def open_hub(token: str = "", **network: object) -> HuggingFace:
        way = Network(hub_endpoint=fake.endpoint, **network)  # type: ignore[arg-type]
        return HuggingFace(way, Token(value=token) if token else None)

    yield open_hub
    from huggingface_hub.utils import close_session

    close_session()
