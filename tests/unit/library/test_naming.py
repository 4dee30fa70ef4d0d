from pathlib import Path

import pytest

from corral.library.names import parse_name
from corral.library.naming import closest, default_name, numbered, origin
from helpers.vectors import vectors


@pytest.mark.parametrize(
    ("file", "quantization", "name"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1", "smollm2-135m-instruct:q4_1"),
        ("Qwen3-8B-UD-Q4_K_XL.gguf", "Q4_K_M", "qwen3-8b:ud-q4_k_xl"),
        ("gemma3-270m.gguf", "Q4_K_M", "gemma3-270m:q4_k_m"),
        ("Meta Llama 3 (8B) – f16.GGUF", "F16", "meta-llama-3-8b:f16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4", "gpt-oss-20b:mxfp4"),
        ("Model-IQ2_XXS.gguf", "IQ2_XXS", "model:iq2_xxs"),
        ("Q4_0.gguf", "Q4_0", "q4_0:q4_0"),
        ("モデル.gguf", "Q8_0", "model:q8_0"),
        (".hidden.gguf", "", "hidden:latest"),
        ("no-ending.Q5_K_S", "F16", "no-ending:q5_k_s"),
        ("x" * 200 + ".gguf", "F16", "x" * 80 + ":f16"),
    ],
)
def test_a_file_is_called_by_its_stem_and_quantization(
    file: str, quantization: str, name: str
) -> None:
    found = default_name(Path("/models") / file, quantization)
    assert found.short == name
    assert parse_name(found.short) == found


def test_a_number_goes_behind_the_model() -> None:
    assert numbered(parse_name("smollm2:q4_1"), 2).short == "smollm2-2:q4_1"
    assert parse_name(numbered(parse_name("m" * 80), 12).short).model.endswith("m-12")


def test_names_like_the_wanted_one_are_found() -> None:
    names = [parse_name(text) for text in ("smollm2:135m", "gemma3:270m", "smollm2:360m")]
    assert closest(parse_name("smollm2"), names) == ["smollm2:135m", "smollm2:360m"]
    assert closest(parse_name("gema3:270m"), names)[0] == "gemma3:270m"
    assert closest(parse_name("zzz"), names) == []
    unlike = [parse_name("empty"), parse_name("zip")]
    assert closest(parse_name("my-m"), unlike) == []  # alike is only the ":latest" of both


def test_a_saved_conversation_comes_from_where_ollama_says() -> None:
    sessions = vectors("misc")["save_session"]
    local = [case for case in sessions if ":cloud" not in case["session"]["model"]]
    assert len(local) >= 7
    for case in local:
        session = case["session"]
        found = origin(session["model"], session["parent_model"] or None)
        assert found == case["create_request"]["from"], case["name"]
