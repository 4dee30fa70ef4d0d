"""What lies in several places, and what keeping one of each would free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from corral.foreign import safe_line
from corral.gui.async_bridge import Scope
from corral.gui.library import homes
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import PlainLabel, hairline
from corral.jobs import Cancelled, Job
from corral.library.names import without_latest
from corral.units import file_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corral.library.elsewhere.duplicates import Copy, Duplicate


class DuplicatesPage(Page):
    """A list of contents with their places. Files of unknown content are compared on demand.

    Args:
        presenter: The library.
    """

    def __init__(self, presenter: LibraryPresenter) -> None:
        super().__init__("duplicates", "", "")
        self.setObjectName("duplicatesPage")
        self.title = self.tr("Duplicates")
        self._presenter = presenter
        self._scope = Scope(on_error=presenter.failed.emit)
        self._job: Job[int] | None = None
        self._summary = PlainLabel()
        self._summary.setObjectName("duplicatesSummary")
        self._summary.setWordWrap(True)
        self._compare = TextButton(self.tr("Compare files"), look=Look.PRIMARY)
        self._compare.setToolTip(
            self.tr("Reads files of the same size whole, to know whether they are the same.")
        )
        self._compare.clicked.connect(self._on_compare_clicked)
        self._list = self._make_list()
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID + 4, GRID, 2 * GRID, GRID)
        head.addWidget(self._summary, 1)
        head.addWidget(self._compare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self._list, 1)
        self.setFocusProxy(self._compare)
        presenter.shelf.changed.connect(self._on_models_changed)
        self._on_models_changed()

    async def close_panel(self) -> None:
        """End what runs."""
        self._presenter.shelf.changed.disconnect(self._on_models_changed)
        if self._job:
            self._job.cancel()
        await self._scope.close()

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("duplicatesList")
        view.setAccessibleName(self.tr("Content in several places"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setHeaderLabels(
            [self.tr("Models and places"), self.tr("Size"), self.tr("Would be freed")]
        )
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        _at_right(view.headerItem())
        return view

    @Slot()
    def _on_models_changed(self) -> None:
        self._scope.start(self._read())

    @Slot()
    def _on_compare_clicked(self) -> None:
        self._scope.start(self._compare_files())

    async def _compare_files(self) -> None:
        self._compare.setEnabled(False)
        self._summary.setText(self.tr("Comparing files; the line at the foot shows how far it is."))
        try:
            self._job = self._presenter.hash_suspects()
            await self._job.result()
        except Cancelled:
            pass  # what was read until then is remembered
        finally:
            self._job = None
            self._compare.setEnabled(True)
        await self._read()

    async def _read(self) -> None:
        found = await self._presenter.duplicates()
        if self._job is None:
            self._show(found)

    def _show(self, found: Sequence[Duplicate]) -> None:
        self._list.clear()
        for duplicate in found:
            self._list.addTopLevelItem(self._item(duplicate))
        self._list.expandAll()
        freed = sum(duplicate.freed_bytes for duplicate in found)
        if not found:
            text = self.tr("Nothing is known to lie in several places.")
        else:
            text = self.tr(
                "%n file(s) lie in several places; keeping one of each would free %1.",
                "",
                len(found),
            )
            text = text.replace("%1", file_size(freed))
        self._summary.setText(text)

    def _item(self, duplicate: Duplicate) -> QTreeWidgetItem:
        names = dict.fromkeys(name for copy in duplicate.copies for name in copy.models)
        title = ", ".join(safe_line(without_latest(name)) for name in names)
        item = _row(title, file_size(duplicate.size_bytes), file_size(duplicate.freed_bytes))
        for copy in duplicate.copies:
            item.addChild(self._place(copy))
        return item

    def _place(self, copy: Copy) -> QTreeWidgetItem:
        whose = "Corral" if copy.home.is_own else homes.label_of(copy.home)
        linked = self.tr("the same file, linked") if copy.is_linked else ""
        item = _row(f"{whose} · {safe_line(str(copy.path), 500)}", "", linked)
        item.setToolTip(0, safe_line(str(copy.path), 500))
        return item


def _row(*texts: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem(list(texts))
    _at_right(item)
    return item


def _at_right(item: QTreeWidgetItem) -> None:
    for column in (1, 2):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
