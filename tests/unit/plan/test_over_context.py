"""Plans over context lengths: what grows with the context, and what does not fit any more."""

import pytest

from corral.plan.formula import Formula
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from corral.plan.over_context import curve_lengths, over_context, table_lengths
from corral.plan.plan import Part, Verdict
from corral.plan.speed import expected_speeds
from helpers.headers import make_machine
from helpers.large_headers import dense_header, experts_header

DENSE = Formula(dense_header())


@pytest.mark.parametrize(
    ("trained", "lengths"),
    [
        (2048, (256, 512, 1024, 2048)),
        (8192, (4096, 8192)),
        (40960, (4096, 8192, 16384, 32768, 40960)),
        (100, (100,)),
        (0, (4096, 8192, 16384, 32768, 65536, 131072)),
    ],
)
def test_the_table_doubles_from_4k_up_to_the_trained_length(
    trained: int, lengths: tuple[int, ...]
) -> None:
    assert table_lengths(trained) == lengths


@pytest.mark.parametrize("trained", [100, 2048, 40960, 1 << 20])
def test_a_curve_has_the_lengths_of_the_table_and_more_between_them(trained: int) -> None:
    curve, table = curve_lengths(trained), table_lengths(trained)
    assert set(table) <= set(curve)
    assert list(curve) == sorted(set(curve))
    assert curve[-1] == trained
    assert all(length % 256 == 0 for length in curve if length != trained)


def test_only_the_context_changes_and_memory_grows_with_it() -> None:
    options = LoadOptions(context=ContextOptions(kv_type=CacheType.Q8_0))
    machine = make_machine(16)
    steps = list(over_context(DENSE, options, machine, table_lengths(262144)))
    assert [step.n_ctx for step in steps] == list(table_lengths(262144))
    assert [step.is_trained for step in steps] == [False] * 6 + [True]
    totals = [step.plan.total_bytes for step in steps]
    assert totals == sorted(totals)
    assert {step.plan.options.context.kv_type for step in steps} == {CacheType.Q8_0}
    assert len({step.plan.size_bytes(None, Part.MAPPED) for step in steps}) == 1
    for step in steps:
        assert step.plan == DENSE.plan(
            LoadOptions(context=ContextOptions(kv_type=CacheType.Q8_0, n_ctx=step.n_ctx)), machine
        )


def test_a_longer_context_is_slower_when_full_and_does_not_fit_in_the_end() -> None:
    steps = list(over_context(DENSE, LoadOptions(), make_machine(8), table_lengths(262144)))
    speeds = [step.generation.expected for step in steps if step.generation]
    assert len(speeds) == len(steps)
    assert speeds == sorted(speeds, reverse=True)
    assert steps[0].plan.verdict is Verdict.FITS
    assert steps[-1].plan.verdict is Verdict.OVER


def test_the_speed_is_the_one_that_a_plan_with_a_full_context_has() -> None:
    formula, machine = Formula(experts_header(8)), make_machine(64)
    options = LoadOptions(cpu_expert_layers=2, context=ContextOptions(n_ctx=32768))
    alone = expected_speeds(formula, options, machine, position=32768).generation
    [step] = over_context(formula, options, machine, [32768])
    assert step.generation == alone


def test_of_an_unknown_architecture_no_speed_over_context_is_known() -> None:
    formula = Formula(dense_header(architecture="llamama"))
    steps = list(over_context(formula, LoadOptions(), make_machine(64), [4096, 8192]))
    assert [step.generation for step in steps] == [None, None]
    assert {step.plan.unknown for step in steps} == {(Part.KV, Part.COMPUTE)}
