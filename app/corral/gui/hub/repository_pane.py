"""One repository: its models with their fits, its card, and the button that downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.hub import wording
from corral.gui.hub.presenter import HubPresenter
from corral.gui.hub.tables import QuantTable
from corral.gui.library.table_view import TableView, row_height
from corral.gui.library.text_pane import TextPane
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import ElidedLabel, PlainLabel, hairline

if TYPE_CHECKING:
    from corral.hub.huggingface.records import QuantFile


class RepositoryPane(QStackedWidget):
    """Shows the presenter's repository.

    Signals:
        login_requested: The repository wants a token.
    """

    login_requested = Signal()

    def __init__(self, presenter: HubPresenter, theme: Theme) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._shown = ""
        self._scope = Scope(on_error=presenter.failed.emit)
        self._title = ElidedLabel(look="strong")
        self._facts = ElidedLabel(look="small")
        self._gate = PlainLabel(look="tight")
        self._gate.setWordWrap(True)
        self._machine = PlainLabel(look="tight")
        self._machine.setObjectName("fitsOn")
        self._machine.setWordWrap(True)
        self._login = TextButton(self.tr("Log in…"), look=Look.FLAT)
        self._login.clicked.connect(self.login_requested)
        self._table = QuantTable(theme, self)
        self._view = self._make_view()
        self._card = TextPane(self.tr("Model card"), theme)
        self._note = ElidedLabel(look="small")
        self._download = TextButton(self.tr("Download"), look=Look.PRIMARY)
        self._download.setObjectName("downloadQuant")
        self._download.clicked.connect(self._on_download_clicked)
        self.addWidget(self._make_empty_state())
        self.addWidget(self._arranged())
        presenter.repository_changed.connect(self._show)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    async def close_pane(self) -> None:
        """End what runs."""
        await self._scope.close()

    # -- parts ----------------------------------------------------------------------------------

    def _make_empty_state(self) -> QWidget:
        text = self.tr("Choose a repository to see its models and whether they fit this machine.")
        label = PlainLabel(text, look="quiet")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def _make_view(self) -> TableView:
        view = TableView(self._table)
        view.setObjectName("quants")
        view.setAccessibleName(self.tr("Models of the repository"))
        view.setSelectionMode(TableView.SelectionMode.SingleSelection)
        view.header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        view.header.setMinimumSectionSize(8 * GRID)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.activated.connect(self._on_download_clicked)
        return view

    def _arranged(self) -> QWidget:
        gate = QHBoxLayout()
        gate.addWidget(self._gate, 1)
        gate.addWidget(self._login)
        head = QVBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.setSpacing(GRID // 2)
        for widget in (self._title, self._facts):
            head.addWidget(widget)
        head.addLayout(gate)
        head.addWidget(self._machine)
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.setAccessibleName(self.tr("Repository"))
        tabs.addTab(self._view, self.tr("Models"))
        tabs.addTab(self._card, self.tr("Model card"))
        foot = QHBoxLayout()
        foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        foot.addWidget(self._note, 1)
        foot.addWidget(self._download)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(tabs, 1)
        column.addWidget(hairline())
        column.addLayout(foot)
        return content

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def _on_theme_changed(self) -> None:
        self._view.set_row_height(row_height(self._theme))

    @Slot()
    def _show(self) -> None:
        repository = self._presenter.repository
        if repository is None:
            return
        self.setCurrentIndex(1)
        self._title.setText(safe_line(repository.repo_id, 150))
        self._facts.setText(wording.facts(repository))
        is_gated = repository.summary.is_gated
        self._gate.setText(
            self.tr("Its terms must be accepted on its page first, and a token is needed.")
        )
        self._gate.setVisible(is_gated)
        self._login.setVisible(is_gated and self._presenter.account is None)
        imagined = safe_line(self._presenter.imagined, 100)
        text = self.tr("Fits are planned on %1, not on this machine.")
        self._machine.setText(text.replace("%1", imagined))
        self._machine.setVisible(bool(imagined))
        chosen = self._quant()
        self._table.show_fits(repository.quants, self._presenter.fits, self._presenter.here)
        if repository.repo_id != self._shown:
            self._shown = repository.repo_id
            self._scope.cancel()
            self._scope.start(self._show_card())
            self._view.setCurrentIndex(self._table.index(0, 0))
        elif chosen in repository.quants:
            self._view.setCurrentIndex(self._table.index(repository.quants.index(chosen), 0))
        self._tell_note()

    async def _show_card(self) -> None:
        self._card.show_text(self.tr("Reading the model card…"), "")
        text = await self._presenter.card()
        note = self.tr("As its author wrote it, as plain text.")
        self._card.show_text(note if text else self.tr("There is no model card."), text)

    def _quant(self) -> QuantFile | None:
        return self._table.row(self._view.currentIndex())

    def _tell_note(self) -> None:
        quant, repository = self._quant(), self._presenter.repository
        self._download.setEnabled(quant is not None)
        if quant is None:
            problems = repository.problems if repository else ()
            self._note.setText(safe_line(" ".join(problems), 300))
            return
        fit = self._presenter.fits.get(quant.tag)
        self._note.setText(wording.fit_tip(fit) if fit else safe_line(quant.file_name, 150))

    @Slot()
    def _on_current_changed(self) -> None:
        self._tell_note()
        if quant := self._quant():
            self._presenter.measure(quant)

    @Slot()
    def _on_download_clicked(self) -> None:
        if quant := self._quant():
            self._presenter.download(quant)
