"""JSON schemas as GBNF: whatever the grammar lets through is valid under the schema.

Where a schema leaves freedom the grammar may be narrower: keys come in the schema's order, objects
with named properties get no others, whitespace is short. What cannot be promised is refused; the
list is `REFUSED`, string formats other than `scalars.FORMATS`, references out of the schema, and
`oneOf` whose parts cannot be told apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from corral.engine.grammar.gbnf import MOST_RULES, check_gbnf
from corral.engine.grammar.merging import NOTES, are_apart, merged
from corral.engine.grammar.objects import object_body
from corral.engine.grammar.ranges import integer_range
from corral.engine.grammar.refusal import refusal
from corral.engine.grammar.rules import Rules, json_literal, repeat
from corral.engine.grammar.scalars import TYPE_NAMES, is_of, number_body, same, string_body, whole
from corral.errors import UserError

Schema = Mapping[str, Any] | bool

DEEPEST = 64
# Keywords that no grammar here can keep. `uniqueItems: false` and the like are let through.
REFUSED = (
    "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
    "patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "contains",
    "minContains", "maxContains", "uniqueItems", "multipleOf", "pattern", "$dynamicRef",
    "$recursiveRef",
)  # fmt: skip
# Which type is meant where only its keywords are there.
_TYPICAL = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}


def json_grammar() -> str:
    """Return the grammar of any JSON object, as Ollama's format "json" wants it."""
    rules = Rules()
    return rules.text(rules.primitive("object"))


def schema_grammar(schema: Schema) -> str:
    """Return the grammar of a JSON schema.

    Raises:
        UserError: If the schema says what cannot be kept, or makes no sense; with the place in it.
    """
    translator = _Translator(schema)
    text = translator.rules.text(translator.rule(schema, "#"))
    if text.count("\n") > MOST_RULES:
        raise UserError(f"The JSON schema is too large: it makes over {MOST_RULES} grammar rules.")
    check_gbnf(text)
    return text


class _Translator:
    """One schema on its way to rules."""

    def __init__(self, root: Schema) -> None:
        self.rules = Rules()
        self._root = root
        self._references: dict[str, str] = {}
        self._depth = 0

    def rule(self, schema: Schema, at: str) -> str:
        """Return the name of a rule for a part of the schema."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise refusal(f"is more than {DEEPEST} levels deep", at)
        name = self._rule(schema, at)
        self._depth -= 1
        return name

    def _rule(self, schema: Schema, at: str) -> str:
        if schema is True:
            return self.rules.primitive("value")
        if not isinstance(schema, Mapping):
            raise refusal("allows nothing" if schema is False else "is no object", at)
        _check_refused(schema, at)
        return self._combined(schema, at) or self._values_or_type(schema, at)

    def _combined(self, schema: Mapping[str, Any], at: str) -> str | None:
        """Return the rule of a schema that is made of others, None for a plain one."""
        if "$ref" in schema:
            return self._reference(schema, at)
        if "allOf" in schema:
            parts = [self._resolved(part, at) for part in schema["allOf"]]
            return self.rule(merged(_without(schema, "allOf"), parts, at), at)
        word = next((word for word in ("anyOf", "oneOf") if word in schema), None)
        return self._choice(schema, word, at) if word else None

    def _values_or_type(self, schema: Mapping[str, Any], at: str) -> str:
        if "const" in schema or "enum" in schema:
            return self._values(schema, at)
        kinds = schema.get("type", _typical(schema))
        if isinstance(kinds, str):
            return self._of_type(kinds, schema, at) if kinds else self.rules.primitive("value")
        return self._either([self._of_type(kind, schema, at) for kind in kinds])

    def _of_type(self, kind: str, schema: Mapping[str, Any], at: str) -> str:
        match kind:
            case "boolean" | "null":
                return self.rules.primitive(kind)
            case "string":
                return self.rules.add(string_body(self.rules, schema, at))
            case "number":
                return self.rules.add(number_body(self.rules, schema, at))
            case "integer":
                return self._integer(schema, at)
            case "array":
                return self._array(schema, at)
            case "object":
                return object_body(self.rules, schema, at, self.rule)
        raise refusal(f"has the type {kind!r}", at)

    def _integer(self, schema: Mapping[str, Any], at: str) -> str:
        least, most = whole(schema, "minimum", at), whole(schema, "maximum", at)
        above, below = whole(schema, "exclusiveMinimum", at), whole(schema, "exclusiveMaximum", at)
        if above is not None:
            least = above + 1 if least is None else max(least, above + 1)
        if below is not None:
            most = below - 1 if most is None else min(most, below - 1)
        if least is None and most is None:
            return self.rules.primitive("integer")
        body = integer_range(least, most)
        if body is None:
            raise refusal(f"wants integers from {least} to {most}", at)
        return self.rules.add(body)

    def _array(self, schema: Mapping[str, Any], at: str) -> str:
        items = schema.get("items", True)
        first = items if isinstance(items, list) else schema.get("prefixItems", [])
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        least = whole(schema, "minItems", at) or 0
        most = whole(schema, "maxItems", at)
        if most is not None and most < least:
            raise refusal(f"wants {least} to {most} items", at)
        if not first and "items" not in schema and least == 0 and most is None:
            return self.rules.primitive("array")
        names = [self.rule(item, f"{at}/{index}") for index, item in enumerate(first[:most])]
        return self.rules.add(self._elements(names, rest, (least, most), at))

    def _elements(
        self, first: list[str], rest: Schema, bounds: tuple[int, int | None], at: str
    ) -> str:
        least, most = bounds
        between = ' space "," space '
        start = f'"[" space {between.join(first)}'
        left = None if most is None else most - len(first)
        needed = max(0, least - len(first))
        if rest is False or left == 0 or (first and rest is True and not needed):
            if needed:
                raise refusal(f"wants {least} items and allows {len(first)}", at)
            return f'{start} space "]"'
        item = self.rule(rest, f"{at}/items")
        following = self.rules.add(f'space "," space {item}')
        if first:
            return f'{start} {repeat(self.rules, following, needed, left)} space "]"'
        more = repeat(self.rules, following, max(0, needed - 1), None if left is None else left - 1)
        one_or_more = f"{item} {more}"
        return f'{start} {one_or_more if needed else f"({one_or_more})?"} space "]"'

    def _values(self, schema: Mapping[str, Any], at: str) -> str:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        if "const" in schema:
            values = [value for value in values if same(value, schema["const"])]
        kinds = schema.get("type", TYPE_NAMES)
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        fitting = [value for value in values if any(is_of(value, kind) for kind in kinds)]
        if not fitting:
            raise refusal("allows no value", at)
        return self.rules.add(" | ".join(json_literal(value) for value in fitting))

    def _choice(self, schema: Mapping[str, Any], word: str, at: str) -> str:
        base, parts = _without(schema, word), schema[word]
        options = [merged(base, [self._resolved(part, at)], at) for part in parts]
        if word == "oneOf" and not are_apart(options, self._resolved):
            raise refusal(
                "has a oneOf whose parts may both hold (tell them apart by type or by a required "
                "property with a const, or use anyOf)", at,
            )  # fmt: skip
        names = [
            self.rule(option if base else part, f"{at}/{word}/{index}")
            for index, (option, part) in enumerate(zip(options, parts, strict=True))
        ]
        return self._either(names)

    def _either(self, names: Sequence[str]) -> str:
        return self.rules.add(" | ".join(dict.fromkeys(names)))

    def _reference(self, schema: Mapping[str, Any], at: str) -> str:
        target = schema["$ref"]
        if _without(schema, "$ref"):
            return self.rule(merged(_without(schema, "$ref"), [self._resolved(schema, at)], at), at)
        if target not in self._references:
            name = self._references[target] = self.rules.reserve()
            self.rules.write(name, self.rule(self._find(target, at), target))
        return self._references[target]

    def _resolved(self, schema: Schema, at: str) -> Schema:
        """Return a schema that is no mere reference."""
        for _ in range(DEEPEST):
            if not isinstance(schema, Mapping) or "$ref" not in schema:
                return schema
            schema = self._find(schema["$ref"], at)
        raise refusal("refers to itself", at)

    def _find(self, target: object, at: str) -> Schema:
        if not isinstance(target, str) or not target.startswith("#"):
            raise refusal(f"refers to {target!r}, which is elsewhere", at)
        found: Any = self._root
        for step in target[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(key)] if isinstance(found, list) else found[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise refusal(f"refers to {target}, which is not there", at) from None
        return found  # type: ignore[no-any-return]


def _check_refused(schema: Mapping[str, Any], at: str) -> None:
    for word in REFUSED:
        if word in schema and schema[word] is not False:
            raise refusal(f"has {word!r}, which cannot be kept while generating", at)


def _typical(schema: Mapping[str, Any]) -> str:
    for kind, words in _TYPICAL.items():
        if any(word in schema for word in words):
            return kind
    return ""


def _without(schema: Mapping[str, Any], word: str) -> dict[str, Any]:
    """Return a schema without a keyword and without what says nothing of values."""
    return {key: value for key, value in schema.items() if key != word and key not in NOTES}
