from typing import Any

import pytest

from corral.prompt.history import shorter_histories, without_missing_answers
from corral.prompt.message import Message, Role
from helpers.vectors import vectors

VECTORS = vectors("chat_prompt")
# Messages with images come with another issue.
CASES = [
    case
    for case in VECTORS["cases"]
    if case["truncate"] and not any("images" in message for message in case["messages"])
]


def conversation(*words: str) -> list[Message]:
    roles = {"s": Role.SYSTEM, "u": Role.USER, "a": Role.ASSISTANT}
    return [Message(role=roles[word[0]], content=word) for word in words]


def shapes(*words: str) -> list[tuple[int, str]]:
    histories = shorter_histories(conversation(*words))
    return [(dropped, " ".join(item.content for item in kept)) for dropped, kept in histories]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_first_history_that_fits_is_the_one_that_ollama_takes(case: dict[str, Any]) -> None:
    messages = [
        Message(role=Role(item["role"]), content=item["content"]) for item in case["messages"]
    ]
    texts = [
        "".join(f"{item.content} " for item in kept) for _, kept in shorter_histories(messages)
    ]
    fitting = (text for text in texts if len(text.split()) <= case["num_ctx"])
    assert next(fitting, texts[-1]) == case["prompt"]


def test_the_cases_of_the_vectors_without_images_are_all_there() -> None:
    assert len(CASES) == 4


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
