"""Plain GGUF files of LM Studio, the Hugging Face cache, llama.cpp and the user's folders."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.elsewhere.homes import find_homes
from corral.library.library import Library
from corral.library.model import Capability, HomeKind, StoredModel
from helpers.gguf_files import tiny_model, write_gguf
from helpers.nobody import as_nobody
from helpers.splits import split_gguf

HASH = "ab" * 32


def by_name(library: Library) -> dict[str, StoredModel]:
    models = library.list()
    named = {model.name: model for model in models}
    assert len(named) == len(models)
    return named


def projector(path: Path, **metadata: str | int | bool) -> Path:
    told = {"general.architecture": "clip", "general.type": "mmproj", **metadata}
    return write_gguf(path, told, {"v.position_embd.weight": ([64, 4], TensorType.F32)})


@pytest.fixture
def lm_studio(user: Path) -> Path:
    return user / ".lmstudio" / "models"


@pytest.fixture
def hub(user: Path) -> Path:
    return user / ".cache" / "huggingface" / "hub"


@pytest.fixture
def cached(hub: Path) -> Callable[..., Path]:
    """Puts a file into the Hugging Face cache as its library does, and returns the link to it."""

    def put(repository: str, name: str, digest: str = HASH, commit: str = "c1") -> Path:
        folder = hub / f"models--{repository.replace('/', '--')}"
        blob = folder / "blobs" / digest
        if not blob.exists():
            tiny_model(blob, general__name=name + digest)
        link = folder / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
        (folder / "refs").mkdir(exist_ok=True)
        (folder / "refs" / "main").write_text("c1")
        return link

    return put


def test_models_of_lm_studio_have_publisher_and_folder_as_name(
    library: Library, lm_studio: Path
) -> None:
    path = tiny_model(lm_studio / "acme.ai" / "Tiny-Chat-GGUF" / "Tiny-Chat-Q8_0.gguf")
    (model,) = library.list()
    assert model.name == "acme-ai/Tiny-Chat:Q8_0"
    assert (model.home.kind, model.home.label) == (HomeKind.LM_STUDIO, "LM Studio")
    assert model.home.folder == lm_studio
    assert not model.home.is_own
    assert (model.weights, model.shards, model.problem) == (path, (), "")
    assert model.size_bytes == path.stat().st_size
    assert (model.config.family, model.config.context_length) == ("llama", 512)
    assert model.parameter_count == 90_752
    assert Capability.COMPLETION in model.capabilities
    assert library.get("acme-ai/tiny-chat:q8_0") == model


def test_without_a_quantization_in_the_file_name_the_header_tells_it(
    library: Library, lm_studio: Path
) -> None:
    tiny_model(lm_studio / "a" / "b" / "model.gguf")
    assert [model.name for model in library.list()] == ["a/b:F32"]


def test_models_of_the_cache_have_the_names_that_pull_them(
    library: Library, cached: Callable[..., Path]
) -> None:
    link = cached("acme/Tiny-GGUF", "tiny.Q4_K_M.gguf")
    (model,) = library.list()
    assert model.name == "hf.co/acme/Tiny-GGUF:Q4_K_M"
    assert model.weights == link
    assert model.home.kind is HomeKind.HUGGING_FACE


def test_a_file_of_two_snapshots_is_one_model(
    library: Library, cached: Callable[..., Path]
) -> None:
    cached("acme/t", "t.Q4_0.gguf", commit="c0")
    main = cached("acme/t", "t.Q4_0.gguf", commit="c1")
    older = cached("acme/t", "t.Q4_0.gguf", digest="cd" * 32, commit="a0")
    found = by_name(library)
    assert found.keys() == {"hf.co/acme/t:Q4_0", "hf.co/acme/t-2:Q4_0"}
    assert {model.weights for model in found.values()} == {main, older}


def test_models_of_llama_cpp_are_named_by_their_manifests(library: Library, user: Path) -> None:
    cache = user / ".cache" / "llama.cpp"
    tiny_model(cache / "acme_Tiny-GGUF_tiny-q4_0.gguf")
    projector(cache / "acme_Tiny-GGUF_mmproj-f16.gguf")
    tiny_model(cache / "stray-q8_0.gguf")
    (cache / "manifest=acme=Tiny-GGUF=latest.json").write_text("{}")
    found = by_name(library)
    assert found.keys() == {"hf.co/acme/Tiny-GGUF:q4_0", "stray:q8_0"}
    assert len(found["hf.co/acme/Tiny-GGUF:q4_0"].projectors) == 1
    assert found["stray:q8_0"].projectors == ()


def test_files_of_a_folder_are_named_after_themselves(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    folder = tmp_path / "My Drive"
    tiny_model(folder / "Tiny Chat.Q4_0.gguf")
    tiny_model(folder / "deep" / "qwen" / "model.gguf")
    tiny_model(folder / ".Trash" / "gone.gguf")
    found = by_name(open_library(folder))
    assert found.keys() == {"tiny-chat:q4_0", "qwen:f32"}
    assert found["qwen:f32"].home.label == str(folder)


def test_equal_names_are_numbered_in_the_order_of_the_paths(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    for folder in "cab":
        tiny_model(tmp_path / "drive" / folder / "Tiny.Q4_0.gguf")
    library = open_library(tmp_path / "drive")
    names = {name: model.weights.parent.name for name, model in by_name(library).items()}
    assert names == {"tiny:q4_0": "a", "tiny-2:q4_0": "b", "tiny-3:q4_0": "c"}
    assert library.get("tiny-2:q4_0").weights.parent.name == "b"


def test_own_models_win_a_name(open_library: Callable[..., Library], tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "drive" / "Tiny.Q4_0.gguf")
    library = open_library(tmp_path / "drive")
    own = library.import_file(path)
    assert own.name == "tiny:q4_0"
    found = by_name(library)
    assert {name: model.home.is_own for name, model in found.items()} == {
        "tiny:q4_0": True,
        "tiny-2:q4_0": False,
    }
    assert library.get("tiny:q4_0").home.folder == tmp_path / "models"


def test_the_files_of_a_split_model_are_one(library: Library, lm_studio: Path) -> None:
    whole = tiny_model(lm_studio.parent / "Tiny-Q8_0.gguf")
    shards = split_gguf(whole, lm_studio / "a" / "Tiny-GGUF")
    (model,) = library.list()
    assert model.name == "a/Tiny:Q8_0"
    assert (model.weights, list(model.shards)) == (shards[0], shards)
    assert model.size_bytes == sum(path.stat().st_size for path in shards)
    assert (model.problem, model.parameter_count) == ("", 90_752)


def test_a_split_model_that_lacks_a_file_says_which(library: Library, lm_studio: Path) -> None:
    whole = tiny_model(lm_studio.parent / "Tiny-Q8_0.gguf")
    shards = split_gguf(whole, lm_studio / "a" / "b")
    shards[0].unlink()
    (model,) = library.list()
    assert model.problem == "1 of 3 files are missing: Tiny-Q8_0-00001-of-00003.gguf"
    with pytest.raises(ExternalError, match="1 of 3 files are missing"):
        library.get(model.name)


def test_a_renamed_part_says_that_it_is_one(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    shards = split_gguf(tiny_model(tmp_path / "whole.gguf"), tmp_path / "drive")
    shards[0].rename(tmp_path / "drive" / "first.gguf")
    for shard in shards[1:]:
        shard.unlink()
    (model,) = open_library(tmp_path / "drive").list()
    assert "one of 3 files" in model.problem


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("empty.gguf", b"", "The file is empty."),
        ("text.gguf", b"hello", "Not a GGUF file: it starts with 'hell'."),
        ("new.gguf", b"GGUF\x04\0\0\0" + bytes(16), "a GGUF file of version 4"),
        ("page.gguf", b"<html>", "the download has failed"),
        ("tiny.gguf.part", bytes(2000), "Its download is not complete: 2 KB are there."),
        ("downloading_tiny.gguf.part", bytes(9), "Its download is not complete: 9 B are there."),
        ("incomplete-tiny.gguf", bytes(9), "Its download is not complete"),
        ("tiny.gguf.downloadInProgress", bytes(9), "Its download is not complete"),
        ("model.safetensors", bytes(9), "Corral runs GGUF files"),
    ],
)
def test_what_cannot_be_used_is_listed_with_the_reason(
    library: Library, lm_studio: Path, name: str, data: bytes, problem: str
) -> None:
    path = lm_studio / "a" / "b" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    (model,) = library.list()
    assert problem in model.problem
    assert model.weights == path
    with pytest.raises(ExternalError, match="cannot be used"):
        library.get(model.name)


def test_a_cut_file_says_what_is_missing(library: Library, lm_studio: Path) -> None:
    path = tiny_model(lm_studio / "a" / "b" / "tiny.gguf")
    os.truncate(path, 300_000)
    (model,) = library.list()
    assert "The file is incomplete: 300 of" in model.problem


def test_many_safetensors_files_are_one_line(library: Library, lm_studio: Path) -> None:
    for number in range(5):
        path = lm_studio / "a" / "b" / f"model-0000{number}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(100))
    (model,) = library.list()
    assert (model.name, model.size_bytes) == ("a/b:latest", 500)
    assert model.config.model_format == "safetensors"


def test_a_download_of_the_cache_that_was_cut_is_listed(
    library: Library, cached: Callable[..., Path], hub: Path
) -> None:
    cached("acme/t", "t.Q4_0.gguf")
    (hub / "models--acme--t" / "blobs" / f"{HASH}.incomplete").write_bytes(bytes(2_000_000))
    found = by_name(library)
    assert found["hf.co/acme/t:unfinished"].problem.endswith("2 MB are there.")


def test_a_projector_goes_with_the_model_beside_it(library: Library, lm_studio: Path) -> None:
    folder = lm_studio / "a" / "Eyes-GGUF"
    tiny_model(folder / "Eyes-Q4_0.gguf")
    tiny_model(folder / "Eyes-Q8_0.gguf")
    projector(folder / "mmproj-Eyes-BF16.gguf")
    chosen = projector(folder / "mmproj-Eyes-F16.gguf", **{"general.file_type": 1})
    found = by_name(library)
    assert found.keys() == {"a/Eyes:Q4_0", "a/Eyes:Q8_0"}
    for model in found.values():
        assert model.projectors == (chosen,)
        assert Capability.VISION in model.capabilities
        assert model.size_bytes == model.weights.stat().st_size + chosen.stat().st_size


def test_among_several_models_a_projector_goes_by_its_name_or_its_size(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    folder = tmp_path / "drive"
    tiny_model(folder / "Alpha-3B-Q4_0.gguf")
    tiny_model(folder / "Beta-7B-Q4_0.gguf", llama__embedding_length=128)
    tiny_model(folder / "Gamma-Q4_0.gguf", llama__embedding_length=256)
    alphas = projector(folder / "mmproj-Alpha-3B-f16.gguf")
    betas = projector(folder / "mmproj-F16.gguf", **{"clip.vision.projection_dim": 128})
    projector(folder / "mmproj-Delta-f16.gguf")
    found = by_name(open_library(folder))
    assert found["alpha-3b:q4_0"].projectors == (alphas,)
    assert found["beta-7b:q4_0"].projectors == (betas,)
    assert found["gamma:q4_0"].projectors == ()
    (alone,) = (model for model in found.values() if model.problem)
    assert alone.weights.name == "mmproj-Delta-f16.gguf"
    assert "none here fits it" in alone.problem


def test_an_adapter_is_listed_as_what_it_is(library: Library, lm_studio: Path) -> None:
    metadata = {"general.architecture": "llama", "general.type": "adapter"}
    write_gguf(lm_studio / "a" / "b" / "lora.gguf", metadata, {"x": ([32], TensorType.F32)})
    (model,) = library.list()
    assert "LoRA adapter" in model.problem


def test_links_that_lead_nowhere_or_round_are_told(library: Library, lm_studio: Path) -> None:
    folder = lm_studio / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "lost.gguf").symlink_to(folder / "nothing")
    (folder / "round.gguf").symlink_to(folder / "round.gguf")
    (folder / "up").symlink_to(lm_studio)
    tiny_model(folder / "tiny.gguf")
    problems = sorted(model.problem for model in library.list())
    assert problems == ["", *["It is a link to a file that is not there."] * 2]


def test_pipes_devices_and_folders_are_never_opened(library: Library, lm_studio: Path) -> None:
    folder = lm_studio / "a" / "b"
    (folder / "folder.gguf").mkdir(parents=True)
    os.mkfifo(folder / "pipe.gguf")
    (folder / "device.gguf").symlink_to("/dev/zero")
    (folder / "to-pipe.gguf").symlink_to(folder / "pipe.gguf")
    assert library.list() == ()


def test_a_link_to_what_is_no_model_is_not_shown(library: Library, lm_studio: Path) -> None:
    secret = lm_studio.parent / "secret"
    secret.parent.mkdir(parents=True)
    secret.write_text("password 12345")
    (lm_studio / "a" / "b").mkdir(parents=True)
    (lm_studio / "a" / "b" / "x.gguf").symlink_to(secret)
    (model,) = library.list()
    assert "Not a GGUF file" in model.problem
    assert "12345" not in model.problem


def test_a_model_that_two_programs_reach_by_a_link_is_listed_once(
    open_library: Callable[..., Library], lm_studio: Path, tmp_path: Path
) -> None:
    path = tiny_model(tmp_path / "drive" / "tiny.gguf")
    (lm_studio / "a" / "b").mkdir(parents=True)
    (lm_studio / "a" / "b" / "tiny.gguf").symlink_to(path)
    shutil.copy(path, tmp_path / "drive" / "other.gguf")
    os.link(path, tmp_path / "drive" / "third.gguf")
    found = by_name(open_library(tmp_path / "drive", tmp_path))
    assert {name.partition(":")[0] for name in found} == {"a/b", "other"}


def test_what_may_not_be_read_says_so() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        user = Path(name)
        folder = user / ".lmstudio" / "models" / "a"
        shut = tiny_model(folder / "b" / "shut.gguf")
        tiny_model(folder / "c" / "tiny.gguf")
        user.chmod(0o755)
        shut.chmod(0)
        (folder / "c").chmod(0)

        def problems() -> list[str]:
            headers = HeaderCache(user / "headers")
            elsewhere = Elsewhere(
                lambda: find_homes({}, user), headers, user / "e.json", user / "own"
            )
            return sorted(model.problem for model in elsewhere.list_so_far(1.0)[0])

        try:
            (problem,) = as_nobody(problems)
            assert "Permission denied" in problem
        finally:
            (folder / "c").chmod(0o755)
            shut.chmod(0o644)
        assert problems() == ["", ""]


def test_files_that_cannot_be_read_do_not_hold_up_the_others() -> None:
    with tempfile.TemporaryDirectory() as name:
        user = Path(name)
        user.chmod(0o755)
        for number in range(6):
            path = tiny_model(user / ".lmstudio/models/a" / f"m{number}" / "tiny-Q8_0.gguf")
            path.chmod(0 if number < 3 else 0o644)

        def rounds() -> int:
            headers = HeaderCache(user / "headers")
            elsewhere = Elsewhere(
                lambda: find_homes({}, user), headers, user / "e.json", user / "own"
            )
            count = 1
            while not elsewhere.list_so_far(0.0)[1] and count < 20:
                count += 1
            return count

        assert as_nobody(rounds) == 6


def test_strange_names_become_valid_ones(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    source = tiny_model(tmp_path / "source.gguf")
    (tmp_path / "drive").mkdir()
    strange = [b"\xff\xfe", "模型".encode(), b"a\nb\x1b[2J", b"-", b"x" * 200]
    for name in strange:
        shutil.copy(source, os.fsencode(tmp_path / "drive") + b"/" + name + b".gguf")
    library = open_library(tmp_path / "drive")
    found = by_name(library)
    assert len(found) == len(strange)
    for name in found:
        assert name.isprintable()
        assert library.get(name).name == name


def test_a_name_that_is_not_there_is_answered_with_likely_ones(
    library: Library, lm_studio: Path
) -> None:
    tiny_model(lm_studio / "acme" / "tiny" / "tiny-Q8_0.gguf")
    with pytest.raises(UserError) as caught:
        library.get("acme/tiny")
    assert caught.value.hint == "Did you mean 'acme/tiny:Q8_0'?"


def test_when_a_found_model_was_used_is_remembered(library: Library, lm_studio: Path) -> None:
    tiny_model(lm_studio / "acme" / "tiny" / "tiny-Q8_0.gguf")
    assert library.get("acme/tiny:Q8_0").last_used_at == 0
    library.touch("acme/tiny:Q8_0")
    assert library.get("acme/tiny:Q8_0").last_used_at > 0


def test_nothing_is_written_to_the_folders_of_others(
    library: Library, lm_studio: Path, cached: Callable[..., Path], user: Path
) -> None:
    tiny_model(lm_studio / "acme" / "tiny" / "tiny-Q8_0.gguf")
    cached("acme/t", "t.Q4_0.gguf")
    before = {path: path.lstat().st_mtime_ns for path in user.rglob("*")}
    for model in library.list():
        library.get(model.name)
        library.touch(model.name)
        library.modelfile(model.name)
    assert {path: path.lstat().st_mtime_ns for path in user.rglob("*")} == before


def test_half_a_projector_goes_with_nothing(library: Library, lm_studio: Path) -> None:
    folder = lm_studio / "a" / "Eyes"
    tiny_model(folder / "Eyes-Q4_0.gguf")
    os.truncate(projector(folder / "mmproj-F16.gguf"), 500)
    problems = {model.weights.name: model.problem for model in library.list()}
    assert problems["Eyes-Q4_0.gguf"] == ""
    assert "incomplete" in problems["mmproj-F16.gguf"]
    assert library.get("a/Eyes:Q4_0").projectors == ()
