"""Coloring: what the pieces of a Modelfile are, and that any text can be cut."""

import time

import pytest

from corral.modelfile.positions import Lines, Utf16Map
from corral.modelfile.tokens import TokenKind, tokenize

MARIO = '''# Mario
FROM llama3.1:8b
SYSTEM """
You are Mario.
"""
PARAMETER temprature 1
PARAMETER num_ctx 4096 # small
PARAMETER stop "<|eot_id|>"
PARAMETER stop 5
TEMPLATE """{{- range .Messages }}<|start|>{{ .Role }}
{{ unclosed <｜end｜>"""
FRM x
MESSAGE user Hi, it's-a me
PARAMETER num_ctx
'''


def pieces(text: str) -> list[tuple[str, str]]:
    return [
        (token.kind.value, text[token.start : token.end])
        for token in tokenize(text)
        if token.kind is not TokenKind.BLANK
    ]


def test_a_modelfile_is_cut_into_its_kinds() -> None:
    assert pieces(MARIO) == [
        ("comment", "# Mario"),
        ("instruction", "FROM"),
        ("text", "llama3.1:8b"),
        ("instruction", "SYSTEM"),
        ("quote", '"""'),
        ("text", "\nYou are Mario.\n"),
        ("quote", '"""'),
        ("instruction", "PARAMETER"),
        ("parameter_name", "temprature"),
        ("number", "1"),
        ("instruction", "PARAMETER"),
        ("parameter_name", "num_ctx"),
        ("string", "4096 # small"),
        ("instruction", "PARAMETER"),
        ("parameter_name", "stop"),
        ("quote", '"'),
        ("special_token", "<|eot_id|>"),
        ("quote", '"'),
        ("instruction", "PARAMETER"),
        ("parameter_name", "stop"),
        ("string", "5"),
        ("instruction", "TEMPLATE"),
        ("quote", '"""'),
        ("template_action", "{{- range .Messages }}"),
        ("special_token", "<|start|>"),
        ("template_action", "{{ .Role }}"),
        ("text", "\n{{ unclosed "),
        ("special_token", "<｜end｜>"),
        ("quote", '"""'),
        ("unknown", "FRM"),
        ("text", " x"),
        ("instruction", "MESSAGE"),
        ("role", "user"),
        ("text", "Hi, it's-a me"),
        ("instruction", "PARAMETER"),
        ("parameter_name", "num_ctx"),
    ]


def test_an_unclosed_quote_colors_everything_behind_it_as_its_text() -> None:
    assert pieces('SYSTEM "a\nFROM x')[-1] == ("text", "a\nFROM x")


def test_template_actions_are_colored_in_templates_only() -> None:
    assert pieces("SYSTEM {{ .x }}")[-1] == ("text", "{{ .x }}")


HOSTILE = {
    "opened actions": ("TEMPLATE ", "{{"),
    "opened special tokens": ("SYSTEM ", "<|a"),
    "lines in quotes": ('SYSTEM "', "a\t\n "),
    "quotes": ('SYSTEM """', '"\n'),
    "blanks": ("PARAMETER stop ", " "),
    "unprintable characters": ("", "\u200b"),
    "comments": ("", "#\n"),
    "bad lines": ("", "1\n"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_time_grows_with_the_length_and_not_faster(case: str) -> None:
    start, repeated = HOSTILE[case]

    def seconds(count: int) -> float:
        text, times = start + repeated * count, []
        for _ in range(5):
            began = time.process_time()
            tokenize(text)
            times.append(time.process_time() - began)
        return min(times)

    # Four times the text takes about four times as long; sixteen times would be quadratic.
    assert seconds(40_000) < 12 * seconds(10_000) + 0.02


@pytest.mark.parametrize("text", ["", "plain", "你好", "😀😀 FROM x", "a😀b\U0010ffff"])
def test_utf_16_positions_are_those_of_the_encoded_text(text: str) -> None:
    positions = Utf16Map(text)
    for offset in range(len(text) + 1):
        units = len(text[:offset].encode("utf-16-le")) // 2
        assert positions.to_utf16(offset) == units
        assert positions.from_utf16(units) == offset


def test_a_position_within_a_pair_is_that_of_its_character() -> None:
    assert Utf16Map("a😀b").from_utf16(2) == 1


def test_lines_are_counted_as_editors_count_them() -> None:
    lines = Lines("a\r\nb\rc\n\nd")
    shown = [(lines.place(offset).line, lines.place(offset).column) for offset in range(9)]
    assert shown == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (5, 1)]
    assert lines.start(4) == 3
