"""What the editor offers at a place, and what it tells of what stands there."""

import pytest

from corral.modelfile.catalogue import INSTRUCTIONS, MESSAGE_ROLES, PARAMETERS
from corral.modelfile.completion import Completion, SuggestionKind, complete, spec_at

MODELS = ("smollm2:135m", "llama3.1:8b", "my/smol:latest")


def at(marked: str, **known: object) -> Completion | None:
    """Complete where "|" stands."""
    offset = marked.index("|")
    return complete(marked.replace("|", ""), offset, **known)  # type: ignore[arg-type]


def offered(marked: str, **known: object) -> list[str]:
    found = at(marked, **known)
    return [each.text for each in found.suggestions] if found else []


def taken(marked: str, number: int = 0, **known: object) -> str:
    """The text after a suggestion was taken."""
    found = at(marked, **known)
    assert found
    text = marked.replace("|", "")
    return text[: found.start] + found.suggestions[number].text + text[found.end :]


@pytest.mark.parametrize("text", ["|", "FROM x\n|", "FROM x\n  |\nSYSTEM a", "# a\r\n|"])
def test_at_the_start_of_a_line_all_instructions_are_offered_with_their_help(text: str) -> None:
    assert offered(text) == [f"{name} " for name in INSTRUCTIONS]
    found = at(text)
    assert found
    assert [each.spec for each in found.suggestions] == list(INSTRUCTIONS.values())


def test_what_was_typed_leaves_the_names_that_begin_so_and_then_those_that_have_it() -> None:
    assert offered("te|") == ["TEMPLATE "]
    assert offered("pa|") == ["PARSER ", "PARAMETER "]
    assert offered("er|") == ["ADAPTER ", "RENDERER ", "PARSER ", "PARAMETER "]
    assert offered("PARAMETER ctx|") == ["num_ctx "]
    assert offered("x|") == []
    assert offered("PARAMETER t|")[:4] == ["top_k ", "top_p ", "typical_p ", "temperature "]


def test_parameters_are_offered_with_their_entry_of_the_catalogue() -> None:
    found = at("FROM x\nparameter |")
    assert found
    assert [each.spec for each in found.suggestions] == list(PARAMETERS.values())
    assert {each.kind for each in found.suggestions} == {SuggestionKind.PARAMETER}
    assert offered("PARAMETER top-|") == ["top_k ", "top_p "]


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("FROM x\nsys|", "FROM x\nSYSTEM "),
        ("PARAMETER num_c|", "PARAMETER num_ctx "),
        ("PARAMETER te|mp 1", "PARAMETER temperature 1"),
        ("PARAMETER use_mmap f|", "PARAMETER use_mmap false"),
        ("PARAMETER top_k |", "PARAMETER top_k 40"),
        ("MESSAGE as|", "MESSAGE assistant "),
        ("FROM sm|ol\nSYSTEM a", "FROM smollm2:135m\nSYSTEM a"),
    ],
)
def test_a_suggestion_takes_the_place_of_the_word(marked: str, text: str) -> None:
    assert taken(marked, models=MODELS) == text


def test_the_roles_are_offered_behind_message() -> None:
    assert offered("MESSAGE |") == [f"{role} " for role in MESSAGE_ROLES]


def test_models_are_offered_behind_from_and_files_where_a_path_begins() -> None:
    asked = []

    def find_files(typed: str) -> list[str]:
        asked.append(typed)
        return ["./a.gguf"]

    known = {"models": MODELS, "find_files": find_files}
    assert offered("FROM |", **known) == list(MODELS)
    assert offered("from smol|", **known) == ["smollm2:135m", "my/smol:latest"]
    assert asked == []
    assert offered("FROM ./|", **known) == ["./a.gguf"]
    assert offered("ADAPTER |", **known) == ["./a.gguf"]
    assert asked == ["./", ""]
    assert offered("FROM ./|", models=MODELS) == []


@pytest.mark.parametrize(
    "marked",
    [
        'SYSTEM """\nPAR|\n"""',
        'SYSTEM "a\n|',
        "SYSTEM be |",
        "PARAMETER stop |",
        "PARAMETER nothing |",
        "MESSAGE user |",
        "# FR|",
        "PARAMETER main_gpu |",
    ],
)
def test_nothing_is_offered_where_anything_can_stand(marked: str) -> None:
    assert at(marked, models=MODELS) is None


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("FR|OM x", "FROM"),
        ("FROM x|", "FROM"),
        ('FROM x\nSYSTEM """\nBe| nice.\n"""\n', "SYSTEM"),
        ("FROM x\nPARA|METER top_k 4", "PARAMETER"),
        ("FROM x\nPARAMETER top|_k 4", "top_k"),
        ("FROM x\nPARAMETER top_k 4|", "top_k"),
        ("FROM x\nPARAMETER top_j| 4", ""),
        ("FROM x\n\n|", ""),
        ("BAD x|", ""),
    ],
)
def test_what_stands_at_a_place_is_told_from_the_catalogue(marked: str, name: str) -> None:
    text, offset = marked.replace("|", ""), marked.index("|")
    found = spec_at(text, offset)
    assert (found[0].name if found else "") == name
    if found:
        assert text[found[1] : found[2]].lower() == name.lower()
