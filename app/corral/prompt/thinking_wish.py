"""How much a model shall think, in Ollama's words and in OpenAI's."""

from dataclasses import dataclass

LEVELS = ("low", "medium", "high", "max")
# OpenAI's efforts that Ollama has no level for.
_EFFORTS = {"minimal": "low", "xhigh": "max", "ultra": "max"}
_SWITCHES = {"true": True, "false": False, "none": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingWish:
    """What somebody wants of a model's thinking.

    Attributes:
        thinks: Whether it shall think; None leaves that to the template.
        level: How much, one of `LEVELS`; "" leaves that to the template.
    """

    thinks: bool | None = None
    level: str = ""


def thinking_wish(value: object) -> ThinkingWish:
    """Return what a value means: a switch, a level, an effort, or nothing said.

    Raises:
        ValueError: If it is none of them.
    """
    if value is None or value == "":
        return ThinkingWish()
    if isinstance(value, bool):
        return ThinkingWish(thinks=value)
    word = str(value).strip().lower()
    if word in _SWITCHES:
        return ThinkingWish(thinks=_SWITCHES[word])
    level = _EFFORTS.get(word, word)
    if level not in LEVELS:
        raise ValueError(f"thinking can be true, false, {', '.join(LEVELS)}, not {value!r}")
    return ThinkingWish(thinks=True, level=level)
