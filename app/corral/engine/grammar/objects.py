"""Objects of a JSON schema, as GBNF."""

from collections.abc import Callable, Mapping
from typing import Any

from corral.engine.grammar.refusal import refusal
from corral.engine.grammar.rules import Rules, json_literal, repeat
from corral.engine.grammar.scalars import whole

Schema = Mapping[str, Any] | bool
MakeRule = Callable[[Schema, str], str]


def object_body(rules: Rules, schema: Mapping[str, Any], at: str, rule: MakeRule) -> str:
    """Return the name of a rule for an object.

    Named properties come in the schema's order and without others; an object without named ones
    is a map of any keys.

    Args:
        rules: Take what is written.
        schema: The object's.
        at: Where it stands.
        rule: Makes the rules of its parts.
    """
    named: dict[str, Any] = dict(schema.get("properties", {}))
    required = schema.get("required", [])
    extra = schema.get("additionalProperties", True)
    for name in required:
        if name not in named and extra is False:
            raise refusal(f"requires {name!r}, which it does not allow", at)
        named.setdefault(name, extra)
    least, most = whole(schema, "minProperties", at) or 0, whole(schema, "maxProperties", at)
    if not named:
        return _map(rules, extra, (least, most), at, rule)
    if least > len(required) or (most is not None and most < len(named)):
        raise refusal("counts the properties of an object that also names them", at)
    members = [
        (rules.add(f'{json_literal(name)} space ":" space {rule(part, f"{at}/{name}")}'), name)
        for name, part in named.items()
        if part is not False
    ]
    first = _chain(rules, [(member, name in required) for member, name in members])
    return rules.add(f'"{{" space {first} space "}}"')


def _chain(rules: Rules, members: list[tuple[str, bool]]) -> str:
    """Return GBNF for members in their order, with commas between those that are there.

    Two rules for each place: one for when nothing stands before it, one for after a member.
    """
    after = first = '""'
    for member, is_required in reversed(members):
        begin = f"{member} {after}"
        follow = f'space "," space {begin}'
        first = rules.add(begin if is_required else f"{begin} | {first}")
        after = rules.add(follow if is_required else f"{follow} | {after}")
    return first


def _map(
    rules: Rules, extra: Schema, bounds: tuple[int, int | None], at: str, rule: MakeRule
) -> str:
    least, most = bounds
    if least > 1:
        raise refusal(f"wants {least} properties without naming them", at)
    if extra is True and not least and most is None:
        return rules.primitive("object")
    if extra is False or most == 0:
        if least:
            raise refusal("wants a property and allows none", at)
        return rules.add('"{" space "}"')
    key = rules.primitive("string")
    member = rules.add(f'{key} space ":" space {rule(extra, f"{at}/additionalProperties")}')
    following = rules.add(f'space "," space {member}')
    members = f"{member} {repeat(rules, following, 0, None if most is None else most - 1)}"
    return rules.add(f'"{{" space {members if least else f"({members})?"} space "}}"')
