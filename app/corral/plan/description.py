"""Machines in words: `2x"RTX 3090"+64GB`, `M4 Max 64GB`, `only 9 GB free`; read and written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corral.errors import UserError
from corral.plan.cards import Card, Catalogue, MemoryKind

_SIZE = r"(?P<size>\d+(?:\.\d+)?)\s*(?:g|gb|gib)"
_FREE = re.compile(rf"(?:only\s+)?{_SIZE}\s+free", re.IGNORECASE)
_RAM = re.compile(rf"{_SIZE}(?:\s*(?:ram|memory))?(?:\s+(?P<kind>.*[a-z].*))?", re.IGNORECASE)
_CARDS = re.compile(r"(?:(?P<count>\d+)\s*[x×*]\s*)?(?P<name>.*\S)", re.IGNORECASE)
_WITH_SIZE = re.compile(rf"(?P<name>.*\S)\s+{_SIZE}", re.IGNORECASE)
_AT_END = re.compile(rf"\s+{_SIZE}$", re.IGNORECASE)
_HINT = 'Write it like "RTX 4090", 2x"RTX 3090"+64GB, "M4 Max 64GB" or "only 9 GB free".'
MOST_CARDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the words for a machine say, part by part; what they do not say is as on this one.

    Attributes:
        cards: Cards, and how many of each.
        free_gib: Free memory of so many cards, counted from the first; 0 cards stand for all.
        ram_gib: Main memory, 0 where it is not said.
        ram_kind: Kind of main memory, None where it is not said.
    """

    cards: tuple[tuple[Card, int], ...] = ()
    free_gib: tuple[tuple[int, float], ...] = ()
    ram_gib: float = 0.0
    ram_kind: MemoryKind | None = None

    @property
    def is_unified(self) -> bool:
        """Whether it is a chip whose graphics computes from main memory."""
        return bool(self.cards) and self.cards[0][0].is_unified

    @property
    def n_cards(self) -> int:
        """How many cards there are."""
        return sum(count for _, count in self.cards)

    def with_card(self, card: Card) -> "Description":
        """Return it with one card more; a chip that stands alone takes the place of all others."""
        if card.is_unified:
            size = self.ram_gib if self.ram_gib in card.memory_gib else 0.0
            smallest = float(card.memory_gib[0]) if card.memory_gib else self.ram_gib
            return Description(cards=((card, 1),), ram_gib=size or smallest)
        counts = {each: count for each, count in self.cards if not each.is_unified}
        counts[card] = counts.get(card, 0) + 1
        ram_gib = 0.0 if self.is_unified else self.ram_gib
        return replace(self, cards=tuple(counts.items()), ram_gib=ram_gib)

    def without_card(self, card: Card) -> "Description":
        """Return it with one card less."""
        counts = {each: count - (each == card) for each, count in self.cards}
        kept = tuple((each, count) for each, count in counts.items() if count > 0)
        return replace(self, cards=kept, ram_gib=0.0 if self.is_unified else self.ram_gib)

    def with_free(self, gib: float) -> "Description":
        """Return it with so much free on its graphics, 0 for what is usual."""
        return replace(self, free_gib=((0, gib),) if gib else ())

    @property
    def words(self) -> str:
        """What `read_description` reads as this again; "" for this machine as it is."""
        parts, named = [], 0
        for number, (card, count) in enumerate(self.cards):
            size = f" {self.ram_gib:g}GB" if self.is_unified and self.ram_gib else ""
            parts.append(f"{count}x{card.name}" if count > 1 else f"{card.name}{size}")
            named += count
            is_last = number == len(self.cards) - 1
            parts += [f"{gib:g} GB free" for n, gib in self.free_gib if n == named and not is_last]
        if self.ram_gib and not self.is_unified:
            kind = f" {self.ram_kind.name}" if self.ram_kind else ""
            parts.append(f"{self.ram_gib:g}GB{kind}")
        parts += [f"{gib:g} GB free" for n, gib in self.free_gib if n in {0, named}]
        return " + ".join(parts)


def read_description(text: str, catalogue: Catalogue) -> Description:
    """Return what the words for a machine say.

    Args:
        text: Parts joined by "+": cards by name with a number before, main memory by its size,
            and "… GB free" for the cards named before it, or for this machine's when none is.
        catalogue: What the cards are.

    Raises:
        UserError: If the words cannot be understood.
    """
    cards: list[tuple[Card, int]] = []
    free: list[tuple[int, float]] = []
    ram_gib, ram_kind = 0.0, None
    for part in _parts(text.replace('"', " ").replace("'", " "), catalogue):
        if match := _FREE.fullmatch(part):
            free.append((sum(count for _, count in cards), float(match["size"])))
        elif match := _RAM.fullmatch(part):
            ram_gib = float(match["size"])
            ram_kind = catalogue.memory_like(match["kind"]) if match["kind"] else None
        elif match := _CARDS.fullmatch(part):
            card, size = _card(match["name"], catalogue)
            cards.append((card, int(match["count"] or 1)))
            ram_gib = size or ram_gib
    if not (cards or free or ram_gib):
        raise UserError(f"'{text}' describes no machine.", hint=_HINT)
    found = Description(
        cards=tuple(cards), free_gib=tuple(free), ram_gib=ram_gib, ram_kind=ram_kind
    )
    _check(found)
    return found


def _check(found: Description) -> None:
    if not 0 <= found.n_cards <= MOST_CARDS or any(count < 1 for _, count in found.cards):
        raise UserError(f"A machine has 1 to {MOST_CARDS} cards.", hint=_HINT)
    if any(card.is_unified for card, _ in found.cards) and found.n_cards > 1:
        raise UserError("A chip that computes from main memory stands alone.", hint=_HINT)


def _parts(text: str, catalogue: Catalogue) -> Iterator[str]:
    """Split at plus signs and commas, but for those that belong to a name ("Max+ 395")."""
    pieces = [piece.strip() for piece in re.split(r"[+,]", text)]
    while pieces:
        for count in range(len(pieces), 0, -1):
            part = " ".join(pieces[:count]).strip()
            named = " ".join([*pieces[: count - 1], _AT_END.sub("", pieces[count - 1])])
            name = _CARDS.fullmatch(named)
            if count == 1 or (name and len(catalogue.cards_like(name["name"])) == 1):
                del pieces[:count]
                if part:
                    yield part
                break


def _card(name: str, catalogue: Catalogue) -> tuple[Card, float]:
    """Return a card, and the size of main memory if that was said with it."""
    with_size = _WITH_SIZE.fullmatch(name)
    if with_size and not catalogue.cards_like(name):
        card = catalogue.card(with_size["name"], int(float(with_size["size"])))
        if not card.is_unified and int(float(with_size["size"])) not in card.memory_gib:
            raise UserError(
                f"{card.name} has {card.memory_gib[0]} GB, not {with_size['size']} GB.",
                hint='Write "… GB free" for less of it, or "+64GB" for main memory.',
            )
        return card, float(with_size["size"]) if card.is_unified else 0.0
    return catalogue.card(name), 0.0
