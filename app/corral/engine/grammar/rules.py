"""Rules of a GBNF grammar while it is written."""

import json

# Whitespace that a model may put between the parts of a JSON text: little, so that it ends.
SPACE = 'space ::= | " " | "\\n" [ \\t]{0,20}'
PRIMITIVES = {
    "char": r'[^"\\\x7F\x00-\x1F] | "\\" ["\\/bfnrt]',
    "string": r'"\"" char* "\""',
    "integer": r'"-"? ("0" | [1-9] [0-9]{0,15})',
    "number": r'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "array": '"[" space (value (space "," space value)*)? space "]"',
    "member": 'string space ":" space value',
    "object": '"{" space (member (space "," space member)*)? space "}"',
    "value": "object | array | string | number | boolean | null",
}
# What each primitive is made of.
_PARTS = {
    "string": ("char",),
    "number": ("integer",),
    "array": ("value",),
    "member": ("string", "value"),
    "object": ("member",),
    "value": ("object", "array", "string", "number", "boolean", "null"),
}
# Long repetitions are written in blocks: llama.cpp writes out each of their elements as a rule.
BLOCK = 64
MOST_ELEMENTS = 32_000


class Rules:
    """Named rules, each written once."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}

    def add(self, body: str) -> str:
        """Write a rule and return its name."""
        name = f"r{len(self._bodies)}"
        self._bodies[name] = body
        return name

    def reserve(self) -> str:
        """Return the name of a rule whose body comes later."""
        return self.add("")

    def write(self, name: str, body: str) -> None:
        """Write the body of a reserved rule."""
        self._bodies[name] = body

    def primitive(self, name: str) -> str:
        """Return the name of a ready rule, written with its parts when first used."""
        if name not in self._bodies:
            self._bodies[name] = PRIMITIVES[name]
            for part in _PARTS.get(name, ()):
                self.primitive(part)
        return name

    def text(self, root: str) -> str:
        """Return the grammar that begins with `root`."""
        lines = [f"root ::= {root}", SPACE]
        lines += [f"{name} ::= {body}" for name, body in self._bodies.items()]
        return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Return GBNF for exactly this text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def json_literal(value: object) -> str:
    """Return GBNF for exactly this JSON value."""
    return literal(json.dumps(value, ensure_ascii=False))


def repeat(rules: Rules, element: str, least: int, most: int | None) -> str:
    """Return GBNF for an element so many times in a row.

    A `most` that is far away may come out a little less: what fits the grammar still fits it.

    Args:
        rules: Take what is written beside.
        element: The name of a rule.
        least: Fewest times.
        most: Most times, None for any number.
    """
    blocks, rest = divmod(least, BLOCK)
    parts = [f"{_block(rules, element)}{{{blocks}}}"] if blocks else []
    if rest:
        parts.append(f"{element}{{{rest}}}")
    if most is None:
        parts.append(f"{element}*")
    elif most > least:
        parts.append(_up_to(rules, element, most - least))
    return " ".join(parts)


def _up_to(rules: Rules, element: str, most: int) -> str:
    if most < 2 * BLOCK:
        return f"{element}{{0,{most}}}"
    blocks = (most - BLOCK + 1) // BLOCK
    return f"{_block(rules, element)}{{0,{blocks}}} {element}{{0,{BLOCK - 1}}}"


def _block(rules: Rules, element: str) -> str:
    return rules.add(f"{element}{{{BLOCK}}}")
