"""Models in several files: loaded in place, planned, and checked beforehand."""

from pathlib import Path

import pytest

from corral.children.inspect import InspectRole
from corral.children.inspect_json import options_to_json
from corral.errors import ExternalError
from corral.llama.library import LlamaLibrary
from corral.llama.model import Model, load_model
from corral.plan.options import LoadMode, LoadOptions
from helpers.models import smollm2_path
from helpers.splits import split_gguf


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return split_gguf(smollm2_path(), tmp_path_factory.mktemp("split"), stem="smollm2")


@pytest.fixture(scope="module")
def role() -> InspectRole:
    return InspectRole()


def test_all_files_of_a_model_are_loaded(
    library: LlamaLibrary, model: Model, shards: list[Path]
) -> None:
    split = load_model(library, shards[0], LoadOptions(), lambda _percent: True)
    try:
        assert split.description == model.description
        assert split.n_layer == model.n_layer
    finally:
        split.close()


def test_links_to_the_files_will_do(
    library: LlamaLibrary, shards: list[Path], tmp_path: Path
) -> None:
    for shard in shards:
        (tmp_path / shard.name).symlink_to(shard)
    load_model(library, tmp_path / shards[0].name, LoadOptions(), lambda _percent: True).close()


def test_a_missing_file_is_refused(
    library: LlamaLibrary, shards: list[Path], tmp_path: Path
) -> None:
    for shard in shards[:-1]:
        (tmp_path / shard.name).symlink_to(shard)
    with pytest.raises(ExternalError, match="cannot be read: No such file"):
        load_model(library, tmp_path / shards[0].name, LoadOptions(), lambda _percent: True)


@pytest.mark.parametrize("mode", LoadMode)
def test_the_exact_plan_is_that_of_the_model_in_one_file(
    role: InspectRole, shards: list[Path], tmp_path: Path, mode: LoadMode
) -> None:
    options = options_to_json(LoadOptions(load_mode=mode))
    plans = [
        role.plan(path=str(path), copy=str(tmp_path / f"{index}.gguf"), options=options, cards=[])
        for index, path in enumerate([shards[0], smollm2_path()])
    ]
    assert plans[0] == plans[1]


def test_the_preflight_checks_all_files(
    role: InspectRole, shards: list[Path], tmp_path: Path
) -> None:
    assert role.preflight(path=str(shards[0])) == role.preflight(path=str(smollm2_path()))
    for shard in shards:
        (tmp_path / shard.name).symlink_to(shard)
    last = tmp_path / shards[-1].name
    last.unlink()
    last.write_bytes(shards[-1].read_bytes()[:-5000])
    with pytest.raises(ExternalError, match="incomplete"):
        role.preflight(path=str(tmp_path / shards[0].name))
