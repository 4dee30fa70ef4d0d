"""`corral show`: every part of a model."""

import json
from pathlib import Path

import pytest

from corral.gguf.types import TensorType
from helpers.command_line import CommandLine
from helpers.gguf_files import CHAT_TEMPLATE, tiny_metadata, tiny_model, tiny_tensors, write_gguf
from helpers.homes import STARTER, TINY

PARAMETER_LINES = "".join(
    f"{name:30} {value}\n"
    for name, value in (
        ("num_ctx", "512"),
        ("temperature", "0.5"),
        ("stop", '"<|im_end|>"'),
        ("stop", '"b"'),
    )
)


@pytest.fixture
def mine(corral: CommandLine) -> str:
    text = (
        f'FROM {TINY}\nSYSTEM """One.\nTwo.\nThree."""\nLICENSE MIT\nLICENSE Apache\n'
        'PARAMETER temperature 0.5\nPARAMETER stop "<|im_end|>"\nPARAMETER stop b\n'
        "PARAMETER num_ctx 512\nTEMPLATE {{ .Prompt }}{{ .Suffix }}\nMESSAGE user Hi"
    )
    assert corral("create", "mine", "-f", "-", stdin=text.encode()).exit_code == 0
    return "mine"


def test_the_figures_are_shown_in_sections(corral: CommandLine, mine: str) -> None:
    text = corral("show", mine).out
    facts = {
        line.strip().split("  ")[0]: line.strip().split("  ")[-1].strip()
        for line in text.splitlines()
        if line.strip()
    }
    assert facts["architecture"] == "llama"
    assert facts["context length"] == "512"
    assert facts["quantization"] == "F32"
    assert facts["of its own"].endswith(" B")
    assert "active per token" not in facts, "it is dense"
    assert {"completion", "insert"} <= facts.keys()
    assert facts["stop"] == '"b"'
    assert {"One.", "Two.", "..."} <= facts.keys()
    assert "Three." not in text


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("--system", "One.\nTwo.\nThree.\n"),
        ("--license", "MIT\nApache\n"),
        ("--template", "{{ .Prompt }}{{ .Suffix }}\n"),
        (
            "--parameters",
            PARAMETER_LINES,
        ),
    ],
)
def test_one_part_is_printed_as_it_is(
    corral: CommandLine, mine: str, part: str, expected: str
) -> None:
    assert corral("show", part, mine).out == expected


def test_the_template_of_the_file_is_shown_where_the_model_has_none(corral: CommandLine) -> None:
    assert corral("show", "--template", TINY).out == CHAT_TEMPLATE + "\n"


def test_only_one_part_can_be_asked_for(corral: CommandLine, mine: str) -> None:
    outcome = corral("show", "--system", "--license", mine)
    assert outcome.exit_code == 2
    assert "not allowed with" in outcome.err


def test_tensors_and_metadata_are_shown_when_asked_for(corral: CommandLine) -> None:
    assert "token_embd.weight" not in corral("show", TINY).out
    tensors = corral("show", "--tensors", TINY).out
    assert "token_embd.weight" in tensors
    assert "[64 261]" in tensors
    verbose = corral("show", "-v", TINY).out
    assert "llama.block_count" in verbose
    assert "tokenizer.ggml.tokens" in verbose
    assert "(261 values)" in verbose


def test_json_has_everything(corral: CommandLine, mine: str) -> None:
    found = json.loads(corral("show", "--json", mine).out)
    assert found["name"] == "mine:latest"
    assert found["parameters"] == {"num_ctx": 512, "temperature": 0.5, "stop": ["<|im_end|>", "b"]}
    assert found["messages"] == [{"role": "user", "content": "Hi"}]
    assert (found["system"], found["licenses"]) == ("One.\nTwo.\nThree.", ["MIT", "Apache"])
    assert found["capabilities"] == ["completion", "insert"]
    assert found["parent"] == TINY
    assert Path(found["files"]["weights"][0]).is_file()
    assert found["gguf_template"] == CHAT_TEMPLATE
    assert found["prompts_by"]["source"] == "modelfile"
    assert not found["prompts_by"]["sets_aside_modelfile"]
    assert "tensors" not in found
    with_tensors = json.loads(corral("show", "--json", "--tensors", TINY).out)
    assert with_tensors["tensors"][0] == {
        "name": "token_embd.weight",
        "type": "F32",
        "shape": [64, 261],
    }


def test_a_mixture_of_experts_tells_how_many_weights_a_token_uses(
    corral: CommandLine, tmp_path: Path
) -> None:

    metadata = tiny_metadata() | {"llama.expert_count": 8, "llama.expert_used_count": 2}
    experts = {"blk.0.ffn_up_exps.weight": ([64, 128, 8], TensorType.F32)}
    path = write_gguf(tmp_path / "moe.gguf", metadata, tiny_tensors() | experts)
    assert corral("import", path, "moe").exit_code == 0
    assert "active per token" in corral("show", "moe").out


def test_a_model_that_is_not_there_is_exit_2_for_every_part(corral: CommandLine) -> None:
    for part in ("--modelfile", "--json", "--system"):
        outcome = corral("show", part, "smollm2:136m")
        assert outcome.exit_code == 2
        assert STARTER in outcome.err


def test_the_projector_has_its_own_section(corral: CommandLine, tmp_path: Path) -> None:

    folder = tmp_path / "vision"
    tiny_model(folder / "model.gguf", general__name="Seeing")
    write_gguf(
        folder / "mmproj.gguf",
        {
            "general.architecture": "clip",
            "general.type": "mmproj",
            "clip.projector_type": "mlp",
            "clip.vision.projection_dim": 64,
        },
        {"mm.0.weight": ([32, 4], TensorType.F32)},
    )
    assert corral("import", folder / "model.gguf", "seeing").exit_code == 0
    text = corral("show", "seeing").out
    assert "Projector" in text
    assert "mlp" in text
    assert "vision" in text
