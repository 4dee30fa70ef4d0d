"""Which models are in memory, and which are refused."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from corral.errors import ExternalError, UserError
from corral.events import (
    Event,
    Finished,
    FinishReason,
    Phase,
    PhaseChanged,
    TextAdded,
)
from corral.library.taking import ImportHow
from corral.places import Places
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Part
from corral.prompt.answering import Answering
from corral.prompt.message import Message, Role
from corral.settings import GuardrailChoice, Overflow, Speculation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.homes import STARTER, TINY

SHORT = {"num_ctx": 512, "num_predict": 4}
MIB = 1024**2


async def load(bench: Workbench, name: str, **request: object) -> Finished:
    """Load a model and do no more."""
    given = {"model": name, "messages": None, "parameters": SHORT} | request
    return await bench.conversing.start(ChatRequest(**given)).wait()  # type: ignore[arg-type]


async def loaded(bench: Workbench) -> list[str]:
    """The names of the loaded models."""
    models = await bench.modelling.list()
    return [model.name for model in models if bench.loading.is_loaded(model)]


async def planned_bytes(bench: Workbench, name: str) -> int:
    model = await bench.modelling.get(name)
    options = await bench.planning.options_for(model, SHORT)
    return (await bench.planning.best_plan(model, options)).total_bytes


@pytest.fixture
def free_memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the system report that much free memory."""

    def report(free_bytes: int) -> None:
        memory = SimpleNamespace(total=64 * 1024 * MIB, available=free_bytes)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)

    return report


async def test_a_second_model_stays_beside_the_first_where_both_fit(workbench: Workbench) -> None:
    assert (await load(workbench, STARTER)).reason is FinishReason.LOADED
    assert (await load(workbench, TINY)).reason is FinishReason.LOADED
    assert set(await loaded(workbench)) == {STARTER, TINY}


async def test_loading_a_model_is_what_counts_as_its_last_use(workbench: Workbench) -> None:
    before = time.time()
    assert (await load(workbench, TINY)).reason is FinishReason.LOADED
    used = {model.name: model.last_used_at for model in await workbench.modelling.list()}
    assert used[STARTER] < before <= used[TINY] + 0.1


async def test_a_second_model_unloads_the_first_unless_both_fit(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    needed = await planned_bytes(workbench, TINY)
    await load(workbench, STARTER)
    free_memory(needed)  # less the reserve it is too little, with the first one's memory enough
    assert (await load(workbench, TINY)).reason is FinishReason.LOADED
    assert await loaded(workbench) == [TINY]


async def test_an_answer_that_is_being_given_is_not_cut_off_by_another_models_load(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    needed = await planned_bytes(workbench, TINY)
    question = (Message(role=Role.USER, content="Tell me a long story."),)
    talking = workbench.conversing.start(
        ChatRequest(
            model=STARTER, messages=question, parameters={"num_ctx": 512, "num_predict": 40}
        )
    )
    async for event in talking.events():
        if isinstance(event, TextAdded):
            break
    free_memory(needed)
    assert (await load(workbench, TINY)).reason is FinishReason.LOADED
    assert talking.finished
    assert talking.finished.reason in {FinishReason.STOP, FinishReason.LENGTH}
    assert await loaded(workbench) == [TINY]


async def test_a_load_that_waits_for_another_models_answer_can_be_stopped(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    needed = await planned_bytes(workbench, TINY)
    question = (Message(role=Role.USER, content="Tell me a long story."),)
    talking = workbench.conversing.start(
        ChatRequest(model=STARTER, messages=question, parameters={"num_ctx": 512})
    )
    async for event in talking.events():
        if isinstance(event, TextAdded):
            break
    free_memory(needed)
    waiting = workbench.conversing.start(ChatRequest(model=TINY, messages=None, parameters=SHORT))
    async for event in waiting.events():
        if isinstance(event, PhaseChanged) and event.phase is Phase.CHECKING:
            break
    async for event in waiting.events():
        if isinstance(event, PhaseChanged) and event.phase is Phase.WAITING:
            break
    waiting.stop()
    assert (await waiting.wait()).reason is FinishReason.CANCELLED
    assert talking.finished is None
    assert await loaded(workbench) == [STARTER]
    talking.stop()
    await talking.wait()


async def test_two_models_asked_at_once_both_answer_though_only_one_fits(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    free_memory(max([await planned_bytes(workbench, name) for name in (STARTER, TINY)]) * 10 // 8)
    hello = (Message(role=Role.USER, content="Hello"),)
    generations = [
        workbench.conversing.start(ChatRequest(model=name, messages=hello, parameters=SHORT))
        for name in (STARTER, TINY, STARTER, TINY)
    ]
    ends = [await asyncio.wait_for(generation.wait(), 30) for generation in generations]
    assert {end.reason for end in ends} <= {FinishReason.STOP, FinishReason.LENGTH}


async def test_an_answer_whose_model_is_unloaded_meanwhile_comes_to_an_end(
    workbench: Workbench,
) -> None:
    model = await workbench.modelling.get(STARTER)
    await load(workbench, STARTER)
    runner = workbench.planning.runner_of(model)
    assert runner
    await workbench.loading.unload(model)
    with pytest.raises(ExternalError, match="unloaded"):
        await asyncio.wait_for(runner.tokenize("Hello", add_special=True, parse_special=True), 10)


async def test_a_model_over_the_free_memory_is_refused_with_both_numbers(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    free_memory(20 * MIB)
    end = await load(workbench, STARTER)
    assert end.reason is FinishReason.FAILED
    assert isinstance(end.error, UserError)
    assert "MiB" in end.error.summary
    assert "20.0 MiB is free" in end.error.summary
    assert "18.0 MiB" in end.error.summary
    assert await loaded(workbench) == []


async def test_a_model_over_the_free_memory_is_loaded_when_that_is_wanted(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    free_memory(20 * MIB)
    end = await load(workbench, STARTER, is_over_budget_allowed=True)
    assert end.reason is FinishReason.LOADED
    assert await loaded(workbench) == [STARTER]


async def test_a_loaded_model_answers_without_being_loaded_again(workbench: Workbench) -> None:
    await load(workbench, STARTER)
    model = await workbench.modelling.get(STARTER)
    runner = workbench.planning.runner_of(model)
    hello = (Message(role=Role.USER, content="Hello"),)
    generation = workbench.conversing.start(
        ChatRequest(model=STARTER, messages=hello, parameters=SHORT)
    )
    phases = [e.phase async for e in generation.events() if isinstance(e, PhaseChanged)]
    assert Phase.GENERATING in phases
    assert Phase.LOADING not in phases
    assert workbench.planning.runner_of(model) is runner


async def test_a_loaded_model_keeps_its_context_when_free_memory_changes(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    free_memory(300 * MIB)
    await load(workbench, STARTER, parameters={})
    model = await workbench.modelling.get(STARTER)
    runner = workbench.planning.runner_of(model)
    assert runner
    n_ctx = runner.info.n_ctx
    assert 512 < n_ctx < 8192
    free_memory(4096 * MIB)
    await load(workbench, STARTER, parameters={})
    assert runner.info.n_ctx == n_ctx


async def test_loading_tells_its_progress(workbench: Workbench) -> None:
    request = ChatRequest(model=STARTER, messages=None, parameters=SHORT)
    events: list[Event] = [e async for e in workbench.conversing.start(request).events()]
    percents = [e.done for e in events if isinstance(e, PhaseChanged) and e.phase is Phase.LOADING]
    assert percents[0] == 0
    assert percents == sorted(percents)
    assert any(isinstance(e, PhaseChanged) and e.phase is Phase.CHECKING for e in events)


async def test_a_load_that_is_stopped_leaves_nothing_in_memory(workbench: Workbench) -> None:
    generation = workbench.conversing.start(
        ChatRequest(model=STARTER, messages=None, parameters=SHORT)
    )
    async for event in generation.events():
        if isinstance(event, PhaseChanged) and event.phase is Phase.LOADING:
            generation.stop()
    end = await generation.wait()
    assert end.reason is FinishReason.CANCELLED
    assert await loaded(workbench) == []
    assert (await load(workbench, STARTER)).reason is FinishReason.LOADED


async def test_unloading_frees_the_model(workbench: Workbench) -> None:
    await load(workbench, STARTER)
    await workbench.loading.unload(await workbench.modelling.get(STARTER))
    assert await loaded(workbench) == []


async def test_the_file_that_the_last_run_died_of_is_refused_until_it_is_trusted(
    places: Places,
) -> None:
    async with open_workbench(places) as bench:
        weights = (await bench.modelling.get(STARTER)).weights
    dead = {"path": str(weights), "doing": "loading", "pid": 2**22 + 1, "started": 0.0}
    places.marker_file.write_text(json.dumps(dead), encoding="utf-8")
    async with open_workbench(places) as bench:
        told = []
        bench.loading.refused.subscribe(lambda: told.append(True))
        end = await load(bench, STARTER)
        assert end.reason is FinishReason.FAILED
        assert isinstance(end.error, UserError)
        assert STARTER in end.error.summary
        assert told
        assert (await load(bench, TINY)).reason is FinishReason.LOADED
        bench.loading.trust()
        assert (await load(bench, STARTER)).reason is FinishReason.LOADED


async def test_a_linked_file_that_changed_since_its_import_is_not_loaded(
    workbench: Workbench, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "own" / "Linked.F32.gguf", general__name="Linked")
    await workbench.modelling.import_file(file, "linked", ImportHow.LINK).result()
    with file.open("r+b") as writing:
        writing.seek(-100, 2)
        writing.write(b"changed")
    end = await load(workbench, "linked")
    assert isinstance(end.error, ExternalError)
    assert "Linked.F32.gguf" in end.error.summary
    assert await loaded(workbench) == []


async def test_a_template_that_fails_ends_the_answer_with_an_error_of_its_own(
    workbench: Workbench, tmp_path: Path
) -> None:
    template = "{{ raise_exception('only on Sundays') }}"
    file = tiny_model(tmp_path / "Sunday.F32.gguf", tokenizer__chat_template=template)
    await workbench.modelling.import_file(file, "sunday").result()
    hello = (Message(role=Role.USER, content="Hello"),)
    generation = workbench.conversing.start(
        ChatRequest(model="sunday", messages=hello, parameters=SHORT)
    )
    end = await generation.wait()
    assert end.reason is FinishReason.FAILED
    assert isinstance(end.error, UserError)
    assert "only on Sundays" in str(end.error) + end.error.detail


async def test_a_model_that_does_not_exist_ends_the_answer_with_a_hint(
    workbench: Workbench,
) -> None:
    conversation = await workbench.chats.create_conversation("smollm2:136m")
    end = await (await workbench.conversing.send(conversation, "Hello")).wait()
    assert end.reason is FinishReason.FAILED
    assert isinstance(end.error, UserError)
    assert STARTER in end.error.hint
    leaf = (await workbench.chats.get(conversation.id)).leaf_id
    answer = (await workbench.chats.branch(leaf))[-1].message
    assert answer.error == str(end.error)


async def test_closing_the_workbench_ends_what_runs_and_stores_it(places: Places) -> None:
    async with open_workbench(places) as bench:
        conversation = await bench.chats.create_conversation(STARTER, parameters={"num_ctx": 512})
        generation = await bench.conversing.send(conversation, "Tell me a long story.")
        async for event in generation.events():
            if isinstance(event, TextAdded):
                break
    async with open_workbench(places) as bench:
        leaf = (await bench.chats.get(conversation.id)).leaf_id
        answer = (await bench.chats.branch(leaf))[-1].message
        assert answer.state == "stopped"
        assert answer.text == generation.answer


async def test_what_is_measured_is_what_was_planned(workbench: Workbench) -> None:
    await load(workbench, STARTER)
    model = await workbench.modelling.get(STARTER)
    options = await workbench.planning.options_for(model, SHORT)
    plan = await workbench.planning.exact_plan(model, options)
    measured = workbench.planning.measured(plan, model)
    assert measured
    assert {(m.device, m.part): m.size_bytes for m in measured} == {
        (line.device, line.part): line.size_bytes for line in plan.lines
    }
    assert Part.KV in {line.part for line in measured}


async def test_only_as_many_models_stay_loaded_as_ollamas_variable_allows(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MAX_LOADED_MODELS", "1")
    async with open_workbench(places) as bench:
        assert not (await load(bench, STARTER)).error
        assert not (await load(bench, TINY)).error
        assert await loaded(bench) == [TINY]
        gone = asyncio.Event()
        bench.engine.subscribe(gone.set)
        assert not (await load(bench, TINY, keep_alive_s=0.0)).error
        await asyncio.wait_for(gone.wait(), 10)
        assert await loaded(bench) == []


async def test_a_stored_chats_cache_goes_to_disk_with_its_model_and_is_dropped_with_the_chat(
    places: Places,
) -> None:
    async with open_workbench(places) as bench:
        parameters = {"num_ctx": 512, "num_predict": 4}
        chat = await bench.chats.create_conversation(STARTER, parameters=parameters)
        question = " ".join(f"Tell me about number {n}." for n in range(30))
        await (await bench.conversing.send(chat, question)).wait()
    (kept,) = places.kv.iterdir()
    async with open_workbench(places) as bench:
        chat = await bench.chats.get(chat.id)
        end = await (await bench.conversing.send(chat, "And then?")).wait()
        assert end.usage.cached_tokens > 100
        await bench.chats.delete(chat.id)
        assert not kept.exists()
    assert not list(places.kv.iterdir())


async def test_a_conversation_that_is_too_long_is_refused_where_nothing_may_be_left_out(
    workbench: Workbench,
) -> None:
    messages = tuple(
        Message(role=role, content=" ".join(f"word {n}" for n in range(80)))
        for role in (Role.USER, Role.ASSISTANT, Role.USER)
    )
    request = {"messages": messages, "answering": Answering(overflow=Overflow.REFUSE)}
    end = await load(workbench, STARTER, **request)
    assert isinstance(end.error, UserError)
    assert "2 messages would have to be left out" in end.error.summary
    assert not (await load(workbench, STARTER, messages=messages)).error
    workbench.settings.change(context_overflow=Overflow.REFUSE)  # for all that say nothing else
    assert (await load(workbench, STARTER, messages=messages)).error
    allowed = Answering(overflow=Overflow.STOP)
    assert not (await load(workbench, STARTER, messages=messages, answering=allowed)).error


async def test_what_the_plan_said_is_what_was_loaded(workbench: Workbench) -> None:
    context = ContextOptions(n_ctx=512, n_ubatch=64, v_type=CacheType.Q8_0, kv_unified=False)
    options = LoadOptions(
        load_mode=LoadMode.NONE, tensor_overrides=((r"blk\.0\.", "CPU"),), context=context
    )
    assert not (await load(workbench, STARTER, options=options)).error
    model = await workbench.modelling.get(STARTER)
    runner = workbench.planning.runner_of(model)
    assert runner
    assert runner.info.requested == options
    told = json.loads(workbench.loading.ledger(runner))
    assert told["options"] == json.loads(json.dumps(asdict(runner.info.options)))
    planned, measured = (
        sum(line["size_bytes"] for line in told[kind] if line["part"] == "kv")
        for kind in ("planned", "measured")
    )
    assert planned == measured


async def test_a_load_and_a_run_are_written_into_the_ledger(workbench: Workbench) -> None:
    given = {"num_ctx": 512, "num_predict": 24, "temperature": 0.0}
    messages = (Message(role=Role.USER, content="Count to a hundred, word by word."),)
    request = ChatRequest(  # runs with guessed tokens tell nothing of the model's own speed
        model=STARTER, messages=messages, parameters=given, speculation=Speculation.OFF
    )
    end = await workbench.conversing.start(request).wait()
    assert end.error is None
    ledger = workbench.planning.ledger()
    (entry, *_), (run, *_) = await ledger.loads(), await ledger.runs()
    assert entry.model == run.model == STARTER
    for _, planned, measured in entry.by_device():
        assert planned == measured  # the exact plan
    assert run.generated_per_s == pytest.approx(end.usage.generated_tokens / end.usage.generation_s)
    model = await workbench.modelling.get(STARTER)
    plan = await workbench.planning.best_plan(
        model, await workbench.planning.options_for(model, given)
    )
    speeds = await workbench.planning.speeds(model, plan)
    assert speeds.kind is Kind.CALIBRATED
    assert speeds.generation
    assert speeds.generation.low < run.generated_per_s < speeds.generation.high * 2


async def test_the_limit_that_the_user_set_is_kept_to(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    planned = await planned_bytes(workbench, TINY)
    free_memory(int(planned / 0.85))
    workbench.settings.change(guardrail=GuardrailChoice.STRICT)
    end = await load(workbench, TINY)
    assert isinstance(end.error, UserError)
    workbench.settings.change(guardrail=GuardrailChoice.BALANCED)
    assert (await load(workbench, TINY)).error is None


async def test_without_a_limit_whatever_is_asked_is_loaded(
    workbench: Workbench, free_memory: Callable[[int], None]
) -> None:
    free_memory(MIB)
    assert (await load(workbench, TINY)).error is not None
    workbench.settings.change(guardrail=GuardrailChoice.OFF)
    assert (await load(workbench, TINY)).error is None
