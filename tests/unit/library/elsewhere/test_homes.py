import json
import tempfile
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.elsewhere.homes import find_homes
from corral.library.model import HomeKind
from helpers.nobody import as_nobody


def folders(user: Path, *added: Path, **environment: str) -> list[tuple[str, str]]:
    return [
        (home.label, str(home.folder.relative_to(user.parent)))
        for home in find_homes(environment, user, added)
    ]


def make(*paths: Path) -> None:
    for path in paths:
        path.mkdir(parents=True)


def test_a_person_without_other_programs_has_no_homes(user: Path) -> None:
    assert folders(user) == []


def test_the_usual_folders_of_each_program_are_known(user: Path) -> None:
    usual = {
        ".ollama/models": "Ollama",
        ".lmstudio/models": "LM Studio",
        ".cache/lm-studio/models": "LM Studio",
        ".cache/huggingface/hub": "Hugging Face",
        ".cache/llama.cpp": "llama.cpp",
        ".local/share/Jan/data/llamacpp/models": "Jan",
        ".config/Jan/data/llamacpp/models": "Jan",
        "jan/models": "Jan",
        ".local/share/nomic.ai/GPT4All": "GPT4All",
        ".cache/gpt4all": "GPT4All",
    }
    make(*(user / folder for folder in usual))
    assert folders(user) == [(label, f"user/{folder}") for folder, label in usual.items()]


@pytest.mark.parametrize(
    ("variable", "below", "label"),
    [
        ("OLLAMA_MODELS", "", "Ollama"),
        ("HF_HUB_CACHE", "", "Hugging Face"),
        ("HUGGINGFACE_HUB_CACHE", "", "Hugging Face"),
        ("HF_HOME", "hub", "Hugging Face"),
        ("XDG_CACHE_HOME", "huggingface/hub", "Hugging Face"),
        ("LLAMA_CACHE", "", "llama.cpp"),
        ("XDG_CACHE_HOME", "llama.cpp", "llama.cpp"),
        ("XDG_DATA_HOME", "Jan/data/llamacpp/models", "Jan"),
    ],
)
def test_a_variable_moves_a_home(user: Path, variable: str, below: str, label: str) -> None:
    make(user.parent / "moved" / below)
    moved = str(user.parent / "moved")
    expected = [(label, str(Path("moved") / below))]
    assert folders(user, **{variable: moved}) == expected
    assert folders(user, **{variable: f' "{moved}" '}) == expected


def test_lm_studio_tells_its_folder_in_its_settings(user: Path) -> None:
    make(user / ".lmstudio", user.parent / "big" / "models")
    settings = user / ".lmstudio" / "settings.json"
    settings.write_text(json.dumps({"downloadsFolder": str(user.parent / "big" / "models")}))
    assert folders(user) == [("LM Studio", "big/models")]


def test_lm_studio_tells_its_home_in_a_pointer(user: Path) -> None:
    make(user.parent / "lm" / "models")
    (user / ".lmstudio-home-pointer").write_text(f"{user.parent / 'lm'}\n")
    assert folders(user) == [("LM Studio", "lm/models")]


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"downloadsFolder": 5}', "[" * 100_000])
def test_settings_that_cannot_be_read_are_passed_over(user: Path, text: str) -> None:
    make(user / ".lmstudio" / "models")
    (user / ".lmstudio" / "settings.json").write_text(text)
    assert folders(user) == [("LM Studio", "user/.lmstudio/models")]


def test_a_folder_is_listed_once_however_it_is_reached(user: Path) -> None:
    make(user / ".ollama" / "models")
    (user / "link").symlink_to(user / ".ollama" / "models")
    found = folders(user, user / "link", OLLAMA_MODELS=str(user / ".ollama/models"))
    assert found == [("Ollama", "user/.ollama/models")]


def test_added_folders_are_what_they_look_like(user: Path) -> None:
    added = [user / name for name in ("plain", "ollama", "hub", "gone")]
    make(added[0], added[1] / "manifests", added[1] / "blobs", added[2] / "models--a--b")
    kinds = [home.kind for home in find_homes({}, user, added)]
    assert kinds == [HomeKind.FOLDER, HomeKind.OLLAMA, HomeKind.HUGGING_FACE]


def test_a_loop_of_links_is_no_home(user: Path) -> None:
    (user / "a").symlink_to(user / "b")
    (user / "b").symlink_to(user / "a")
    assert folders(user, user / "a", user / "bad\0name") == []


def test_a_home_that_may_not_be_looked_at_is_one_without_models() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        user = Path(name)
        models = user / ".ollama" / "models"
        models.mkdir(parents=True)
        (user / ".ollama").chmod(0)
        user.chmod(0o755)

        def look() -> tuple[list[Path], int]:
            headers = HeaderCache(user / "headers")
            elsewhere = Elsewhere(
                lambda: find_homes({}, user), headers, user / "e.json", user / "own"
            )
            found, _is_whole = elsewhere.list_so_far(1.0)
            return [home.folder for home in elsewhere.homes()], len(found)

        try:
            assert as_nobody(look) == ([models], 0)
        finally:
            (user / ".ollama").chmod(0o755)
