"""Modelfiles of every kind: reading never breaks, and reading follows Ollama's rules."""

from hypothesis import given
from hypothesis import strategies as st

from corral.modelfile.completion import complete, spec_at
from corral.modelfile.hint import Severity
from corral.modelfile.hints import hints
from corral.modelfile.parser import ModelfileError, parse
from corral.modelfile.tokens import tokenize
from helpers.slow_modelfile import RefusedError, SlowReader

FRAGMENTS = (
    "FROM", "from", "PARAMETER", "MESSAGE", "SYSTEM", "TEMPLATE", "BAD", "user", "tool", "stop",
    "top_k", "top-k", "1", "#", '"', '"""', '""', " ", "  ", "\t", "\n", "\r", "\r\n", "x", "{{",
    "}}", "<|a|>", "é", "👋", ":", "_",
)  # fmt: skip
ODD = ("\u00a0", "\u3000", "\u200d", "\ufeff", "\x00", "\ud800")

modelfiles = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)
odd_modelfiles = st.lists(st.sampled_from(FRAGMENTS + ODD), max_size=25).map("".join)


@given(modelfiles)
def test_reading_follows_the_rules_character_by_character(text: str) -> None:
    try:
        expected: object = SlowReader(text).read()
    except RefusedError as refused:
        expected = str(refused)
    try:
        read: object = [(each.name, each.args) for each in parse(text).commands]
    except ModelfileError as error:
        read = error.kind.value
    assert read == expected


@given(odd_modelfiles | st.text())
def test_tokens_cover_any_text_without_gap_or_overlap(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert all(token.start < token.end for token in tokens)


@given(odd_modelfiles, st.data())
def test_suggestions_and_what_is_known_lie_in_the_text(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    found = complete(text, offset, models=("a:b", "c"), find_files=lambda typed: [typed + "/"])
    if found:
        assert 0 <= found.start <= offset <= found.end <= len(text)
        assert found.suggestions
    if spec := spec_at(text, offset):
        word = text[spec[1] : spec[2]].lstrip("\ufeff").strip()  # Go's blanks count as Python's
        assert word.lower() == spec[0].name.lower()


@given(odd_modelfiles)
def test_hints_point_into_the_text_and_name_what_ollama_refuses(text: str) -> None:
    found = hints(text)
    for hint in found:
        assert 0 <= hint.start <= hint.end <= len(text)
        if hint.fix:
            assert 0 <= hint.fix.start <= hint.fix.end <= len(text)
            assert hint.fix.apply(text) != text
    try:
        parse(text)
        is_refused = False
    except ModelfileError:
        is_refused = True
    assert not is_refused or Severity.ERROR in [hint.severity for hint in found]
