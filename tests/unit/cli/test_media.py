"""Pictures and sounds on the command line."""

from pathlib import Path

import pytest

from corral.cli.media_paths import take_media
from corral.library.model import Capability, StoredModel
from corral.modelfile.parser import parse
from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.gguf_files import tiny_model
from helpers.homes import places_of
from helpers.pictures import png_bytes, wav_bytes
from helpers.projectors import gemma3_projector, ultravox_projector

SEES = StoredModel(name="eyes", projectors=(Path("p.gguf"),), capabilities=(Capability.VISION,))
LINES = "PARAMETER num_predict 3\nPARAMETER temperature 0\nPARAMETER num_ctx 512\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cat.png").write_bytes(png_bytes(30, 20))
    (tmp_path / "my dog.png").write_bytes(png_bytes(20, 20))
    (tmp_path / "bark.wav").write_bytes(wav_bytes([5, -5] * 2000))
    return tmp_path


@pytest.fixture
def seeing(corral: CommandLine, folder: Path) -> CommandLine:
    """The command line with "eyes" and "ears"."""
    weights = tiny_model(folder / "t.gguf")
    library = open_library(places_of(corral.home))
    for name, file in (
        ("eyes", gemma3_projector(folder / "e.gguf", 64)),
        ("ears", ultravox_projector(folder / "a.gguf", 64)),
    ):
        library.create(name, parse(f"FROM {weights}\nFROM {file}\n{LINES}"), folder)
    return corral


def test_a_picture_and_a_sound_are_given_to_models_that_take_them(
    seeing: CommandLine, folder: Path
) -> None:
    seen = seeing("run", "eyes", "What is it?", "--image", str(folder / "cat.png"))
    heard = seeing("run", "ears", "What is it?", "--audio", str(folder / "bark.wav"))

    assert (seen.exit_code, heard.exit_code) == (0, 0)
    assert seen.out
    assert heard.out


def test_what_a_model_cannot_take_is_exit_2(seeing: CommandLine, folder: Path) -> None:
    blind = seeing("run", "quick", "What?", "--image", str(folder / "cat.png"))
    missing = seeing("run", "eyes", "What?", "--image", str(folder / "none.png"))

    assert (blind.exit_code, missing.exit_code) == (2, 2)
    assert "cat.png is a picture, and quick:latest has no projector" in blind.err
    assert "cannot be read" in missing.err


@pytest.mark.parametrize(
    ("text", "left", "names"),
    [
        ("What is {}/cat.png?", "What is ?", ["cat.png"]),
        ("{}/my\\ dog.png and '{}/my dog.png'", "and", ["my dog.png", "my dog.png"]),
        ("{}/cat.png", "", ["cat.png"]),
        ("see {}/none.png", "see {}/none.png", []),
        ("see file://{}/cat.png", "see file://{}/cat.png", []),
        ("see https:/{}/cat.png", "see https:/{}/cat.png", []),
        ("see {}/cat.png.txt", "see {}/cat.png.txt", []),
    ],
)
def test_paths_are_taken_out_of_what_is_typed(
    folder: Path, text: str, left: str, names: list[str]
) -> None:
    asked = text.replace("{}", str(folder))

    said, found = take_media(SEES, asked)

    assert said == left.replace("{}", str(folder))
    assert [each.name for each in found] == names
    assert take_media(StoredModel(name="blind"), asked) == (asked, [])
