from pathlib import Path

import pytest

from corral.modelfile.parser import parse
from corral.workbench.modelling import open_library
from helpers.command_line import CommandLine
from helpers.homes import PARAMETERS, STARTER, copy_home, places_of

QUICK = f"FROM {STARTER}\n" + "".join(
    f"PARAMETER {name} {value}\n" for name, value in PARAMETERS.items()
)


@pytest.fixture
def corral(stocked_home: Path, corral_home: Path) -> CommandLine:
    """The command line, in a home with SmolLM2, a tiny model and "quick", a terse SmolLM2."""
    home = copy_home(stocked_home, corral_home)
    open_library(places_of(home)).create("quick", parse(QUICK))
    return CommandLine(home)
