"""Graphics cards and memory that are known by name, for machines that are not there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corral.errors import UserError

_NOT_SAID = re.compile(r"\b(nvidia|geforce|amd|radeon|intel|apple|gpu)\b|[^a-z0-9]")
_MEMORY_SIZE = re.compile(r"\d+gb")
# A message with more names than these is no help.
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A graphics card, or a chip whose graphics computes from main memory.

    Attributes:
        name: Its name ("GeForce RTX 4090").
        vendor: Who makes it.
        is_unified: Whether it has no memory of its own.
        memory_gib: Sizes of memory it is sold with; none when that is up to the computer.
        bandwidth_gb_s: Peak of its memory in 10^9 bytes a second.
        fp16_tflops: Peak of its matrix units, 0 where it is not known.
        link_gb_s: What copies from main memory reach, 0 where it is not known.
    """

    name: str
    vendor: str
    is_unified: bool
    memory_gib: tuple[int, ...]
    bandwidth_gb_s: float
    fp16_tflops: float
    link_gb_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryKind:
    """A kind of main memory.

    Attributes:
        name: Its name ("DDR5-5600 dual").
        bandwidth_gb_s: Peak in 10^9 bytes a second.
    """

    name: str
    bandwidth_gb_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is known by name.

    Attributes:
        cards: Graphics cards and chips.
        memory: Kinds of main memory.
    """

    cards: tuple[Card, ...]
    memory: tuple[MemoryKind, ...]

    def card(self, words: str, memory_gib: int = 0) -> Card:
        """Return the card that somebody means.

        Args:
            words: Its name, or enough of it.
            memory_gib: Memory it is sold with, which tells some of one name apart; 0 if not said.

        Raises:
            UserError: If there is none, or several could be meant.
        """
        found = self.cards_like(words)
        found = [card for card in found if memory_gib in card.memory_gib] or found
        if len(found) == 1:
            return found[0]
        if not found:
            raise UserError(
                f"No graphics card in the table is called '{words}'.",
                hint="`corral plan --cards` lists them.",
            )
        named = ", ".join(card.name for card in found[:_MOST_NAMED])
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise UserError(f"'{words}' could be several cards: {named}{more}.")

    def cards_like(self, words: str) -> list[Card]:
        """Return the cards that somebody may mean: one if the words are clear."""
        wanted = _plain(words)
        names = [(_plain(card.name), card) for card in self.cards]
        same = [card for name, card in names if name == wanted]
        like = [(name, card) for name, card in names if wanted and wanted in name]
        sized = [card for name, card in like if _MEMORY_SIZE.fullmatch(name.removeprefix(wanted))]
        if same:
            return same
        return sized or [card for _, card in like]

    def named_in(self, description: str) -> Card | None:
        """Return the card that a driver's description names, None if it is not in the table."""
        plain = _plain(description)
        found = [card for card in self.cards if _plain(card.name) and _plain(card.name) == plain]
        return found[0] if found else None

    def memory_like(self, words: str) -> MemoryKind:
        """Return a kind of main memory.

        Raises:
            UserError: If there is none.
        """
        wanted = _plain(words)
        found = [kind for kind in self.memory if wanted in _plain(kind.name)]
        # Nearly every computer has its memory in two channels.
        usual = [kind for kind in found if kind.name.endswith("dual")]
        if wanted and (usual or found):
            return (usual or found)[0]
        known = ", ".join(kind.name for kind in self.memory)
        raise UserError(
            f"No kind of main memory in the table is called '{words}'.", hint=f"There are: {known}."
        )


def listed(cards: Sequence[Card]) -> list[tuple[str, str, str]]:
    """Return names, memory and bandwidth of cards as text, for a table."""
    return [
        (
            card.name,
            ", ".join(map(str, card.memory_gib)) + " GB" if card.memory_gib else "main memory",
            f"{card.bandwidth_gb_s:g} GB/s",
        )
        for card in cards
    ]


def _plain(words: str) -> str:
    return _NOT_SAID.sub("", words.lower())
