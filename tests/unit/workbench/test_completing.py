"""Raw text, and places in the middle of a text, with real models."""

from pathlib import Path

import pytest

from corral.engine.session import Session
from corral.errors import UserError
from corral.workbench.prompting import Prompting
from corral.workbench.request import ChatRequest, Completion
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import SPECIAL_TOKENS, byte_tokens, tiny_metadata, tiny_tensors, write_gguf
from helpers.homes import PARAMETERS, STARTER, places_of

MARKS = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
SENTENCE = "The capital of France is"


def request(name: str, completion: Completion) -> ChatRequest:
    return ChatRequest(model=name, messages=(), completion=completion, parameters=PARAMETERS)


def write_filling_model(path: Path) -> Path:
    """Write the tiny model with the tokens of models for code."""
    tokens = [*SPECIAL_TOKENS, *byte_tokens(), "he", "ll", *MARKS]
    kinds = [3] * len(SPECIAL_TOKENS) + [1] * (len(tokens) - len(SPECIAL_TOKENS) - 3) + [3] * 3
    metadata = tiny_metadata(tokenizer__ggml__tokens=tokens, tokenizer__ggml__token_type=kinds)
    return write_gguf(path, metadata, tiny_tensors(len(tokens)))


async def prompt_of(workbench: Workbench, name: str, completion: Completion) -> list[str]:
    """What the model reads, token by token."""
    asked = request(name, completion)
    model = await workbench.modelling.get(name)
    async with workbench.loading.using(model, asked, lambda _event: None) as runner:
        prepared = await Prompting(workbench.renderer).prepare(model, runner, asked)

        def texts(session: Session) -> list[str]:
            piece = session.model.vocabulary.piece_bytes
            return [piece(token).decode() for token in prepared.request.tokens]

        return await runner.on_session(texts)


@pytest.mark.asyncio(loop_scope="module")
async def test_raw_text_goes_to_the_model_as_it_is(shared: Workbench) -> None:
    read = await prompt_of(shared, STARTER, Completion(text=SENTENCE))
    assert "".join(read) == SENTENCE  # no template, no system text
    read = await prompt_of(shared, STARTER, Completion(text="<|im_start|>user\nHi"))
    assert read[0] == "<|im_start|>"  # whoever writes raw text writes control tokens too
    generation = shared.conversing.start(request(STARTER, Completion(text=SENTENCE)))
    assert (await generation.wait()).error is None
    assert "Paris" in generation.answer


@pytest.mark.asyncio(loop_scope="module")
async def test_a_model_that_cannot_fill_says_so(shared: Workbench) -> None:
    generation = shared.conversing.start(request(STARTER, Completion(text="a", suffix="b")))
    end = await generation.wait()
    assert isinstance(end.error, UserError)
    assert f"{STARTER} cannot fill a place" in end.error.summary


async def test_a_place_is_filled_by_the_vocabularys_tokens_or_the_template(tmp_path: Path) -> None:
    file = write_filling_model(tmp_path / "filling.gguf")
    async with open_workbench(places_of(tmp_path / "home")) as workbench:
        await workbench.modelling.import_file(file, "filling").result()
        wanted = Completion(text="def f(<|im_end|>", suffix="return")
        read = await prompt_of(workbench, "filling", wanted)
        assert (read[0], read[-1]) == ("<|fim_prefix|>", "<|fim_middle|>")
        assert "".join(read) == "<|fim_prefix|>def f(<|im_end|><|fim_suffix|>return<|fim_middle|>"
        assert "<|im_end|>" not in read  # what is to be completed is text
        assert (await workbench.conversing.start(request("filling", wanted)).wait()).error is None
        template = "{{ if .Suffix }}<|im_start|>{{ .Prompt }}|{{ .Suffix }}{{ end }}"
        own = f'FROM filling\nTEMPLATE """{template}"""\n'
        await workbench.modelling.create("templated", own).result()
        wanted = Completion(text="x = <|im_end|>", suffix=" + 1")
        read = await prompt_of(workbench, "templated", wanted)
        assert (read[0], "".join(read)) == ("<|im_start|>", "<|im_start|>x = <|im_end|>| + 1")
        assert "<|im_end|>" not in read
