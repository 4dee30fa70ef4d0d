"""Thoughts that stand in the text of earlier answers, for models that must not read them again."""

import re
from collections.abc import Sequence
from dataclasses import replace

from corral.prompt.message import Message, Role

# Source: Ollama's behaviour (`server/routes.go`), looked up.
FAMILIES = frozenset({"qwen3"})
MODELS = frozenset({"deepseek-r1"})
_THOUGHT = re.compile(r"<think>.*?</think>\n*", re.DOTALL)


def without_old_thinking(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages without the thoughts in answers before the last question."""
    last = max((n for n, each in enumerate(messages) if each.role is Role.USER), default=-1)
    return tuple(
        replace(message, content=_THOUGHT.sub("", message.content))
        if number < last and message.role is Role.ASSISTANT
        else message
        for number, message in enumerate(messages)
    )


def forgets_thinking(family: str, model: str) -> bool:
    """Whether a model is one of those that must not read its earlier thoughts.

    Args:
        family: Its family, as its configuration has it.
        model: The part of its name that names the model.
    """
    return family in FAMILIES or model in MODELS
