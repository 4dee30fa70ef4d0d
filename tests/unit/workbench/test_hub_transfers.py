"""Downloads from the hub and uploads to it in the queue, with the program closed in the middle."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.gguf.types import TensorType
from corral.hub.huggingface.tokens import TokenHome
from corral.jobs import Ticket
from corral.places import Places, find_places
from corral.units import MIB
from corral.workbench.hub_transfers import download_from_hub, forget_download
from corral.workbench.transfer import TransferState
from corral.workbench.workbench import Workbench, open_workbench
from helpers.fake_hub import FakeHub, fake_hub
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_tensors

TINY = gguf_bytes(tiny_metadata(), tiny_tensors())
LARGE = gguf_bytes(
    tiny_metadata(),
    {**tiny_tensors(), **{f"big.{n}": ([256, 60_000], TensorType.F16) for n in range(2)}},
)
# huggingface_hub 2.4 hands its body to httpx2 in a way that is to be given up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        hub.add("ada/big", {"big-F16.gguf": LARGE})
        hub.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
        yield hub
    from huggingface_hub.utils import close_session

    close_session()


@pytest.fixture
def places(fake: FakeHub, corral_home: Path) -> Places:
    """A home whose settings name our hub."""
    found = find_places()
    found.make()
    found.settings_file.write_text(json.dumps({"hub_endpoint": fake.endpoint}))
    return found


async def until_done(workbench: Workbench, transfer_id: int, count: int) -> None:
    news = asyncio.Event()
    queue = workbench.transferring()
    unsubscribe = queue.changed.subscribe(news.set)
    async with asyncio.timeout(30):
        while queue.get(transfer_id).progress.done < count:
            await news.wait()
            news.clear()
    unsubscribe()


async def test_a_download_outlasts_the_program(fake: FakeHub, places: Places) -> None:
    fake.slow_bytes_per_s = 10_000_000
    async with open_workbench(places) as workbench:
        transfer = workbench.transferring().download("hf.co/ada/big:F16")
        await until_done(workbench, transfer.id, 8 * MIB)
    fake.slow_bytes_per_s = 0
    before = fake.sent_bytes
    async with open_workbench(places) as workbench:
        queue = workbench.transferring()
        assert queue.get(transfer.id).state is TransferState.PAUSED
        queue.resume(transfer.id)
        async with asyncio.timeout(30):
            ended = await queue.ended(transfer.id)
        assert (ended.state, ended.error) == (TransferState.DONE, "")
        model = await workbench.modelling.get("hf.co/ada/big:F16")
    assert model.weights.read_bytes() == LARGE
    assert fake.sent_bytes - before < len(LARGE) * 0.9


async def test_a_paused_download_goes_on(fake: FakeHub, places: Places) -> None:
    fake.slow_bytes_per_s = 10_000_000
    async with open_workbench(places) as workbench:
        queue = workbench.transferring()
        transfer = queue.download("hf.co/ada/big:F16")
        await until_done(workbench, transfer.id, 8 * MIB)
        queue.pause(transfer.id)
        async with asyncio.timeout(10):
            assert (await queue.ended(transfer.id)).state is TransferState.PAUSED
        fake.slow_bytes_per_s = 0
        queue.resume(transfer.id)
        async with asyncio.timeout(30):
            assert (await queue.ended(transfer.id)).state is TransferState.DONE


async def test_a_pull_of_a_name_on_the_hub_is_a_download(fake: FakeHub, places: Places) -> None:
    async with open_workbench(places) as workbench:
        told: list[bool] = []
        workbench.modelling.changed.subscribe(lambda: told.append(True))
        transfer = workbench.transferring().pull("hf.co/ada/tiny")
        async with asyncio.timeout(30):
            ended = await workbench.transferring().ended(transfer.id)
        assert (ended.state, ended.error) == (TransferState.DONE, "")
        assert told
        assert (await workbench.modelling.get("hf.co/ada/tiny")).weights.read_bytes() == TINY


async def test_what_is_not_there_fails_with_words_and_a_hint(fake: FakeHub, places: Places) -> None:
    async with open_workbench(places) as workbench:
        transfer = workbench.transferring().download("hf.co/ada/tiny:Q8_0")
        async with asyncio.timeout(30):
            ended = await workbench.transferring().ended(transfer.id)
    assert ended.state is TransferState.FAILED
    assert (ended.error, ended.hint) == ("ada/tiny has no model 'Q8_0'.", "It has: Q4_0")


async def test_an_upload_runs_in_the_queue_and_no_token_is_kept_with_it(
    fake: FakeHub, places: Places, tmp_path: Path
) -> None:
    fake.log_in("hf_secret", "ada")
    file = tmp_path / "mine.gguf"
    file.write_bytes(TINY)
    async with open_workbench(places) as workbench:
        await workbench.modelling.import_file(file, "mine").result()
        await workbench.discovering.login.log_in("hf_secret", TokenHome.RUN)
        queue = workbench.transferring()
        transfer = queue.upload("mine", repo_id="ada/mine", file_name="m.gguf", card="# Mine")
        async with asyncio.timeout(30):
            ended = await queue.ended(transfer.id)
        assert (ended.state, ended.error) == (TransferState.DONE, "")
    repo = fake.repos["ada/mine"]
    assert repo.files == {"m.gguf": TINY, "README.md": b"# Mine"}
    assert repo.private
    kept = [path for path in places.state.rglob("*") if path.is_file()]
    assert places.transfers_file in kept
    assert [path for path in kept if b"hf_secret" in path.read_bytes()] == []


async def test_what_arrived_of_a_download_can_be_forgotten(fake: FakeHub, places: Places) -> None:
    fake.slow_bytes_per_s = 10_000_000
    async with open_workbench(places) as workbench:
        ticket = Ticket(lambda progress: ticket.cancel() if progress.done else None)
        hub, library = await workbench.discovering.login.hub(), workbench.modelling.library
        await asyncio.gather(
            asyncio.to_thread(download_from_hub, hub, library, "hf.co/ada/big:F16", ticket),
            return_exceptions=True,
        )
        assert list((places.models / "blobs").iterdir())
        await asyncio.to_thread(forget_download, hub, library, "hf.co/ada/big:F16")
    assert list((places.models / "blobs").iterdir()) == []
