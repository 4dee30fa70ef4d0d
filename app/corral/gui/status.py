"""The line at the foot of the window: what runs where, how fast, what is being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow, QStatusBar, QToolButton

from corral.foreign import safe_line
from corral.gui.service_phrases import translated
from corral.gui.theme.palette import GRID
from corral.gui.widgets.plain_label import PlainLabel
from corral.jobs import Job, JobState
from corral.library.names import without_latest
from corral.units import file_size, memory_size
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:
    from corral.engine.protocol import AnyRunner
    from corral.workbench.transferring import Transferring


class StatusLine(QStatusBar):
    """Left what is loaded, right the running job, transfers and the promise to stay local.

    Signals:
        transfers_requested: The user wants to see the transfers.
    """

    transfers_requested = Signal()

    def __init__(self, workbench: Workbench, window: QMainWindow) -> None:
        super().__init__(window)
        self._workbench = workbench
        self._job: Job[object] | None = None
        self.setSizeGripEnabled(True)
        self._loaded = PlainLabel()
        self._loaded.setContentsMargins(GRID, 0, 0, 0)
        self._work = PlainLabel()
        self._cancel = QToolButton()
        self._cancel.setText(self.tr("Cancel"))
        self._cancel.setProperty("look", "flat")
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._transfers = QToolButton()
        self._transfers.setProperty("look", "flat")
        self._transfers.clicked.connect(self.transfers_requested)
        self._transfers.hide()
        self._local = PlainLabel(self.tr("local only"))
        self._local.setToolTip(self.tr("Corral opens no connection that you did not ask for."))
        self._local.setContentsMargins(GRID, 0, GRID, 0)
        self.addWidget(self._loaded, 1)
        self.addPermanentWidget(self._work)
        self.addPermanentWidget(self._cancel)
        self.addPermanentWidget(self._transfers)
        self.addPermanentWidget(self._local)
        self._transferring: Transferring | None = None
        self._is_transferring = False
        self._unsubscribes = [
            workbench.engine.subscribe(self._show_loaded),
            workbench.conversing.changed.subscribe(self._show_loaded),
            workbench.jobs.subscribe(self._on_job_changed),
            workbench.planning.workers.changed.subscribe(self._show_local),
        ]
        self._show_loaded()
        self._show_job(None)

    def follow(self, transferring: Transferring) -> None:
        """Show what is transferred from now on."""
        if self._transferring is None:
            self._transferring = transferring
            self._unsubscribes.append(transferring.changed.subscribe(self._show_transfers))
            self._show_transfers()

    def end(self) -> None:
        """Listen no longer."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()

    def _show_loaded(self) -> None:
        texts = [self._runner_text(runner) for runner in self._workbench.engine.loaded]
        usage = self._workbench.conversing.last_usage
        if texts and usage and usage.tokens_per_second:
            rate = f"{usage.tokens_per_second:.1f}"
            texts.append(self.tr("%1 tokens/s measured").replace("%1", rate))
        self._loaded.setText(" · ".join(texts) or self.tr("no model loaded"))
        self._show_local()

    def _runner_text(self, runner: AnyRunner) -> str:
        info, name = runner.info, without_latest(self._workbench.loading.name_of(runner))
        layers = info.options.n_gpu_layers
        where = self.tr("%1 on the CPU") if layers == 0 else self.tr("%1 on the GPU")
        if info.requested.workers:
            where = self.tr("%1 on RPC workers")
        taken = memory_size(sum(line.size_bytes for line in info.measured))
        return f"{where.replace('%1', safe_line(name))} · {taken}"

    def _show_transfers(self) -> None:
        # lazy: comes with the first transfer
        from corral.gui.transfers import wording
        from corral.workbench.transfer import TransferState

        transfers = self._transferring.transfers if self._transferring else ()
        running = wording.summary(transfers)
        paused = sum(each.state is TransferState.PAUSED for each in transfers)
        text = running or (self.tr("%n paused transfer(s)", "", paused) if paused else "")
        self._transfers.setText(text)
        self._transfers.setVisible(bool(text))
        self._is_transferring = bool(running)
        self._show_local()

    def _show_local(self) -> None:
        """Say so only as long as nothing is transferred and no other machine is used."""
        workers = self._workbench.planning.workers.in_use
        used = any(runner.info.requested.workers for runner in self._workbench.engine.loaded)
        self._local.setVisible(not (self._is_transferring or workers or used))

    def _on_job_changed(self, job: Job[object]) -> None:
        transfers = self._transferring.transfers if self._transferring else ()
        if job.title in {transfer.title for transfer in transfers}:
            return  # told as a transfer
        self._show_job(job if job.state is JobState.RUNNING else None)

    def _show_job(self, job: Job[object] | None) -> None:
        self._job = job
        self._cancel.setVisible(job is not None)
        if job is None:
            self._work.setText("")
            return
        progress = job.progress
        text = translated(progress.phase)
        if progress.total:
            text += f" {100 * progress.done // progress.total} %"
            if progress.unit == "bytes":
                text += f", {file_size(progress.done)} / {file_size(progress.total)}"
        self._work.setText(text)

    def _on_cancel_clicked(self) -> None:
        if self._job:
            self._job.cancel()
