"""Opens the pages in the middle; the code of each is loaded when it is first opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.pages import Page
from corral.gui.status import StatusLine
from corral.gui.tabs import Tabs
from corral.gui.theme.theme import Theme
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # loaded with the first one
    from corral.gui.library.models_page import ModelsPage


class PageOpening(QObject):
    """Makes pages and brings them to the front.

    Args:
        workbench: The services.
        library: The models and chats.
        actions: What can be done with models.
        tabs: Where pages are shown.
        status: The status line, which counts downloads.
        theme: Colours and fonts.
        views: Remembers how the columns of tables were set.

    Signals:
        failed: Something on a page went wrong; carries the error.
        model_selected: A model has the cursor on a page; carries its name.
        remote_planned: The header of a model on the hub is here; carries what can be planned.
        import_requested: The user wants to choose a file.
        drag_requested: Models are dragged out; carries the view and a tuple of names.
    """

    failed = Signal(object)
    model_selected = Signal(str)
    remote_planned = Signal(object)
    import_requested = Signal()
    drag_requested = Signal(object, object)

    def __init__(
        self,
        *,
        workbench: Workbench,
        library: LibraryPresenter,
        actions: RowActions,
        tabs: Tabs,
        status: StatusLine,
        theme: Theme,
        views: dict[str, str],
    ) -> None:
        super().__init__(tabs)
        self._workbench = workbench
        self._library = library
        self._actions = actions
        self._tabs = tabs
        self._status = status
        self._theme = theme
        self._views = views

    def make(self, kind: str, key: str) -> Page | None:
        """Make a page of a kind; None where no page is called so."""
        makers: dict[str, Callable[[], Page]] = {
            "models": self._make_models,
            "details": lambda: self._make_details(key),
            "hub": self._make_hub,
            "transfers": self._make_transfers,
            "duplicates": self._make_duplicates,
            "check": self._make_check,
        }
        maker = makers.get(kind)
        return maker() if maker else None

    def follow_transfers(self) -> None:
        """Count downloads and uploads in the status line."""
        self._status.follow(self._workbench.transferring())

    # -- to the front ---------------------------------------------------------------------------

    @Slot()
    def show_models(self) -> None:
        """Open the table of all models."""
        self._tabs.open_page("models")

    @Slot(str)
    def show_details(self, name: str) -> None:
        """Open what is known of one model."""
        self._tabs.open_page("details", name)

    @Slot()
    def show_duplicates(self) -> None:
        """Open the list of what lies in several places."""
        self._tabs.open_page("duplicates")

    @Slot()
    def show_check(self) -> None:
        """Open the check of the models on disk."""
        self._tabs.open_page("check")

    @Slot()
    def find_models(self) -> None:
        """Open the search on the hub, ready to type."""
        if page := self._tabs.open_page("hub"):
            page.setFocus()

    @Slot()
    def show_transfers(self) -> None:
        """Open the queue of downloads and uploads."""
        self._tabs.open_page("transfers")

    # -- made ------------------------------------------------------------------------------------

    def _make_models(self) -> ModelsPage:
        from corral.gui.library.models_page import ModelsPage  # lazy: the window is usable first

        page = ModelsPage(self._library, self._actions, self._theme, self._views)
        page.model_selected.connect(self.model_selected)
        page.import_requested.connect(self.import_requested)
        page.duplicates_requested.connect(self.show_duplicates)
        page.check_requested.connect(self.show_check)
        page.drag_requested.connect(self.drag_requested)
        return page

    def _make_details(self, name: str) -> Page:
        from corral.gui.library.details_page import DetailsPage  # lazy: opened seldom

        return DetailsPage(name, self._library, self._actions, self._theme)

    def _make_duplicates(self) -> Page:
        from corral.gui.library.duplicates_page import DuplicatesPage  # lazy: as above

        return DuplicatesPage(self._library)

    def _make_check(self) -> Page:
        from corral.gui.library.check_page import CheckPage  # lazy: as above

        return CheckPage(self._library)

    def _make_hub(self) -> Page:
        # lazy: opened seldom
        from corral.gui.hub.page import HubPage
        from corral.gui.hub.presenter import HubPresenter

        presenter = HubPresenter(self._workbench)
        presenter.failed.connect(self.failed)
        presenter.asked.connect(self.show_transfers)
        presenter.planned.connect(self.remote_planned)
        return HubPage(presenter, self._theme)

    def _make_transfers(self) -> Page:
        # lazy: opened seldom
        from corral.gui.transfers.page import TransfersPage
        from corral.gui.transfers.presenter import TransfersPresenter

        self.follow_transfers()
        page = TransfersPage(TransfersPresenter(self._workbench.transferring()))
        page.search_requested.connect(self.find_models)
        return page
