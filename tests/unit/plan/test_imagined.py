"""Machines from words."""

import pytest

from corral.errors import UserError
from corral.hardware.cards import read_catalogue
from corral.plan.formula import default_options, plan_by_formula
from corral.plan.imagined import imagine
from corral.plan.machine import Machine
from corral.plan.plan import Part, Verdict
from helpers.headers import GIB, make_header, make_machine

CATALOGUE = read_catalogue()
HERE = make_machine(32)


def machine(words: str, here: Machine = HERE) -> Machine:
    return imagine(words, CATALOGUE, here)


def memory(found: Machine) -> list[tuple[str, str, float]]:
    return [(d.name, d.description, d.total_bytes / GIB) for d in found.devices]


def test_the_table_has_every_card_once_with_its_bandwidth() -> None:
    names = [card.name for card in CATALOGUE.cards]
    assert len(names) == len({*names}) == 124
    assert all(card.bandwidth_gb_s > 10 for card in CATALOGUE.cards)
    assert all(card.memory_gib for card in CATALOGUE.cards if not card.is_unified)


def test_every_card_is_found_by_its_own_name() -> None:
    assert [CATALOGUE.card(card.name) for card in CATALOGUE.cards] == [*CATALOGUE.cards]


def test_a_card_is_put_into_this_machine() -> None:
    found = machine("RTX 4090")
    assert memory(found) == [("CUDA0", "GeForce RTX 4090", 24), ("CPU", "CPU", 32)]
    assert found.gpus[0].free_bytes < found.gpus[0].total_bytes
    assert found.gpus[0].bandwidth_gb_s == 1008
    assert found.is_imagined


@pytest.mark.parametrize(
    "words", ['2x"RTX 3090"+64GB', "2 x RTX 3090 + 64 GB RAM", "2xrtx3090+64g"]
)
def test_several_cards_and_main_memory(words: str) -> None:
    assert memory(machine(words)) == [
        ("CUDA0", "GeForce RTX 3090", 24),
        ("CUDA1", "GeForce RTX 3090", 24),
        ("CPU", "CPU", 64),
    ]


def test_main_memory_behind_a_card_whose_name_ends_in_a_size() -> None:
    assert memory(machine("RTX 3060+64GB")) == [
        ("CUDA0", "GeForce RTX 3060 12GB", 12),
        ("CPU", "CPU", 64),
    ]


def test_memory_of_a_named_kind_has_its_bandwidth() -> None:
    assert machine("64GB DDR5-5600").cpu.bandwidth_gb_s == 89.6


def test_only_so_much_free_is_said_of_the_cards_before_it_or_of_this_machine() -> None:
    assert [d.free_bytes / GIB for d in machine("2xRTX 3090+9 GB free").gpus] == [9, 9]
    assert machine("only 9 GB free").cpu.free_bytes == 9 * GIB
    with_card = machine("only 9 GB free", make_machine(32, 24))
    assert (with_card.gpus[0].free_bytes, with_card.cpu.free_bytes) == (9 * GIB, 32 * GIB)


def test_a_plus_may_belong_to_a_name() -> None:
    found = machine("Ryzen AI Max+ 395+96GB")
    assert found.is_unified
    assert found.cpu.total_bytes == 96 * GIB


def test_the_size_of_memory_tells_chips_of_one_name_apart() -> None:
    assert machine("M4 Max 64GB").gpus[0].description == "Apple M4 Max (40-core GPU)"
    assert machine("M4 Max 36GB").gpus[0].description == "Apple M4 Max (32-core GPU)"


def test_unified_memory_is_spent_once() -> None:
    found = machine("M4 Pro 24GB")
    assert found.is_unified
    assert found.gpus[0].total_bytes == 16 * GIB  # what Metal lends of it
    header = make_header(
        keys={
            "block_count": 2,
            "embedding_length": 1024,
            "attention.head_count": 8,
            "feed_forward_length": 4096,
            "context_length": 1 << 24,
        },
    )
    plan = plan_by_formula(header, default_options(header, found), found)
    assert plan.taken_bytes(found.cpu) == plan.total_bytes
    assert plan.taken_bytes(found.gpus[0]) == plan.size_bytes(found.gpus[0].name)
    assert plan.size_bytes(found.gpus[0].name, Part.KV) > 0
    assert plan.verdict is not Verdict.OVER


@pytest.mark.parametrize(
    "words",
    [
        "", "foo", "RTX 4060 Ti", "M3 Pro", "2xM1 16GB", "0xRTX 4090", "99xRTX 4090", "+", "1e9GB",
        "RTX 4090 48GB", "64GB of cheese",
    ],
)  # fmt: skip
def test_words_that_describe_no_machine_are_refused_with_a_way_out(words: str) -> None:
    with pytest.raises(UserError):
        machine(words)
