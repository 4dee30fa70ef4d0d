import threading
from collections.abc import Iterator

import pytest

from corral.engine.thread import EngineThread
from corral.errors import ExternalError, UserError


@pytest.fixture
def thread() -> Iterator[EngineThread]:
    thread = EngineThread("test", threading.Lock())
    yield thread
    thread.stop()


def test_jobs_are_done_in_their_order_in_one_thread(thread: EngineThread) -> None:
    done: list[int] = []
    futures = [
        thread.submit(lambda n=n: done.append(n) or threading.get_ident()) for n in range(20)
    ]
    assert {future.result(timeout=10) for future in futures} == {thread.ident}
    assert done == list(range(20))


def test_the_deep_stack_is_for_this_thread_only() -> None:
    before = threading.stack_size()
    thread = EngineThread("test", threading.Lock())
    assert threading.stack_size() == before
    thread.stop()


def test_errors_of_a_job_come_back_and_the_thread_goes_on(
    thread: EngineThread, caplog: pytest.LogCaptureFixture
) -> None:
    def mistake() -> None:
        raise ZeroDivisionError

    def complaint() -> None:
        raise UserError("no")

    with pytest.raises(UserError):
        thread.submit(complaint).result(timeout=10)
    assert not caplog.records
    with pytest.raises(ZeroDivisionError):
        thread.submit(mistake).result(timeout=10)
    assert caplog.records
    assert thread.submit(lambda: 5).result(timeout=10) == 5


def test_a_parked_thread_fails_what_runs_and_what_waits_and_what_comes() -> None:
    thread, block = EngineThread("test", threading.Lock()), threading.Event()
    begun = threading.Event()
    running = thread.submit(lambda: begun.set() or block.wait())
    waiting = thread.submit(lambda: 1)
    begun.wait()
    assert thread.is_busy
    thread.park(ExternalError("lost"))
    for future in (running, waiting, thread.submit(lambda: 2)):
        with pytest.raises(ExternalError, match="lost"):
            future.result(timeout=10)
    thread.stop()  # does not wait for a lost thread
    block.set()


def test_what_comes_after_a_refusal_fails_and_what_came_before_is_done(
    thread: EngineThread,
) -> None:
    before = thread.submit(lambda: 1)
    thread.refuse(ExternalError("closed"))
    assert before.result(timeout=10) == 1
    with pytest.raises(ExternalError, match="closed"):
        thread.submit(lambda: 2).result(timeout=10)
