"""The best placements, the speeds they are chosen by, and the machines a model needs."""

from dataclasses import replace

import pytest

from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.hardware.cards import read_catalogue
from corral.jobs import Cancelled, Ticket
from corral.plan.formula import Formula, plan_by_formula
from corral.plan.imagined import imagine
from corral.plan.machine import Machine
from corral.plan.needs import machines_needed
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from corral.plan.plan import Verdict
from corral.plan.search import Goal, Limits, Reason, best_choices
from corral.plan.speed import Correction, expected_speeds
from helpers.header_files import write_dense, write_experts
from helpers.headers import GIB, make_machine

CATALOGUE = read_catalogue()
HERE = make_machine(64)


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return read_header(write_dense(tmp_path_factory.mktemp("headers") / "dense.gguf"))


@pytest.fixture(scope="module")
def experts(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return read_header(write_experts(tmp_path_factory.mktemp("headers") / "experts.gguf", 40))


def on(words: str) -> Machine:
    return imagine(words, CATALOGUE, HERE)


def generation(header: Header, words: str, options: LoadOptions | None = None) -> float:
    speed = expected_speeds(Formula(header), options or LoadOptions(), on(words)).generation
    assert speed is not None
    assert speed.low < speed.expected < speed.high
    return speed.expected


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("words", ["RTX 4090", "RTX 3060", "2xRTX 3090", "M4 Pro 24GB", "64GB"])
def test_whatever_is_found_fits_and_is_told_apart(experts: Header, goal: Goal, words: str) -> None:
    found = best_choices(experts, on(words), goal)
    assert 1 <= len(found) <= 3
    assert all(choice.plan.verdict is not Verdict.OVER and choice.reasons for choice in found)
    assert len({choice.plan.options for choice in found}) == len(found)


def test_the_fastest_way_is_all_on_the_card_that_is_large_enough(dense: Header) -> None:
    best = best_choices(dense, on("RTX 4090"), Goal.FASTEST)[0]
    assert best.reasons[0] is Reason.ALL_ON_GPU
    assert best.plan.options.context.kv_type is CacheType.F16


def test_one_card_is_taken_where_a_second_would_only_slow_it_down(dense: Header) -> None:
    best = best_choices(dense, on("RTX 5090+RTX 3060"), Goal.FASTEST)[0]
    assert Reason.ONE_CARD in best.reasons
    assert best.plan.size_bytes("CUDA1") == 0


def test_experts_go_to_main_memory_before_whole_layers_do(experts: Header) -> None:
    machine = on("RTX 4090+5 GB free")
    best = best_choices(experts, machine, Goal.FASTEST)[0]
    assert Reason.EXPERTS_IN_RAM in best.reasons
    fewer = best.plan.options.cpu_expert_layers - 1
    closer = plan_by_formula(experts, replace(best.plan.options, cpu_expert_layers=fewer), machine)
    assert closer.verdict is Verdict.OVER


def test_the_longest_context_is_longer_than_the_fastest_ways(dense: Header) -> None:
    machine = on("RTX 4090+5 GB free")
    longest = best_choices(dense, machine, Goal.CONTEXT)[0].plan.options.context.n_ctx
    assert longest > best_choices(dense, machine, Goal.FASTEST)[0].plan.options.context.n_ctx


def test_memory_is_left_free_on_request(dense: Header) -> None:
    machine = on("RTX 4090+8 GB free")
    for choice in best_choices(dense, machine, Goal.CONTEXT, Limits(leave_free_bytes=3 * GIB)):
        taken = choice.plan.size_bytes("CUDA0")
        assert taken <= machine.gpus[0].free_bytes - 3 * GIB


def test_nothing_is_found_where_nothing_fits(dense: Header) -> None:
    assert best_choices(dense, on("only 0.5 GB free"), Goal.FASTEST) == ()


def test_more_bandwidth_is_faster_and_main_memory_slows(dense: Header) -> None:
    speeds = [
        generation(dense, words) for words in ("RTX 3060", "RTX 3090", "RTX 4090", "RTX 5090")
    ]
    assert speeds == sorted(speeds)
    half = generation(dense, "RTX 4090+64GB DDR5-5600", LoadOptions(n_gpu_layers=10))
    none = generation(dense, "64GB DDR5-5600")
    assert none < half < generation(dense, "RTX 4090")


def test_only_the_experts_that_a_token_uses_are_read(experts: Header) -> None:
    weights = plan_by_formula(experts, LoadOptions(), on("RTX 4090")).size_bytes("CUDA0")
    # As if all weights had to be read for each token, at the full peak of the memory.
    assert generation(experts, "RTX 4090") > 1008e9 / weights


def test_real_runs_move_the_band_and_narrow_it(dense: Header) -> None:
    machine, options = on("RTX 4090"), LoadOptions()
    tables = expected_speeds(Formula(dense), options, machine).generation
    learned = Correction(factor=0.8, spread=1.1, runs=3)
    real = expected_speeds(Formula(dense), options, machine, generation=learned).generation
    assert tables
    assert real
    assert real.expected == pytest.approx(0.8 * tables.expected)
    assert real.high / real.low < tables.high / tables.low


def test_the_machines_a_model_needs_have_room_and_are_fast_enough(dense: Header) -> None:
    context = ContextOptions(n_ctx=32768)
    found = machines_needed(dense, CATALOGUE, HERE, context, 60)
    assert found
    for need in found:
        assert need.plan.verdict is not Verdict.OVER
        assert need.speeds.generation
        assert need.speeds.generation.low >= 60
        assert imagine(need.words, CATALOGUE, HERE) == need.plan.machine
    sizes = [sum(gpu.total_bytes for gpu in need.plan.machine.gpus) for need in found]
    assert sizes == sorted(sizes)
    assert machines_needed(dense, CATALOGUE, HERE, context, 1e6) == ()


def test_a_search_that_is_given_up_ends_and_one_that_is_not_tells_how_far_it_is(
    dense: Header,
) -> None:
    told: list[int] = []
    ticket = Ticket(lambda progress: told.append(progress.done))
    assert best_choices(dense, on("RTX 4090"), Goal.FASTEST, None, ticket)
    assert told == sorted(told)
    assert told
    ticket.cancel()
    with pytest.raises(Cancelled):
        best_choices(dense, on("RTX 4090"), Goal.FASTEST, None, ticket)
    with pytest.raises(Cancelled):
        machines_needed(dense, CATALOGUE, HERE, ContextOptions(), 0.0, ticket)
