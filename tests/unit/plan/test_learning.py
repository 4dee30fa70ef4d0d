"""What real runs teach."""

import pytest

from corral.events import Usage
from corral.plan.learning import SpeedRun, Where, learn, speed_run, where_of
from corral.plan.options import LoadOptions
from corral.plan.speed import UNCORRECTED


def run(ratio: float, model: str = "a", where: Where = Where.CPU) -> SpeedRun:
    return SpeedRun(
        at=0,
        model=model,
        where=where,
        prompt_per_s=0,
        generated_per_s=10 * ratio,
        expected_prompt=100,
        expected_generation=10,
    )


def test_without_runs_nothing_is_corrected() -> None:
    assert learn([], "a", Where.CPU) == (UNCORRECTED, UNCORRECTED)
    assert learn([run(2, where=Where.GPU)], "a", Where.CPU)[1] == UNCORRECTED


def test_the_median_of_a_models_own_runs_decides() -> None:
    runs = [run(0.5), run(0.6), run(9), run(5, model="b")]
    correction = learn(runs, "a", Where.CPU)[1]
    assert correction.factor == pytest.approx(0.6)
    assert correction.runs == 3


def test_runs_of_other_models_teach_less() -> None:
    runs = [run(0.5, model="b"), run(0.5, model="c")]
    own, others = learn(runs, "b", Where.CPU)[1], learn(runs, "a", Where.CPU)[1]
    assert own.factor == others.factor == pytest.approx(0.5)
    assert own.spread < others.spread


def test_short_runs_say_nothing_and_kept_tokens_are_no_speed() -> None:
    short = Usage(prompt_tokens=100, cached_tokens=90, prompt_s=1, generated_tokens=3)
    assert speed_run("a", Where.CPU, short, 0) is None
    long = Usage(
        prompt_tokens=200, cached_tokens=100, prompt_s=2, generated_tokens=30, generation_s=3
    )
    found = speed_run("a", Where.CPU, long, 0)
    assert found
    assert (found.prompt_per_s, found.generated_per_s) == (50, 10)


@pytest.mark.parametrize(
    ("layers", "kept", "where"),
    [(0, 0, Where.CPU), (5, 0, Where.MIXED), (33, 4, Where.MIXED), (33, 0, Where.GPU)],
)
def test_where_a_plan_computes(layers: int, kept: int, where: Where) -> None:
    assert where_of(LoadOptions(n_gpu_layers=layers, cpu_expert_layers=kept), 33) is where
