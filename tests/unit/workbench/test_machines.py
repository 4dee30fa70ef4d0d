"""Machines that are not there: saved, renamed, chosen."""

from pathlib import Path

import pytest

from corral.errors import UserError
from corral.settings import SettingsFile
from corral.workbench.machines import Machines
from helpers.headers import make_machine

HERE = make_machine(32)


@pytest.fixture
def machines(tmp_path: Path) -> Machines:
    return Machines(SettingsFile(tmp_path / "settings.json"))


def test_a_saved_machine_is_there_at_the_next_start(machines: Machines, tmp_path: Path) -> None:
    told: list[bool] = []
    machines.changed.subscribe(lambda: told.append(True))
    machines.save(" desk ", "RTX 4090", HERE)
    assert told == [True]
    again = Machines(SettingsFile(tmp_path / "settings.json"))
    assert again.saved == {"desk": "RTX 4090"}
    assert again.imagine("desk", HERE).gpus[0].description == "GeForce RTX 4090"


def test_another_name_keeps_its_place_and_what_is_planned_for(machines: Machines) -> None:
    machines.save("first", "RTX 4090", HERE)
    machines.save("second", "RTX 3090", HERE)
    machines.choose("first", HERE)
    machines.rename("first", "desk")
    assert list(machines.saved) == ["desk", "second"]
    assert machines.chosen == "desk"


def test_no_name_is_taken_from_another(machines: Machines) -> None:
    machines.save("first", "RTX 4090", HERE)
    machines.save("second", "RTX 3090", HERE)
    with pytest.raises(UserError, match="Another machine"):
        machines.rename("first", "second")
    with pytest.raises(UserError, match="saved as"):
        machines.rename("third", "fourth")
    with pytest.raises(UserError, match="printable"):
        machines.rename("first", "a\nb")
    assert list(machines.saved) == ["first", "second"]


def test_words_that_say_nothing_are_not_chosen(machines: Machines) -> None:
    machines.choose("RTX 4090", HERE)
    with pytest.raises(UserError):
        machines.choose("a toaster", HERE)
    assert machines.chosen == "RTX 4090"
    machines.choose("", HERE)
    assert machines.chosen == ""


def test_a_forgotten_machine_goes_on_being_planned_for_by_its_words(machines: Machines) -> None:
    machines.save("desk", "RTX 4090", HERE)
    machines.choose("desk", HERE)
    machines.forget("desk")
    assert machines.imagine(machines.chosen, HERE).gpus[0].description == "GeForce RTX 4090"
