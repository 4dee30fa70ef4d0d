"""The answer readers of Ollama that models name, as the marks that they read.

The readers that are not here are told by the template's own marks, like a model that names none.

Source: the names are Ollama's, the marks those of the models' own chat templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

THINK = ("<think>", "</think>")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParser:
    """What one reader looks for.

    Attributes:
        thinking: Tags around thinking, None for none.
        openings: What blocks of tool calls begin with.
        is_harmony: Whether it reads gpt-oss's channels.
        splits: Whether it splits a reply at all.
    """

    thinking: tuple[str, str] | None = None
    openings: tuple[str, ...] = ()
    is_harmony: bool = False
    splits: bool = True


_TAGGED = NamedParser(openings=("<tool_call>",))
_TAGGED_THINKING = NamedParser(thinking=THINK, openings=("<tool_call>",))
_DEEPSEEK = NamedParser(thinking=THINK, openings=("<｜tool▁calls▁begin｜>",))

NAMED_PARSERS: Mapping[str, NamedParser] = {
    "passthrough": NamedParser(splits=False),
    "harmony": NamedParser(is_harmony=True),
    "qwen3": _TAGGED,
    "qwen3-thinking": _TAGGED_THINKING,
    "qwen3-coder": NamedParser(openings=("<tool_call>", "<function=")),
    "qwen3-vl-instruct": _TAGGED,
    "qwen3-vl-thinking": _TAGGED_THINKING,
    "qwen3.5": _TAGGED_THINKING,
    "nemotron-3-nano": _TAGGED_THINKING,
    "glm-4.7": _TAGGED_THINKING,
    "deepseek3": _DEEPSEEK,
    "cogito": _DEEPSEEK,
    "ministral": NamedParser(thinking=("[THINK]", "[/THINK]"), openings=("[TOOL_CALLS]",)),
    "functiongemma": NamedParser(openings=("<start_function_call>",)),
    "gemma4": NamedParser(openings=("<|tool_call>",)),
    "olmo3-think": NamedParser(thinking=THINK),
    "lfm2-thinking": NamedParser(thinking=THINK),
    "cohere": NamedParser(
        thinking=("<|START_THINKING|>", "<|END_THINKING|>"), openings=("<|START_ACTION|>",)
    ),
}
