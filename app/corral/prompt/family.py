"""The family of a chat template, told by the texts that it puts around what is said.

Ollama compares a template with texts it keeps, and gives a match stop strings. Here the marks
themselves are looked for, so that a template which differs a little more is still known. The
template in the model file makes the prompt in any case; the family only tells which texts a model
without tokens of its own for them must not go on to write.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Templates that mark turns in one way.

    Attributes:
        name: As Ollama calls it.
        marks: Texts that all occur in such a template.
        stops: Texts that begin or end a turn.
    """

    name: str
    marks: tuple[str, ...]
    stops: tuple[str, ...]


# The first that matches counts: those with rarer marks come first.
FAMILIES = (
    Family(
        name="command-r",
        marks=("<|START_OF_TURN_TOKEN|>",),
        stops=("<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
    ),
    Family(
        name="llama3-instruct",
        marks=("<|start_header_id|>",),
        stops=("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ),
    Family(
        name="gemma3-instruct",
        marks=("<start_of_turn>", "<start_of_image>"),
        stops=("<end_of_turn>",),
    ),
    Family(
        name="gemma-instruct",
        marks=("<start_of_turn>",),
        stops=("<start_of_turn>", "<end_of_turn>"),
    ),
    Family(
        name="alfred",
        marks=("<start_user>",),
        stops=("<start_system>", "<end_message>", "<start_user>", "<start_assistant>"),
    ),
    Family(name="openchat", marks=("GPT4 Correct ",), stops=("<|end_of_turn|>",)),
    Family(name="chatml", marks=("<|im_start|>",), stops=("<|im_start|>", "<|im_end|>")),
    Family(
        name="phi-3",
        marks=("<|end|>", "<|assistant|>"),
        stops=("<|end|>", "<|system|>", "<|user|>", "<|assistant|>"),
    ),
    Family(
        name="zephyr",
        marks=("<|user|>", "<|assistant|>"),
        stops=("<|system|>", "</s>", "<|user|>", "<|assistant|>"),
    ),
    Family(
        name="llama2-chat",
        marks=("[INST]", "<<SYS>>"),
        stops=("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
    ),
    Family(name="mistral-instruct", marks=("[INST]",), stops=("[INST]", "[/INST]")),
    Family(
        name="magicoder",
        marks=("@@ Instruction", "@@ Response"),
        stops=("@@ Instruction", "@@ Response"),
    ),
    Family(
        name="alpaca",
        marks=("### Instruction:", "### Response:"),
        stops=("### Instruction:", "### Response"),
    ),
    Family(
        name="starcoder2-instruct",
        marks=("### Instruction", "### Response"),
        stops=("### Instruction", "### Response", "<|endoftext|>"),
    ),
    Family(
        name="solar-instruct",
        marks=("### User:", "### Assistant:"),
        stops=("### System:", "### User:", "### Assistant"),
    ),
    Family(
        name="codellama-70b-instruct",
        marks=("Source: ", "Destination: "),
        stops=("Source:", "Destination:", "<step>"),
    ),
    Family(
        name="granite-instruct",
        marks=("Question:", "Answer:"),
        stops=("System:", "Question:", "Answer:"),
    ),
    Family(name="falcon-instruct", marks=("User: ", "Falcon:"), stops=("User:", "Falcon:")),
    Family(name="chatqa", marks=("User: ", "Assistant:"), stops=("System:", "User:", "Assistant:")),
)


def template_family(jinja: str) -> Family | None:
    """Return the family of a chat template, None if its marks are not known."""
    return next(
        (family for family in FAMILIES if all(mark in jinja for mark in family.marks)), None
    )


def family_stops(jinja: str, special: Collection[str]) -> tuple[str, ...]:
    """Return the texts that end a reply by a template's family.

    Texts that are special tokens of the model are left out: it ends its turns by the tokens, and
    may write of their texts.

    Args:
        jinja: The template.
        special: Texts of the model's special tokens.
    """
    family = template_family(jinja)
    return tuple(stop for stop in family.stops if stop not in special) if family else ()
