"""What can be written at a place of a Modelfile, and what is known of what stands there."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from corral.modelfile.catalogue import (
    INSTRUCTIONS,
    MESSAGE_ROLES,
    PARAMETERS,
    TRUTHS,
    InstructionSpec,
    ParameterSpec,
    ParameterType,
)
from corral.modelfile.positions import Lines
from corral.modelfile.scanner import Statement, end_of_line, scan
from corral.modelfile.values import format_value

Spec = InstructionSpec | ParameterSpec
# Paths that go on from what was typed, folders with a separator at the end.
FindFiles = Callable[[str], Iterable[str]]

MOST_SUGGESTIONS = 200
_INSTRUCTION = re.compile(r"[ \t]*(?P<word>[A-Za-z]*)")
_NAME = re.compile(r"[ \t]*PARAMETER[ \t](?P<word>[A-Za-z0-9_-]*)", re.IGNORECASE)
_VALUE = re.compile(
    r"[ \t]*PARAMETER[ \t](?P<name>[A-Za-z0-9_]+)[ \t]+(?P<word>[^ \t\"]*)", re.IGNORECASE
)
_ROLE = re.compile(r"[ \t]*MESSAGE[ \t](?P<word>[A-Za-z]*)", re.IGNORECASE)
_SOURCE = re.compile(
    r"[ \t]*(?P<instruction>FROM|ADAPTER|DRAFT)[ \t]+(?P<word>[^\"]*)", re.IGNORECASE
)
_LOCAL = re.compile(r"[./~\\]|[A-Za-z]:[\\/]")
_WORD_END = re.compile(r"[A-Za-z0-9_]*")


class SuggestionKind(StrEnum):
    """What is suggested."""

    INSTRUCTION = "instruction"
    PARAMETER = "parameter"
    VALUE = "value"
    ROLE = "role"
    MODEL = "model"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One text that can stand at the place.

    Attributes:
        text: The text; a blank at its end is to be written too.
        kind: What it is.
        spec: What the catalogue says of it, None where it says nothing.
    """

    text: str
    kind: SuggestionKind
    spec: Spec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What can stand at a place.

    Attributes:
        start: First character that a suggestion replaces.
        end: Behind the last one.
        suggestions: The likeliest first.
    """

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]


def complete(
    text: str, offset: int, *, models: Iterable[str] = (), find_files: FindFiles | None = None
) -> Completion | None:
    """Return what can be written at a place, None where anything can.

    Args:
        text: The Modelfile.
        offset: The place; what stands on its line before it decides.
        models: Names of the models that can be built on.
        find_files: Looks for files; None for none.
    """
    line_start = Lines(text).start(offset)
    if any(each.start < line_start and offset <= each.end for each in scan(text)):
        return None  # within a value of several lines
    line = text[line_start:offset]
    for pattern, suggest in (
        (_INSTRUCTION, _instructions),
        (_NAME, _parameters),
        (_VALUE, _values),
        (_ROLE, _roles),
    ):
        if match := pattern.fullmatch(line):
            return _completion(text, line_start, match, suggest(match))
    if match := _SOURCE.fullmatch(line):
        return _completion(text, line_start, match, _sources(match, models, find_files), ends=True)
    return None


def spec_at(text: str, offset: int) -> tuple[Spec, int, int] | None:
    """Return what the catalogue says of the instruction or parameter at a place, and its span."""
    for statement in scan(text):
        if statement.start <= offset <= max(statement.end, statement.name_end):
            return _spec(statement, offset)
    return None


def _spec(statement: Statement, offset: int) -> tuple[Spec, int, int] | None:
    if statement.keyword == "parameter" and offset > statement.keyword_end:
        parameter = PARAMETERS.get(statement.name)
        return (parameter, statement.name_start, statement.name_end) if parameter else None
    instruction = INSTRUCTIONS.get(statement.keyword.upper())
    return (instruction, statement.start, statement.keyword_end) if instruction else None


def _completion(
    text: str,
    line_start: int,
    match: re.Match[str],
    suggestions: Iterable[Suggestion],
    *,
    ends: bool = False,
) -> Completion | None:
    found = tuple(suggestions)[:MOST_SUGGESTIONS]
    start, end = line_start + match.start("word"), line_start + match.end("word")
    if ends:
        end = end_of_line(text, end)
    elif rest := _WORD_END.match(text, end):
        end = rest.end()
        found = tuple(_without_second_blank(text, end, each) for each in found)
    return Completion(start=start, end=end, suggestions=found) if found else None


def _without_second_blank(text: str, end: int, suggestion: Suggestion) -> Suggestion:
    if text[end : end + 1] not in (" ", "\t"):
        return suggestion
    return Suggestion(text=suggestion.text.rstrip(" "), kind=suggestion.kind, spec=suggestion.spec)


def _matching(word: str, names: Iterable[str]) -> list[str]:
    """Return the names that begin with a word; those that have it elsewhere if none begins so."""
    low, known = word.lower(), list(names)
    return [name for name in known if name.lower().startswith(low)] or [
        name for name in known if low in name.lower()
    ]


def _instructions(match: re.Match[str]) -> Iterator[Suggestion]:
    for name in _matching(match["word"], INSTRUCTIONS):
        spec = INSTRUCTIONS[name]
        yield Suggestion(text=f"{name} ", kind=SuggestionKind.INSTRUCTION, spec=spec)


def _parameters(match: re.Match[str]) -> Iterator[Suggestion]:
    for name in _matching(match["word"].replace("-", "_"), PARAMETERS):
        spec = PARAMETERS[name]
        yield Suggestion(text=f"{name} ", kind=SuggestionKind.PARAMETER, spec=spec)


def _values(match: re.Match[str]) -> Iterator[Suggestion]:
    spec = PARAMETERS.get(match["name"])
    if spec is None or spec.type is ParameterType.STRINGS:
        return
    if spec.type is ParameterType.BOOLEAN:
        values: tuple[str, ...] = TRUTHS
    else:
        values = () if spec.default is None else format_value(spec.default)
    for value in values:
        if value.startswith(match["word"]):
            yield Suggestion(text=value, kind=SuggestionKind.VALUE, spec=spec)


def _roles(match: re.Match[str]) -> Iterator[Suggestion]:
    for role in _matching(match["word"], MESSAGE_ROLES):
        yield Suggestion(text=f"{role} ", kind=SuggestionKind.ROLE)


def _sources(
    match: re.Match[str], models: Iterable[str], find_files: FindFiles | None
) -> Iterator[Suggestion]:
    word = match["word"]
    is_from = match["instruction"].upper() == "FROM"
    if find_files and (_LOCAL.match(word) or not is_from):
        for path in find_files(word):
            yield Suggestion(text=path, kind=SuggestionKind.FILE)
    if is_from and not _LOCAL.match(word):
        low, known = word.lower(), list(models)
        known.sort(key=lambda name: not name.lower().startswith(low))
        for name in known:
            if low in name.lower():
                yield Suggestion(text=name, kind=SuggestionKind.MODEL)
