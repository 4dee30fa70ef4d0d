from collections.abc import Iterator

import pytest

from corral.llama.library import LlamaLibrary, load_library
from corral.llama.model import Model, load_model
from corral.plan.options import LoadOptions
from helpers.models import smollm2_path


@pytest.fixture(scope="session")
def library() -> LlamaLibrary:
    return load_library()


@pytest.fixture(scope="module")
def model(library: LlamaLibrary) -> Iterator[Model]:
    model = load_model(library, smollm2_path(), LoadOptions(), lambda _percent: True)
    yield model
    model.close()
