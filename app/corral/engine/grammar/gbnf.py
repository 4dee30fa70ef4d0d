"""GBNF texts, looked at before llama.cpp sees them.

llama.cpp prints what is wrong with a grammar to the terminal only, and recursion through a deep
one overflows its stack. So the shape is checked here; what the rules mean is left to llama.cpp.
"""

import re
from collections.abc import Iterator

from corral.errors import Place, UserError

ROOT = "root"
MOST_CHARACTERS = 1_000_000
MOST_RULES = 5_000
DEEPEST = 200
MOST_REPETITIONS = 2_000

_TOKEN = re.compile(
    r"""
    (?P<blank>[\ \t\r\n]+|\#[^\n]*)
    |(?P<literal>"(?:[^"\\\n]|\\.)*")
    |(?P<characters>\[(?:[^\]\\\n]|\\.)*\])
    |(?P<define>::=)
    |(?P<name>[A-Za-z0-9-]+)
    |(?P<count>\{(?P<least>[0-9]+)(?P<comma>,)?(?P<most>[0-9]+)?\})
    |(?P<open>\()|(?P<close>\))
    |(?P<other>[|*+?.])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:[nrt\\\"\[\]^-]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")


def check_gbnf(text: str) -> None:
    """Refuse a grammar that llama.cpp could not read or would not survive.

    Raises:
        UserError: With the place in the text where there is one.
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"The grammar has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read."
        )
    written: set[str] = set()
    named: dict[str, re.Match[str]] = {}
    depth = 0
    tokens = list(_tokens(text))
    for index, token in enumerate(tokens):
        depth = _check_depth(token, depth)
        _check_token(token)
        if token.lastgroup != "name":
            continue
        if index + 1 < len(tokens) and tokens[index + 1].lastgroup == "define":
            written.add(token[0])
        else:
            named.setdefault(token[0], token)
    if depth:
        raise UserError("A bracket of the grammar is never closed.")
    _check_rules(written, named)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise UserError(
                f"The grammar has {text[position]!r} where no such character can stand.",
                place=_place(text, position),
            )
        position = token.end()
        if token.lastgroup != "blank":
            yield token


def _check_depth(token: re.Match[str], depth: int) -> int:
    depth += (token.lastgroup == "open") - (token.lastgroup == "close")
    if depth < 0:
        raise _at(token, "The grammar closes a bracket that was not opened")
    if depth > DEEPEST:
        raise _at(token, f"The grammar's brackets are more than {DEEPEST} deep")
    return depth


def _check_token(token: re.Match[str]) -> None:
    if token.lastgroup in ("literal", "characters"):
        without = _ESCAPE.sub("", token[0])
        if "\\" in without:
            raise _at(token, "The grammar has an escape that GBNF does not know")
    if token.lastgroup == "count":
        least, most = int(token["least"]), int(token["most"] or token["least"])
        if most < least or max(least, most) > MOST_REPETITIONS:
            raise _at(token, f"Repetitions are 0 to {MOST_REPETITIONS} times, the least first")


def _check_rules(written: set[str], named: dict[str, re.Match[str]]) -> None:
    if len(written) > MOST_RULES:
        raise UserError(f"The grammar has {len(written)} rules; at most {MOST_RULES} are read.")
    if ROOT not in written:
        raise UserError(f'The grammar has no rule "{ROOT}", with which every text begins.')
    for name, token in named.items():
        if name not in written:
            raise _at(token, f'The grammar names a rule "{name}" that it does not have')


def _at(token: re.Match[str], what: str) -> UserError:
    place = _place(token.string, token.start())
    return UserError(f"{what} (line {place.line}, column {place.column}).", place=place)


def _place(text: str, position: int) -> Place:
    line_start = text.rfind("\n", 0, position) + 1
    return Place(
        line=text.count("\n", 0, position) + 1, column=position - line_start + 1, source="grammar"
    )
