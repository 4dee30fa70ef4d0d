"""The model that a fresh Corral has."""

from pathlib import Path

from corral.places import Places
from corral.workbench.modelling import open_library_with_starter
from helpers.homes import STARTER, places_of
from helpers.models import smollm2_path


def names(places: Places) -> list[str]:
    return [model.name for model in open_library_with_starter(places).list()]


def test_a_fresh_home_has_the_starter_model_once(corral_home: Path) -> None:
    smollm2_path()
    places = places_of(corral_home)
    assert names(places) == [STARTER]
    assert names(places) == [STARTER]


def test_a_removed_starter_model_does_not_come_back_by_itself(corral_home: Path) -> None:
    smollm2_path()
    places = places_of(corral_home)
    open_library_with_starter(places).remove(STARTER)
    assert names(places) == []
    assert open_library_with_starter(places).restore(STARTER).name == STARTER
