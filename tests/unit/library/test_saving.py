from pathlib import Path

import pytest

from corral.errors import UserError
from corral.library.library import Library
from corral.library.model import StoredModel
from corral.modelfile.parser import parse
from corral.prompt.message import Message, Role
from helpers.vectors import vectors

HELLO = (
    Message(role=Role.USER, content="hello there!"),
    Message(role=Role.ASSISTANT, content="hello to you!"),
)


@pytest.fixture
def base(library: Library, gguf: Path) -> StoredModel:
    library.import_file(gguf, "parent")
    return library.create(
        "bot",
        parse("FROM parent\nSYSTEM Be kind.\nPARAMETER top_k 10\nMESSAGE assistant Welcome"),
    )


def test_a_saved_conversation_answers_with_its_history(library: Library, base: StoredModel) -> None:
    saved = library.save_conversation("kept", base, None, {"temperature": 0.2}, HELLO)
    assert saved.messages == (*base.messages, *HELLO)
    assert saved.parameters == {"top_k": 10, "temperature": 0.2}
    assert saved.system == "Be kind."
    assert saved.weights == base.weights
    assert saved.parent_name == "parent:latest"


def test_the_text_of_the_conversation_takes_the_place_of_the_models(
    library: Library, base: StoredModel
) -> None:
    assert library.save_conversation("a", base, "Be rude.", {}, HELLO).system == "Be rude."
    assert library.save_conversation("b", base, "", {}, HELLO).system is None


def test_messages_and_parameters_are_those_that_ollama_saves(library: Library, gguf: Path) -> None:
    library.import_file(gguf, "mymodel")
    for case in vectors("misc")["save_session"]:
        session, request = case["session"], case["create_request"]
        loaded = "".join(
            f"MESSAGE {each['role']} {each['content']}\n" for each in session["loaded_messages"]
        )
        base = library.create("loaded", parse(f"FROM mymodel\n{loaded}"))
        messages = [
            Message(role=Role(each["role"]), content=each["content"])
            for each in session["messages"]
        ]
        saved = library.save_conversation(
            case["save_as"], base, session["system"] or None, session["options"], messages
        )
        assert [{"role": each.role, "content": each.content} for each in saved.messages] == (
            request.get("messages", [])
        ), case["name"]
        assert saved.system == request.get("system")
        assert saved.parameters == request.get("parameters", {})


def test_a_conversation_can_be_saved_over_its_own_model(
    library: Library, base: StoredModel
) -> None:
    saved = library.save_conversation("bot", base, None, {}, HELLO)
    assert saved.name == base.name
    assert saved.parent_name == "parent:latest"
    assert [entry.name for entry in library.trash()] == ["bot:latest"]


def test_a_model_that_is_gone_cannot_be_saved_from(library: Library, base: StoredModel) -> None:
    library.remove("bot")
    with pytest.raises(UserError, match="not found"):
        library.save_conversation("kept", base, None, {}, HELLO)
