"""Placement of layers by llama.cpp's arithmetic."""

from corral.plan.placement import layer_count, place
from helpers.headers import make_machine


def test_without_a_gpu_everything_stays_in_main_memory() -> None:
    placement = place(-1, 3, make_machine(8))
    assert placement.blocks == ("CPU",) * 3
    assert placement.output == "CPU"


def test_the_last_layers_go_first_and_the_output_counts_as_one() -> None:
    placement = place(2, 3, make_machine(8, 8))
    assert placement.blocks == ("CPU", "CPU", "CUDA0")
    assert placement.output == "CUDA0"
    assert place(1, 3, make_machine(8, 8)).blocks == ("CPU",) * 3


def test_gpus_share_layers_by_free_memory() -> None:
    placement = place(-1, 7, make_machine(64, 6, 2))
    assert placement.blocks == ("CUDA0",) * 6 + ("CUDA1",)
    assert placement.output == "CUDA1"


def test_more_layers_than_there_are_means_all() -> None:
    machine = make_machine(64, 8)
    assert layer_count(99, 3, machine) == layer_count(-1, 3, machine) == 4
    assert layer_count(-1, 3, make_machine(64)) == 0
