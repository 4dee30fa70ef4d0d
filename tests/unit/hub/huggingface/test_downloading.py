import hashlib
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.hub.downloading import Downloader
from corral.hub.huggingface.downloading import Download, download, find_download, forget
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.naming import parse_reference
from corral.hub.network import Network
from corral.jobs import Cancelled, Progress, Ticket
from corral.library.library import Library
from corral.library.store import Store
from helpers.fake_hub import FakeHub
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_model, tiny_tensors
from helpers.splits import split_gguf
from unit.hub.huggingface.conftest import Ask

TINY = gguf_bytes(tiny_metadata(), tiny_tensors())
# Large enough for several parts: a download of it can be ended in its middle.
LARGE = gguf_bytes(
    tiny_metadata(),
    {**tiny_tensors(), **{f"big.{n}": ([256, 60_000], TensorType.F16) for n in range(2)}},
)
PROJECTOR = gguf_bytes({"general.architecture": "clip", "general.type": "mmproj"}, tiny_tensors())


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Store(tmp_path / "models"), HeaderCache(tmp_path / "headers"))


def downloader() -> Downloader:
    return Downloader(Network(timeout_s=2, connect_timeout_s=2), first_pause_s=0.02)


def find(hub: HuggingFace, text: str) -> Download:
    return find_download(hub, parse_reference(text))


def partials(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "models" / "blobs").glob("*-partial*"))


def test_a_model_arrives_with_licence_card_and_projector(
    fake: FakeHub, ask: Ask, library: Library, tmp_path: Path
) -> None:
    files = {
        "tiny-Q8_0.gguf": TINY,
        "mmproj-F16.gguf": PROJECTOR,
        "LICENSE": b"MIT License",
        "README.md": b"# Tiny",
    }
    fake.add("ada/Tiny-GGUF", files)
    hub = ask()
    what = find(hub, "hf.co/ada/Tiny-GGUF:Q8_0")
    model = download(hub, downloader(), library, what, Ticket())
    assert model.name == "hf.co/ada/Tiny-GGUF:Q8_0"
    assert model.weights.read_bytes() == TINY
    assert [path.read_bytes() for path in model.projectors] == [PROJECTOR]
    assert model.licenses == ("MIT License", "# Tiny")
    assert model.config.family == "llama"
    assert library.get("hf.co/ada/tiny-gguf:q8_0").digest == model.digest
    assert partials(tmp_path) == []


def test_it_goes_on_where_it_was_cancelled(
    fake: FakeHub, ask: Ask, library: Library, tmp_path: Path
) -> None:
    fake.add("ada/big", {"big-F16.gguf": LARGE})
    hub = ask()
    what = find(hub, "hf.co/ada/big")

    def stop(progress: Progress) -> None:
        if progress.done > len(LARGE) // 4:
            first.cancel()

    first = Ticket(stop)
    fake.slow_bytes_per_s = 30_000_000
    with pytest.raises(Cancelled):
        download(hub, downloader(), library, what, first)
    assert library.list() == ()
    fake.slow_bytes_per_s = 0
    before = fake.sent_bytes
    seen: list[Progress] = []
    # A new process knows nothing but what lies on the drive.
    again = Library(Store(tmp_path / "models"), HeaderCache(tmp_path / "headers"))
    model = download(ask(), downloader(), again, what, Ticket(seen.append))
    assert hashlib.sha256(model.weights.read_bytes()).digest() == hashlib.sha256(LARGE).digest()
    assert fake.sent_bytes - before < len(LARGE) * 0.9
    assert next(each.done for each in seen if each.done) >= len(LARGE) // 8


def test_shards_become_one_model(fake: FakeHub, ask: Ask, library: Library, tmp_path: Path) -> None:
    whole = tiny_model(tmp_path / "tiny-Q4_0.gguf")
    shards = split_gguf(whole, tmp_path / "shards")
    fake.add("ada/split", {f"Q4_0/{path.name}": path.read_bytes() for path in shards})
    hub = ask()
    model = download(hub, downloader(), library, find(hub, "hf.co/ada/split:Q4_0"), Ticket())
    assert model.name == "hf.co/ada/split:Q4_0"
    assert model.parameter_count == library.import_file(whole, "whole").parameter_count
    assert model.shards == ()
    assert partials(tmp_path) == []


def test_what_is_here_is_not_fetched_again(
    fake: FakeHub, ask: Ask, library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(TINY)
    library.import_file(file, "mine")
    fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    assert fake.asked("GET /storage") == []
    assert {model.name for model in library.list()} == {"mine:latest", "hf.co/ada/tiny:latest"}


def test_a_wrong_file_is_refused_and_removed(
    fake: FakeHub, ask: Ask, library: Library, tmp_path: Path
) -> None:
    repo = fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    what = find(hub, "hf.co/ada/tiny")
    repo.files["tiny-Q4_0.gguf"] = TINY[:-1] + b"!"
    with pytest.raises(ExternalError, match="digest mismatch"):
        download(hub, downloader(), library, what, Ticket())
    assert library.list() == ()
    assert partials(tmp_path) == []


def test_a_file_that_changed_on_the_hub_is_told(fake: FakeHub, ask: Ask, library: Library) -> None:
    repo = fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    what = find(hub, "hf.co/ada/tiny")
    repo.files["tiny-Q4_0.gguf"] = TINY + b"more"
    with pytest.raises(ExternalError, match="changed on the hub"):
        download(hub, downloader(), library, what, Ticket())


def test_a_file_that_is_no_model_does_not_become_one(
    fake: FakeHub, ask: Ask, library: Library
) -> None:
    fake.add("ada/junk", {"junk-Q4_0.gguf": b"PK" + bytes(1000)})
    hub = ask()
    with pytest.raises(ExternalError, match="Not a GGUF file"):
        download(hub, downloader(), library, find(hub, "hf.co/ada/junk"), Ticket())
    assert library.list() == ()


def test_a_file_without_a_digest_is_refused(fake: FakeHub, ask: Ask, library: Library) -> None:
    repo = fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    repo.lies["tiny-Q4_0.gguf"] = {"lfs": None}
    hub = ask()
    with pytest.raises(ExternalError, match="no SHA-256"):
        download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())


def test_a_gated_model_needs_a_token(fake: FakeHub, ask: Ask, library: Library) -> None:
    fake.add("ada/gated", {"g-Q4_0.gguf": TINY}).gated = True
    fake.log_in("hf_good", "ada")
    hub = ask()
    with pytest.raises(UserError, match="gated"):
        download(hub, downloader(), library, find(hub, "hf.co/ada/gated"), Ticket())
    hub = ask("hf_good")
    model = download(hub, downloader(), library, find(hub, "hf.co/ada/gated"), Ticket())
    assert model.weights.read_bytes() == TINY
    assert {seen.token for seen in fake.seen if seen.host == "localhost"} == {""}


def test_cuts_and_a_busy_server_are_overcome(fake: FakeHub, ask: Ask, library: Library) -> None:
    fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    fake.fail("GET /storage", cut_after=1000, times=2)
    fake.fail("GET /storage", status=503)
    model = download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    assert model.weights.read_bytes() == TINY


def test_an_expired_address_is_asked_for_anew(fake: FakeHub, ask: Ask, library: Library) -> None:
    fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    fake.fail("GET /storage", status=403)
    model = download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    assert model.weights.read_bytes() == TINY
    assert len(fake.asked("HEAD .*/resolve/")) == 2


def test_a_full_drive_is_told_with_both_numbers(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    store = Store(tmp_path / "models", free_bytes=lambda _: 1000)
    fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    library = Library(store, HeaderCache(tmp_path / "headers"))
    with pytest.raises(ExternalError, match=r"368 KB needed, 1 KB free"):
        download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    assert fake.asked("GET /storage") == []


def test_what_arrived_can_be_forgotten(
    fake: FakeHub, ask: Ask, library: Library, tmp_path: Path
) -> None:
    fake.add("ada/big", {"big-F16.gguf": LARGE})
    hub = ask()
    what = find(hub, "hf.co/ada/big")
    ticket = Ticket(lambda progress: ticket.cancel() if progress.done else None)
    fake.slow_bytes_per_s = 30_000_000
    with pytest.raises(Cancelled):
        download(hub, downloader(), library, what, ticket)
    assert partials(tmp_path) != []
    forget(library, what)
    assert partials(tmp_path) == []


def test_a_newer_file_replaces_the_model_and_the_old_one_can_be_restored(
    fake: FakeHub, ask: Ask, library: Library
) -> None:
    repo = fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY})
    hub = ask()
    first = download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    repo.files["tiny-Q4_0.gguf"] = gguf_bytes(tiny_metadata(general__name="New"), tiny_tensors())
    second = download(hub, downloader(), library, find(hub, "hf.co/ada/tiny"), Ticket())
    assert first.name == second.name
    assert second.weights.read_bytes() != TINY
    assert [entry.name for entry in library.trash()] == [first.name]


def test_a_quantization_that_is_not_there_is_told_with_those_that_are(
    fake: FakeHub, ask: Ask
) -> None:
    fake.add("ada/tiny", {"tiny-Q4_0.gguf": TINY, "tiny-Q8_0.gguf": TINY + b"x"})
    with pytest.raises(UserError, match="has no model 'Q5_0'") as error:
        find(ask(), "hf.co/ada/tiny:Q5_0")
    assert error.value.hint == "It has: Q4_0, Q8_0"


def test_a_file_can_be_named_by_its_file_name(fake: FakeHub, ask: Ask) -> None:
    fake.add("ada/tiny", {"a/tiny-Q4_0.gguf": TINY, "tiny-Q8_0.gguf": TINY + b"x"})
    assert find(ask(), "hf.co/ada/tiny:tiny-q4_0.gguf").quant.tag == "Q4_0"


def test_a_repository_without_models_is_told(fake: FakeHub, ask: Ask) -> None:
    fake.add("ada/none", {"README.md": b"#"})
    with pytest.raises(UserError, match="no GGUF file"):
        find(ask(), "hf.co/ada/none")
