"""Waiting for other computers without letting them hold up the end of the program."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def ask(question: Callable[[], T]) -> T:
    """Run a blocking question in a thread and return its answer.

    The threads of `asyncio.to_thread` are waited for when the program ends, and a silent server
    would keep it until the question's time limit. This one ends with the program.

    Raises:
        Exception: Whatever the question raises.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # whoever waits may give up, the thread does not

    def run() -> None:
        try:
            future.set_result(question())
        except Exception as error:  # noqa: BLE001 # border: the top of a thread
            future.set_exception(error)

    threading.Thread(target=run, name="question", daemon=True).start()
    return await asyncio.wrap_future(future)
