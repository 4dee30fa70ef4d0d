import pytest

from corral.errors import ExternalError, UserError
from corral.hub.huggingface.files import read_text
from helpers.fake_hub import FakeHub
from unit.hub.huggingface.conftest import Ask

GGUF = b"GGUF" + bytes(96)


def test_quantizations_come_with_size_digest_and_projector(fake: FakeHub, ask: Ask) -> None:
    fake.add(
        "a/vision-GGUF",
        {
            "vision-Q8_0.gguf": GGUF + bytes(100),
            "vision-Q4_K_M.gguf": GGUF,
            "mmproj-vision-BF16.gguf": bytes(20),
            "mmproj-vision-F16.gguf": bytes(30),
            "imatrix.gguf": bytes(5),
            "README.md": b"# Vision",
            "LICENSE": b"MIT",
            "config.json": b"{}",
        },
    )
    repository = ask().repository("a/vision-GGUF")
    small, large = repository.quants
    assert (small.tag, small.size_bytes, large.tag, large.size_bytes) == (
        "Q4_K_M", 100, "Q8_0", 200,
    )  # fmt: skip
    assert small.files[0].digest.startswith("sha256:")
    assert small.projector
    assert small.projector.path == "mmproj-vision-F16.gguf"
    assert small.download_bytes == 130
    assert {file.path for file in repository.texts} == {"README.md", "LICENSE"}
    assert repository.problems == ()


def test_shards_are_one_model_and_missing_ones_are_told(fake: FakeHub, ask: Ask) -> None:
    fake.add(
        "a/big-GGUF",
        {
            "Q4_0/big-Q4_0-00002-of-00002.gguf": GGUF,
            "Q4_0/big-Q4_0-00001-of-00002.gguf": GGUF,
            "Q8_0/big-Q8_0-00001-of-00003.gguf": GGUF,
        },
    )
    repository = ask().repository("a/big-GGUF")
    (quant,) = repository.quants
    assert quant.is_sharded
    assert [file.file_name for file in quant.files] == [
        "big-Q4_0-00001-of-00002.gguf", "big-Q4_0-00002-of-00002.gguf",
    ]  # fmt: skip
    assert (quant.tag, quant.size_bytes) == ("Q4_0", 200)
    assert repository.problems == ("Q8_0/big-Q8_0: 1 of 3 shards are there.",)


def test_hostile_names_and_sizes_are_left_out_and_told(fake: FakeHub, ask: Ask) -> None:
    repo = fake.add("a/evil", {"a.gguf": GGUF, "b.gguf": GGUF, "c.gguf": GGUF, "d-Q4_0.gguf": GGUF})
    repo.lies = {
        "a.gguf": {"rfilename": "../../../.bashrc.gguf"},
        "b.gguf": {"rfilename": "x\x1b]0;owned\x07.gguf"},
        "c.gguf": {"lfs": {"sha256": "../../x", "size": 1 << 60, "pointerSize": 1}},
    }
    repository = ask().repository("a/evil")
    assert [quant.file_name for quant in repository.quants] == ["d-Q4_0.gguf"]
    assert repository.problems == ("3 files have names or sizes that make no sense.",)


def test_a_digest_that_is_none_is_not_taken_for_one(fake: FakeHub, ask: Ask) -> None:
    repo = fake.add("a/odd", {"a.gguf": GGUF})
    repo.lies = {"a.gguf": {"lfs": {"sha256": "Z" * 64, "size": 100, "pointerSize": 1}}}
    assert ask().repository("a/odd").quants[0].files[0].digest == ""


def test_a_repository_that_is_not_there_is_told(ask: Ask) -> None:
    with pytest.raises(UserError, match="a/nothing"):
        ask().repository("a/nothing")


def test_an_id_that_is_none_is_refused_without_asking(fake: FakeHub, ask: Ask) -> None:
    with pytest.raises(UserError, match="no repository"):
        ask().repository("a/../../b")
    assert fake.seen == []


def test_a_gated_repository_is_listed_but_its_files_are_not_had(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/gated", {"x-Q4_0.gguf": GGUF, "README.md": b"hi"}).gated = True
    repository = ask().repository("a/gated")
    assert repository.summary.is_gated
    assert repository.quants
    with pytest.raises(UserError, match="gated") as error:
        read_text(ask(), repository, repository.texts[0])
    assert "https://huggingface.co/a/gated" in error.value.hint


def test_with_a_token_of_an_accepted_account_a_gated_file_is_had(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/gated", {"README.md": b"hi"}).gated = True
    fake.log_in("hf_good", "ada")
    hub = ask("hf_good")
    repository = hub.repository("a/gated")
    assert read_text(hub, repository, repository.texts[0]) == "hi"


def test_texts_are_plain_and_bounded(fake: FakeHub, ask: Ask) -> None:
    fake.add(
        "a/b", {"README.md": b"# x\x1b[2J ![](http://spy.invalid/x.png)", "LICENSE": b"y" * 99}
    )
    hub = ask()
    repository = hub.repository("a/b")
    texts = {file.path: file for file in repository.texts}
    assert (
        read_text(hub, repository, texts["README.md"])
        == "# x\\x1b[2J ![](http://spy.invalid/x.png)"
    )
    with pytest.raises(ExternalError, match="99 bytes; at most 50"):
        read_text(hub, repository, texts["LICENSE"], limit_bytes=50)


def test_a_commit_that_is_none_is_not_used(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/b", {"x.gguf": GGUF}, sha="not a commit")
    fake.fail("GET /api/models/a/b", status=200, body=b'{"id": "a/b", "sha": "../x"}')
    with pytest.raises(ExternalError, match="makes no sense"):
        ask().repository("a/b")


def test_a_repository_without_end_is_listed_in_part(fake: FakeHub, ask: Ask) -> None:
    fake.add("a/many", {f"m{number:04}-Q4_0.gguf": GGUF for number in range(600)})
    repository = ask().repository("a/many")
    assert len(repository.quants) == len({quant.tag for quant in repository.quants}) == 500
    assert repository.problems == ("600 models are there; the first 500 are listed.",)
