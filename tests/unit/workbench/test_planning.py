"""How a model would be loaded, and what that would take."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from corral.errors import UserError
from corral.modelfile.catalogue import ParameterValue
from corral.ollama_variables import read_variables
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions, SplitMode
from corral.plan.parameters import as_said, with_parameters
from corral.plan.plan import Kind, Part
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench
from helpers.homes import STARTER, TINY
from helpers.vectors import vectors

OTHER = LoadOptions(context=ContextOptions(n_ctx=1024, kv_type=CacheType.Q8_0))


async def test_without_a_word_the_context_is_the_trained_one_up_to_8192(
    workbench: Workbench,
) -> None:
    for name, n_ctx in ((STARTER, 8192), (TINY, 512)):
        model = await workbench.modelling.get(name)
        assert (await workbench.planning.options_for(model)).context.n_ctx == n_ctx


async def test_the_models_parameters_decide_and_the_conversations_win_over_them(
    workbench: Workbench,
) -> None:
    text = f"FROM {STARTER}\nPARAMETER num_ctx 1024\nPARAMETER num_thread 1\n"
    model = await workbench.modelling.create("short", text).result()
    own = (await workbench.planning.options_for(model)).context
    assert (own.n_ctx, own.n_threads) == (1024, 1)
    asked = (await workbench.planning.options_for(model, {"num_ctx": 2048})).context
    assert (asked.n_ctx, asked.n_threads) == (2048, 1)


async def test_what_the_user_chose_wins_until_it_is_taken_back(workbench: Workbench) -> None:
    model = await workbench.modelling.get(STARTER)
    told = []
    workbench.planning.changed.subscribe(lambda: told.append(True))
    workbench.planning.choose(model, OTHER)
    assert await workbench.planning.options_for(model, {"num_ctx": 512}) == OTHER
    workbench.planning.choose(model, None)
    assert (await workbench.planning.options_for(model, {"num_ctx": 512})).context.n_ctx == 512
    assert len(told) == 2


async def test_a_quick_plan_is_by_formulas_and_an_exact_one_agrees_with_it(
    workbench: Workbench,
) -> None:
    model = await workbench.modelling.get(STARTER)
    options = await workbench.planning.options_for(model, {"num_ctx": 512})
    quick = await workbench.planning.quick_plan(model, options)
    exact = await workbench.planning.best_plan(model, options)
    assert (quick.kind, exact.kind) == (Kind.FORMULA, Kind.EXACT)
    for part in (Part.WEIGHTS, Part.MAPPED, Part.KV, Part.OUTPUT):
        assert quick.size_bytes(None, part) == exact.size_bytes(None, part)
    assert abs(quick.total_bytes / exact.total_bytes - 1) < 0.05


async def test_the_plans_of_all_models_leave_broken_ones_out(workbench: Workbench) -> None:
    tiny = await workbench.modelling.get(TINY)
    tiny.weights.unlink()
    plans = await workbench.planning.quick_plans(await workbench.modelling.list())
    assert list(plans) == [STARTER]


async def test_figures_are_measured_only_for_a_loaded_model_with_this_very_plan(
    workbench: Workbench,
) -> None:
    model = await workbench.modelling.get(STARTER)
    options = await workbench.planning.options_for(model, {"num_ctx": 512})
    plan = await workbench.planning.quick_plan(model, options)
    assert workbench.planning.measured(plan, model) is None
    request = ChatRequest(model=STARTER, messages=None, options=options)
    await workbench.conversing.start(request).wait()
    assert workbench.planning.measured(plan, model)
    longer = replace(options, context=replace(options.context, n_ctx=1024))
    other = await workbench.planning.quick_plan(model, longer)
    assert workbench.planning.measured(other, model) is None
    await workbench.loading.unload(model)
    assert workbench.planning.measured(plan, model) is None


async def test_memory_that_loaded_models_hold_counts_as_free(workbench: Workbench) -> None:
    request = ChatRequest(model=STARTER, messages=None, parameters={"num_ctx": 8192})
    await workbench.conversing.start(request).wait()
    now = await workbench.planning.machine()
    free = await workbench.planning.machine_when_free()
    model = await workbench.modelling.get(STARTER)
    runner = workbench.planning.runner_of(model)
    assert runner
    held = sum(m.size_bytes for m in runner.info.measured if m.part is not Part.MAPPED)
    difference = free.cpu.free_bytes - now.cpu.free_bytes
    assert held / 2 < difference < held * 2  # other programs of this machine take and give, too


def test_a_requests_context_wins_over_the_models_that_over_the_environments_and_that_over_ours(
    record_property: Callable[[str, object], None],
) -> None:
    cases = vectors("parameters")["num_ctx_priority"]
    for case in cases:
        said = read_variables({"OLLAMA_CONTEXT_LENGTH": case["envContextLen"]})
        default = as_said(LoadOptions(context=ContextOptions(n_ctx=case["defaultNumCtx"])), said)
        asked = {"num_ctx": case["requestNumCtx"]} if case["requestNumCtx"] else {}
        chosen = with_parameters(default, {"num_ctx": case["modelNumCtx"], **asked})
        assert chosen.context.n_ctx == case["expectedNumCtx"], case["name"]
    record_property("cases of parameters", len(cases))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("num_ctx", 10**12, "num_ctx is 1,000,000,000,000; it can be 0 to 16,777,216"),
        ("num_ctx", -5, "num_ctx is -5"),
        ("num_ctx", "many", "num_ctx is 'many'"),
        ("num_ctx", float("nan"), "num_ctx is nan"),
        ("num_batch", 0, "num_batch is 0; it can be 1 to 16,384"),
        ("num_thread", 10_000, "num_thread is 10,000; it can be 0 to 512"),
        ("num_gpu", -2, "num_gpu is -2"),
        ("main_gpu", 99, "main_gpu is 99; it can be 0 to 15"),
        ("use_mmap", 3, "use_mmap is 3; it can be true or false"),
    ],
)
def test_an_absurd_parameter_is_refused_with_what_can_be(
    name: str, value: ParameterValue, said: str
) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        with_parameters(LoadOptions(), {name: value})


def test_parameters_by_ollamas_names_become_load_options() -> None:
    made = with_parameters(
        LoadOptions(),
        {"num_gpu": 9999, "main_gpu": 1, "use_mmap": False, "num_thread": 3, "num_batch": 64,
         "num_ctx": 1000.7},
    )  # fmt: skip
    assert made == LoadOptions(
        n_gpu_layers=1024,
        split_mode=SplitMode.NONE,
        main_gpu=1,
        load_mode=LoadMode.NONE,
        context=ContextOptions(n_ctx=1000, n_batch=64, n_threads=3),
    )
    assert (
        with_parameters(LoadOptions(), {"num_gpu": -1, "num_ctx": 0, "num_thread": 0})
        == LoadOptions()
    )
