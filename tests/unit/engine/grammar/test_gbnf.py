"""GBNF is looked at before llama.cpp sees it."""

import pytest

from corral.engine.grammar.gbnf import MOST_CHARACTERS, check_gbnf
from corral.engine.grammar.schema import json_grammar
from corral.errors import UserError


@pytest.mark.parametrize(
    "text",
    [
        'root ::= "a"',
        'root ::= (word " "){2,} # words\nword ::= [a-z\\]\\x41]+ | "\\"" .',
        'root ::= a-b?\na-b ::= "x"{3}',
        json_grammar(),
    ],
)
def test_good_grammars_pass(text: str) -> None:
    check_gbnf(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'no rule "root"'),
        ('first ::= "a"', 'no rule "root"'),
        ('root ::= "a', "'\"' where no such character"),
        ("root ::= other", r'names a rule "other" .*line 1, column 10'),
        ('root ::= ("a"', "never closed"),
        ('root ::= "a")', "not opened"),
        ("root ::= " + "(" * 300 + '"a"' + ")" * 300, "200 deep"),
        ('root ::= "a"{5,2}', "the least first"),
        ('root ::= "a"{100000}', "0 to 2000 times"),
        ('root ::= "\\q"', "escape"),
        ("root ::= @", "'@' where no such character"),
        ('root ::= "' + "a" * MOST_CHARACTERS + '"', "at most 1,000,000"),
        ("".join(f'r{n} ::= "a"\n' for n in range(6000)), "at most 5000"),
    ],
)
def test_bad_ones_are_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_gbnf(text)
