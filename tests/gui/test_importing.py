"""Files that come into the window: questions and errors, on a real workbench."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from corral.errors import CorralError
from corral.gui.importing import Importing
from corral.places import Places
from corral.settings import SettingsFile
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.window import discard, on_the_loop, until


@asynccontextmanager
async def importing(places: Places) -> AsyncIterator[tuple[Workbench, Importing]]:
    async with open_workbench(places) as workbench:
        window = QWidget()
        window.show()
        imports = Importing(workbench.modelling, window)
        try:
            yield workbench, imports
        finally:
            await imports.close()
            discard(window)


def file(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.usefixtures("qapp")
@on_the_loop
async def test_an_error_names_the_file(places: Places, tmp_path: Path) -> None:
    async with importing(places) as (_, imports):
        failed = QSignalSpy(imports.failed)
        imports.import_file(file(tmp_path, "Photos.gguf", b"PK\3\4" + bytes(100)))
        await until(failed.count, "the error")
        error = failed.at(0)[0]
        assert isinstance(error, CorralError)
        assert "Photos.gguf" in str(error)
        assert "PK" in str(error)


@pytest.mark.usefixtures("qapp")
@on_the_loop
async def test_several_errors_are_told_together_and_each_names_its_file(
    places: Places, tmp_path: Path
) -> None:
    async with importing(places) as (_, imports):
        failed, imported = QSignalSpy(imports.failed), QSignalSpy(imports.imported)
        whole = tiny_model(tmp_path / "Third.F32.gguf")
        imports.import_file(file(tmp_path, "First.gguf", b"PK\3\4" + bytes(100)))
        imports.import_file(file(tmp_path, "Second.gguf", whole.read_bytes()[:200]))
        imports.import_file(whole)
        await until(failed.count, "the errors")
        assert (failed.count(), imported.count()) == (1, 1)
        error = failed.at(0)[0]
        assert "2 file(s) could not be imported" in str(error)
        assert "First.gguf" in error.detail
        assert "Second.gguf" in error.detail


@pytest.mark.usefixtures("qapp")
@on_the_loop
async def test_a_file_whose_content_is_there_asks_nothing(places: Places, tmp_path: Path) -> None:
    async with importing(places) as (workbench, imports):
        imported = QSignalSpy(imports.imported)
        imports.import_file(tiny_model(tmp_path / "Same.F32.gguf"))  # as "tiny:f32" has it
        await until(imported.count, "the model")
        assert not imports.parent().findChildren(QDialog)
        models = {model.name: model.weights for model in await workbench.modelling.list()}
        assert models["same:f32"] == models["tiny:f32"]


@pytest.mark.usefixtures("qapp")
@on_the_loop
async def test_a_found_model_is_made_ones_own_under_another_name(
    places: Places, tmp_path: Path
) -> None:
    found = tiny_model(tmp_path / "herd" / "Found.F32.gguf", general__name="Found")
    SettingsFile(places.settings_file).change(model_folders=(str(found.parent),))
    async with importing(places) as (workbench, imports):
        imported = QSignalSpy(imports.imported)
        imports.take_in("found:f32", "mine")
        await until(lambda: answered(imports) or imported.count(), "the question or the model")
        await until(imported.count, "the model")
        mine = await workbench.modelling.get("mine")
        assert mine.home.is_own
        assert mine.weights.read_bytes() == found.read_bytes()
        assert found.is_file()


def answered(imports: Importing) -> bool:
    """Choose a copy, if the file system lets one be asked for."""
    window = imports.parent()
    buttons = [button for button in window.findChildren(QPushButton) if button.text() == "Copy"]
    for button in buttons:
        button.click()
    return bool(buttons)
