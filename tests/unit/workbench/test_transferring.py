"""The queue of downloads and uploads, with scripted work; the real ones are tested end to end."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.jobs import Jobs, Progress, Ticket
from corral.workbench.transfer import Transfer, TransferKind, TransferRequest, TransferState
from corral.workbench.transferring import Transferring


class Script:
    """Work that waits for the test.

    Attributes:
        runs: How often each subject was begun.
    """

    def __init__(self) -> None:
        self.runs: dict[str, int] = {}
        self.gates: dict[str, threading.Event] = {}
        self.failures: dict[str, Exception] = {}

    def __call__(self, request: TransferRequest) -> Callable[[Ticket], object]:
        gate = self.gates.setdefault(request.subject, threading.Event())

        def work(ticket: Ticket) -> None:
            self.runs[request.subject] = self.runs.get(request.subject, 0) + 1
            ticket.report(Progress(phase="Pulling", done=30, total=100))
            while not gate.wait(0.01):
                ticket.raise_if_cancelled()
            if request.subject in self.failures:
                raise self.failures[request.subject]
            ticket.report(Progress(phase="Pulling", done=100, total=100))

        return work


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def arrivals() -> list[str]:
    return []


Open = Callable[[], "asynccontextmanager[Transferring]"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "transfers.json"


@pytest.fixture
def opened(file: Path, script: Script, arrivals: list[str]) -> Open:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Transferring]:
        jobs = Jobs()
        transferring = Transferring(
            file=file,
            makers={TransferKind.PULL: script, TransferKind.PUSH: script},
            jobs=jobs,
            on_arrival=lambda: arrivals.append("came"),
        )
        yield transferring
        await transferring.close()
        await jobs.close()

    return opened  # type: ignore[return-value]


async def until(transferring: Transferring, condition: Callable[[], bool]) -> None:
    news = asyncio.Event()
    unsubscribe = transferring.changed.subscribe(news.set)
    async with asyncio.timeout(20):
        while not condition():
            await news.wait()
            news.clear()
    unsubscribe()


async def kept(transferring: Transferring, file: Path) -> str:
    """Return what is on disk once everything is written."""
    if transferring._writing:
        await transferring._writing
    return await asyncio.to_thread(file.read_text)


def states(transferring: Transferring) -> list[TransferState]:
    return [transfer.state for transfer in transferring.transfers]


def is_at(transferring: Transferring, transfer: Transfer, done: int) -> Callable[[], bool]:
    return lambda: transferring.get(transfer.id).progress.done == done


async def test_a_transfer_runs_and_is_done(
    opened: Open, script: Script, arrivals: list[str]
) -> None:
    async with opened() as transferring:
        first = transferring.pull("llama3.2", insecure=True)
        assert (first.kind, first.title) == (TransferKind.PULL, "llama3.2")
        await until(transferring, is_at(transferring, first, 30))
        assert states(transferring) == [TransferState.RUNNING]
        script.gates["llama3.2"].set()
        ended = await transferring.ended(first.id)
        assert ended.state is TransferState.DONE
        assert ended.progress.done == 100
        assert ended.ended_at >= ended.started_at > 0
        assert arrivals == ["came"]
        transferring.clear_history()
        assert transferring.transfers == ()


async def test_two_run_at_once_and_the_others_wait_their_turn(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        a, b, c = (transferring.pull(name) for name in "abc")
        running, queued = TransferState.RUNNING, TransferState.QUEUED
        assert states(transferring) == [running, running, queued]
        await until(transferring, lambda: len(script.runs) == 2)
        script.gates["b"].set()
        await transferring.ended(b.id)
        assert transferring.get(c.id).state is running
        transferring.cancel(a.id)
        assert (await transferring.ended(a.id)).state is TransferState.CANCELLED


async def test_pause_and_resume(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        transfer = transferring.pull("a")
        await until(transferring, is_at(transferring, transfer, 30))
        transferring.pause(transfer.id)
        paused = await transferring.ended(transfer.id)
        assert (paused.state, paused.progress.done) == (TransferState.PAUSED, 30)
        transferring.resume(transfer.id)
        script.gates["a"].set()
        assert (await transferring.ended(transfer.id)).state is TransferState.DONE
        assert script.runs == {"a": 2}


async def test_resume_right_after_pause_is_not_lost(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        transfer = transferring.pull("a")
        await until(transferring, is_at(transferring, transfer, 30))
        transferring.pause(transfer.id)
        transferring.resume(transfer.id)
        await until(transferring, lambda: script.runs == {"a": 2})
        script.gates["a"].set()
        assert (await transferring.ended(transfer.id)).state is TransferState.DONE


async def test_what_waits_can_be_paused_and_cancelled(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        transfers = [transferring.pull(name) for name in "abcd"]
        transferring.pause(transfers[2].id)
        transferring.cancel(transfers[3].id)
        for gate in script.gates.values():
            gate.set()
        for transfer in transfers[:2]:
            await transferring.ended(transfer.id)
        assert states(transferring)[2:] == [TransferState.PAUSED, TransferState.CANCELLED]
        assert set(script.runs) == {"a", "b"}


async def test_a_failure_is_told_and_can_be_tried_again(opened: Open, script: Script) -> None:
    script.failures["a"] = ExternalError("It broke.", hint="Mend it.")
    async with opened() as transferring:
        transfer = transferring.pull("a")
        script.gates["a"].set()
        failed = await transferring.ended(transfer.id)
        assert (failed.state, failed.error, failed.hint) == (
            TransferState.FAILED,
            "It broke.",
            "Mend it.",
        )
        del script.failures["a"]
        transferring.resume(transfer.id)
        mended = await transferring.ended(transfer.id)
        assert (mended.state, mended.error) == (TransferState.DONE, "")


async def test_the_same_is_not_asked_for_twice(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        first = transferring.pull("a")
        assert transferring.pull("a").id == first.id
        transferring.pause(first.id)
        await transferring.ended(first.id)
        assert transferring.pull("a").id == first.id
        assert transferring.get(first.id).state is TransferState.RUNNING
        assert transferring.push("a").id != first.id


async def test_closing_in_the_middle_loses_nothing(opened: Open, script: Script) -> None:
    async with opened() as transferring:
        transfer = transferring.pull("a", insecure=True)
        transferring.pull("b")
        queued = transferring.pull("c")
        await until(transferring, is_at(transferring, transfer, 30))
    async with opened() as transferring:
        assert states(transferring) == [TransferState.PAUSED] * 3
        again = transferring.get(transfer.id)
        assert again.request == transfer.request
        assert again.progress.done == 30
        assert script.runs == {"a": 1, "b": 1}, "nothing connects unasked"
        transferring.resume(queued.id)
        script.gates["c"].set()
        assert (await transferring.ended(queued.id)).state is TransferState.DONE
        assert transferring.push("d").id == queued.id + 1


async def test_a_crash_leaves_what_ran_as_paused(opened: Open, file: Path, script: Script) -> None:
    async with opened() as transferring:
        transfer = transferring.pull("a")
        await until(transferring, is_at(transferring, transfer, 30))
        as_it_was = await kept(transferring, file)
        assert '"running"' in as_it_was
    await asyncio.to_thread(file.write_text, as_it_was)
    async with opened() as transferring:
        assert states(transferring) == [TransferState.PAUSED]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1, null, [], {}]", '[{"id": 1}]', "[" * 100_000, '[{"id": "1", "request": {}}]'],
    ids=range(6),
)
async def test_a_damaged_queue_is_an_empty_one(opened: Open, file: Path, text: str) -> None:
    file.parent.mkdir()
    await asyncio.to_thread(file.write_text, text)
    async with opened() as transferring:
        assert transferring.transfers == ()


async def test_a_damaged_entry_does_not_take_the_others_with_it(
    opened: Open, file: Path, script: Script
) -> None:
    async with opened() as transferring:
        transferring.pull("a")
        text = await kept(transferring, file)
    await asyncio.to_thread(file.write_text, json.dumps([{"id": 7}, *json.loads(text)]))
    async with opened() as transferring:
        assert [transfer.title for transfer in transferring.transfers] == ["a"]


async def test_the_history_does_not_grow_for_ever(
    opened: Open, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corral.workbench.transferring.LONGEST_HISTORY", 3)
    async with opened() as transferring:
        for number in range(6):
            transferring.cancel(transferring.pull(f"model-{number}").id)
            await transferring.ended(number + 1)
        assert [transfer.title for transfer in transferring.transfers] == [
            "model-2",
            "model-3",
            "model-4",
            "model-5",
        ]
