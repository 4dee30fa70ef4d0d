from pathlib import Path

import pytest

from corral.settings import Settings, SettingsFile
from helpers.command_line import CommandLine
from helpers.homes import places_of


@pytest.fixture
def corral(corral_home: Path) -> CommandLine:
    """The command line in an empty home."""
    return CommandLine(corral_home)


def test_settings_are_changed_and_shown(corral: CommandLine) -> None:
    changed = corral("settings", "proxy", "http://proxy.example:3128")
    assert (changed.exit_code, changed.out) == (0, "http://proxy.example:3128\n"), changed.err
    assert corral("settings", "zoom-percent", "150").out == "150\n"
    assert corral("settings", "theme", "dark").exit_code == 0
    current = SettingsFile(places_of(corral.home).settings_file).current
    assert current.proxy == "http://proxy.example:3128"
    assert (current.zoom_percent, current.theme.value) == (150, "dark")
    table = corral("settings").out
    assert all(name in table for name in ("proxy", "ca_file", "hub_endpoint", "registry_key"))
    assert "http://proxy.example:3128" in table
    assert corral("settings", "proxy", "").exit_code == 0
    assert SettingsFile(places_of(corral.home).settings_file).current.proxy == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("colour", "red"), "There is no setting 'colour'."),
        (("theme", "pink"), "It can be: system, light, dark."),
        (("zoom_percent", "much"), "It can be: a number."),
        (("zoom_percent", "900"), "it can be 50 to 300 %"),
        (("proxy", "nowhere"), "The proxy is no address."),
        (("model_folders", "/x"), "corral folders"),
    ],
)
def test_what_cannot_be_set_is_told(
    corral: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    refused = corral("settings", *arguments)
    assert refused.exit_code == 2
    assert said in refused.err
    assert SettingsFile(places_of(corral.home).settings_file).current == Settings()
