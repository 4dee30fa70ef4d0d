import asyncio
import threading

import pytest

from corral.errors import ExternalError
from corral.workbench.asking import ask


async def test_the_answer_comes_from_another_thread() -> None:
    assert await ask(threading.get_ident) != threading.get_ident()


async def test_what_a_question_raises_reaches_who_waits() -> None:
    def question() -> None:
        raise ExternalError("No.")

    with pytest.raises(ExternalError, match="No"):
        await ask(question)


async def test_who_waits_may_give_up() -> None:
    go = threading.Event()
    ended = threading.Event()

    def question() -> None:
        go.wait(10)
        ended.set()

    task = asyncio.create_task(ask(question))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    assert ended.wait(10)


async def test_its_thread_ends_with_the_program() -> None:
    def question() -> bool:
        return threading.current_thread().daemon

    assert await ask(question)
