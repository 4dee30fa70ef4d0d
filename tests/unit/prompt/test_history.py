from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.prompt.conversation import Conversation, conversation_from_json
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.history import (
    IMAGE_TOKENS,
    HistorySearch,
    shorter_histories,
    with_image_tags,
    without_missing_answers,
)
from corral.prompt.message import Message, Role
from helpers.vectors import vectors

VECTORS = vectors("chat_prompt")
TEMPLATE = GoTemplate(VECTORS["template"])


@pytest.fixture(scope="module", autouse=True)
def counts() -> None:
    sizes = {key: len(value) for key, value in VECTORS.items() if isinstance(value, list)}
    print(f"\nchat_prompt: {sizes}")


def messages_of(case: dict[str, Any]) -> tuple[Message, ...]:
    return conversation_from_json({"messages": case["messages"]}).messages


def rendered(messages: tuple[Message, ...]) -> str:
    return TEMPLATE.render(Conversation(messages=with_image_tags(messages)))


def fitted(messages: tuple[Message, ...], n_ctx: int) -> tuple[tuple[Message, ...], int]:
    """The longest history that fits, counted in words as the cases do, and how many were tried."""
    search = HistorySearch(messages)
    tries, last = 0, messages
    while history := search.candidate:
        tries, last = tries + 1, history.messages
        needed = len(rendered(last).split()) + IMAGE_TOKENS * sum(
            message.images for message in last
        )
        search.tell(fits=needed <= n_ctx)
    return (search.found.messages if search.found else last), tries


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_history_that_fits_is_the_one_that_ollama_takes(case: dict[str, Any]) -> None:
    messages = messages_of(case)
    if case["truncate"]:
        messages, _ = fitted(messages, case["num_ctx"])
    assert rendered(messages) == case["prompt"]
    assert sum(message.images for message in messages) == len(case["images"])


@pytest.mark.parametrize("case", VECTORS["tokenize_calls"], ids=lambda case: case["name"])
def test_few_histories_are_counted(case: dict[str, Any]) -> None:
    _, tries = fitted(messages_of(case), case["num_ctx"])
    assert tries <= case["max_tokenize_calls"]


def conversation(*words: str) -> list[Message]:
    roles = {"s": Role.SYSTEM, "u": Role.USER, "a": Role.ASSISTANT, "t": Role.TOOL}
    return [Message(role=roles[word[0]], content=word) for word in words]


def shapes(*words: str) -> list[tuple[int, str]]:
    histories = shorter_histories(conversation(*words))
    return [(item.dropped, " ".join(one.content for one in item.messages)) for item in histories]


def test_the_whole_history_comes_first_and_the_last_message_alone_last() -> None:
    assert shapes("u1", "a1", "u2", "a2", "u3") == [
        (0, "u1 a1 u2 a2 u3"),
        (2, "u2 a2 u3"),
        (4, "u3"),
    ]


def test_system_messages_stay_wherever_they_stand() -> None:
    assert shapes("s1", "u1", "a1", "s2", "u2") == [(0, "s1 u1 a1 s2 u2"), (2, "s1 s2 u2")]


def test_no_shorter_history_begins_with_an_answer_except_one_that_is_to_be_continued() -> None:
    assert shapes("u1", "s1", "a1", "u2") == [(0, "u1 s1 a1 u2"), (2, "s1 u2")]
    assert shapes("u1", "a1") == [(0, "u1 a1"), (1, "a1")]


def test_a_result_of_a_tool_never_loses_its_call() -> None:
    assert shapes("u1", "a1", "t1", "t2", "a2", "u2") == [(0, "u1 a1 t1 t2 a2 u2"), (5, "u2")]


@given(length=st.integers(1, 40), n_fitting=st.integers(0, 40))
def test_the_search_finds_the_first_that_fits(length: int, n_fitting: int) -> None:
    words = [f"{'ua'[number % 2]}{number}" for number in range(length)]
    search = HistorySearch(conversation(*words))
    while history := search.candidate:
        search.tell(fits=len(history.messages) <= n_fitting)
    histories = shorter_histories(conversation(*words))
    assert search.found == next((h for h in histories if len(h.messages) <= n_fitting), None)


@pytest.mark.parametrize("words", [(), ("u1",), ("s1", "u1")])
def test_a_history_that_cannot_be_shortened_comes_once(words: tuple[str, ...]) -> None:
    assert shapes(*words) == [(0, " ".join(words))]


def test_questions_around_an_answer_that_never_came_are_one_message() -> None:
    missing = Message(role=Role.ASSISTANT, content=" ")
    first, second, third = conversation("u1", "u2", "u3")
    assert without_missing_answers([first, missing, second, missing, third]) == (
        Message(role=Role.USER, content="u1\n\nu2\n\nu3"),
    )


@pytest.mark.parametrize("words", ["s u1 a1 u2", "u1 u2", "a1 u1", "s"])
def test_a_conversation_without_missing_answers_stays_as_it_is(words: str) -> None:
    messages = conversation(*words.split())
    assert without_missing_answers(messages) == tuple(messages)
