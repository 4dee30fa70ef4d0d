"""Finding models: a search of the hub, one repository, and a name to pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.hub.presenter import HubPresenter
from corral.gui.hub.repository_pane import RepositoryPane
from corral.gui.hub.tables import ResultTable
from corral.gui.library.table_view import TableView, row_height
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline

if TYPE_CHECKING:
    from corral.hub.huggingface.records import SearchOrder


class HubPage(Page):
    """Nothing is asked before the person asks."""

    def __init__(self, presenter: HubPresenter, theme: Theme) -> None:
        super().__init__("hub", "", "")
        self.setObjectName("hubPage")
        self.title = self.tr("Find models")
        self._presenter = presenter
        presenter.setParent(self)
        self._theme = theme
        self._scope = Scope(on_error=presenter.failed.emit)
        self._text = self._make_field()
        self._order = self._make_order()
        self._account = TextButton("", look=Look.FLAT)
        self._account.clicked.connect(self._on_account_clicked)
        self._results = ResultTable(self)
        self._view = self._make_view()
        self._state = ElidedLabel(look="small")
        self._more = TextButton(self.tr("More results"), look=Look.FLAT)
        self._more.clicked.connect(presenter.search_more)
        self._repository = RepositoryPane(presenter, theme)
        self._repository.login_requested.connect(self._on_account_clicked)
        self._name, self._insecure = QLineEdit(), QCheckBox(self.tr("Without encryption"))
        self._arrange()
        self.setFocusProxy(self._text)
        presenter.results_changed.connect(self._show_results)
        presenter.busy_changed.connect(self._show_state)
        presenter.account_changed.connect(self._show_account)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._show_state()
        self._show_account()

    async def close_panel(self) -> None:
        """End what runs in it."""
        await self._scope.close()
        await self._repository.close_pane()
        await self._presenter.close()

    # -- parts ----------------------------------------------------------------------------------

    def _make_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName("hubSearch")
        field.setPlaceholderText(self.tr("Words, user/repo, or the address of a page"))
        field.setAccessibleName(self.tr("Search Hugging Face"))
        field.setClearButtonEnabled(True)
        field.returnPressed.connect(self._on_search)
        return field

    def _make_order(self) -> QComboBox:
        order = QComboBox()
        order.setAccessibleName(self.tr("Order of the results"))
        # The values are the hub's own words: see `SearchOrder`.
        order.addItem(self.tr("Most downloads"), "downloads")
        order.addItem(self.tr("Trending"), "trending_score")
        order.addItem(self.tr("Most likes"), "likes")
        order.addItem(self.tr("Changed last"), "last_modified")
        order.activated.connect(self._on_order_chosen)
        return order

    def _make_view(self) -> TableView:
        view = TableView(self._results)
        view.setObjectName("hubResults")
        view.setAccessibleName(self.tr("Repositories that were found"))
        view.setSelectionMode(TableView.SelectionMode.SingleSelection)
        view.header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        view.header.setMinimumSectionSize(8 * GRID)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        return view

    def _arrange(self) -> None:
        search = TextButton(self.tr("Search"), look=Look.PRIMARY)
        search.clicked.connect(self._on_search)
        connection = TextButton(self.tr("Connection…"), look=Look.FLAT)
        connection.clicked.connect(self._on_connection_clicked)
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.setSpacing(GRID)
        head.addWidget(self._text, 1)
        for widget in (self._order, search, self._account, connection):
            head.addWidget(widget)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._left())
        splitter.addWidget(self._repository)
        splitter.setSizes([1, 1])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(splitter, 1)
        column.addWidget(hairline())
        column.addLayout(self._pull_line())

    def _left(self) -> QWidget:
        left = QWidget()
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        foot.addWidget(self._state, 1)
        foot.addWidget(self._more)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._view, 1)
        column.addWidget(hairline())
        column.addLayout(foot)
        return left

    def _pull_line(self) -> QHBoxLayout:
        self._name.setObjectName("pullName")
        self._name.setPlaceholderText(self.tr("llama3.2:1b, or host/namespace/model:tag"))
        self._name.setAccessibleName(self.tr("Name of a model in Ollama's registry, or another"))
        self._name.returnPressed.connect(self._on_pull)
        self._insecure.setToolTip(self.tr("For a registry of your own that speaks plain HTTP."))
        pull = TextButton(self.tr("Pull"))
        pull.setObjectName("pull")
        pull.clicked.connect(self._on_pull)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        line.setSpacing(GRID)
        line.addWidget(PlainLabel(self.tr("By name from Ollama's registry"), look="small"))
        line.addWidget(self._name, 1)
        line.addWidget(self._insecure)
        line.addWidget(pull)
        return line

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def _on_theme_changed(self) -> None:
        self._view.set_row_height(row_height(self._theme))

    @Slot()
    def _show_results(self) -> None:
        self._results.show(self._presenter.results)
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        presenter = self._presenter
        text = safe_line(presenter.busy, 200)
        if not text and presenter.has_searched:
            text = self.tr("%n repository(ies)", "", len(presenter.results))
        elif not text:
            text = self.tr("Nothing is asked before you search.")
        self._state.setText(text)
        self._more.setVisible(presenter.has_more)

    @Slot()
    def _show_account(self) -> None:
        account = self._presenter.account
        text = self.tr("Log in…")
        if account:
            text = self.tr("Log out %1").replace("%1", safe_line(account.name, 40))
        self._account.setText(text)

    # -- what is done ---------------------------------------------------------------------------

    @Slot()
    def _on_search(self) -> None:
        text = self._text.text().strip()
        if "/" in text:
            self._presenter.open_repository(text)
        elif text:
            self._presenter.search(text, self._chosen_order())

    @Slot()
    def _on_order_chosen(self) -> None:
        if self._presenter.has_searched:
            self._on_search()

    def _chosen_order(self) -> SearchOrder:
        from corral.hub.huggingface.records import SearchOrder  # lazy: comes with the first search

        return SearchOrder(self._order.currentData())

    @Slot(QModelIndex)
    def _on_current_changed(self, index: QModelIndex) -> None:
        if result := self._results.row(index):
            self._presenter.open_repository(result.repo_id)

    @Slot()
    def _on_pull(self) -> None:
        if name := self._name.text().strip():
            self._presenter.pull(name, insecure=self._insecure.isChecked())

    @Slot()
    def _on_account_clicked(self) -> None:
        if self._presenter.account:
            self._presenter.log_out()
            return
        from corral.gui.hub.dialogs import log_in  # lazy: opened seldom

        self._scope.start(log_in(self, self._presenter))

    @Slot()
    def _on_connection_clicked(self) -> None:
        from corral.gui.hub.dialogs import set_connection  # lazy: opened seldom

        self._scope.start(set_connection(self, self._presenter))
