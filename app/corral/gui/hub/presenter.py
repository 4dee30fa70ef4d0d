"""What the hub told, and what can be asked of it; knows no widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from corral.gui.async_bridge import Scope
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:
    from corral.hub.huggingface.records import (
        Account,
        QuantFile,
        Repository,
        RepoSummary,
        SearchOrder,
    )
    from corral.hub.huggingface.tokens import TokenHome
    from corral.plan.fit import Fit

PAGE = 50


class HubPresenter(QObject):
    """One search, and one repository of what it found.

    Signals:
        results_changed: `results` are others now.
        repository_changed: `repository`, its fits or its card are others now.
        busy_changed: `busy` is other words now.
        account_changed: `account` is another now.
        asked: Something goes to the network that the transfers' page shows.
        planned: The header of a model is here, so that it can be planned; carries a `StoredModel`.
        failed: Something could not be had; carries the `CorralError`.
    """

    results_changed = Signal()
    repository_changed = Signal()
    busy_changed = Signal()
    account_changed = Signal()
    asked = Signal()
    planned = Signal(object)
    failed = Signal(object)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._scope = Scope(on_error=self.failed.emit)
        self._looking: asyncio.Task[None] | None = None
        self._text = ""
        self._order: SearchOrder | None = None
        self.results: tuple[RepoSummary, ...] = ()
        self.has_more = False
        self.has_searched = False
        self.repository: Repository | None = None
        self.fits: Mapping[str, Fit] = {}
        self.here: frozenset[str] = frozenset()
        self.busy = ""
        self.account: Account | None = None
        self._measured: QuantFile | None = None
        self._unsubscribes = (
            workbench.modelling.changed.subscribe(self._on_models_changed),
            workbench.planning.machines.changed.subscribe(self._on_machine_changed),
        )

    async def close(self) -> None:
        """End what runs."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        await self._scope.close()

    # -- asking ---------------------------------------------------------------------------------

    def search(self, text: str, order: SearchOrder | None = None) -> None:
        """Look for repositories; a name with a slash is opened at once."""
        self._text, self._order = text.strip(), order
        self._look(lambda: self._search(PAGE), self.tr("Asking the hub…"))

    def search_more(self) -> None:
        """Ask for the next results of the same search."""
        limit = len(self.results) + PAGE
        self._look(lambda: self._search(limit), self.tr("Asking the hub…"))

    def open_repository(self, reference: str) -> None:
        """Show the models of a repository, and what fits."""
        words = self.tr("Looking into %1…").replace("%1", reference)
        self._look(lambda: self._open(reference), words)

    def measure(self, quant: QuantFile) -> None:
        """Have the exact fit and the plan of one model, by its own header."""
        repository, self._measured = self.repository, quant
        if repository and quant.tag in self.fits:
            words = self.tr("Reading the header…")
            self._look(lambda: self._measure(repository, quant), words)

    def download(self, quant: QuantFile) -> None:
        """Put a model into the queue of transfers."""
        if self.repository:
            reference = f"hf.co/{self.repository.repo_id}:{quant.tag}"
            self._workbench.transferring().download(reference)
            self.asked.emit()

    def pull(self, name: str, *, insecure: bool) -> None:
        """Put a model of a registry into the queue of transfers."""
        self._workbench.transferring().pull(name, insecure=insecure)
        self.asked.emit()

    async def card(self) -> str:
        """Return the model card as plain text, "" when there is none.

        Raises:
            CorralError: If the hub cannot be asked.
        """
        if self.repository is None:
            return ""
        cards = [file for file in self.repository.texts if file.file_name.lower() == "readme.md"]
        if not cards:
            return ""
        return await self._workbench.discovering.text(self.repository, cards[0])

    # -- the account ----------------------------------------------------------------------------

    async def has_keyring(self) -> bool:
        """Tell whether the system keeps tokens safely."""
        return await self._workbench.discovering.login.has_keyring()

    async def log_in(self, token: str, home: TokenHome) -> None:
        """Check a token with the hub, and keep it.

        Raises:
            CorralError: If the hub does not take it.
        """
        self.account = await self._workbench.discovering.login.log_in(token, home)
        self.account_changed.emit()

    def log_out(self) -> None:
        """Forget the token."""
        self._scope.start(self._log_out())

    def connect_as(self, *, hub_endpoint: str, proxy: str, ca_file: str) -> None:
        """Set how the network is reached.

        Raises:
            CorralError: If an address makes no sense or the settings cannot be written.
        """
        self._workbench.settings.change(hub_endpoint=hub_endpoint, proxy=proxy, ca_file=ca_file)

    @property
    def connection(self) -> tuple[str, str, str]:
        """Endpoint of the hub, proxy and file of certificates, as they are set."""
        now = self._workbench.settings.current
        return now.hub_endpoint, now.proxy, now.ca_file

    # -- the work -------------------------------------------------------------------------------

    def _look(self, work: Callable[[], Coroutine[object, object, None]], words: str) -> None:
        if self._looking:
            self._looking.cancel()
        self._looking = self._scope.start(self._while_busy(work, words))

    async def _while_busy(
        self, work: Callable[[], Coroutine[object, object, None]], words: str
    ) -> None:
        self._say(words)
        try:
            await work()
        finally:
            if self._looking is asyncio.current_task():
                self._say("")

    def _say(self, words: str) -> None:
        self.busy = words
        self.busy_changed.emit()

    async def _search(self, limit: int) -> None:
        found = await self._workbench.discovering.search(self._text, order=self._order, limit=limit)
        self.results, self.has_more = found.repositories, found.has_more
        self.has_searched = True
        self.results_changed.emit()

    async def _open(self, reference: str) -> None:
        discovering = self._workbench.discovering
        repository = await discovering.repository(reference)
        self.repository, self.fits, self._measured = repository, {}, None
        self.here = await self._workbench.discovering.tags_here(self.repository)
        self.repository_changed.emit()
        if not self.repository.summary.is_gated or self.account:
            await self._fit_again(repository)

    def _is_estimated(self, quant: QuantFile) -> bool:
        from corral.plan.fit import FitKind  # lazy: comes with the first fit

        known = self.fits.get(quant.tag)
        return known is not None and known.kind is not FitKind.EXACT

    async def _measure(self, repository: Repository, quant: QuantFile) -> None:
        discovering = self._workbench.discovering
        if self._is_estimated(quant):
            fit = await discovering.exact_fit(repository, quant)
            if self.repository == repository:
                self.fits = {**self.fits, quant.tag: fit}
                self.repository_changed.emit()
        self.planned.emit(await discovering.planned_quant(repository, quant))

    @property
    def imagined(self) -> str:
        """What the machine that the fits are for is called, "" for this one."""
        return self._workbench.planning.machines.chosen

    def _on_machine_changed(self) -> None:
        if self.repository and self.fits:
            repository = self.repository
            words = self.tr("Looking into %1…").replace("%1", repository.repo_id)
            self._look(lambda: self._fit_again(repository), words)

    async def _fit_again(self, repository: Repository) -> None:
        self.fits = await self._workbench.discovering.fits(repository)
        self.repository_changed.emit()
        if self._measured and self._measured in repository.quants:
            await self._measure(repository, self._measured)

    def _on_models_changed(self) -> None:
        if self.repository:
            self._scope.start(self._mark_here(self.repository))

    async def _mark_here(self, repository: Repository) -> None:
        here = await self._workbench.discovering.tags_here(repository)
        if self.repository == repository:
            self.here = here
            self.repository_changed.emit()

    async def _log_out(self) -> None:
        await self._workbench.discovering.login.log_out()
        self.account = None
        self.account_changed.emit()
