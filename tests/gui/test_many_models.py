"""The library with thousands of models: only what is seen costs anything."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from corral.gui.async_bridge import Scope
from corral.gui.library.columns import Column
from corral.gui.library.filtering import Filter, haystack, ordered
from corral.gui.library.item_model import LibraryModel
from corral.gui.library.list_view import LibraryView
from corral.gui.library.rows import Order, Row, RowKey, RowKind
from corral.gui.library.shelf import Shelf
from corral.gui.library.table_model import ModelTable
from corral.gui.library.table_view import TableView
from corral.gui.theme.theme import Theme
from corral.library.model import Capability, ModelConfig, StoredModel
from corral.places import Places
from corral.workbench.workbench import open_workbench
from helpers.window import discard, on_the_loop

N_MODELS = 2000
# Rows that fit into the views below, and as many again for good measure.
FEW = 60


def many_models() -> list[StoredModel]:
    return [
        StoredModel(
            name=f"{('llama', 'qwen', 'gemma')[n % 3]}-{n:04d}:latest",
            size_bytes=(n * 7919) % 100_000,
            modified_at=float((n * 104_729) % 5000),
            parameter_count=n,
            capabilities=(Capability.COMPLETION, Capability.VISION)[: 1 + n % 2],
            config=ModelConfig(quantization="Q4_K_M" if n % 2 else "Q8_0", family="llama"),
        )
        for n in range(N_MODELS)
    ]


class CountingTable(ModelTable):
    """Counts for how many rows anything is asked."""

    def __init__(self, shelf: Shelf, theme: Theme) -> None:
        super().__init__(shelf, theme)
        self.asked: set[int] = set()

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        self.asked.add(index.row())
        return super().data(index, role)


def filter_of(models: list[StoredModel]) -> Filter:
    return Filter().over(models, [haystack(model) for model in models])


@pytest.fixture
def counted() -> Iterator[tuple[LibraryView, LibraryModel, list[RowKey]]]:
    """The dock's list, and the rows that it asks to be described."""
    asked: list[RowKey] = []

    def describe(key: RowKey) -> Row:
        asked.append(key)
        return Row(kind=key[0], key=key[1], title=key[1])

    model = LibraryModel(describe)
    model.set_sizes(QSize(0, 24), QSize(0, 44))
    view = LibraryView("Models")
    view.setModel(model)
    view.resize(300, 600)
    view.show()
    yield view, model, asked
    discard(view, model)


@pytest.mark.usefixtures("qapp")
def test_the_list_of_the_dock_describes_only_the_rows_that_are_seen(
    counted: tuple[LibraryView, LibraryModel, list[RowKey]],
) -> None:
    view, model, asked = counted
    keys = tuple((RowKind.MODEL, each.name) for each in many_models())
    for shown in (keys, keys[::3], keys):
        asked.clear()
        model.show(shown)
        view.grab()
        assert 5 < len(set(asked)) < FEW
        assert view.verticalScrollBar().maximum() > 44 * (len(shown) - 20)


@on_the_loop
async def test_the_table_asks_only_for_the_rows_that_are_seen(places: Places, theme: Theme) -> None:
    async with open_workbench(places) as workbench:
        scope = Scope()
        table = CountingTable(Shelf(workbench, scope), theme)
        view = TableView(table)
        view.resize(800, 600)
        view.setSortingEnabled(True)
        view.show()
        wanted = filter_of(many_models())
        for words in ("", "qwen", "qwen q4", ""):
            table.asked.clear()
            table.show(wanted.searching(words).found())
            view.grab()
            assert 5 < len(table.asked) < FEW
        for column in (Column.SIZE, Column.PARAMETERS, Column.NAME):
            table.asked.clear()
            view.header.setSortIndicator(column, Qt.SortOrder.DescendingOrder)
            view.grab()
            assert 5 < len(table.asked) < FEW
        await scope.close()
        discard(view, table)


@on_the_loop
async def test_sorting_and_filtering_keep_the_rules_of_item_models(
    places: Places, theme: Theme
) -> None:
    async with open_workbench(places) as workbench:
        scope = Scope()
        table = ModelTable(Shelf(workbench, scope), theme)
        tester = QAbstractItemModelTester(table)
        models = many_models()[:50]
        table.show(models)
        pointer = QPersistentModelIndex(table.index_of("qwen-0001:latest"))
        for column in Column:
            for order in Qt.SortOrder:
                table.sort(column, order)
                assert table.model(pointer) == models[1]
        table.show(models[::2])
        assert table.rowCount() == 25
        assert not pointer.isValid()
        await scope.close()
        discard(tester, table)


def test_the_rows_of_the_dock_keep_the_rules_of_item_models(qapp: QApplication) -> None:
    model = LibraryModel(lambda key: Row(kind=key[0], key=key[1], title=key[1]))
    tester = QAbstractItemModelTester(model)
    keys = [(RowKind.MODEL, "one"), (RowKind.SECTION, "CHATS"), (RowKind.CHAT, "two")]
    for shown in ((), keys, keys[:1], keys[::-1], ()):
        model.show(tuple(shown))
        assert model.rowCount() == len(shown)
    discard(tester, model)


def test_each_word_must_be_found_in_any_order_and_case() -> None:
    wanted = filter_of(many_models())
    found = wanted.searching("  VISION qwen Q4_k_m ").found()
    assert found
    assert all(
        "qwen" in each.name
        and Capability.VISION in each.capabilities
        and each.config.quantization == "Q4_K_M"
        for each in found
    )
    assert wanted.searching("").found() == wanted.models


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (Order.NEWEST, lambda model: (-model.modified_at, model.name)),
        (Order.NAME, lambda model: model.name),
        (Order.SIZE, lambda model: (-model.size_bytes, model.name)),
        (Order.LAST_USED, lambda model: (-model.last_used_at, model.name)),
    ],
)
def test_each_order_falls_back_to_the_name(
    order: Order, key: Callable[[StoredModel], object]
) -> None:
    assert ordered(many_models(), order) == sorted(many_models(), key=key)
