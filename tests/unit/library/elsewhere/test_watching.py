from collections.abc import Callable
from pathlib import Path

from corral.library.elsewhere.elsewhere import MOST_WATCHED
from corral.library.library import Library
from helpers.gguf_files import tiny_model


def test_every_folder_that_models_come_to_is_watched(library: Library, user: Path) -> None:
    tiny_model(user / ".lmstudio/models/a/b/tiny.gguf")
    hub = user / ".cache/huggingface/hub"
    for folder in ("models--a--b/snapshots/c", "models--a--b/blobs", "datasets--a--b", ".locks"):
        (hub / folder).mkdir(parents=True)
    manifests = user / ".ollama/models/manifests/registry.ollama.ai/library"
    manifests.mkdir(parents=True)
    (manifests.parents[2] / "blobs").mkdir()
    watched = [str(path.relative_to(user)) for path in library.watched_folders()]
    assert sorted(watched) == [
        ".cache/huggingface/hub",
        ".cache/huggingface/hub/models--a--b",
        ".cache/huggingface/hub/models--a--b/snapshots",
        ".cache/huggingface/hub/models--a--b/snapshots/c",
        ".lmstudio/models",
        ".lmstudio/models/a",
        ".lmstudio/models/a/b",
        ".ollama/models",
        ".ollama/models/manifests",
        ".ollama/models/manifests/registry.ollama.ai",
        ".ollama/models/manifests/registry.ollama.ai/library",
    ]


def test_no_more_are_watched_than_a_system_bears(
    open_library: Callable[..., Library], tmp_path: Path
) -> None:
    for number in range(MOST_WATCHED + 50):
        (tmp_path / "drive" / f"{number}").mkdir(parents=True)
    (tmp_path / "drive" / "0" / "loop").symlink_to(tmp_path / "drive")
    library = open_library(tmp_path / "drive")
    assert len(library.watched_folders()) == MOST_WATCHED
    assert library.watched_folders()[0] == tmp_path / "drive"
