import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from corral.chats.store import ChatStore, MessageState, TextPart
from corral.prompt.message import Role

WRITER = """
import asyncio, sys
from pathlib import Path
from corral.chats.store import ChatStore, MessageState, TextPart
from corral.prompt.message import Role

async def write():
    store = ChatStore(Path(sys.argv[1]))
    conversation = await store.create_conversation("m")
    question = await store.add_message(conversation.id, None, Role.USER, (TextPart(text="Count"),))
    reply = await store.add_message(
        conversation.id, question.id, Role.ASSISTANT, state=MessageState.STREAMING
    )
    text = ""
    for number in range(int(sys.argv[2])):
        text += f"{number} "
        await store.update_message(reply.id, parts=(TextPart(text=text),))
        print(number, flush=True)
    await store.update_message(reply.id, state=MessageState.DONE)
    store.close()

asyncio.run(write())
"""


def start_writer(path: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)], stdout=subprocess.PIPE, text=True
    )


def read_until(writer: subprocess.Popen[str], number: int) -> None:
    assert writer.stdout
    for line in writer.stdout:
        if int(line) >= number:
            return
    raise AssertionError("the writer ended too soon")


async def last_message(store: ChatStore) -> tuple[MessageState, str]:
    (conversation,) = await store.list_conversations()
    branch = await store.branch(conversation.leaf_id)
    assert branch[0].message.text == "Count"
    return branch[-1].message.state, branch[-1].message.text


async def test_a_killed_writer_leaves_its_text_marked_as_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with start_writer(path, 10**9) as writer:
        read_until(writer, 20)
        writer.send_signal(signal.SIGKILL)
    store = ChatStore(path)
    state, text = await last_message(store)
    store.close()
    assert state is MessageState.INTERRUPTED
    numbers = [int(word) for word in text.split()]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 21


async def test_a_killed_writer_that_nobody_waited_for_counts_as_dead(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with start_writer(path, 10**9) as writer:
        read_until(writer, 0)
        os.kill(writer.pid, signal.SIGKILL)
        os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 (dead, and still a zombie)
        store = ChatStore(path)
        state, _ = await last_message(store)
        store.close()
    assert state is MessageState.INTERRUPTED


async def test_an_answer_that_another_process_still_writes_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with start_writer(path, 10**9) as writer:
        read_until(writer, 0)
        store = ChatStore(path)
        state, _ = await last_message(store)
        writer.kill()
    store.close()
    assert state is MessageState.STREAMING


async def test_a_pid_that_was_given_to_a_younger_process_does_not_keep_an_answer_open(
    tmp_path: Path,
) -> None:
    path = tmp_path / "chats.db"
    store = ChatStore(path)
    conversation = await store.create_conversation("m")
    reply = await store.add_message(
        conversation.id, None, Role.ASSISTANT, state=MessageState.STREAMING
    )
    store._database.run_now(
        lambda connection: connection.execute("UPDATE message SET created_at = created_at - 86400")
    )
    store.close()
    store = ChatStore(path)
    assert ((await store.branch(reply.id))[-1].message).state is MessageState.INTERRUPTED
    store.close()


async def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with start_writer(path, 500) as writer:
        read_until(writer, 0)
        store = ChatStore(path)
        mine = await store.create_conversation("m")
        parent = None
        for number in range(200):
            text = (TextPart(text=str(number)),)
            parent = (await store.add_message(mine.id, parent, Role.USER, text)).id
            await store.set_leaf(mine.id, parent)  # reads, then writes
        await asyncio.to_thread(writer.communicate, timeout=60)
    assert writer.returncode == 0
    by_title = {c.title: c for c in await store.list_conversations()}
    branch = await store.branch(by_title["0"].leaf_id)
    assert [entry.message.text for entry in branch] == [str(number) for number in range(200)]
    theirs = await store.branch(by_title["Count"].leaf_id)
    store.close()
    assert theirs[-1].message.state is MessageState.DONE
    assert len(theirs[-1].message.text.split()) == 500
