import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from corral.children import process as process_module
from corral.children.errors import ChildDied, ChildNotStarted, ChildTimeout
from corral.children.limits import MIB, Limits
from corral.children.spawn import Child
from corral.errors import ExternalError, Place, UserError

MakeChild = Callable[..., Child]

SCRIPT = Path(__file__).with_name("naughty_child.py")


@pytest.fixture(autouse=True)
def naughty_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        process_module, "child_command", lambda role: [sys.executable, str(SCRIPT), role]
    )


@pytest.fixture
async def make_child() -> AsyncIterator[MakeChild]:
    children: list[Child] = []

    def make(**changes: Any) -> Child:
        values: dict[str, Any] = {
            "memory_bytes": None,
            "call_s": 20.0,
            "output_bytes": MIB,
            **changes,
        }
        children.append(Child("naughty", Limits(**values)))
        return children[-1]

    yield make
    for child in children:
        await child.close()


async def test_values_travel_both_ways_unchanged(make_child: MakeChild) -> None:
    value = {"text": "é\u2028\n\ud800\0", "list": [1, 2.5, None, True], "empty": {}}
    assert await make_child().call("echo", value=value) == value


async def test_one_child_answers_many_calls_even_when_they_come_together(
    make_child: MakeChild,
) -> None:
    child = make_child()
    pids = await asyncio.gather(*(child.call("pid") for _ in range(5)))
    assert set(pids) == {child.pid}


async def test_a_started_child_is_the_one_that_answers(make_child: MakeChild) -> None:
    child = make_child()
    await child.start()
    assert child.pid == await child.call("pid")


async def test_what_libraries_print_does_not_disturb_the_answers(make_child: MakeChild) -> None:
    child = make_child()
    assert await child.call("print_much") == ""
    assert await child.call("echo", value=1) == 1


async def test_much_noise_on_stderr_does_not_block_the_child(make_child: MakeChild) -> None:
    child = make_child()
    await child.call("shout", size=MIB)
    with pytest.raises(ChildDied) as caught:
        await child.call("fail")
    assert len(caught.value.detail) <= process_module.TAIL_BYTES


async def test_errors_for_people_arrive_as_they_were_raised(make_child: MakeChild) -> None:
    child = make_child()
    pid = await child.call("pid")
    with pytest.raises(UserError) as caught:
        await child.call("refuse")
    error = caught.value
    assert (error.summary, error.detail, error.hint) == ("No.", "Really.", "Ask again.")
    assert error.place == Place(line=3, source="text")
    assert await child.call("pid") == pid


async def test_a_bug_ends_the_child_and_its_traceback_is_kept(
    make_child: MakeChild, caplog: pytest.LogCaptureFixture
) -> None:
    child = make_child()
    with pytest.raises(ChildDied, match="status 1") as caught:
        await child.call("fail")
    assert "ZeroDivisionError: a bug" in caught.value.detail
    assert "ZeroDivisionError: a bug" in caplog.text
    assert await child.call("echo", value=1) == 1


async def test_a_dead_child_tells_its_status_and_its_last_words(make_child: MakeChild) -> None:
    with pytest.raises(ChildDied) as caught:
        await make_child().call("die", status=7)
    assert caught.value.returncode == 7
    assert caught.value.detail == "last words"


async def test_a_call_that_takes_too_long_ends_and_the_next_one_works(
    make_child: MakeChild,
) -> None:
    child = make_child(call_s=0.5)
    await child.start()
    pid = child.pid
    started = time.monotonic()
    with pytest.raises(ChildTimeout, match=r"0\.5 s"):
        await child.call("sleep", seconds=60)
    assert time.monotonic() - started < 10
    assert not psutil.pid_exists(pid)
    assert await child.call("echo", value=1) == 1


async def test_a_cancelled_call_leaves_no_answer_behind_for_the_next(make_child: MakeChild) -> None:
    child = make_child()
    await child.start()
    task = asyncio.create_task(child.call("sleep", seconds=60))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await child.call("echo", value=2) == 2


async def test_a_child_killed_while_idle_is_replaced_unseen(make_child: MakeChild) -> None:
    child = make_child()
    await child.start()
    assert child.pid
    os.kill(child.pid, 9)
    assert await child.call("echo", value=3) == 3


async def test_a_child_that_had_been_running_is_asked_once_more(
    make_child: MakeChild, tmp_path: Path
) -> None:
    child = make_child()
    await child.start()
    assert await child.call("die_once", marker=str(tmp_path / "marker")) == "again"
    with pytest.raises(ChildDied):
        await child.call("die", status=1)


@pytest.mark.parametrize("text", ["no json\n", "[1]\n", "{}\n", "[" * 100_000 + "\n", "\xff\n"])
async def test_a_child_that_answers_nonsense_is_ended(make_child: MakeChild, text: str) -> None:
    child = make_child()
    with pytest.raises(ChildDied, match="had to be ended") as caught:
        await child.call("babble", fd_text=text)
    assert "no JSON" in caught.value.detail
    assert await child.call("echo", value=1) == 1


async def test_a_child_that_answers_without_end_is_ended(make_child: MakeChild) -> None:
    child = make_child(output_bytes=10_000)
    with pytest.raises(ChildDied) as caught:
        await child.call("babble", fd_text="x" * 100_000)
    assert "more than it may" in caught.value.detail


async def test_too_long_an_answer_is_kept_back_by_the_child_itself(make_child: MakeChild) -> None:
    child = make_child(output_bytes=10_000)
    pid = await child.call("pid")
    with pytest.raises(ExternalError, match=r"10,0\d\d bytes, at most 10,000"):
        await child.call("answer_of", size=10_001)
    assert await child.call("pid") == pid


@pytest.mark.skipif(sys.platform != "linux", reason="the bound is Linux's")
async def test_memory_is_bounded(make_child: MakeChild) -> None:
    child = make_child(memory_bytes=256 * MIB)
    assert await child.call("allocate", size=MIB) == MIB
    with pytest.raises(ChildDied) as caught:
        await child.call("allocate", size=300 * MIB)
    assert "MemoryError" in caught.value.detail


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of Unix")
async def test_a_child_stands_back_for_others_if_it_is_told_to(make_child: MakeChild) -> None:
    assert await make_child(niceness=3).call("niceness") == os.nice(0) + 3


async def test_an_idle_child_ends_and_a_later_call_starts_another(make_child: MakeChild) -> None:
    child = make_child(idle_s=0.1)
    pid = await child.call("pid")
    async with asyncio.timeout(10):
        while child.pid is not None:  # noqa: ASYNC110 (the child is watched from outside)
            await asyncio.sleep(0.02)
    assert not psutil.pid_exists(pid)
    assert await child.call("pid") != pid


async def test_closing_ends_the_child_and_a_later_call_starts_another(
    make_child: MakeChild,
) -> None:
    child = make_child()
    pid = await child.call("pid")
    await child.close()
    assert not psutil.pid_exists(pid)
    assert await child.call("pid") != pid


async def test_a_child_that_cannot_start_says_why(
    make_child: MakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "child_command", lambda role: ["./no-such-program"])
    with pytest.raises(ChildNotStarted, match="No such file"):
        await make_child().call("echo", value=1)
    command = [sys.executable, "-c", "raise SystemExit('not today')"]
    monkeypatch.setattr(process_module, "child_command", lambda role: command)
    with pytest.raises(ChildNotStarted, match="ended at once") as caught:
        await make_child().call("echo", value=1)
    assert caught.value.detail == "not today"
