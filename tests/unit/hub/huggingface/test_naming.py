import pytest

from corral.errors import UserError
from corral.hub.huggingface.naming import (
    Reference,
    choose,
    is_reference,
    is_repo_id,
    library_name,
    parse_reference,
    quantization_of,
    safe_path,
    shard_of,
    tags_of,
)
from corral.library.names import parse_name


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("tiny-Q4_K_M.gguf", "Q4_K_M"),
        ("tiny.q8_0.gguf", "Q8_0"),
        ("Qwen2.5-7B-Instruct-IQ2_XXS.gguf", "IQ2_XXS"),
        ("Model-UD-Q5_K_XL.gguf", "UD-Q5_K_XL"),
        ("model-fp16.gguf", "F16"),
        ("model-BF16.gguf", "BF16"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("Q6_K/model-00001-of-00002.gguf", "Q6_K"),
        ("IQ-test-Q2Model.gguf", ""),
        ("plain.gguf", ""),
    ],
)
def test_a_file_name_tells_the_quantization(path: str, label: str) -> None:
    assert quantization_of(path) == label


def test_two_models_of_one_quantization_get_their_file_names_as_tags() -> None:
    stems = ["base-Q4_0", "chat-Q4_0", "base-Q8_0", "odd"]
    assert tags_of(stems) == ["base-Q4_0", "chat-Q4_0", "Q8_0", "odd"]


def test_tags_are_always_valid_and_different() -> None:
    stems = ["a/模型", "b/模型", "...", "x" * 300 + "-Q4_0", "y" * 300 + "-Q4_0"]
    tags = tags_of(stems)
    assert len({*tags}) == len(stems)
    for tag in tags:
        assert parse_name(f"hf.co/user/repo:{tag}").tag == tag


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf.co/user/repo", Reference(repo_id="user/repo")),
        ("hf.co/user/repo:Q4_0", Reference(repo_id="user/repo", tag="Q4_0")),
        ("hf.co/user/repo:latest", Reference(repo_id="user/repo")),
        ("user/repo.v2-GGUF:Q8_0", Reference(repo_id="user/repo.v2-GGUF", tag="Q8_0")),
        ("https://huggingface.co/user/repo/tree/main", Reference(repo_id="user/repo")),
        ("HuggingFace.co/user/repo/", Reference(repo_id="user/repo")),
    ],
)
def test_a_model_on_the_hub_can_be_named_in_several_ways(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize("text", ["", "repo", "hf.co/repo", "hf.co/../etc", "a/b c", "a/b--c/.."])
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no repository"):
        parse_reference(text)


def test_only_names_with_the_hubs_host_are_references() -> None:
    assert is_reference("hf.co/user/repo:Q4_0")
    assert is_reference("https://huggingface.co/user/repo")
    assert not is_reference("user/repo:Q4_0")
    assert not is_reference("registry.ollama.ai/library/x")


@pytest.mark.parametrize(
    "path",
    [
        "../x.gguf", "a/../../x.gguf", "/etc/passwd", "a//b", "a\\..\\b", "C:x.gguf", "a\nb.gguf",
        "a\x1b[2Jb.gguf", "a\u202eb.gguf", "", "x" * 401, ".", "a/.", 7, None,
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_or_hide_something_are_not_used(path: object) -> None:
    assert safe_path(path) is None


def test_ordinary_paths_are_used() -> None:
    assert safe_path("Q4_0/模型 v2-Q4_0.gguf") == "Q4_0/模型 v2-Q4_0.gguf"


def test_shards_tell_their_number() -> None:
    assert shard_of("a/b-00002-of-00003.gguf") == ("a/b", 2, 3)
    assert shard_of("b-00004-of-00003.gguf") is None
    assert shard_of("b-00000-of-00003.gguf") is None
    assert shard_of("b.gguf") is None


def test_a_name_in_the_library_is_always_valid() -> None:
    name = library_name("some.one/Model.v1_GGUF", "Q4_0")
    assert name.short == "hf.co/some-one/Model.v1_GGUF:Q4_0"
    assert parse_name(name.short) == name


def test_repository_ids_are_checked() -> None:
    assert is_repo_id("user/repo")
    assert not any(map(is_repo_id, ["user", "a/b/c", "a/..", "../b", "a/b\n", "é/b", "-a/b"]))


def test_a_good_quantization_is_chosen_when_none_is_named() -> None:
    assert choose(["Q2_K", "Q4_K_M", "Q8_0"], "") == "Q4_K_M"
    assert choose(["IQ1_S", "Q6_K"], "") == "IQ1_S"
    assert choose(["Q2_K", "Q4_K_M"], "q2_k") == "Q2_K"
    assert choose(["Q2_K"], "Q3_K") is None
    assert choose([], "") is None
