"""The family of a chat template: the known template that it is nearest to.

Ollama counts the letters that must be changed to make one of the templates it keeps out of another,
and gives one that is less than 100 away its stop strings. Corral keeps no such texts. It keeps
figures of them: each letter is one of eight kinds of letters. Fewer changes may be counted between
figures than between texts, never more, so that a template that Ollama knows is always known here.

The template in the model file makes the prompt in any case; the family only tells which texts a
model without tokens of its own for them must not go on to write. Ollama writes a TEMPLATE of its
own and those texts into a model when it is created. Corral does not: the model file's own template
says the same more exactly, and Ollama, given such a model, uses that too.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

LIMIT = 100  # changes
KINDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Templates that mark turns in one way.

    Attributes:
        name: As Ollama calls it.
        stops: Texts that begin or end a turn.
    """

    name: str
    stops: tuple[str, ...]


_STOPS: Mapping[str, tuple[str, ...]] = {
    "command-r": ("<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
    "llama3-instruct": ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "gemma3-instruct": ("<end_of_turn>",),
    "gemma-instruct": ("<start_of_turn>", "<end_of_turn>"),
    "alfred": ("<start_system>", "<end_message>", "<start_user>", "<start_assistant>"),
    "openchat": ("<|end_of_turn|>",),
    "chatml": ("<|im_start|>", "<|im_end|>"),
    "phi-3": ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>"),
    "zephyr": ("<|system|>", "</s>", "<|user|>", "<|assistant|>"),
    "llama2-chat": ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
    "mistral-instruct": ("[INST]", "[/INST]"),
    "magicoder": ("@@ Instruction", "@@ Response"),
    "alpaca": ("### Instruction:", "### Response"),
    "starcoder2-instruct": ("### Instruction", "### Response", "<|endoftext|>"),
    "solar-instruct": ("### System:", "### User:", "### Assistant"),
    "codellama-70b-instruct": ("Source:", "Destination:", "<step>"),
    "granite-instruct": ("System:", "Question:", "Answer:"),
    "falcon-instruct": ("User:", "Falcon:"),
    "chatqa": ("System:", "User:", "Assistant:"),
}

FAMILIES = tuple(Family(name=name, stops=stops) for name, stops in _STOPS.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTemplate:
    """A template that others are compared with.

    Attributes:
        family: Name of its family.
        figures: The kinds of its letters, as digits.
    """

    family: str
    figures: str


def figures_of(text: str) -> str:
    """Return the kinds of a text's letters."""
    return text.translate({ord(letter): _kind(letter) for letter in set(text)})


def _kind(letter: str) -> str:
    digest = sha256(f"corral1{letter}".encode("utf-8", "replace")).digest()
    return str(digest[0] % KINDS)


def template_family(jinja: str, known: Iterable[KnownTemplate]) -> Family | None:
    """Return the family of a chat template, None if it is near to no known one.

    Args:
        jinja: The template.
        known: What it is compared with; the first of the nearest counts.
    """
    close = [each for each in known if abs(len(each.figures) - len(jinja)) < LIMIT]
    if not close:
        return None
    changes = partial(changes_between, figures_of(jinja))
    count, name = min(
        ((changes(each.figures), each.family) for each in close), key=lambda found: found[0]
    )
    return next((f for f in FAMILIES if f.name == name), None) if count < LIMIT else None


def changes_between(one: str, other: str) -> int:
    """Return how many letters must be put in, taken out or changed to get another text.

    It goes through a column of the table of all beginnings at once, as bits of large numbers.

    Source: G. Myers, "A fast bit-vector algorithm for approximate string matching", 1999.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for number, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << number
    all_bits, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    rises, falls, count = all_bits, 0, len(one)  # from each row to the next
    for letter in other:
        same = places.get(letter, 0)
        diagonal = (((same & rises) + rises) ^ rises) | same | falls
        right_rises = falls | ~(diagonal | rises)
        right_falls = rises & diagonal
        count += bool(right_rises & last) - bool(right_falls & last)
        right_rises = right_rises << 1 | 1
        right_falls <<= 1
        vertical = same | falls
        rises = (right_falls | ~(vertical | right_rises)) & all_bits
        falls = right_rises & vertical & all_bits
    return count


def family_stops(family: Family | None, special: Collection[str]) -> tuple[str, ...]:
    """Return the texts that end a reply by a template's family.

    Texts that are special tokens of the model are left out: it ends its turns by the tokens, and
    may write of their texts.

    Args:
        family: The family, None for none.
        special: Texts of the model's special tokens.
    """
    return tuple(stop for stop in family.stops if stop not in special) if family else ()
