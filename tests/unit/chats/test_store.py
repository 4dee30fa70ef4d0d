import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from corral.chats.attachment import attach
from corral.chats.store import (
    ChatStore,
    Conversation,
    MessageState,
    StoredMessage,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from corral.errors import ExternalError, UserError
from corral.events import FinishReason, Usage
from corral.prompt.message import Role
from helpers.pictures import png_bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "chats.db"


@pytest.fixture
def store(path: Path) -> Iterator[ChatStore]:
    store = ChatStore(path)
    yield store
    store.close()


async def ask(
    store: ChatStore, conversation: Conversation, text: str, after: StoredMessage | None = None
) -> StoredMessage:
    parts = (TextPart(text=text),)
    parent_id = after.id if after else None
    return await store.add_message(conversation.id, parent_id, Role.USER, parts)


async def answer(
    store: ChatStore, conversation: Conversation, text: str, after: StoredMessage
) -> StoredMessage:
    parts = (TextPart(text=text),)
    return await store.add_message(conversation.id, after.id, Role.ASSISTANT, parts, model="m")


async def shown(store: ChatStore, conversation: Conversation) -> list[str]:
    branch = await store.branch((await store.get(conversation.id)).leaf_id)
    return [entry.message.text for entry in branch]


async def titles(store: ChatStore, search: str = "") -> list[str]:
    return [conversation.title for conversation in await store.list_conversations(search)]


async def test_a_new_conversation_is_what_was_asked_for(store: ChatStore) -> None:
    parameters = {"temperature": 1.0, "num_ctx": 4096, "penalize_newline": True, "stop": ("a", "b")}
    made = await store.create_conversation("m:1", system="Be brief.", parameters=parameters)
    assert made == await store.get(made.id)
    assert (made.model, made.system, made.title, made.leaf_id) == ("m:1", "Be brief.", "", None)
    assert made.parameters == parameters
    assert [type(value) for value in made.parameters.values()] == [float, int, bool, tuple]
    assert await store.branch(made.leaf_id) == ()


async def test_a_reopened_file_shows_everything_again(path: Path) -> None:
    usage = Usage(prompt_tokens=7, generated_tokens=3, generation_s=0.5)
    store = ChatStore(path)
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "Why?")
    reply = await store.add_message(
        conversation.id, question.id, Role.ASSISTANT, model="m", state=MessageState.STREAMING
    )
    await store.update_message(
        reply.id,
        parts=(
            ThinkingPart(text="Hm."),
            TextPart(text="So."),
            ToolCallPart(name="add", text='{"a": 1}'),
            ToolCallPart(name="", text="{", problem="It has no end."),
        ),
        state=MessageState.DONE,
        finish_reason=FinishReason.LENGTH,
        usage=usage,
        ledger='{"planned":1}',
        dropped_messages=2,
    )
    await store.set_draft(conversation.id, "and then")
    before = await store.get(conversation.id), await store.branch(reply.id)
    store.close()

    store = ChatStore(path)
    assert (await store.get(conversation.id), await store.branch(reply.id)) == before
    again = (await store.branch(reply.id))[-1].message
    store.close()
    assert (again.text, again.thinking, again.usage) == ("So.", "Hm.", usage)
    assert (again.state, again.finish_reason) == (MessageState.DONE, FinishReason.LENGTH)
    assert (again.ledger, again.dropped_messages, again.error) == ('{"planned":1}', 2, None)
    assert before[0].draft == "and then"
    assert before[0].n_messages == 2


async def test_a_change_leaves_the_rest_of_the_message(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "Why?")
    reply = await answer(store, conversation, "So.", question)
    await store.update_message(reply.id, state=MessageState.FAILED, error="no memory")
    again = (await store.branch(reply.id))[-1].message
    assert (again.text, again.state, again.error) == ("So.", MessageState.FAILED, "no memory")


async def test_a_second_answer_is_a_sibling_and_is_shown(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "Q")
    first = await answer(store, conversation, "A1", question)
    follow_up = await ask(store, conversation, "Q2", first)
    second = await answer(store, conversation, "A2", question)
    assert await shown(store, conversation) == ["Q", "A2"]

    branch = await store.branch(second.id)
    assert branch[1].sibling_ids == (first.id, second.id)
    assert (branch[1].index, branch[1].count) == (1, 2)
    assert (branch[0].index, branch[0].count) == (0, 1)

    back = await store.set_leaf(conversation.id, first.id)
    assert back.leaf_id == follow_up.id
    assert await shown(store, conversation) == ["Q", "A1", "Q2"]


async def test_an_edited_first_question_is_a_sibling_of_the_first_of_this_conversation_only(
    store: ChatStore,
) -> None:
    other = await store.create_conversation("m")
    await ask(store, other, "elsewhere")
    conversation = await store.create_conversation("m")
    first = await ask(store, conversation, "Q")
    edited = await ask(store, conversation, "Q, better")
    (entry,) = await store.branch(edited.id)
    assert entry.sibling_ids == (first.id, edited.id)


async def test_going_back_follows_the_newest_way(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "Q")
    first = await answer(store, conversation, "A1", question)
    await ask(store, conversation, "old", first)
    newest = await ask(store, conversation, "new", first)
    await answer(store, conversation, "A2", question)
    assert (await store.set_leaf(conversation.id, first.id)).leaf_id == newest.id


async def test_the_first_question_gives_the_title(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "  Why is\nthe sky blue? " + "And more " * 20)
    await ask(store, conversation, "Another one", question)
    (title,) = await titles(store)
    assert title.startswith("Why is the sky blue? And more")
    assert title.endswith("…")
    assert len(title) <= 60


async def test_a_given_title_stays(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    await store.rename(conversation.id, " Colours\nof the sky ")
    await ask(store, conversation, "Why?")
    assert await titles(store) == ["Colours of the sky"]
    with pytest.raises(UserError, match="empty title"):
        await store.rename(conversation.id, " ")


async def test_the_last_used_conversation_comes_first(store: ChatStore) -> None:
    old, new = [await store.create_conversation("m", system=name) for name in "ab"]
    assert [c.id for c in await store.list_conversations()] == [new.id, old.id]
    await store.set_draft(old.id, "typing does not move it")
    assert [c.id for c in await store.list_conversations()] == [new.id, old.id]
    await ask(store, old, "this does")
    assert [c.id for c in await store.list_conversations()] == [old.id, new.id]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", True),
        ("SKY", True),
        ("rayleigh", True),
        ("ÜBER", True),
        ("量子", True),
        ("100%", True),
        ("100_", False),
        ("kind", False),  # a word of the storage, not of the text
        ("ground", False),
    ],
)
async def test_the_search_reads_titles_and_texts(
    store: ChatStore, search: str, *, found: bool
) -> None:
    conversation = await store.create_conversation("m")
    question = await ask(store, conversation, "The sky?")
    await answer(store, conversation, "Rayleigh, über alles; 量子力学, 100%", question)
    assert (await titles(store, search) == ["The sky?"]) is found


async def test_settings_of_a_conversation_can_be_changed_and_reset(store: ChatStore) -> None:
    conversation = await store.create_conversation("m", system="x", parameters={"seed": 1})
    await store.set_model(conversation.id, "other")
    await store.set_system(conversation.id, None)
    await store.set_parameters(conversation.id, {})
    changed = await store.get(conversation.id)
    assert (changed.model, changed.system, changed.parameters) == ("other", None, {})


async def test_a_deleted_conversation_can_be_brought_back(store: ChatStore) -> None:
    conversation = await store.create_conversation("m")
    await ask(store, conversation, "Q")
    await store.delete(conversation.id)
    assert await titles(store) == []
    with pytest.raises(UserError, match="deleted"):
        await store.get(conversation.id)
    assert (await store.undelete(conversation.id)).title == "Q"
    assert await shown(store, conversation) == ["Q"]


async def test_what_was_deleted_a_week_ago_is_removed_at_the_next_opening(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ChatStore(path)
    gone, kept = [await store.create_conversation("m") for _ in range(2)]
    message = None
    for number in range(1200):  # longer than SQLite follows one row to the next
        message = await ask(store, gone, str(number), message)
    picture = attach("cat.png", png_bytes(4, 4))
    for chat in (gone, kept):
        await store.add_message(chat.id, None, Role.USER, attachments=(picture,))
    await store.delete(gone.id)
    await store.delete(kept.id)
    store._database.run_now(
        lambda connection: connection.execute(
            "UPDATE conversation SET deleted_at = deleted_at - 8 * 24 * 3600 WHERE id = ?",
            (gone.id,),
        )
    )
    store.close()

    store = ChatStore(path)
    with pytest.raises(UserError):
        await store.undelete(gone.id)
    assert message
    assert await store.branch(message.id) == ()
    assert (await store.undelete(kept.id)).id == kept.id
    assert await store.attached(gone.id, [picture.digest]) == {}
    assert await store.attached(kept.id, [picture.digest]) == {picture.digest: picture.data}
    store.close()


async def test_text_that_is_not_unicode_is_stored_all_the_same(store: ChatStore) -> None:
    conversation = await store.create_conversation("m", system="\ud800")
    await ask(store, conversation, "half \udc00 a pair, \ud83d\ude00, \x00")
    await store.set_draft(conversation.id, "\ud800")
    assert await shown(store, conversation) == ["half \ufffd a pair, 😀, \x00"]
    assert await titles(store, "half") == ["half \ufffd a pair, 😀, \x00"]


async def test_only_the_owner_can_read_the_files(path: Path, store: ChatStore) -> None:
    await store.create_conversation("m")
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_file_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, " * 100)
    with pytest.raises(ExternalError, match=r"chats\.db"):
        ChatStore(path)
