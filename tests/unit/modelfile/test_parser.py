"""Reading a Modelfile: places of errors, encodings, what the document comes to."""

import pytest

from corral.errors import Place, UserError
from corral.modelfile.parser import ModelfileError, decode, parse
from corral.prompt.message import Message, Role


def error_of(text: str) -> ModelfileError:
    with pytest.raises(ModelfileError) as caught:
        parse(text, source="Modelfile")
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("FROM x\r\n\r\n  BAD y\r\n", 3, 3),
        ("FROM x\n\n  BAD y\n", 3, 3),
        ("FROM x\r\r  BAD y\r", 3, 3),
        ("FROM\nfoo\n", 1, 1),
        ("FROM x\nMESSAGE badguy hi\n", 2, 9),
        ("FROM x\nPARAMETER num_ctx\n", 2, 11),
        ('FROM x\nSYSTEM "a\nb\nc', 2, 8),
        ("FROM x\n# 😀\nSYSTEM 😀\n\tBAD y", 4, 2),
        ("", 1, 1),
    ],
)
def test_an_error_tells_the_place_as_an_editor_counts_it(text: str, line: int, column: int) -> None:
    assert error_of(text).place == Place(line=line, column=column, source="Modelfile")


def test_an_error_says_ollamas_words_and_ollamas_own_line_is_kept_apart() -> None:
    error = error_of("FROM x\r\nMESSAGE badguy hi\r\n")
    assert error.summary == 'message role must be one of "system", "user", or "assistant"'
    assert error.ollama_text == f"(line 3): {error.summary}"


def test_a_command_tells_where_it_stands() -> None:
    text = 'FROM x\nSYSTEM """a\nb"""\n'
    command = parse(text).commands[1]
    assert text[slice(*command.span)] == 'SYSTEM """a\nb"""'
    assert command.place == Place(line=2, column=1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_the_encoding_that_its_mark_says(encoding: str) -> None:
    assert decode("SYSTEM 你好👋".encode(encoding)) == "SYSTEM 你好👋"


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert decode(b"a\xffb") == "a\ufffdb"
    assert decode(b"\xff\xfea\x00\x00") == "a\ufffd"


def test_a_quoted_value_keeps_characters_that_an_unquoted_one_loses() -> None:
    family = "👨\u200d👩\u200d👧"
    assert parse(f"FROM x\nSYSTEM {family}").system == "👨👩👧"
    assert parse(f'FROM x\nSYSTEM "{family}"').system == family


def test_lone_surrogates_never_get_into_a_value() -> None:
    assert (
        parse('FROM x\nSYSTEM "a\ud800b"\nTEMPLATE a\udfffb').commands[1:]
        == (parse("FROM x\nSYSTEM ab\nTEMPLATE ab").commands[1:])
    )


def test_a_document_gives_each_instruction_its_meaning() -> None:
    document = parse(
        "from base\nFROM ./mmproj.gguf\nADAPTER a.gguf\nLICENSE MIT\nLICENSE BSD\nSYSTEM one\n"
        "SYSTEM two\nTEMPLATE t\nDRAFT d\nRENDERER r\nPARSER p\nREQUIRES 0.14.0\n"
        "MESSAGE user a: b\nMESSAGE assistant \n"
    )
    assert document.from_ == "base"
    assert document.sources == ("base", "./mmproj.gguf")
    assert document.adapters == ("a.gguf",)
    assert document.licenses == ("MIT", "BSD")
    assert (document.system, document.template, document.draft) == ("two", "t", "d")
    assert (document.renderer, document.parser, document.requires) == ("r", "p", "0.14.0")
    assert document.messages == (
        Message(role=Role.USER, content="a: b"),
        Message(role=Role.ASSISTANT, content=""),
    )


def test_what_is_not_given_is_none_and_an_empty_text_is_not_none() -> None:
    document = parse('FROM x\nSYSTEM ""\n')
    assert document.system == ""
    assert document.template is None
    assert document.parameters == {}


def test_the_last_scalar_counts_stops_collect_and_deprecated_ones_fall_out() -> None:
    document = parse(
        "FROM x\nPARAMETER stop a\nPARAMETER top_k 1\nPARAMETER mirostat 1\n"
        "PARAMETER temperature 0.7\nPARAMETER stop b\nPARAMETER top_k 2\nPARAMETER use_mmap F\n"
    )
    assert document.parameters == {
        "stop": ("a", "b"),
        "top_k": 2,
        "temperature": 0.7,
        "use_mmap": False,
    }


@pytest.mark.parametrize(
    ("line", "summary", "hint"),
    [
        ("PARAMETER temprature 1", "unknown parameter 'temprature'", "Did you mean 'temperature'?"),
        ("PARAMETER tfs_z 1", "unknown parameter 'tfs_z'", ""),
        ("PARAMETER top_k 4.5", "invalid int value [4.5]", "'top_k' is a whole number such as 40."),
        ("PARAMETER top_p 0.9 # x", "invalid float value [0.9 # x]", "'top_p' is a number"),
        ("PARAMETER use_mmap yes", "invalid bool value [yes]", "'use_mmap' is true or false."),
        ("PARAMETER mirostat_eta_x 1", "unknown parameter 'mirostat_eta_x'", ""),
    ],
)
def test_a_wrong_parameter_is_named_with_its_place(line: str, summary: str, hint: str) -> None:
    document = parse(f"FROM x\n{line}\n")
    with pytest.raises(UserError) as caught:
        _ = document.parameters
    assert caught.value.summary == summary
    assert caught.value.hint.startswith(hint)
    assert caught.value.place == Place(line=2, column=1)


def test_a_parameter_called_message_is_refused_when_the_messages_are_asked_for() -> None:
    with pytest.raises(UserError, match="unknown parameter 'message'"):
        _ = parse("FROM x\nPARAMETER message hi").messages
