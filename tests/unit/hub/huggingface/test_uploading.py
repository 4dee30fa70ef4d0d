import logging
import os
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.hub.huggingface.uploading import Upload, default_file_name, upload
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.model import ModelConfig, StoredModel
from helpers.fake_hub import FakeHub
from unit.hub.huggingface.conftest import Ask

SIZE = 3_000_000
# huggingface_hub 2.4 hands its body to httpx2 in a way that is to be given up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def model(tmp_path: Path) -> StoredModel:
    path = tmp_path / "sha256-abc"
    path.write_bytes(os.urandom(SIZE))
    return StoredModel(
        name="llama-of-mine:q4_0",
        weights=path,
        size_bytes=SIZE,
        system="Speak `plainly`.\n```\nalways\n```",
        parameters={"temperature": 0.5, "stop": ("<|end|>", "a`b")},
        licenses=("Apache License\nVersion 2.0",),
        config=ModelConfig(
            family="llama", quantization="Q4_0", parameter_size="1.5M", context_length=4096
        ),
    )


def plan(model: StoredModel, **changes: object) -> Upload:
    fields = {"model": model, "repo_id": "ada/mine-GGUF", "file_name": "mine-Q4_0.gguf", **changes}
    return Upload(**fields)  # type: ignore[arg-type]


@pytest.fixture
def hub_of_ada(fake: FakeHub) -> FakeHub:
    fake.log_in("hf_ada", "ada")
    fake.log_in("hf_reader", "bob", role="read")
    return fake


@pytest.mark.parametrize("part_bytes", [0, 1_000_000], ids=["whole", "in parts"])
def test_weights_and_a_card_arrive(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel, part_bytes: int
) -> None:
    hub_of_ada.part_bytes = part_bytes
    page = upload(ask("hf_ada"), plan(model), Ticket())
    repo = hub_of_ada.repos["ada/mine-GGUF"]
    assert page == f"{hub_of_ada.endpoint}/ada/mine-GGUF"
    assert repo.private
    assert repo.files["mine-Q4_0.gguf"] == model.weights.read_bytes()
    assert set(repo.files) == {"mine-Q4_0.gguf", "README.md"}


def test_the_card_tells_what_the_library_knows(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    upload(ask("hf_ada"), plan(model), Ticket())
    card = hub_of_ada.repos["ada/mine-GGUF"].files["README.md"].decode()
    for words in ("license: apache-2.0", "- gguf", "| Architecture | llama |", "Q4_0", "4 096"):
        assert words in card
    assert "````\nSpeak `plainly`.\n```\nalways\n```\n````" in card
    assert "- `stop`: `<|end|>`, `` a`b ``" in card
    assert str(model.weights.parent) not in card


def test_a_licence_that_the_hub_has_no_name_for_is_other(
    hub_of_ada: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"GGUF")
    bare = StoredModel(name="x:y", weights=path, licenses=("Do what I say.",))
    upload(ask("hf_ada"), plan(bare), Ticket())
    assert b"license: other" in hub_of_ada.repos["ada/mine-GGUF"].files["README.md"]


def test_a_card_that_is_there_stays_unless_another_is_given(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    repo = hub_of_ada.add("ada/mine-GGUF", {"README.md": b"# By hand"})
    upload(ask("hf_ada"), plan(model), Ticket())
    assert repo.files["README.md"] == b"# By hand"
    upload(ask("hf_ada"), plan(model, card="# Another"), Ticket())
    assert repo.files["README.md"] == b"# Another"


def test_what_the_hub_has_is_not_sent_again(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    upload(ask("hf_ada"), plan(model), Ticket())
    upload(ask("hf_ada"), plan(model, file_name="again-Q4_0.gguf"), Ticket())
    assert len(hub_of_ada.asked("PUT ")) == 1
    assert "again-Q4_0.gguf" in hub_of_ada.repos["ada/mine-GGUF"].files


def test_progress_tells_both_readings(hub_of_ada: FakeHub, ask: Ask, model: StoredModel) -> None:
    seen: list[Progress] = []
    upload(ask("hf_ada"), plan(model), Ticket(seen.append))
    ends = [each for each in seen if each.done == SIZE]
    assert next(each.phase for each in ends if each.total == SIZE) == "Reading"
    assert ends[-1].phase == "Uploading"
    assert all(each.done <= SIZE for each in seen)


@pytest.mark.parametrize("phase", ["Reading", "Uploading"])
def test_it_can_be_cancelled_and_changes_nothing_then(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel, phase: str
) -> None:
    def cancel(progress: Progress) -> None:
        if progress.phase == phase:
            ticket.cancel()

    ticket = Ticket(cancel)
    with pytest.raises(Cancelled):
        upload(ask("hf_ada"), plan(model), ticket)
    assert hub_of_ada.repos["ada/mine-GGUF"].files == {}


def test_without_a_token_nobody_is_asked(fake: FakeHub, ask: Ask, model: StoredModel) -> None:
    with pytest.raises(UserError, match="log in first"):
        upload(ask(), plan(model), Ticket())
    assert fake.seen == []


def test_a_token_that_may_only_read_is_told(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    with pytest.raises(UserError, match="does not allow"):
        upload(ask("hf_reader"), plan(model), Ticket())


def test_a_refused_file_is_told(hub_of_ada: FakeHub, ask: Ask, model: StoredModel) -> None:
    hub_of_ada.fail("PUT ", status=403, times=9)
    with pytest.raises(UserError, match="does not allow"):
        upload(ask("hf_ada"), plan(model), Ticket())


def test_a_passing_error_of_the_storage_is_overcome(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    hub_of_ada.fail("PUT ", status=500)
    upload(ask("hf_ada"), plan(model), Ticket())
    assert hub_of_ada.repos["ada/mine-GGUF"].files["mine-Q4_0.gguf"] == model.weights.read_bytes()


def test_a_hub_that_wants_a_pause_is_told(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel
) -> None:
    hub_of_ada.fail("POST .*/preupload", status=429, headers={"Retry-After": "60"})
    with pytest.raises(ExternalError, match="too often"):
        upload(ask("hf_ada"), plan(model), Ticket())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"repo_id": "nobody"}, "no repository"),
        ({"file_name": "../x.gguf"}, "no name for a GGUF file"),
        ({"file_name": "x.bin"}, "no name for a GGUF file"),
    ],
)
def test_wrong_names_are_refused_before_anyone_is_asked(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        upload(ask("hf_ada"), plan(model, **changes), Ticket())
    assert hub_of_ada.seen == []


def test_a_file_that_is_gone_is_told(hub_of_ada: FakeHub, ask: Ask, model: StoredModel) -> None:
    model.weights.unlink()
    with pytest.raises(ExternalError, match="No such file"):
        upload(ask("hf_ada"), plan(model), Ticket())


def test_the_token_goes_to_the_hub_alone_and_into_no_log(
    hub_of_ada: FakeHub, ask: Ask, model: StoredModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub = ask("hf_ada")
    hub.api()
    logging.getLogger("huggingface_hub").setLevel(logging.DEBUG)
    hub_of_ada.fail("PUT ", status=403, times=1)
    with pytest.raises(UserError) as error:
        upload(hub, plan(model), Ticket())
    upload(hub, plan(model), Ticket())
    assert {seen.token for seen in hub_of_ada.seen if seen.host == "localhost"} == {""}
    assert "hf_ada" not in caplog.text + str(error.value) + error.value.detail


def test_a_file_gets_the_repositorys_name_and_the_quantization(model: StoredModel) -> None:
    assert default_file_name(model, "ada/Mine-GGUF") == "Mine-Q4_0.gguf"
    assert default_file_name(StoredModel(name="x"), "ada/mine") == "mine.gguf"
