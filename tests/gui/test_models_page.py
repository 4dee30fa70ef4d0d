"""The table of all models, and the details of one, on a real workbench."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy, QTest
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QStyleOptionViewItem,
    QTabWidget,
    QTreeWidget,
    QWidget,
)

from corral.gui.dialogs import ask_name
from corral.gui.library.cells import CellDelegate
from corral.gui.library.check_page import CheckPage
from corral.gui.library.columns import Column
from corral.gui.library.details_page import DetailsPage
from corral.gui.library.duplicates_page import DuplicatesPage
from corral.gui.library.folders_dialog import FoldersDialog
from corral.gui.library.models_page import VIEW, ModelsPage
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.library.rows import RowKind, Selection
from corral.gui.library.table_view import TableView
from corral.gui.library.trash_dialog import TrashDialog
from corral.gui.library.watching import FolderWatcher
from corral.gui.theme.theme import Theme
from corral.library.trash import TrashEntry
from corral.places import Places
from corral.settings import SettingsFile
from corral.workbench.workbench import Workbench, open_workbench
from helpers.gguf_files import tiny_model
from helpers.homes import STARTER, TINY
from helpers.window import discard, on_the_loop, part, press, until, words

ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
MARIO = "mario"
MODELFILE = f"""FROM {STARTER}
SYSTEM You are Mario.
PARAMETER temperature 0.5
PARAMETER stop "<|im_end|>"
LICENSE For llamas only.
"""


@asynccontextmanager
async def library(places: Places) -> AsyncIterator[tuple[Workbench, LibraryPresenter, RowActions]]:
    """A workbench with three models."""
    async with open_workbench(places) as workbench:
        await workbench.modelling.create(MARIO, MODELFILE).result()
        presenter = LibraryPresenter(workbench)
        actions = RowActions(presenter)
        presenter.refresh()
        await until(lambda: len(presenter.models) >= 3, "the models")
        try:
            yield workbench, presenter, actions
        finally:
            await presenter.close()
            discard(presenter)


@asynccontextmanager
async def models_page(
    places: Places, theme: Theme, views: dict[str, str] | None = None
) -> AsyncIterator[tuple[LibraryPresenter, ModelsPage]]:
    """The page of all models."""
    async with library(places) as (_, presenter, actions):
        page = ModelsPage(presenter, actions, theme, {} if views is None else views)
        page.resize(900, 600)
        page.show()
        QAbstractItemModelTester(view_of(page).model(), page)  # fails the test by a warning
        await until(view_of(page).model().rowCount, "the rows")
        try:
            yield presenter, page
        finally:
            await page.close_panel()
            discard(page)


@asynccontextmanager
async def details_page(
    places: Places, theme: Theme, name: str
) -> AsyncIterator[tuple[LibraryPresenter, DetailsPage]]:
    """The details of a model."""
    async with library(places) as (_, presenter, actions):
        page = DetailsPage(name, presenter, actions, theme)
        page.resize(900, 700)
        page.show()
        try:
            yield presenter, page
        finally:
            await page.close_panel()
            discard(page)


def view_of(page: ModelsPage) -> TableView:
    return part(page, TableView, "modelsTable")


def column(model: QAbstractItemModel, number: int) -> list[str]:
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def names(page: ModelsPage) -> list[str]:
    return column(view_of(page).model(), Column.NAME)


@on_the_loop
async def test_each_model_stands_there_with_its_figures(places: Places, theme: Theme) -> None:
    async with models_page(places, theme) as (_, page):
        assert names(page) == ["mario", STARTER, TINY]
        model = view_of(page).model()
        await until(lambda: column(model, Column.FIT) == ["fits"] * 3, "the plans")
        assert column(model, Column.SIZE)[1:] == ["98 MB", "368 KB"]
        assert column(model, Column.QUANTIZATION) == ["Q4_1", "Q4_1", "F32"]
        assert column(model, Column.PARAMETERS)[1] == "134.52M"
        assert column(model, Column.CONTEXT) == ["8k", "8k", "512"]
        assert column(model, Column.FAMILY) == ["llama"] * 3
        assert column(model, Column.HOME) == ["Corral"] * 3
        tip = str(model.index(1, Column.FIT).data(Qt.ItemDataRole.ToolTipRole))
        assert "planned by formulas" in tip
        assert "GiB free" in tip


@on_the_loop
async def test_what_is_drawn_is_what_the_table_tells(places: Places, theme: Theme) -> None:
    async with models_page(places, theme) as (_, page):
        view = view_of(page)
        table = view.model()
        delegate = view.itemDelegate()
        assert isinstance(delegate, CellDelegate)
        await until(lambda: "…" not in "".join(column(table, Column.FIT)), "the fits")
        cells = [
            table.index(row, at) for row in range(table.rowCount()) for at in range(len(Column))
        ]
        for index in cells:
            option = QStyleOptionViewItem()
            delegate.initStyleOption(option, index)
            drawn = (option.text, option.font.key(), int(option.displayAlignment))
            font, where = index.data(Qt.ItemDataRole.FontRole), index.data(ALIGNMENT)
            assert drawn == (index.data(), font.key(), int(where))
            if colour := index.data(Qt.ItemDataRole.ForegroundRole):
                assert option.palette.color(QPalette.ColorRole.Text) == colour


@pytest.mark.parametrize(
    ("number", "first", "then"),
    [
        (Column.NAME, 2, 0),
        (Column.SIZE, 0, 2),
        (Column.PARAMETERS, 0, 2),
        (Column.CONTEXT, 0, 2),
        (Column.QUANTIZATION, 0, 2),
    ],
)
@on_the_loop
async def test_a_click_on_a_heading_sorts_and_another_turns_it_round(
    number: Column, first: int, then: int, places: Places, theme: Theme
) -> None:
    async with models_page(places, theme) as (_, page):
        view = view_of(page)
        view.header.setSortIndicator(Column.HOME, Qt.SortOrder.AscendingOrder)
        view.setCurrentIndex(view.model().index(names(page).index(TINY), 0))
        place = QPoint(view.header.sectionViewportPosition(number) + 8, 8)
        QTest.mouseClick(view.header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert names(page).index(TINY) == first
        QTest.mouseClick(view.header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert names(page).index(TINY) == then
        assert view.currentIndex().siblingAtColumn(0).data() == TINY


@on_the_loop
async def test_the_filter_looks_into_all_that_is_told_of_a_model(
    places: Places, theme: Theme
) -> None:
    async with models_page(places, theme) as (_, page):
        search = part(page, QLineEdit, "modelsFilter")
        QTest.keyClicks(search, "q4_1 MARIO")
        assert names(page) == ["mario"]
        assert "1 of 3 model(s)" in words(page)
        search.clear()
        QTest.keyClicks(search, "zebra")
        assert not page.findChild(TableView, "modelsTable").isVisibleTo(page)
        assert "No model has “zebra”." in words(page)
        press(part(page, QPushButton, text="Clear the filter"), Qt.Key.Key_Space)
        assert len(names(page)) == 3


@on_the_loop
async def test_a_hidden_column_stays_hidden_the_next_time(places: Places, theme: Theme) -> None:
    views: dict[str, str] = {}
    async with models_page(places, theme, views) as (_, page):
        menu = QMenu()
        view_of(page).fill_columns_menu(menu)
        entries = {action.text(): action for action in menu.actions()}
        assert len(entries) == len(Column) - 1  # the name always stays
        entries["Quantization"].trigger()
        assert view_of(page).header.isSectionHidden(Column.QUANTIZATION)
        discard(menu)
    async with library(places) as (_, presenter, actions):
        again = ModelsPage(presenter, actions, theme, {VIEW: views[VIEW]})
        assert view_of(again).header.isSectionHidden(Column.QUANTIZATION)
        assert not view_of(again).header.isSectionHidden(Column.SIZE)
        fresh = ModelsPage(presenter, actions, theme, {VIEW: "no state at all"})
        assert not view_of(fresh).header.isSectionHidden(Column.QUANTIZATION)
        for each in (again, fresh):
            await each.close_panel()
        discard(again, fresh)


@on_the_loop
async def test_several_models_go_with_one_key_and_come_back_with_one_undo(
    places: Places, theme: Theme
) -> None:
    async with models_page(places, theme) as (presenter, page):
        removed = QSignalSpy(presenter.removed)
        view = view_of(page)
        view.setCurrentIndex(view.model().index(1, 0))
        press(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        press(view, Qt.Key.Key_Delete)
        await until(lambda: names(page) == ["mario"], "two are gone")
        await until(removed.count, "it is said")
        assert removed.count() == 1
        presenter.restore(removed.at(0)[0])
        await until(lambda: names(page) == ["mario", STARTER, TINY], "both are back")


@on_the_loop
async def test_keys_ask_for_what_the_menu_offers(places: Places, theme: Theme) -> None:
    async with models_page(places, theme) as (presenter, page):
        (actions,) = presenter.findChildren(RowActions)
        spies = {
            signal: QSignalSpy(getattr(actions, signal))
            for signal in (
                "details_opened",
                "modelfile_opened",
                "duplicate_requested",
                "model_rename_requested",
                "chat_requested",
            )
        }
        view = view_of(page)
        view.setCurrentIndex(view.model().index(2, 0))
        press(view, Qt.Key.Key_Return)
        press(view, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
        press(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        press(view, Qt.Key.Key_F2)
        shift = Qt.KeyboardModifier.ShiftModifier
        press(view, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, shift)
        told = {name: [spy.at(n) for n in range(spy.count())] for name, spy in spies.items()}
        assert told == {name: [[TINY]] for name in spies}
        press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == TINY


@on_the_loop
async def test_a_broken_model_says_why_in_words_and_offers_no_chat(
    places: Places, theme: Theme
) -> None:
    async with models_page(places, theme) as (presenter, page):
        model = presenter.model(TINY)
        assert model
        model.weights.unlink()
        presenter.refresh()
        table = view_of(page).model()
        await until(lambda: column(table, Column.FIT)[2] == "broken", "the badge")
        view_of(page).setCurrentIndex(table.index(2, 0))
        assert "A part is missing" in part(page, QLabel, "modelNote").text()
        view_of(page).customContextMenuRequested.emit(
            view_of(page).visualRect(table.index(2, 0)).center()
        )
        menu = view_of(page).findChildren(QMenu)[-1]
        texts = {action.text() for action in menu.actions()}
        assert {"Details", "Remove", "Copy name"} <= texts
        assert not {"New chat", "Modelfile", "Save as GGUF file…"} & texts
        menu.close()


@on_the_loop
async def test_details_show_metadata_tensors_template_and_texts(
    places: Places, theme: Theme
) -> None:
    async with details_page(places, theme, f"{MARIO}:latest") as (_, page):
        parts = part(page, QTabWidget, "detailsParts")
        titles = [parts.tabText(number) for number in range(parts.count())]
        assert titles == [
            "Overview", "Metadata", "Tensors", "Template", "System", "Parameters", "Licence",
        ]  # fmt: skip
        await until(lambda: "shared with 1 other model(s)" in words(page), "the files")
        assert "134.52M" in words(page)
        parts.setCurrentIndex(1)
        table = part(page, TableView).model()
        tester = QAbstractItemModelTester(table)
        await until(lambda: table.rowCount() > 20, "the metadata")
        assert "general.architecture" in column(table, 0)
        parts.setCurrentIndex(2)
        assert part(page, TableView).model().rowCount() == 272
        texts = {}
        for number in range(3, 7):
            parts.setCurrentIndex(number)
            texts[titles[number]] = part(page, QPlainTextEdit).toPlainText()
        assert "<|im_start|>" in texts["Template"]
        assert texts["System"] == "You are Mario."
        assert "temperature" in texts["Parameters"]
        assert texts["Licence"] == "For llamas only."
        discard(tester)


@on_the_loop
async def test_a_long_value_is_cut_in_its_cell_and_copied_whole(
    places: Places, theme: Theme
) -> None:
    async with details_page(places, theme, STARTER) as (_, page):
        part(page, QTabWidget, "detailsParts").setCurrentIndex(1)
        view = part(page, TableView)
        await until(lambda: view.model().rowCount() > 20, "the metadata")
        QTest.keyClicks(part(page, QLineEdit), "chat_template")
        assert column(view.model(), 0) == ["tokenizer.chat_template"]
        cell = column(view.model(), 1)[0]
        assert cell.endswith("…")
        view.setCurrentIndex(view.model().index(0, 0))
        press(part(page, QPushButton, text="Copy"), Qt.Key.Key_Space)
        copied = QGuiApplication.clipboard().text()
        assert len(copied) > len(cell)
        assert "\n" in copied or "{%" in copied


@on_the_loop
async def test_tensors_are_sorted_by_size_and_back_into_the_order_of_the_file(
    places: Places, theme: Theme
) -> None:
    async with details_page(places, theme, STARTER) as (_, page):
        part(page, QTabWidget, "detailsParts").setCurrentIndex(2)
        view = part(page, TableView)
        await until(lambda: view.model().rowCount() == 272, "the tensors")
        in_file = column(view.model(), 0)
        tester = QAbstractItemModelTester(view.model())
        view.header.setSortIndicator(3, Qt.SortOrder.DescendingOrder)
        assert column(view.model(), 0)[0] == "token_embd.weight"
        assert column(view.model(), 3)[-1] == "2.3 KB"
        view.header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        assert column(view.model(), 0) == in_file
        discard(tester)


@on_the_loop
async def test_details_of_a_removed_model_say_that_it_is_gone(places: Places, theme: Theme) -> None:
    async with details_page(places, theme, TINY) as (presenter, page):
        await until(lambda: "368 KB" in words(page), "the facts")
        presenter.remove(Selection(models=(TINY,)))
        await until(lambda: "no such model any more" in words(page), "it says so")
        assert not part(page, QPushButton, text="New chat").isEnabled()


def add_folder(places: Places, folder: Path) -> None:
    """Have models of a folder found, as `corral` does with what the settings name."""
    SettingsFile(places.settings_file).change(model_folders=(str(folder),))


@on_the_loop
async def test_models_of_other_folders_stand_apart_and_are_not_removed(
    places: Places, theme: Theme, tmp_path: Path
) -> None:
    folder = tmp_path / "herd"
    whole = tiny_model(folder / "Found.F32.gguf", general__name="Found")
    (folder / "Half.F32.gguf").write_bytes(whole.read_bytes()[:4000])
    add_folder(places, folder)
    async with models_page(places, theme) as (presenter, page):
        await until(lambda: "found:f32" in names(page), "the found one")
        table = view_of(page).model()
        row = names(page).index("found:f32")
        assert column(table, Column.HOME)[row] == "herd"
        assert column(table, Column.FIT)[names(page).index("half:f32")] == "broken"
        headings = [key for kind, key in presenter.keys if kind is RowKind.SECTION]
        assert headings == ["FROM HERD · 2"]
        failed = QSignalSpy(presenter.failed)
        view_of(page).setCurrentIndex(table.index(row, 0))
        press(view_of(page), Qt.Key.Key_Delete)
        await until(failed.count, "a refusal")
        assert "belongs to herd" in str(failed.at(0)[0])
        assert whole.is_file()


@on_the_loop
async def test_a_file_that_comes_into_a_watched_folder_is_listed(
    places: Places, theme: Theme, tmp_path: Path
) -> None:
    folder = tmp_path / "herd"
    folder.mkdir()
    add_folder(places, folder)
    async with library(places) as (workbench, presenter, _):
        watcher = FolderWatcher(workbench.modelling, presenter, presenter)
        await until(lambda: watcher.folders, "the folders")
        tiny_model(folder / "Found.F32.gguf", general__name="Found")
        await until(lambda: presenter.model("found:f32") is not None, "the file")
        await watcher.close()


@on_the_loop
async def test_the_same_content_in_two_places_is_told_with_what_it_takes(
    places: Places, theme: Theme, tmp_path: Path
) -> None:
    tiny_model(tmp_path / "herd" / "Again.F32.gguf")
    add_folder(places, tmp_path / "herd")
    async with library(places) as (_, presenter, _):
        page = DuplicatesPage(presenter)
        page.resize(900, 500)
        page.show()
        await until(lambda: "Nothing is known" in words(page), "nothing yet")
        press(part(page, QPushButton, text="Compare files"), Qt.Key.Key_Space)
        await until(lambda: "would free 368 KB" in words(page), "what would be freed")
        tree = part(page, QTreeWidget, "duplicatesList")
        item = tree.topLevelItem(0)
        assert item
        assert item.text(0) == "tiny:f32, again:f32"
        assert [item.child(n).text(0).partition(" · ")[0] for n in range(2)] == ["Corral", "herd"]
        await page.close_panel()
        discard(page)


@on_the_loop
async def test_details_of_a_found_model_offer_to_make_it_mine(
    places: Places, theme: Theme, tmp_path: Path
) -> None:
    tiny_model(tmp_path / "herd" / "Found.F32.gguf", general__name="Found")
    add_folder(places, tmp_path / "herd")
    async with library(places) as (_, presenter, actions):
        asked = QSignalSpy(actions.take_in_requested)
        for name, is_found in (("found:f32", True), (TINY, False)):
            await until(lambda name=name: presenter.model(name) is not None, "the model")
            page = DetailsPage(name, presenter, actions, theme)
            page.show()
            buttons = {one.text(): one for one in page.findChildren(QPushButton)}
            button = buttons["Make it mine…"]
            assert button.isVisible() == is_found
            if is_found:
                press(button, Qt.Key.Key_Space)
                assert asked.at(0) == [name]
            await page.close_panel()
            discard(page)


@on_the_loop
async def test_a_check_tells_what_is_damaged_and_mends_it(places: Places, theme: Theme) -> None:
    async with library(places) as (_, presenter, _):
        page = CheckPage(presenter)
        page.resize(900, 500)
        page.show()
        faults = part(page, QTreeWidget, "faults")
        check = part(page, QPushButton, text="Check the models")
        mend = next(one for one in page.findChildren(QPushButton) if one.text() == "Mend")
        press(check, Qt.Key.Key_Space)
        await until(lambda: "Nothing is wrong." in words(page), "a sound store")
        assert not mend.isVisible()
        model = presenter.model(TINY)
        assert model
        content = model.weights.read_bytes()
        model.weights.unlink()  # not written into: other tests' stores share it
        model.weights.write_bytes(content[:-1] + b"!")
        press(check, Qt.Key.Key_Space)
        await until(lambda: "1 thing(s) can be mended." in words(page), "the damage")
        item = faults.topLevelItem(0)
        assert item
        assert item.text(0) == "damaged file"
        assert model.weights.exists()
        press(mend, Qt.Key.Key_Space)
        await until(lambda: "were mended." in words(page), "the mending")
        assert not model.weights.exists()
        await until(lambda: presenter.model(TINY) is None, "the model in the trash")
        assert [entry.name for entry in await presenter.trash()] == [TINY]
        press(check, Qt.Key.Key_Space)
        await until(lambda: "Nothing is wrong." in words(page), "a sound store again")
        await page.close_panel()
        discard(page)


@on_the_loop
async def test_the_latest_in_the_trash_is_chosen_at_once(theme: Theme, tmp_path: Path) -> None:
    entries = tuple(
        TrashEntry(
            name=name, removed_at=time.time(), digest="", size_bytes=1, path=tmp_path, reason=why
        )
        for name, why in (("later:latest", ""), ("earlier:latest", "It lost its <b>blob</b>."))
    )
    dialog = TrashDialog(entries, 7)
    dialog.show()
    assert dialog.chosen == entries[:1]
    assert part(dialog, QPushButton, text="Restore").isEnabled()
    item = part(dialog, QTreeWidget, "trashList").topLevelItem(1)
    assert item
    assert "It lost its &lt;b&gt;blob" in item.toolTip(0)
    discard(dialog)


@on_the_loop
async def test_names_are_told_apart_by_their_ends_where_room_ends(
    places: Places, theme: Theme
) -> None:
    async with models_page(places, theme) as (_, page):
        assert view_of(page).textElideMode() is Qt.TextElideMode.ElideMiddle


@on_the_loop
async def test_a_name_that_is_taken_is_said_below_the_field(places: Places, theme: Theme) -> None:
    async with library(places) as (_, presenter, _):
        window = QWidget()
        window.show()
        asked = asyncio.get_running_loop().create_task(
            ask_name(
                window,
                title="Rename",
                label="New name",
                text="mario",
                button="Rename",
                do=lambda name: presenter.rename_model(TINY, name),
            )
        )
        await asyncio.sleep(0.1)
        (dialog,) = window.findChildren(QDialog)
        press(part(dialog, QLineEdit), Qt.Key.Key_Return)
        label = await until(lambda: dialog.findChild(QLabel, "nameError"), "the label")
        await until(label.isVisible, "the error")
        assert "mario" in label.text()
        part(dialog, QLineEdit).selectAll()
        QTest.keyClicks(part(dialog, QLineEdit), "mario-2")
        assert not label.isVisible()
        press(part(dialog, QLineEdit), Qt.Key.Key_Return)
        assert await asyncio.wait_for(asked, 20) == "mario-2"
        await until(lambda: presenter.model("mario-2:latest") is not None, "the new name")
        discard(window)


@on_the_loop
async def test_a_folder_is_added_and_taken_off_again(
    places: Places, theme: Theme, tmp_path: Path
) -> None:
    tiny_model(tmp_path / "herd" / "Found.F32.gguf", general__name="Found")
    async with library(places) as (_, presenter, _):
        presenter.add_folder(tmp_path / "herd")
        await until(lambda: presenter.model("found:f32") is not None, "its model")
        dialog = FoldersDialog()
        dialog.show_folders(*await presenter.folders())
        dialog.show()
        tree = part(dialog, QTreeWidget, "foldersList")
        rows = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
        (mine,) = [row for row in rows if row and row.text(0) == "Added by you"]
        removals = QSignalSpy(dialog.removal_requested)
        tree.setCurrentItem(mine)
        press(part(dialog, QPushButton, text="Take off the list"), Qt.Key.Key_Space)
        presenter.remove_folder(removals.at(0)[0])
        await until(lambda: presenter.model("found:f32") is None, "it is no longer listed")
        discard(dialog)
