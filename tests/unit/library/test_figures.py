from pathlib import Path

import pytest

from corral.gguf.reader import read_header
from corral.gguf.types import TensorType
from corral.library.figures import capabilities, figures_of
from corral.library.library import Library
from corral.library.model import Capability
from corral.modelfile.parser import parse
from helpers.gguf_files import tiny_metadata, tiny_model, tiny_tensors, write_gguf

C = Capability


def of(
    path: Path, template: str | None = None, parser: str = "", **changes: object
) -> tuple[Capability, ...]:
    header = read_header(tiny_model(path / "x.gguf", **changes))  # type: ignore[arg-type]
    config = {"parser": parser}
    return capabilities(figures_of(header), template=template, config=config, projectors=())


@pytest.mark.parametrize(
    ("template", "parser", "expected"),
    [
        (None, "", (C.COMPLETION,)),
        ("{{ .Prompt }} .Tools", "", (C.COMPLETION,)),
        ("{{ if .Tools }}x{{ end }}", "", (C.COMPLETION, C.TOOLS)),
        ("{{ .Prompt }}{{ .Suffix }}", "", (C.COMPLETION, C.INSERT)),
        ("{{ range .Messages }}{{ .Thinking }}{{ end }}", "", (C.COMPLETION, C.THINKING)),
        (None, "qwen3-coder", (C.COMPLETION, C.TOOLS)),
        (None, "qwen3-thinking", (C.COMPLETION, C.TOOLS, C.THINKING)),
        (None, "passthrough", (C.COMPLETION,)),
    ],
)
def test_templates_and_parsers_tell_what_a_model_can_do(
    tmp_path: Path, template: str | None, parser: str, expected: tuple[Capability, ...]
) -> None:
    assert of(tmp_path, template, parser) == expected


def test_the_file_tells_what_a_model_can_do(tmp_path: Path) -> None:
    assert of(tmp_path, llama__pooling_type=1) == (C.EMBEDDING,)
    assert C.VISION in of(tmp_path, llama__vision__block_count=4)
    assert C.AUDIO in of(tmp_path, llama__audio__block_count=4)
    jinja = "{% if tools %}{{ tools | tojson }}{% endif %}</think>"
    assert of(tmp_path, tokenizer__chat_template=jinja) == (C.COMPLETION, C.TOOLS, C.THINKING)
    assert of(tmp_path, tokenizer__chat_template="I have tools") == (C.COMPLETION,)


def test_a_projector_gives_eyes_or_ears(tmp_path: Path, library: Library, gguf: Path) -> None:
    for name, keys, expected in (
        ("eyes", {}, {C.COMPLETION, C.VISION}),
        ("ears", {"clip.has_audio_encoder": True}, {C.COMPLETION, C.AUDIO}),
    ):
        write_gguf(
            tmp_path / f"{name}.gguf",
            {"general.architecture": "clip", "general.type": "mmproj", "name": name, **keys},
            {"mm.0.weight": ([32, 4], TensorType.F32)},
        )
        document = parse(f"FROM {gguf}\nFROM ./{name}.gguf")
        assert set(library.create(name, document, tmp_path).capabilities) == expected


def test_of_the_experts_only_those_count_as_active_that_a_token_is_sent_to(tmp_path: Path) -> None:
    tensors = tiny_tensors()
    dense = sum(shape[0] * (shape[1] if shape[1:] else 1) for shape, _ in tensors.values())
    tensors |= {
        f"blk.0.ffn_{part}_exps.weight": ([64, 32, 8], TensorType.F32) for part in ("up", "down")
    }
    metadata = tiny_metadata() | {"llama.expert_count": 8, "llama.expert_used_count": 2}
    header = read_header(write_gguf(tmp_path / "moe.gguf", metadata, tensors))
    assert header.parameter_count == dense + 2 * 64 * 32 * 8
    assert header.active_parameter_count == dense + 2 * 64 * 32 * 2


def test_a_dense_model_is_active_as_a_whole(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf)
    assert model.parameter_count == model.active_parameter_count > 90_000
    assert model.capabilities == (C.COMPLETION,)
