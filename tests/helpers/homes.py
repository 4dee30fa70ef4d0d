"""Homes of Corral with real models in them: made once, copied for tests that change something."""

import os
import shutil
from pathlib import Path

from corral.places import Places, find_places
from corral.workbench.modelling import open_library_with_starter
from corral.workbench.request import ChatRequest
from corral.workbench.workbench import open_workbench
from helpers.gguf_files import tiny_model
from helpers.models import smollm2_path

STARTER = "smollm2:135m"
TINY = "tiny:f32"
# A short context and the likeliest words: quick, and the same each time.
PARAMETERS = {"num_ctx": 512, "temperature": 0.0, "seed": 1, "num_predict": 8}


def places_of(home: Path) -> Places:
    """Return the folders of a home."""
    return find_places({"CORRAL_HOME": str(home)})


async def make_home(home: Path) -> None:
    """Make a home with the starter model, checked and planned already, and a tiny model."""
    smollm2_path()  # skips where there is no starter model
    places = places_of(home)
    library = open_library_with_starter(places)
    library.import_file(tiny_model(home / "downloads" / "Tiny.F32.gguf"))
    async with open_workbench(places) as workbench:
        for name in (STARTER, TINY):
            request = ChatRequest(model=name, messages=None, parameters={"num_ctx": 512})
            end = await workbench.conversing.start(request).wait()
            assert end.error is None


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home; blobs and header-only copies, sparse files of 100 MB, are shared."""
    return Path(shutil.copytree(source, target, copy_function=_copy))


def _copy(source: str, target: str) -> None:
    if Path(source).parent.name in {"blobs", "stripped"}:
        os.link(source, target)
    else:
        shutil.copy2(source, target)
