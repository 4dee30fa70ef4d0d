import os
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.jobs import Cancelled, Ticket
from corral.library.library import Library
from corral.library.linking import Links
from corral.library.store import Store
from corral.library.taking import ImportHow
from helpers.gguf_files import tiny_model


def change_in_place(path: Path) -> None:
    """Change one byte as a program does that writes into the file."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")


def test_a_linked_file_that_changed_is_noticed_before_the_load(
    library: Library, gguf: Path
) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    library.verify_link(model)
    change_in_place(gguf)
    with pytest.raises(ExternalError, match="The linked file changed") as caught:
        library.verify_link(model)
    assert str(gguf) in caught.value.detail


def test_a_file_that_was_only_touched_is_read_once_and_trusted_again(
    library: Library, store: Store, gguf: Path
) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    os.utime(gguf, (1, 1))
    digest = f"sha256:{model.weights.name.removeprefix('sha256-')}"
    assert not Links(store).is_intact(digest)
    library.verify_link(model)
    assert Links(store).is_intact(digest)


def test_reading_a_touched_file_can_be_cancelled(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    os.utime(gguf, (1, 1))
    ticket = Ticket()
    ticket.cancel()
    with pytest.raises(Cancelled):
        library.verify_link(model, ticket)


def test_a_new_file_in_the_place_of_the_old_does_no_harm(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    tiny_model(gguf.with_name("new.gguf"), general__name="New").replace(gguf)
    library.verify_link(model)


def test_importing_again_mends_a_link_that_changed(library: Library, gguf: Path) -> None:
    content = gguf.read_bytes()
    model = library.import_file(gguf, how=ImportHow.LINK)
    change_in_place(gguf)
    fresh = gguf.with_name("fresh.gguf")
    fresh.write_bytes(content)
    again = library.import_file(fresh, model.name, how=ImportHow.LINK)
    library.verify_link(again)
    assert again.weights.samefile(fresh)
    assert again.weights.read_bytes() == content


def test_a_copy_takes_the_place_of_a_link(library: Library, store: Store, gguf: Path) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    library.import_file(gguf, how=ImportHow.COPY)
    assert not model.weights.samefile(gguf)
    assert Links(store).read() == {}
    change_in_place(gguf)
    library.verify_link(model)


def test_a_copy_stays_when_the_same_file_is_linked_later(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf, how=ImportHow.COPY)
    library.import_file(gguf, "again", how=ImportHow.LINK)
    assert not model.weights.samefile(gguf)


def test_a_damaged_record_is_no_obstacle(library: Library, store: Store, gguf: Path) -> None:
    model = library.import_file(gguf, how=ImportHow.LINK)
    (store.own / "links.json").write_text('{"sha256:x": 3')
    assert Links(store).read() == {}
    library.verify_link(model)
