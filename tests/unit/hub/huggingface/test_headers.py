import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.gguf.errors import GgufError
from corral.gguf.types import TensorType
from corral.hub.huggingface import headers
from corral.hub.huggingface.headers import remote_header
from corral.hub.huggingface.hub import HuggingFace
from corral.hub.huggingface.records import QuantFile, Repository
from corral.jobs import Cancelled, Ticket
from helpers.fake_hub import FakeHub
from helpers.gguf_files import Value, gguf_bytes, tiny_metadata, tiny_model, tiny_tensors
from helpers.splits import split_gguf
from unit.hub.huggingface.conftest import Ask

MIB = 1 << 20


def model(n_tokens: int = 261, weights_mib: int = 12) -> bytes:
    """A model whose header grows with its vocabulary, and whose weights are large beside it."""
    metadata: Mapping[str, Value] = tiny_metadata(
        tokenizer__ggml__tokens=[f"token-{n:024}" for n in range(n_tokens)],
        tokenizer__ggml__token_type=None,
        tokenizer__ggml__merges=["a b"],
    )
    tensors = {**tiny_tensors(n_tokens), "big.weight": ([256, weights_mib * 2048], TensorType.F16)}
    return gguf_bytes(metadata, tensors)


def repository(fake: FakeHub, hub: HuggingFace, files: Mapping[str, bytes]) -> Repository:
    fake.add("a/b", files)
    return hub.repository("a/b")


def fetched(fake: FakeHub) -> int:
    """Bytes of weights files that were asked for."""
    ranges = [seen.headers["range"].removeprefix("bytes=") for seen in fake.asked("GET /storage")]
    return sum(int(end) - int(start) + 1 for start, _, end in (r.partition("-") for r in ranges))


def test_a_small_header_takes_one_short_question(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    data = model()
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": data})
    found = remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert found.header.architecture == "llama"
    assert found.header.file_bytes == len(data)
    assert found.fetched_bytes == fetched(fake) == MIB
    assert len(data) > 12 * MIB


def test_a_long_header_is_read_as_far_as_it_goes(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    data = model(n_tokens=60_000, weights_mib=20)
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": data})
    found = remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert found.header.vocab_size == 60_000
    assert (
        2 * MIB < found.header.data_offset <= found.fetched_bytes < found.header.data_offset * 2.5
    )
    assert found.fetched_bytes == fetched(fake)


def test_what_was_fetched_is_a_sparse_file_of_full_size(
    fake: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    data = model()
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": data})
    copy = remote_header(hub, known, known.quants[0], tmp_path, Ticket()).copy
    assert copy.stat().st_size == len(data)
    assert copy.read_bytes()[:MIB] == data[:MIB]
    assert copy.stat().st_blocks * 512 < 2 * MIB
    assert [path.name for path in tmp_path.iterdir()] == [copy.name]


def test_a_header_is_fetched_once(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": model()})
    first = remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    asked = len(fake.seen)
    again = remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert (again.header, again.fetched_bytes) == (first.header, 0)
    assert len(fake.seen) == asked


def test_another_repository_cannot_answer_for_a_file_by_claiming_its_digest(
    fake: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    data = model(weights_mib=1)
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": data})
    forged = gguf_bytes(tiny_metadata(general__name="forged"), tiny_tensors())
    forged += bytes(len(data) - len(forged))
    evil = fake.add("evil/b", {"m-F32.gguf": forged})
    evil.lies["m-F32.gguf"] = fake.repos["a/b"].sibling("m-F32.gguf")
    claimed = hub.repository("evil/b")
    assert claimed.quants[0].files[0].digest == known.quants[0].files[0].digest
    remote_header(hub, claimed, claimed.quants[0], tmp_path, Ticket())
    true = remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert true.header.name == "Tiny"


def test_shards_are_read_as_one_model(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    paths = split_gguf(tiny_model(tmp_path / "tiny-F32.gguf"), tmp_path / "shards")
    hub = ask()
    known = repository(fake, hub, {path.name: path.read_bytes() for path in paths})
    found = remote_header(hub, known, known.quants[0], tmp_path / "headers", Ticket())
    assert len(paths) == len(known.quants[0].files) > 1
    assert found.header.split_count == 1
    assert found.header.file_bytes == sum(path.stat().st_size for path in paths)
    assert found.copy.name.endswith(f"-00001-of-{len(paths):05}.gguf")
    assert len(list(found.copy.parent.glob("*.gguf"))) == len(paths)


def test_a_file_that_is_no_gguf_is_told_and_leaves_nothing(
    fake: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    hub = ask()
    known = repository(fake, hub, {"m-Q4_0.gguf": b"PK" + bytes(5 * MIB)})
    with pytest.raises(GgufError, match="starts with 'PK"):
        remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert list(tmp_path.iterdir()) == []
    assert fetched(fake) == MIB


def test_a_header_without_end_is_not_fetched_for_ever(
    fake: FakeHub, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headers, "MAX_FETCHED_BYTES", 2 * MIB)
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": model(n_tokens=80_000)})
    with pytest.raises(ExternalError, match="damaged or hostile"):
        remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert fetched(fake) <= 2 * MIB


def test_a_server_without_ranges_is_told(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    fake.ranges = False
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": model(n_tokens=50_000)})
    with pytest.raises(ExternalError, match="does not send parts"):
        remote_header(hub, known, known.quants[0], tmp_path, Ticket())


def test_a_cut_connection_is_told_with_both_numbers(
    fake: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": model()})
    fake.fail("GET /storage", cut_after=1000)
    with pytest.raises(ExternalError, match=r"broke|1,000 of 1,048,576"):
        remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_cancelled(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    hub = ask()
    known = repository(fake, hub, {"m-F32.gguf": model(n_tokens=50_000)})
    ticket = Ticket()
    ticket.cancel()
    with pytest.raises(Cancelled):
        remote_header(hub, known, known.quants[0], tmp_path, ticket)
    assert list(tmp_path.iterdir()) == []


def test_the_token_does_not_go_to_the_host_of_the_files(
    fake: FakeHub, ask: Ask, tmp_path: Path
) -> None:
    fake.log_in("hf_secret", "ada")
    hub = ask("hf_secret")
    known = repository(fake, hub, {"m-F32.gguf": model()})
    remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert {seen.token for seen in fake.seen if seen.host == "127.0.0.1"} == {"hf_secret"}
    assert {seen.token for seen in fake.seen if seen.host == "localhost"} == {""}


def test_what_a_crash_left_is_removed_later(fake: FakeHub, ask: Ask, tmp_path: Path) -> None:
    old, young = tmp_path / ".header-old", tmp_path / ".header-young"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    hub = ask()
    known = repository(fake, hub, {"m-F16.gguf": model(weights_mib=1)})
    remote_header(hub, known, known.quants[0], tmp_path, Ticket())
    assert (old.exists(), young.exists()) == (False, True)


def test_only_the_newest_headers_are_kept(
    fake: FakeHub, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headers, "_MOST_COPIES", 2)
    hub = ask()
    files = {f"m{n}-Q4_0.gguf": model(weights_mib=1) + bytes(n) for n in range(5)}
    known = repository(fake, hub, files)
    quants: tuple[QuantFile, ...] = known.quants
    for quant in quants:
        remote_header(hub, known, quant, tmp_path, Ticket())
    assert len(list(tmp_path.iterdir())) == 3  # the two before, and the one in use
