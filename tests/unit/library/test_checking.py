import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral.gguf.cache import HeaderCache
from corral.jobs import Cancelled, Ticket
from corral.library.faults import CheckReport, Fault, FaultKind
from corral.library.library import Library
from corral.library.manifest import LayerType
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.sweeping import YOUNG_S
from corral.library.taking import ImportHow
from corral.modelfile.parser import parse
from helpers.gguf_files import tiny_model


@pytest.fixture
def stocked(library: Library, gguf: Path) -> Library:
    library.import_file(gguf, "base")
    library.create("mine", parse("FROM base\nSYSTEM Be brief.\nPARAMETER top_k 3"))
    library.create("gone", parse("FROM base\nSYSTEM Gone."))
    library.remove("gone")
    return library


def kinds(report: CheckReport) -> list[FaultKind]:
    return [fault.kind for fault in report.faults]


def only(report: CheckReport) -> Fault:
    [fault] = report.faults
    return fault


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_an_absent_store_and_a_sound_one_have_no_faults(library: Library, gguf: Path) -> None:
    assert library.upkeep.check() == CheckReport(faults=(), models=0, blobs=0, read_bytes=0)
    model = library.import_file(gguf)
    report = library.upkeep.check()
    assert report.is_sound
    assert (report.models, report.blobs, report.read_bytes) == (1, 2, model.size_bytes)


def test_one_wrong_bit_is_found_and_its_model_moves_to_the_trash(
    stocked: Library, gguf: Path, store: Store
) -> None:
    weights = stocked.get("base").weights
    flip_a_bit(weights)
    assert stocked.upkeep.check(fast=True).is_sound, "sizes tell nothing of it"
    report = stocked.upkeep.check()
    assert kinds(report) == [FaultKind.DAMAGED_BLOB]
    assert not report.is_sound
    assert not report.is_mended
    assert len(stocked.list()) == 2, "nothing is done without being asked"

    mended = stocked.upkeep.check(mend=True)
    assert mended.is_mended
    assert str(store.own / "aside" / weights.name) in mended.faults[0].mended
    assert kinds(mended)[1:] == [FaultKind.MISSING_BLOB] * 2 + [FaultKind.LOST_TRASH]
    assert stocked.list() == ()
    reasons = {entry.name: entry.reason for entry in stocked.trash()}
    assert set(reasons) == {"base:latest", "mine:latest", "gone:latest"}
    assert all("is missing" in reason for reason in reasons.values())
    assert stocked.upkeep.check().faults == (), "what is known to be lost is no news"

    stocked.import_file(gguf, "again")
    for name in ("base", "mine", "gone"):
        assert stocked.restore(name).problem == "", "the weights are back"
    assert not list(store.own.rglob("reason.txt"))


def test_a_blob_of_a_wrong_size_is_found_by_a_fast_check(stocked: Library) -> None:
    path = stocked.get("base").weights
    path.write_bytes(path.read_bytes()[:-1])
    report = stocked.upkeep.check(fast=True)
    assert kinds(report) == [FaultKind.DAMAGED_BLOB] * 2 + [FaultKind.LOST_TRASH]
    assert "bytes instead of" in report.faults[0].what
    assert report.read_bytes == 0


def test_a_missing_blob_is_named_with_the_models_that_lost_it(
    stocked: Library, store: Store
) -> None:
    manifest = store.read_manifest(parse_name("mine")).manifest
    store.blob_path(manifest.of_type(LayerType.SYSTEM)[0].digest).unlink()
    fault = only(stocked.upkeep.check(mend=True))
    assert fault.what.startswith("model 'mine:latest': the blob sha256:")
    assert fault.mended == "moved to the trash with the reason"
    assert [model.name for model in stocked.list()] == ["base:latest"]
    assert stocked.upkeep.check().faults == ()


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b'{"config":1,"layers":[]}', b"[" * 9999])
def test_an_unreadable_manifest_moves_to_the_trash(
    stocked: Library, store: Store, damage: bytes
) -> None:
    store.manifest_path(parse_name("mine")).write_bytes(damage)
    fault = only(stocked.upkeep.check())
    assert (fault.kind, fault.path.name) == (FaultKind.UNREADABLE_MANIFEST, "latest")
    assert stocked.upkeep.check(mend=True).is_mended
    assert stocked.upkeep.check().faults == ()
    assert [entry.name for entry in stocked.trash()] == ["mine:latest", "gone:latest"]


def test_strange_files_are_set_aside_and_downloads_stay(stocked: Library, store: Store) -> None:
    strange = [store.blobs / "notes.txt", store.manifests / "README", store.blobs / "sha256-12"]
    downloads = [
        store.blobs / f"sha256-{'0' * 64}-partial{ending}" for ending in ("", "-3", ".json")
    ]
    for path in (*strange, *downloads):
        path.write_text("x")
    report = stocked.upkeep.check(mend=True)
    assert kinds(report) == [FaultKind.STRAY_FILE] * 3
    assert {path.name for path in (store.own / "aside").iterdir()} == {p.name for p in strange}
    assert all(path.exists() for path in downloads)
    assert stocked.upkeep.check().faults == ()


def test_what_crashes_left_is_harmless_and_removed(
    stocked: Library, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.blobs / ".corral-x.part").write_text("half")
    (store.own / "unfinished" / ".corral-y.part").write_text("half")
    with store.exclusive():
        store.write_blob(b"nobody's", "x")
    report = stocked.upkeep.check()
    assert kinds(report) == [FaultKind.LEFTOVER] * 2, "the young blob may be of a model to come"
    assert report.is_sound
    later = time.time() + YOUNG_S + 60
    monkeypatch.setattr(time, "time", lambda: later)
    report = stocked.upkeep.check(mend=True)
    assert sorted(kinds(report)) == [FaultKind.UNNEEDED_BLOB, *[FaultKind.LEFTOVER] * 2]
    assert report.faults[-1].mended == "8 bytes freed"
    assert stocked.upkeep.check().faults == ()


def test_a_file_that_is_being_written_is_no_leftover(
    library: Library, gguf: Path, store: Store
) -> None:
    seen = []

    def on_progress(progress: object) -> None:
        if "Copying" in str(progress):
            seen.append(library.upkeep.check(mend=True).faults)

    library.import_file(gguf, ticket=Ticket(on_progress))
    assert seen
    assert not any(seen)
    assert library.list()[0].problem == ""


def test_a_linked_file_that_changed_is_told_and_unlinked(library: Library, gguf: Path) -> None:
    library.import_file(gguf, how=ImportHow.LINK)
    flip_a_bit(gguf)
    fault = library.upkeep.check().faults[0]
    assert fault.kind is FaultKind.CHANGED_LINK
    assert "Tiny.F32.gguf is linked" in fault.what
    assert library.upkeep.check(mend=True).is_mended
    assert gguf.exists()
    assert gguf.stat().st_nlink == 1
    assert library.upkeep.check().faults == ()


def test_a_check_can_be_cancelled_and_shows_its_progress(stocked: Library) -> None:
    seen = []
    stocked.upkeep.check(Ticket(seen.append))
    comparing = [each for each in seen if each.phase == "Comparing the digests"]
    assert comparing
    assert comparing[-1].done == comparing[-1].total
    ticket = Ticket()
    ticket.cancel()
    with pytest.raises(Cancelled):
        stocked.upkeep.check(ticket)


def test_listeners_hear_of_mending_only(stocked: Library, store: Store) -> None:
    heard: list[int] = []
    stocked.subscribe(lambda: heard.append(1))
    store.manifest_path(parse_name("mine")).write_bytes(b"")
    stocked.upkeep.check()
    assert heard == []
    stocked.upkeep.check(mend=True)
    assert heard == [1]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_broken_mending_leaves_a_sound_store(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("any")
    store = Store(root / "models")
    library = Library(store, HeaderCache(root / "headers"))
    library.import_file(tiny_model(root / "x.gguf"), "base")
    library.create("mine", parse("FROM base\nSYSTEM Be brief."))
    library.remove("base")
    # What flips a bit of a manifest may make another one of it: nothing tells its digest.
    files = sorted(path for path in store.root.rglob("*") if path.is_file())
    for path in data.draw(st.lists(st.sampled_from(files), max_size=4)):
        match data.draw(st.sampled_from(["remove", "empty", "cut", "flip", "rename"])):
            case "remove":
                path.unlink(missing_ok=True)
            case "empty":
                path.write_bytes(b"")
            case "cut" if path.exists():
                os.truncate(path, path.stat().st_size // 2)
            case "flip" if path.exists() and path.stat().st_size and "blobs" in path.parts:
                flip_a_bit(path)
            case "rename" if path.exists():
                path.rename(
                    path.with_name(data.draw(st.text("ab.-: ", min_size=1, max_size=4)) + "x")
                )
            case _:
                pass
    assert library.upkeep.check(mend=True).is_mended
    assert library.upkeep.check().faults == ()
    assert [model.problem for model in library.list() if model.problem] == []
