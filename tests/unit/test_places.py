"""Where files live."""

import stat
import sys
from pathlib import Path

import pytest

from corral.errors import ExternalError
from corral.places import find_places, resource_path


def test_one_folder_holds_everything_when_the_home_is_given(tmp_path: Path) -> None:
    places = find_places({"CORRAL_HOME": str(tmp_path), "XDG_DATA_HOME": "/elsewhere"})
    assert places.data == tmp_path / "data"
    assert places.models == tmp_path / "data" / "models"
    for file in (
        places.chats_file,
        places.machine_file,
        places.settings_file,
        places.window_file,
        places.log_file,
        places.crash_log_file,
        places.marker_file,
        places.socket_file,
        places.headers,
        places.stripped,
    ):
        assert file.is_relative_to(tmp_path)


def test_the_models_can_lie_on_another_drive(tmp_path: Path) -> None:
    home, models = tmp_path / "home", tmp_path / "models"
    places = find_places({"CORRAL_HOME": str(home), "CORRAL_MODELS": str(models)})
    assert places.models == models
    assert places.data == home / "data"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are Linux's")
def test_the_systems_folders_are_used_without_a_home_of_our_own(tmp_path: Path) -> None:
    places = find_places(
        {
            "XDG_DATA_HOME": str(tmp_path / "d"),
            "XDG_STATE_HOME": str(tmp_path / "s"),
            "XDG_CACHE_HOME": "",
        }
    )
    assert places.data == tmp_path / "d" / "corral"
    assert places.settings_file == tmp_path / "s" / "corral" / "settings.json"
    assert places.cache == Path.home() / ".cache" / "corral"


def test_a_relative_home_stays_where_it_was_when_the_program_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_places({"CORRAL_HOME": "here"}).data == tmp_path / "here" / "data"


def test_folders_are_made_for_their_owner_only(tmp_path: Path) -> None:
    places = find_places({"CORRAL_HOME": str(tmp_path / "home")})
    places.make()
    places.make()
    for folder in (places.data, places.state, places.cache):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_resources_are_found_in_a_checkout() -> None:
    assert resource_path("icons").is_dir()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ExternalError, match="file/data cannot be made"):
        find_places({"CORRAL_HOME": str(file)}).make()
