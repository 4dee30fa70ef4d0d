"""Making, changing and losing models, for the event loop."""

from pathlib import Path

import pytest

from corral.errors import UserError
from corral.jobs import JobState
from corral.library.taking import ImportHow
from corral.prompt.message import Message, Role
from corral.workbench.prompting import Prompting
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench
from helpers.gguf_files import tiny_model
from helpers.homes import STARTER, TINY


async def names(bench: Workbench) -> list[str]:
    return sorted(model.name for model in await bench.modelling.list())


async def test_an_imported_file_is_a_model_named_by_its_file(
    workbench: Workbench, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "New-Model.F32.gguf", general__name="New")
    model = await workbench.modelling.import_file(file, how=ImportHow.COPY).result()
    assert model.name == "new-model:f32"
    assert (await workbench.modelling.get("new-model:f32")).weights.is_file()


async def test_listeners_are_told_once_when_a_model_was_made(
    workbench: Workbench, tmp_path: Path
) -> None:
    told: list[list[JobState]] = []
    workbench.modelling.changed.subscribe(
        lambda: told.append([job.state for job in workbench.jobs.running])
    )
    file = tiny_model(tmp_path / "New-Model.F32.gguf", general__name="New")
    await workbench.modelling.import_file(file).result()
    assert len(told) == 1


async def test_a_modelfile_makes_a_model_that_shares_the_weights(workbench: Workbench) -> None:
    text = f'FROM {STARTER}\nSYSTEM "You are brief."\nPARAMETER temperature 0.2\n'
    made = await workbench.modelling.create("brief", text).result()
    assert made.name == "brief:latest"
    assert made.system == "You are brief."
    assert made.parameters == {"temperature": 0.2}
    assert made.weights == (await workbench.modelling.get(STARTER)).weights
    assert 'SYSTEM "You are brief."' in (await workbench.modelling.modelfile("brief")).replace(
        "SYSTEM You are brief.", 'SYSTEM "You are brief."'
    )


async def test_a_modelfile_from_a_stranger_may_not_name_files(
    workbench: Workbench, tmp_path: Path
) -> None:
    file = tiny_model(tmp_path / "Tiny.gguf")
    job = workbench.modelling.create("mine", f"FROM {file}\n")
    with pytest.raises(UserError):
        await job.result()
    assert job.state is JobState.FAILED
    made = await workbench.modelling.create("mine", "FROM ./Tiny.gguf\n", tmp_path).result()
    assert made.config.family == "llama"


async def test_a_faulty_modelfile_is_refused_with_the_line(workbench: Workbench) -> None:
    job = workbench.modelling.create("faulty", f"FROM {STARTER}\n\nPARAMTER top_k 3\n")
    with pytest.raises(UserError) as caught:
        await job.result()
    assert caught.value.place
    assert caught.value.place.line == 3
    assert "faulty:latest" not in await names(workbench)


async def test_a_conversation_saved_as_a_model_answers_with_that_history(
    workbench: Workbench,
) -> None:
    base = await workbench.modelling.get(STARTER)
    history = (
        Message(role=Role.USER, content="My name is Ada."),
        Message(role=Role.ASSISTANT, content="Nice to meet you, Ada."),
    )
    saved = await workbench.modelling.save_conversation(
        "ada", base, system="Be kind.", parameters={"num_ctx": 512, "seed": 3}, messages=history
    ).result()
    assert (saved.messages, saved.system) == (history, "Be kind.")
    assert saved.parameters["seed"] == 3
    request = ChatRequest(
        model="ada", messages=(Message(role=Role.USER, content="What is my name?"),)
    )
    async with workbench.loading.using(saved, request, lambda _event: None) as runner:
        prompt = await Prompting(workbench.renderer).prepare(saved, runner, request)
    said = ["Be kind.", "My name is Ada.", "Nice to meet you, Ada.", "What is my name?"]
    places = [prompt.text.index(words) for words in said]
    assert places == sorted(places)
    assert runner.info.n_ctx == 512


async def test_a_removed_model_is_gone_and_comes_back(workbench: Workbench) -> None:
    await workbench.modelling.remove(TINY)
    assert await names(workbench) == [STARTER]
    with pytest.raises(UserError, match="not found"):
        await workbench.modelling.get(TINY)
    assert (await workbench.modelling.restore(TINY)).name == TINY
    assert await names(workbench) == [STARTER, TINY]


async def test_a_copy_has_the_same_content_and_a_renamed_model_its_new_name_only(
    workbench: Workbench,
) -> None:
    copy = await workbench.modelling.copy(TINY, "second")
    assert copy.digest == (await workbench.modelling.get(TINY)).digest
    await workbench.modelling.rename("second", "third")
    assert await names(workbench) == [STARTER, "third:latest", TINY]


async def test_the_store_is_checked_as_a_job_and_what_it_takes_is_measured(
    workbench: Workbench,
) -> None:
    job = workbench.modelling.check()
    assert job.title == "Checking the models"
    report = await job.result()
    assert report.is_sound
    use = await workbench.modelling.disk_use()
    assert report.read_bytes == use.total_bytes > 90_000_000
    assert (await workbench.modelling.check(fast=True).result()).read_bytes == 0
