"""What a JSON schema becomes, and what is refused."""

import re

import pytest

from corral.engine.grammar.ranges import integer_range
from corral.engine.grammar.schema import REFUSED, json_grammar, schema_grammar
from corral.errors import UserError
from helpers.made_schemas import made_schema


def as_pattern(gbnf: str) -> re.Pattern[str]:
    """Turn GBNF of literals, digits and counts into a regular expression."""
    return re.compile(gbnf.replace('"', "").replace(" ", ""))


@pytest.mark.parametrize(
    ("least", "most"),
    [(0, 0), (0, 9), (3, 7), (7, 23), (-5, 5), (-120, -7), (99, 1001), (-1, 0), (250, 1999)],
)
def test_a_range_has_exactly_its_integers(least: int, most: int) -> None:
    body = integer_range(least, most)
    assert body
    pattern = as_pattern(body)
    fitting = [number for number in range(-2500, 2500) if pattern.fullmatch(str(number))]
    assert fitting == list(range(least, most + 1))


def test_a_range_without_numbers_is_none() -> None:
    assert integer_range(3, 2) is None


@pytest.mark.parametrize("seed", range(200))
def test_each_made_schema_becomes_a_grammar_that_passes_the_check(seed: int) -> None:
    assert schema_grammar(made_schema(seed)).startswith("root ::= ")


@pytest.mark.parametrize("word", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_place(word: str) -> None:
    schema = {"type": "object", "properties": {"a": {word: {"type": "string"}}}}
    with pytest.raises(UserError, match=re.escape(f"#/a it has '{word}'")):
        schema_grammar(schema)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "text"}, "has the type 'text'"),
        ({"$ref": "http://x/y"}, "which is elsewhere"),
        ({"$ref": "#/$defs/A"}, "which is not there"),
        ({"$defs": {"A": {"$ref": "#/$defs/A"}}, "allOf": [{"$ref": "#/$defs/A"}]}, "to itself"),
        ({"oneOf": [{"type": "number"}, {"type": "integer"}]}, "may both hold"),
        ({"type": "string", "format": "iri"}, "format 'iri'"),
        ({"type": "string", "minLength": 5, "maxLength": 4}, "5 to 4 characters"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "from 5 to 4"),
        ({"type": "number", "minimum": -1.5}, "no whole number"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "3 to 2 items"),
        ({"type": "object", "minProperties": 2}, "2 properties"),
        ({"enum": [1], "type": "string"}, "allows no value"),
        ({"properties": {}, "required": ["a"], "additionalProperties": False}, "requires 'a'"),
        (False, "allows nothing"),
        ({"allOf": [{"maxLength": 1}, {"maxLength": 2}]}, "says 'maxLength' twice"),
    ],
)
def test_a_schema_that_makes_no_sense_says_where(schema: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        schema_grammar(schema)


def test_a_schema_without_a_bottom_is_refused() -> None:
    deep: dict = {"type": "string"}
    for _ in range(100):
        deep = {"type": "array", "items": deep}
    with pytest.raises(UserError, match="levels deep"):
        schema_grammar(deep)


def test_a_schema_may_contain_itself() -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["children"],
    }
    assert schema_grammar(tree)


def test_any_object_has_a_grammar() -> None:
    assert "object ::=" in json_grammar()
