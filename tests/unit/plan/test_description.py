"""Machines written in words are read as the same machines again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral.hardware.cards import read_catalogue
from corral.plan.cards import Card
from corral.plan.description import Description, read_description

CATALOGUE = read_catalogue()
CARDS = st.sampled_from([card for card in CATALOGUE.cards if not card.is_unified])
CHIPS = st.sampled_from([card for card in CATALOGUE.cards if card.is_unified and card.memory_gib])


def card(words: str) -> Card:
    return CATALOGUE.card(words)


def again(made: Description) -> Description:
    """Read what was written; of all cards is the same as of so many cards as there are."""
    found = read_description(made.words, CATALOGUE)
    free = tuple((0 if n == found.n_cards else n, gib) for n, gib in found.free_gib)
    return replace(found, free_gib=free)


@given(
    cards=st.lists(CARDS, max_size=4),
    free_gib=st.sampled_from((0.0, 1.5, 9.0)),
    ram_gib=st.sampled_from((0.0, 48.0, 192.0)),
    kind=st.sampled_from((None, *CATALOGUE.memory)),
)
def test_what_was_put_together_reads_as_itself(
    cards: list[Card], free_gib: float, ram_gib: float, kind: object
) -> None:
    made = Description(ram_gib=ram_gib or 16.0).with_free(free_gib)
    made = replace(made, ram_kind=kind)
    for each in cards:
        made = made.with_card(each)
    assert again(made) == made
    for each in reversed(cards):
        made = made.without_card(each)
    assert made.cards == ()


@given(chip=CHIPS)
def test_a_chip_says_how_much_memory_it_has(chip: Card) -> None:
    made = Description().with_card(chip)
    assert made.ram_gib in chip.memory_gib
    assert again(made) == made


def test_a_chip_takes_the_place_of_cards_and_cards_that_of_a_chip() -> None:
    cards = Description(ram_gib=64.0).with_card(card("RTX 3090")).with_card(card("RTX 3090"))
    assert cards.words == "2xGeForce RTX 3090 + 64GB"
    chip = cards.with_card(card("M4 Pro"))
    assert chip.words == "Apple M4 Pro 64GB"
    assert chip.with_card(card("RTX 4090")).words == "GeForce RTX 4090"


@pytest.mark.parametrize("words", ["RTX 4090 + 9 GB free + RTX 3090", "only 9 GB free"])
def test_what_is_free_stays_with_its_cards(words: str) -> None:
    found = read_description(words, CATALOGUE)
    assert read_description(found.words, CATALOGUE) == found


def test_nothing_said_is_this_machine() -> None:
    assert Description().words == ""
