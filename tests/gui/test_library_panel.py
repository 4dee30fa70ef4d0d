import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu

from corral.gui.library.panel import LibraryPanel
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.library.rows import Order, RowKind
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import IconButton
from corral.places import Places
from corral.workbench.workbench import Workbench, open_workbench
from helpers.homes import STARTER, TINY
from helpers.window import click_row, discard, on_the_loop, part, press, rows, until

TITLE = "Where do llamas live?"


@asynccontextmanager
async def shown(
    places: Places, theme: Theme
) -> AsyncIterator[tuple[Workbench, LibraryPresenter, LibraryPanel]]:
    """The panel beside a workbench with two models and one chat."""
    async with open_workbench(places) as workbench:
        chat = await workbench.chats.create_conversation(STARTER)
        await workbench.chats.rename(chat.id, TITLE)
        presenter = LibraryPresenter(workbench)
        panel = LibraryPanel(presenter, RowActions(presenter), theme)
        panel.resize(300, 700)
        panel.show()
        presenter.refresh()
        await until(lambda: TITLE in rows(view_of(panel)), "the rows")
        yield workbench, presenter, panel
        await presenter.close()
        discard(panel, presenter)


def view_of(panel: LibraryPanel) -> QListView:
    return part(panel, QListView, "libraryList")


def actions_of(presenter: LibraryPresenter) -> RowActions:
    (actions,) = presenter.findChildren(RowActions)
    return actions


def spoken(panel: LibraryPanel, title: str) -> str:
    view = view_of(panel)
    index = view.model().index(rows(view).index(title), 0)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))


def choose(panel: LibraryPanel, entry: str) -> None:
    """Open the menu of the row with the cursor, as the menu key does, and choose an entry."""
    view = view_of(panel)
    view.customContextMenuRequested.emit(view.visualRect(view.currentIndex()).center())
    menu = panel.findChildren(QMenu)[-1]
    action = next(action for action in menu.actions() if action.text() == entry)
    menu.setActiveAction(action)
    press(menu, Qt.Key.Key_Return)


@on_the_loop
async def test_it_lists_models_with_their_figures_and_then_the_chats(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, _, panel):
        titles = rows(view_of(panel))
        assert set(titles[:2]) == {STARTER, TINY}
        assert titles[2:] == ["CHATS", TITLE]
        await until(lambda: "fits" in spoken(panel, STARTER), "the plan's verdict")
        assert spoken(panel, STARTER) == f"{STARTER}, 98 MB · Q4_1 · 8k, fits"
        assert spoken(panel, TITLE) == f"{TITLE}, just now · {STARTER}"


@on_the_loop
async def test_typing_finds_models_and_chats_and_clearing_shows_all_again(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, _, panel):
        panel.focus_search()
        search = part(panel, QLineEdit, "search")
        QTest.keyClicks(search, "TINY")
        await until(lambda: rows(view_of(panel)) == [TINY], "the model that was sought")
        search.selectAll()
        QTest.keyClicks(search, "llamas")
        await until(lambda: rows(view_of(panel)) == ["CHATS", TITLE], "the chat that was sought")
        search.selectAll()
        press(search, Qt.Key.Key_Delete)
        await until(lambda: len(rows(view_of(panel))) == 4, "everything")


@on_the_loop
async def test_a_click_selects_a_model_and_opens_a_chat(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        selected = QSignalSpy(panel.model_selected)
        opened = QSignalSpy(actions_of(presenter).chat_opened)
        click_row(view_of(panel), TINY)
        assert selected.at(selected.count() - 1) == [TINY]
        assert opened.count() == 0
        click_row(view_of(panel), TITLE)
        (chat,) = await workbench.chats.list_conversations()
        assert opened.at(0) == [chat.id]


@on_the_loop
async def test_return_on_a_model_begins_a_chat_and_headings_are_passed_over(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        view = view_of(panel)
        requested = QSignalSpy(actions_of(presenter).chat_requested)
        panel.select(RowKind.MODEL, STARTER)
        press(view, Qt.Key.Key_Return)
        assert requested.at(0) == [STARTER]
        press(view, Qt.Key.Key_End)
        assert view.currentIndex().data() == TITLE
        press(view, Qt.Key.Key_Up)
        assert view.currentIndex().data() in {STARTER, TINY}


@on_the_loop
async def test_a_removed_model_goes_and_comes_back(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        removed = QSignalSpy(presenter.removed)
        click_row(view_of(panel), TINY)
        choose(panel, "Remove")
        await until(lambda: TINY not in rows(view_of(panel)), "it is gone")
        (what,) = removed.at(0)
        assert [entry.name for entry in what.models] == [TINY]
        presenter.restore(what)
        await until(lambda: TINY in rows(view_of(panel)), "it is back")


@on_the_loop
async def test_the_cursor_goes_to_a_new_chat_as_soon_as_its_row_is_there(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        view = view_of(panel)
        click_row(view, TITLE)
        chat = await workbench.chats.create_conversation(STARTER)
        panel.select(RowKind.CHAT, chat.id)
        presenter.refresh()
        await until(lambda: "New chat" in rows(view), "the row")
        assert view.currentIndex().data() == "New chat"
        assert [each.data() for each in view.selectedIndexes()] == ["New chat"]
        click_row(view, TITLE)
        presenter.refresh()
        await asyncio.sleep(0.2)
        assert view.currentIndex().data() == TITLE


@on_the_loop
async def test_delete_and_f2_are_keys_of_the_row_with_the_cursor(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        view = view_of(panel)
        wishes = QSignalSpy(actions_of(presenter).chat_rename_requested)
        click_row(view, TITLE)
        press(view, Qt.Key.Key_F2)
        assert [wishes.at(n) for n in range(wishes.count())] == [[presenter.keys[-1][1]]]
        press(view, Qt.Key.Key_Delete)
        await until(lambda: TITLE not in rows(view), "the chat goes")


@on_the_loop
async def test_a_deleted_chat_goes_and_comes_back(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        removed = QSignalSpy(presenter.removed)
        panel.select(*presenter.keys[-1])
        choose(panel, "Delete")
        await until(lambda: TITLE not in rows(view_of(panel)), "it is gone")
        presenter.restore(removed.at(0)[0])
        await until(lambda: TITLE in rows(view_of(panel)), "it is back")


@pytest.mark.parametrize("kind", [RowKind.MODEL, RowKind.CHAT])
@on_the_loop
async def test_a_new_name_is_shown_and_the_cursor_stays(
    kind: RowKind, places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        is_model = kind is RowKind.MODEL
        chat_id = presenter.keys[-1][1]
        panel.select(kind, TINY if is_model else chat_id)
        if is_model:
            await presenter.rename_model(TINY, "small-one")
        else:
            await presenter.rename_chat(chat_id, "small-one")
        await until(lambda: "small-one" in rows(view_of(panel)), "the new name")
        if not is_model:
            assert view_of(panel).currentIndex().data() == "small-one"


@on_the_loop
async def test_a_loaded_model_says_so(places: Places, theme: Theme) -> None:
    async with shown(places, theme) as (workbench, _, panel):
        chat = await workbench.chats.create_conversation(TINY, parameters={"num_predict": 1})
        await (await workbench.conversing.send(chat, "Hello")).wait()
        await until(lambda: spoken(panel, TINY).endswith("loaded"), "the badge")


@on_the_loop
async def test_a_model_whose_weights_are_gone_is_listed_as_broken(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (workbench, presenter, panel):
        model = await workbench.modelling.get(TINY)
        model.weights.unlink()
        presenter.refresh()
        await until(lambda: spoken(panel, TINY).endswith("broken"), "the badge")


@on_the_loop
async def test_the_order_is_chosen_in_a_menu_and_an_unknown_one_changes_nothing(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        menu = part(panel, IconButton, "order").menu()
        assert menu
        by_name = next(action for action in menu.actions() if action.text() == "By name")
        by_name.trigger()
        assert rows(view_of(panel))[:2] == [STARTER, TINY]
        largest = next(action for action in menu.actions() if action.text() == "Largest first")
        largest.trigger()
        assert rows(view_of(panel))[:2] == [STARTER, TINY]
        presenter.set_order_by_name("no such order")
        assert presenter.order is Order.SIZE
        presenter.set_order_by_name("last_used")
        assert presenter.order is Order.LAST_USED


@on_the_loop
async def test_models_and_chats_that_are_chosen_together_go_together(
    places: Places, theme: Theme
) -> None:
    async with shown(places, theme) as (_, presenter, panel):
        removed = QSignalSpy(presenter.removed)
        view = view_of(panel)
        click_row(view, TINY)
        index = view.model().index(rows(view).index(TITLE), 0)
        QTest.mouseClick(
            view.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ControlModifier,
            view.visualRect(index).center(),
        )
        press(view, Qt.Key.Key_Delete)
        await until(removed.count, "it is told")
        await until(lambda: rows(view) == [STARTER], "both are gone")
        presenter.restore(removed.at(0)[0])
        await until(lambda: {TINY, TITLE} <= set(rows(view)), "both are back")
