"""Long work: progress, cancel, result, and every way it can end."""

import asyncio
import logging
import threading

import pytest

from corral.errors import ExternalError
from corral.jobs import Cancelled, Job, Jobs, JobState, Progress, Ticket


def wait_until_cancelled(ticket: Ticket) -> None:
    while True:
        ticket.report(Progress(phase="Waiting"))
        threading.Event().wait(0.005)


def fail(_: Ticket) -> None:
    raise ExternalError("The disk is full.")


def fail_by_a_bug(_: Ticket) -> None:
    raise ZeroDivisionError


async def test_a_job_gives_the_result_of_its_work() -> None:
    jobs = Jobs()
    job = jobs.start("Count", lambda _: 42)
    assert jobs.running == (job,)
    assert job.state is JobState.RUNNING
    assert await job.result() == 42
    assert job.state is JobState.DONE
    assert jobs.running == ()


async def test_progress_arrives_in_order_and_before_the_end() -> None:
    seen: list[tuple[int, JobState]] = []

    def work(ticket: Ticket) -> None:
        ticket.report(Progress(phase="Copying", done=1, total=3))
        ticket.report(Progress(phase="Copying", done=3, total=3))

    job = Job("Copy", work)
    job.subscribe(lambda: seen.append((job.progress.done, job.state)))
    await job.result()
    assert seen == [(1, JobState.RUNNING), (3, JobState.RUNNING), (3, JobState.DONE)]


def test_most_of_many_reports_are_dropped_but_never_a_phase_or_the_end() -> None:
    seen: list[tuple[str, int]] = []
    ticket = Ticket(lambda progress: seen.append((progress.phase, progress.done)))
    for phase in ("Copying", "Checking"):
        for done in range(10_001):
            ticket.report(Progress(phase=phase, done=done, total=10_000))
    assert seen[0] == ("Copying", 0)
    assert ("Copying", 10_000) in seen
    assert ("Checking", 0) in seen
    assert seen[-1] == ("Checking", 10_000)
    assert len(seen) < 1000


async def test_a_cancelled_job_stops_at_its_next_report() -> None:
    jobs = Jobs()
    job = jobs.start("Wait", wait_until_cancelled)
    job.cancel()
    with pytest.raises(Cancelled):
        await job.result()
    assert job.state is JobState.CANCELLED
    assert jobs.running == ()


async def test_an_error_is_kept_for_those_who_only_look() -> None:
    jobs = Jobs()
    job = jobs.start("Fail", fail)
    with pytest.raises(ExternalError, match="The disk is full"):
        await job.result()
    assert job.state is JobState.FAILED
    assert str(job.error) == "The disk is full."


async def test_a_bug_in_the_work_ends_the_job_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs = Jobs()
    job = jobs.start("Fail", fail_by_a_bug)
    ended = asyncio.Event()
    job.subscribe(ended.set)
    await asyncio.wait_for(ended.wait(), 10)
    await asyncio.sleep(0)
    assert job.state is JobState.FAILED
    assert jobs.running == ()
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_whoever_waits_for_a_result_may_give_up_without_ending_the_job() -> None:
    job = Job("Wait", wait_until_cancelled)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job.result(), 0.02)
    assert job.state is JobState.RUNNING
    job.cancel()
    with pytest.raises(Cancelled):
        await job.result()


async def test_everyone_who_subscribed_hears_of_each_change_until_they_leave() -> None:
    jobs = Jobs()
    heard: list[str] = []
    leave = jobs.subscribe(lambda job: heard.append(f"{job.title} {job.state}"))
    await jobs.start("A", lambda _: None).result()
    leave()
    await jobs.start("B", lambda _: None).result()
    assert heard == ["A done"]


async def test_closing_stops_what_runs_and_waits_for_it() -> None:
    jobs = Jobs()
    waiting, failing = jobs.start("Wait", wait_until_cancelled), jobs.start("Fail", fail)
    await jobs.close()
    assert waiting.state is JobState.CANCELLED
    assert failing.state is JobState.FAILED
    assert jobs.running == ()


def test_work_runs_the_same_without_an_event_loop() -> None:
    ticket = Ticket()
    ticket.report(Progress(phase="Copying"))
    assert not ticket.is_cancelled
    ticket.cancel()
    assert ticket.is_cancelled
    with pytest.raises(Cancelled):
        ticket.report(Progress(phase="Copying"))


def test_when_the_event_loop_ends_the_thread_of_a_job_ends_too() -> None:
    stopped = threading.Event()

    def work(ticket: Ticket) -> None:
        try:
            wait_until_cancelled(ticket)
        finally:
            stopped.set()

    async def start() -> Job[None]:
        job = Job("Wait", work)
        await asyncio.sleep(0.02)
        return job

    job = asyncio.run(start())
    assert stopped.wait(10)
    assert job.state is JobState.CANCELLED
