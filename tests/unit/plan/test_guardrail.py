"""Limits for loads, and what makes a plan fit."""

from dataclasses import replace
from pathlib import Path

import pytest

from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.plan.formula import Formula, plan_by_formula
from corral.plan.guardrail import Guardrail, MoveKind, moves_that_fit
from corral.plan.machine import Machine
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.plan import Verdict
from corral.settings import GuardrailChoice
from helpers.header_files import write_dense, write_experts
from helpers.headers import GIB, make_machine

LONG = LoadOptions(context=ContextOptions(n_ctx=65536))


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return read_header(write_dense(tmp_path_factory.mktemp("headers") / "dense.gguf"))


def card(gib: float) -> Machine:
    return make_machine(64, gib)


def needed_gib(header: Header, options: LoadOptions) -> float:
    return plan_by_formula(header, options, card(80)).size_bytes("CUDA0") / GIB


def test_each_choice_draws_its_own_line(dense: Header) -> None:
    need = needed_gib(dense, LONG)
    refused = {
        share: [
            choice
            for choice in GuardrailChoice
            if Guardrail(choice=choice).fullest(plan_by_formula(dense, LONG, card(need / share)))
        ]
        for share in (0.75, 0.85, 0.95, 2.0)
    }
    assert refused == {
        0.75: [],
        0.85: [GuardrailChoice.STRICT],
        0.95: [GuardrailChoice.BALANCED, GuardrailChoice.STRICT, GuardrailChoice.OWN],
        2.0: [GuardrailChoice.BALANCED, GuardrailChoice.STRICT, GuardrailChoice.OWN],
    }


def test_balanced_is_what_the_verdict_says(dense: Header) -> None:
    need = needed_gib(dense, LONG)
    for share in (0.5, 0.89, 0.91, 1.5):
        plan = plan_by_formula(dense, LONG, card(need / share))
        assert (Guardrail().fullest(plan) is not None) == (plan.verdict is Verdict.OVER)


def test_an_own_limit_leaves_what_was_asked(dense: Header) -> None:
    plan = plan_by_formula(dense, LONG, card(needed_gib(dense, LONG) + 2))
    own = GuardrailChoice.OWN
    assert Guardrail(choice=own, leave_free_bytes=GIB).fullest(plan) is None
    device = Guardrail(choice=own, leave_free_bytes=3 * GIB).fullest(plan)
    assert device
    assert device.name == "CUDA0"


def test_every_move_fits_and_no_smaller_one_of_its_kind_would(dense: Header) -> None:
    machine, guardrail = card(needed_gib(dense, LONG)), Guardrail()
    moves = moves_that_fit(Formula(dense), plan_by_formula(dense, LONG, machine), guardrail)
    assert [move.kind for move in moves] == [
        MoveKind.SMALLER_CACHE,
        MoveKind.SHORTER_CONTEXT,
        MoveKind.FEWER_GPU_LAYERS,
    ]
    for move in moves:
        assert guardrail.fullest(plan_by_formula(dense, move.options, machine)) is None
    n_ctx = moves[1].options.context.n_ctx + 256
    longer = replace(LONG, context=replace(LONG.context, n_ctx=n_ctx))
    assert guardrail.fullest(plan_by_formula(dense, longer, machine))


def test_experts_may_move_to_main_memory(tmp_path: Path) -> None:
    header = read_header(write_experts(tmp_path / "experts.gguf"))
    machine, guardrail = card(needed_gib(header, LoadOptions()) * 0.8), Guardrail()
    plan = plan_by_formula(header, LoadOptions(), machine)
    moves = {move.kind: move.options for move in moves_that_fit(Formula(header), plan, guardrail)}
    experts = moves[MoveKind.EXPERTS_IN_RAM]
    assert 0 < experts.cpu_expert_layers < 12
    assert guardrail.fullest(plan_by_formula(header, experts, machine)) is None


def test_where_nothing_helps_no_move_is_offered(dense: Header) -> None:
    machine = make_machine(0.1)
    assert moves_that_fit(Formula(dense), plan_by_formula(dense, LONG, machine), Guardrail()) == ()
