"""The workbench pulls from a real registry, is closed in the middle, and goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.jobs import Ticket
from corral.places import find_places
from corral.units import MIB
from corral.workbench.transfer import TransferState
from corral.workbench.workbench import open_workbench
from helpers.file_server import Fault
from helpers.front import Front
from helpers.registry import DockerRegistry
from helpers.side import Side


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    registry = DockerRegistry(tmp_path / "registry")
    with registry.running(), Front(registry.port).running() as front:
        yield front


async def test_a_pull_outlasts_the_program(front: Front, tmp_path: Path) -> None:
    name = f"{front.host}/flock/shepherd:small"
    there = Side(tmp_path / "there")
    there.make(name)
    there.pushing.run(name, Ticket(), insecure=True)
    there.downloader.client.close()
    front.misbehave = lambda _: Fault(pause_s=0.02)
    places = find_places()
    async with open_workbench(places) as workbench:
        transfer = workbench.transferring().pull(name, insecure=True)
        news = asyncio.Event()
        workbench.transferring().changed.subscribe(news.set)
        async with asyncio.timeout(30):
            while workbench.transferring().get(transfer.id).progress.done < MIB:
                await news.wait()
                news.clear()
    async with open_workbench(places) as workbench:
        told: list[bool] = []
        workbench.modelling.changed.subscribe(lambda: told.append(True))
        again = workbench.transferring().get(transfer.id)
        assert again.state is TransferState.PAUSED
        assert again.progress.done >= MIB
        front.misbehave = lambda _: None
        workbench.transferring().resume(transfer.id)
        async with asyncio.timeout(30):
            ended = await workbench.transferring().ended(transfer.id)
        assert (ended.state, ended.error) == (TransferState.DONE, "")
        assert told
        assert (await workbench.modelling.get(name)).digest == there.library.get(name).digest
