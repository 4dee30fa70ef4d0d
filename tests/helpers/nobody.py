"""Runs something as a user who may not read everything; for root nothing is forbidden."""

import os
import pickle
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_NOBODY = 65534


def as_nobody(work: Callable[[], T]) -> T:
    """Return what `work` returns, which runs in a child of this process if we are root."""
    if os.getuid() != 0:
        return work()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(_NOBODY)
            with os.fdopen(writing, "wb") as answer:
                pickle.dump(work(), answer)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        data = answer.read()
    os.waitpid(child, 0)
    assert data, "the work failed in the child"
    result: T = pickle.loads(data)
    return result
