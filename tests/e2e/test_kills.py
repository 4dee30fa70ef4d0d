"""What is on the screen is on the disk a second later: kills while answers stream."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corral.chats.store import BranchMessage, ConversationId, MessageState
from corral.places import find_places
from corral.workbench.workbench import Workbench, open_workbench
from helpers.desktop import ROOT, Program
from helpers.faulty import LONG_QUESTION, answer_streams, faulty
from helpers.models import smollm2_path

__all__ = ["faulty"]

CHILD = ROOT / "tests" / "e2e" / "streaming_child.py"
SEED = 20251122
KILLS, AT_ONCE = 18, 2
WINDOW_KILLS = 2
LONGEST_S = 3.0
LATE_S = 1.0
WITHOUT_END = -1


@dataclass
class Stream:
    """What a child told before it was killed."""

    question: str
    chat_id: ConversationId | None = None
    n_asked: int = 0
    pieces: list[tuple[float, str]] = field(default_factory=list)
    killed_at: float = 0.0

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces)

    def until(self, moment: float) -> str:
        return "".join(text for at, text in self.pieces if at <= moment)

    def lateness_s(self, stored: str) -> float:
        """How long before the kill the first piece came that is not stored."""
        length = 0
        for at, text in self.pieces:
            length += len(text)
            if length > len(stored):
                return self.killed_at - at
        return 0.0


async def start_child(home: Path, question: str, max_tokens: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        question,
        str(max_tokens),
        env={**os.environ, "CORRAL_HOME": str(home), "PYTHONPATH": str(ROOT / "app")},
        stdout=asyncio.subprocess.PIPE,
    )


async def listen(process: asyncio.subprocess.Process, stream: Stream, news: asyncio.Event) -> None:
    assert process.stdout
    async for line in process.stdout:
        told = json.loads(line)
        if "asked" in told:
            stream.chat_id = told["asked"]
            stream.n_asked += 1
        else:
            stream.pieces.append((told["at"], told["text"]))
            news.set()


async def stream_and_kill(home: Path, question: str, delay_s: float) -> Stream:
    """Kill a child some time after the first piece of its answer came."""
    stream, news = Stream(question=question), asyncio.Event()
    process = await start_child(home, question, WITHOUT_END)
    listening = asyncio.create_task(listen(process, stream, news))
    try:
        await asyncio.wait_for(news.wait(), 90)
        await asyncio.sleep(delay_s)
    finally:
        stream.killed_at = time.monotonic()
        with suppress(ProcessLookupError):  # told by its exit code below
            process.kill()
        await listening
        code = await process.wait()
    assert code == -signal.SIGKILL, "the answer ended before the kill"
    return stream


async def stored_branch(workbench: Workbench, stream: Stream) -> tuple[BranchMessage, ...]:
    assert stream.chat_id
    chat = await workbench.chats.get(stream.chat_id)
    return await workbench.chats.branch(chat.leaf_id)


async def lateness_after_restart(home: Path, stream: Stream) -> float:
    """Open the home again, look for question and answer, and return how late the disk was."""
    async with open_workbench(find_places({"CORRAL_HOME": str(home)})) as workbench:
        branch = [step.message for step in await stored_branch(workbench, stream)]
    questions, answers = branch[0::2], branch[1::2]
    assert len(questions) >= stream.n_asked > 0
    assert all(question.text == stream.question for question in questions)
    *earlier, last = (answer.state for answer in answers)
    assert set(earlier) <= {MessageState.DONE}
    # Done only where the kill came between an answer and the next question.
    assert last in {MessageState.INTERRUPTED, MessageState.DONE}
    text = "".join(answer.text for answer in answers)
    assert text.startswith(stream.until(stream.killed_at - LATE_S))
    assert stream.text.startswith(text) or text.startswith(stream.text)
    return stream.lateness_s(text)


async def kill_again_and_again(home: Path, delays_s: list[float]) -> list[tuple[Stream, float]]:
    """Kill one start after the other in the same home; nothing of the earlier ones is lost."""
    outcomes = []
    for number, delay_s in enumerate(delays_s):
        question = LONG_QUESTION.replace("#", str(number))
        stream = await stream_and_kill(home, question, delay_s)
        outcomes.append((stream, await lateness_after_restart(home, stream)))
    for stream, _ in outcomes:
        await lateness_after_restart(home, stream)
    return outcomes


async def answer_after_all(home: Path, stream: Stream) -> None:
    """The conversation that was cut off goes on with a whole answer."""
    process = await start_child(home, stream.question, 16)
    whole = Stream(question=stream.question)
    await listen(process, whole, asyncio.Event())
    assert await process.wait() == 0
    assert whole.chat_id == stream.chat_id
    async with open_workbench(find_places({"CORRAL_HOME": str(home)})) as workbench:
        branch = [step.message for step in await stored_branch(workbench, whole)]
    assert len(branch) > 2
    assert branch[-1].state is MessageState.DONE
    assert branch[-1].text == whole.text != ""


async def test_killed_while_streaming_all_but_the_last_second_is_there_after_the_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smollm2_path()  # skips where there is no starter model
    chance = random.Random(SEED)
    delays_s = [chance.uniform(0, LONGEST_S) for _ in range(KILLS)]
    homes = [tmp_path / f"home{number}" for number in range(AT_ONCE)]
    lists = [delays_s[number::AT_ONCE] for number in range(AT_ONCE)]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(kill_again_and_again(*task))
            for task in zip(homes, lists, strict=True)
        ]
    outcomes = [task.result() for task in tasks]
    async with asyncio.TaskGroup() as group:
        for home, done in zip(homes, outcomes, strict=True):
            group.create_task(answer_after_all(home, done[0][0]))
    streams = [outcome for done in outcomes for outcome in done]
    due = sum(bool(stream.until(stream.killed_at - LATE_S)) for stream, _ in streams)
    assert due >= KILLS / 3, "hardly any stream ran for more than a second: nothing was tested"
    with capsys.disabled():
        print(
            f"\n{len(streams)} kills while streaming, {sum(len(s.text) for s, _ in streams)} "
            f"characters; the disk was at most {max(late for _, late in streams):.2f} s late"
        )


def window_stream_and_kill(program: Program, delay_s: float) -> str:
    """Kill the window while it shows a growing answer; return what it had shown a second before."""
    seen: list[tuple[float, str]] = []
    answer_streams(program)
    kill_at = time.monotonic() + delay_s
    while time.monotonic() < kill_at:
        seen.append((time.monotonic(), program.ask("streamed")))
        time.sleep(0.05)
    killed_at = time.monotonic()
    program.process.kill()
    assert program.process.wait(30) == -signal.SIGKILL
    program.kill()  # only closes the pipes
    return max((text for at, text in seen if at <= killed_at - LATE_S - 0.05), key=len, default="")


def finds_question_and_answer(program: Program, shown: str) -> None:
    program.wait_for(
        "the question", lambda: any(LONG_QUESTION in words for words in program.messages())
    )
    program.wait_for("it says what happened", lambda: "interrupted" in program.answer())
    words = "".join(program.answer().split())
    assert "".join(shown.split()) in words


def test_the_window_is_killed_while_streaming_and_shows_it_all_again(
    faulty: Program,
) -> None:
    chance = random.Random(SEED)
    faulty.start()
    for number in range(WINDOW_KILLS):
        shown = window_stream_and_kill(faulty, chance.uniform(LATE_S + 0.3, LONGEST_S))
        assert shown
        faulty.start()
        finds_question_and_answer(faulty, shown)
        faulty.picture(f"killed-{number}")
        faulty.click(text="Allow it again")
    faulty.screen.key("ctrl+q")
    faulty.wait_end()
