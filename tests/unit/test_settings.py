"""Settings are kept, checked, and never half written."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.settings import (
    GuardrailChoice,
    Settings,
    SettingsFile,
    Speculation,
    ThemeChoice,
    write_atomically,
)


def test_settings_are_there_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "settings.json"
    assert SettingsFile(path).current == Settings()
    SettingsFile(path).change(theme=ThemeChoice.DARK, zoom_percent=120)
    assert SettingsFile(path).current == Settings(theme=ThemeChoice.DARK, zoom_percent=120)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"theme": "pink"}',
        '{"zoom_percent": "wide"}',
        '{"zoom_percent": 10000}',
        '{"zoom_percent": null}',
        '{"zoom_percent": NaN}',
    ],
)
def test_a_file_that_cannot_be_read_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert SettingsFile(path).current == Settings()


def test_settings_of_a_newer_program_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "hologram": True}))
    assert SettingsFile(path).current == Settings(theme=ThemeChoice.LIGHT)


@pytest.mark.parametrize("zoom_percent", [49, 301])
def test_a_zoom_out_of_range_is_refused_and_changes_nothing(
    tmp_path: Path, zoom_percent: int
) -> None:
    settings = SettingsFile(tmp_path / "settings.json")
    with pytest.raises(UserError, match=f"{zoom_percent} %; it can be 50 to 300 %"):
        settings.change(zoom_percent=zoom_percent)
    assert settings.current == Settings()
    assert not (tmp_path / "settings.json").exists()


def test_a_folder_that_cannot_be_written_is_told_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    settings = SettingsFile(tmp_path / "state" / "settings.json")
    with pytest.raises(ExternalError, match=r"settings\.json could not be written"):
        settings.change(zoom_percent=120)
    assert settings.current == Settings()


def test_a_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.mkdir()
    with pytest.raises(ExternalError):
        write_atomically(path, "text")
    assert list(tmp_path.iterdir()) == [path]


def test_two_threads_can_write_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: write_atomically(path, str(number)), range(200)))
    assert path.read_text().isdigit()
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_process_set_meanwhile_is_kept(tmp_path: Path) -> None:
    window, other = SettingsFile(tmp_path / "s.json"), SettingsFile(tmp_path / "s.json")
    other.change(model_folders=("/drive",))
    assert window.change(zoom_percent=120).model_folders == ("/drive",)
    assert SettingsFile(tmp_path / "s.json").current.model_folders == ("/drive",)


@pytest.mark.parametrize("folders", [("relative",), ("/a\0b",), "/text", (5,)])
def test_folders_that_are_none_are_refused(tmp_path: Path, folders: object) -> None:
    settings = SettingsFile(tmp_path / "s.json")
    with pytest.raises(UserError):
        settings.change(model_folders=folders)
    assert settings.current.model_folders == ()


def test_machines_and_limits_come_back_as_they_were(tmp_path: Path) -> None:
    SettingsFile(tmp_path / "s.json").change(
        machines=(("box", "RTX 4090"),), guardrail=GuardrailChoice.OWN, guardrail_free_gib=2.5
    )
    kept = SettingsFile(tmp_path / "s.json").current
    assert kept.machines == (("box", "RTX 4090"),)
    assert (kept.guardrail, kept.guardrail_free_gib) == (GuardrailChoice.OWN, 2.5)


@pytest.mark.parametrize("gib", [-1.0, 1e9, float("nan")])
def test_a_senseless_limit_is_refused(tmp_path: Path, gib: float) -> None:
    with pytest.raises(UserError):
        SettingsFile(tmp_path / "s.json").change(guardrail_free_gib=gib)


def test_the_setting_of_speculation_is_on_or_off(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    assert file.current.speculation is Speculation.AUTO
    assert file.change(speculation="off").speculation is Speculation.OFF
    with pytest.raises(UserError, match="auto or off, not draft"):
        file.change(speculation="draft")
    assert SettingsFile(tmp_path / "settings.json").current.speculation is Speculation.OFF
