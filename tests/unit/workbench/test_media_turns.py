"""Conversations with pictures, with a tiny model whose eyes are random weights."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from corral.chats.attachment import Attachment, AttachmentKind, attach
from corral.chats.store import BranchMessage, Conversation, PicturePart
from corral.errors import UserError
from corral.events import ContextTrimmed, Finished, Phase, PhaseChanged
from corral.plan.plan import Part
from corral.prompt.message import Message, Role
from corral.workbench.generation import Generation
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.homes import places_of
from helpers.pictures import png_bytes, wav_bytes
from helpers.projectors import gemma3_projector, ultravox_projector

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARAMETERS = {"num_predict": 4, "temperature": 0.0, "num_ctx": 512}
PICTURE = attach("cat.png", png_bytes(40, 30))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workbench]:
    """A workbench with a model that sees, "eyes", and one that does not, "blind"."""
    folder = tmp_path_factory.mktemp("media")
    weights = tiny_model(folder / "tiny.gguf")
    eyes = gemma3_projector(folder / "mmproj.gguf", 64)
    async with open_workbench(places_of(folder / "home")) as opened:
        await opened.modelling.create("eyes", f"FROM {weights}\nFROM {eyes}\n", folder).result()
        ears = ultravox_projector(folder / "ears.gguf", 64)
        await opened.modelling.create("ears", f"FROM {weights}\nFROM {ears}\n", folder).result()
        mad = gemma3_projector(folder / "mad.gguf", 64, clip__vision__attention__head_count=0)
        await opened.modelling.create("mad", f"FROM {weights}\nFROM {mad}\n", folder).result()
        await opened.modelling.create("blind", f"FROM {weights}\n", folder).result()
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def conversation(bench: Workbench) -> Conversation:
    return await bench.chats.create_conversation("eyes", parameters=PARAMETERS)


async def branch(bench: Workbench, conversation: Conversation) -> tuple[BranchMessage, ...]:
    now = await bench.chats.get(conversation.id)
    return await bench.chats.branch(now.leaf_id)


async def ended(generation: Generation) -> tuple[Finished, set[Phase]]:
    phases = set()
    async for event in generation.events():
        if isinstance(event, PhaseChanged):
            phases.add(event.phase)
        if isinstance(event, Finished):
            return event, phases
    raise AssertionError("no end")


async def send(
    bench: Workbench, conversation: Conversation, text: str, *attachments: Attachment
) -> tuple[Finished, set[Phase]]:
    now = await bench.chats.get(conversation.id)
    return await ended(await bench.conversing.send(now, text, attachments=attachments))


async def test_a_picture_is_kept_with_its_message_and_seen_once(
    bench: Workbench, conversation: Conversation
) -> None:
    first, looked = await send(bench, conversation, "What is it?", PICTURE)
    second, looked_again = await send(bench, conversation, "And who?")

    question = (await branch(bench, conversation))[0].message
    stored = await bench.chats.attached(conversation.id, [PICTURE.digest])
    assert question.media == (PicturePart(digest=PICTURE.digest, name="cat.png"),)
    assert question.text == "What is it?"
    assert stored == {PICTURE.digest: PICTURE.data}
    assert first.error is second.error is None
    assert Phase.LOOKING in looked
    assert Phase.LOOKING not in looked_again
    assert second.usage.cached_tokens >= first.usage.prompt_tokens - 1


async def test_another_answer_and_another_wording_keep_the_picture(
    bench: Workbench, conversation: Conversation
) -> None:
    await send(bench, conversation, "What is it?", PICTURE)
    question, answer = [step.message for step in await branch(bench, conversation)]

    again = await bench.conversing.regenerate(conversation, answer)
    end, looked = await ended(again)
    edited, _ = await ended(await bench.conversing.edit(conversation, question, "Who is it?"))

    other = (await branch(bench, conversation))[0].message
    assert end.error is edited.error is None
    assert Phase.LOOKING not in looked
    assert (other.text, other.media) == ("Who is it?", question.media)


async def test_a_conversation_that_is_split_off_has_the_picture_too(
    bench: Workbench, conversation: Conversation
) -> None:
    await send(bench, conversation, "What is it?", PICTURE)
    fork = await bench.conversing.fork(
        conversation, (await branch(bench, conversation))[-1].message
    )
    await bench.chats.delete(conversation.id)

    end, _ = await send(bench, fork, "And who?")

    assert end.error is None
    assert await bench.chats.attached(fork.id, [PICTURE.digest]) == {PICTURE.digest: PICTURE.data}


async def test_a_picture_counts_in_the_context_and_old_ones_are_left_out(
    bench: Workbench, conversation: Conversation
) -> None:
    small = replace(conversation, parameters=PARAMETERS)
    messages = tuple(
        Message(role=role, content="word " * 20, images=count, media=(PICTURE.digest,) * count)
        for role, count in [(Role.USER, 4), (Role.ASSISTANT, 0)] * 3
    )
    asked = ChatRequest(
        model=small.model,
        messages=(*messages, Message(role=Role.USER, content="And now?")),
        attachments={PICTURE.digest: PICTURE},
        parameters=PARAMETERS,
    )

    generation = bench.conversing.start(asked)
    events = [event async for event in generation.events()]
    end = await generation.wait()

    assert end.error is None
    assert any(isinstance(event, ContextTrimmed) for event in events)
    assert end.usage.prompt_tokens < 512


async def test_a_model_without_eyes_says_so_before_it_is_loaded(bench: Workbench) -> None:
    blind = await bench.chats.create_conversation("blind", parameters=PARAMETERS)

    end, phases = await send(bench, blind, "What is it?", PICTURE)

    assert isinstance(end.error, UserError)
    assert "blind:latest has no projector to see with" in end.error.summary
    assert Phase.LOADING not in phases


async def test_a_projector_that_breaks_llama_cpp_leaves_a_model_that_reads(
    bench: Workbench,
) -> None:
    mad = await bench.chats.create_conversation("mad", parameters=PARAMETERS)

    read, _ = await send(bench, mad, "Hello")
    seen, _ = await send(bench, mad, "What is it?", PICTURE)

    assert read.error is None
    assert seen.error
    assert "llama.cpp breaks over" in seen.error.summary


async def test_a_model_that_sees_does_not_hear(
    bench: Workbench, conversation: Conversation
) -> None:
    sound = attach("bark.wav", wav_bytes([0] * 1600))

    end, _ = await send(bench, conversation, "What is it?", sound)

    assert sound.kind is AttachmentKind.SOUND
    assert isinstance(end.error, UserError)
    assert "bark.wav is a sound, and the model cannot hear" in end.error.summary


async def test_a_model_with_ears_hears_a_file_once(bench: Workbench) -> None:
    chat = await bench.chats.create_conversation("ears", parameters=PARAMETERS)
    sound = attach("bark.wav", wav_bytes([9, -9] * 4000))

    first, listened = await send(bench, chat, "What is it?", sound)
    second, listened_again = await send(bench, chat, "And who?")

    assert first.error is second.error is None
    assert Phase.LOOKING in listened
    (ears,) = [r for r in bench.engine.loaded if r.info.can_hear]
    assert any(line.part is Part.PROJECTOR for line in ears.info.measured)
    assert Phase.LOOKING not in listened_again


async def test_a_picture_that_cannot_be_decoded_ends_the_answer_and_not_the_chat(
    bench: Workbench, conversation: Conversation
) -> None:
    torn = attach("torn.png", PICTURE.data[:50])

    end, _ = await send(bench, conversation, "What is it?", torn)

    assert isinstance(end.error, UserError)
    assert "no picture that can be decoded" in end.error.summary
