"""Checking the models on disk, and mending what is wrong, as a page in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
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
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.pages import Page
from corral.gui.theme.palette import GRID
from corral.gui.widgets.buttons import Look, TextButton
from corral.gui.widgets.plain_label import PlainLabel, hairline, plain_tool_tip
from corral.jobs import Cancelled, Job
from corral.library.faults import CheckReport, Fault, FaultKind
from corral.units import file_size

if TYPE_CHECKING:
    from collections.abc import Sequence

translate = QCoreApplication.translate


class CheckPage(Page):
    """What a check found, and a button that mends it. Nothing is read before one asks for it.

    Args:
        presenter: The library.
    """

    def __init__(self, presenter: LibraryPresenter) -> None:
        super().__init__("check", "", "")
        self.setObjectName("checkPage")
        self.title = self.tr("Check")
        self._presenter = presenter
        self._scope = Scope(on_error=self._on_error)
        self._job: Job[CheckReport] | None = None
        self._summary = PlainLabel()
        self._summary.setObjectName("checkSummary")
        self._summary.setWordWrap(True)
        self._check = TextButton(self.tr("Check the models"), look=Look.PRIMARY)
        self._check.setToolTip(self.tr("Reads every file whole and compares it with its digest."))
        self._check.clicked.connect(lambda: self._start(mend=False))
        self._mend = TextButton(self.tr("Mend"))
        self._mend.setToolTip(
            self.tr(
                "Damaged files are set aside and models that lost one go to the trash. Only what "
                "an interruption left behind is removed."
            )
        )
        self._mend.clicked.connect(lambda: self._start(mend=True))
        self._list = self._make_list()
        self._arrange()
        self.setFocusProxy(self._check)
        self._summary.setText(
            self.tr("A check tells what is damaged, missing or left over. It changes nothing.")
        )
        self._show_faults(())

    async def close_panel(self) -> None:
        """End what runs."""
        if self._job:
            self._job.cancel()
        await self._scope.close()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID + 4, GRID, 2 * GRID, GRID)
        head.setSpacing(GRID)
        head.addWidget(self._summary, 1)
        head.addWidget(self._mend)
        head.addWidget(self._check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self._list, 1)

    def _make_list(self) -> QTreeWidget:
        view = QTreeWidget()
        view.setObjectName("faults")
        view.setAccessibleName(self.tr("What is wrong"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setRootIsDecorated(False)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setWordWrap(True)
        view.setHeaderLabels([self.tr("Kind"), self.tr("What is wrong"), self.tr("Mended")])
        view.header().setStretchLastSection(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return view

    # -- checking -------------------------------------------------------------------------------

    def _start(self, *, mend: bool) -> None:
        self._scope.start(self._run(mend=mend))

    async def _run(self, *, mend: bool) -> None:
        for button in (self._check, self._mend):
            button.setEnabled(False)
        self._summary.setText(self.tr("Checking; the line at the foot shows how far it is."))
        try:
            self._job = self._presenter.check(mend=mend)
            self._show(await self._job.result())
        except Cancelled:
            self._summary.setText(self.tr("The check was cancelled."))
        finally:
            self._job = None
            for button in (self._check, self._mend):
                button.setEnabled(True)

    def _on_error(self, error: Exception) -> None:
        self._summary.setText(self.tr("The check could not be finished."))
        self._presenter.failed.emit(error)

    # -- what is shown --------------------------------------------------------------------------

    def _show(self, report: CheckReport) -> None:
        n_open = sum(not fault.mended for fault in report.faults)
        read = self.tr("%1 read in %n model(s).", "", report.models)
        read = read.replace("%1", file_size(report.read_bytes))
        if not report.faults:
            found = self.tr("Nothing is wrong.")
        elif n_open:
            found = self.tr("%n thing(s) can be mended.", "", n_open)
        else:
            found = self.tr("%n thing(s) were mended.", "", len(report.faults))
        self._summary.setText(f"{found} {read}")
        self._show_faults(report.faults)

    def _show_faults(self, faults: Sequence[Fault]) -> None:
        self._list.clear()
        for fault in faults:
            self._list.addTopLevelItem(self._item(fault))
        self._mend.setVisible(any(not fault.mended for fault in faults))

    def _item(self, fault: Fault) -> QTreeWidgetItem:
        texts = (kind_words(fault.kind), fault.what, self.tr("yes") if fault.mended else "")
        item = QTreeWidgetItem([safe_line(text, 500) for text in texts])
        tip = "\n".join(text for text in (fault.what, str(fault.path), fault.mended) if text)
        for column in range(len(texts)):
            item.setToolTip(column, plain_tool_tip(tip))
        return item


def kind_words(kind: FaultKind) -> str:
    """Return what a kind of fault is called."""
    return {
        FaultKind.DAMAGED_BLOB: translate("Check", "damaged file"),
        FaultKind.MISSING_BLOB: translate("Check", "missing file"),
        FaultKind.CHANGED_LINK: translate("Check", "changed linked file"),
        FaultKind.UNREADABLE_MANIFEST: translate("Check", "unreadable manifest"),
        FaultKind.STRAY_FILE: translate("Check", "stray file"),
        FaultKind.LOST_TRASH: translate("Check", "broken model in the trash"),
        FaultKind.STALE_LINK: translate("Check", "record of a link without its file"),
        FaultKind.UNNEEDED_BLOB: translate("Check", "file that no model names"),
        FaultKind.LEFTOVER: translate("Check", "unfinished file"),
    }[kind]
