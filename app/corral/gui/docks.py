"""The docks at the sides: the library and the hardware, filled once the first chat is usable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from corral.chats.store import Conversation
from corral.errors import CorralError, UserError
from corral.foreign import safe_line
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.library.rows import RowKind
from corral.gui.notices import NoticeBoard
from corral.gui.pages import Page
from corral.gui.shown_plan import ShownPlan
from corral.gui.theme.theme import Theme
from corral.library.model import StoredModel
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # loaded with the first one
    from corral.gui.hardware.panel import HardwarePanel
    from corral.gui.hardware.presenter import HardwarePresenter
    from corral.gui.library.panel import LibraryPanel
    from corral.gui.library.watching import FolderWatcher

logger = logging.getLogger(__name__)
translate = QCoreApplication.translate

PICTURE = "picture"
LIBRARY_WIDTH, HARDWARE_WIDTH = 268, 318
WATCH_AFTER_S = 2.0


class Docks:
    """Two docks and the panels in them.

    Args:
        window: Where they dock.
        workbench: The services.
        library: The models and chats.
        actions: What can be done with rows.
        notices: Where errors are told.
        theme: Colours and fonts.
    """

    def __init__(
        self,
        *,
        window: QMainWindow,
        workbench: Workbench,
        library: LibraryPresenter,
        actions: RowActions,
        notices: NoticeBoard,
        theme: Theme,
    ) -> None:
        self._window = window
        self._workbench = workbench
        self._library = library
        self._actions = actions
        self._notices = notices
        self._theme = theme
        self._library_panel: LibraryPanel | None = None
        self._hardware: HardwarePresenter | None = None
        self._hardware_panel: HardwarePanel | None = None
        self._watcher: FolderWatcher | None = None
        self._shown_plan = ShownPlan(window)
        area = Qt.DockWidgetArea
        self._library_dock = self._dock("library", LIBRARY_WIDTH, area.LeftDockWidgetArea)
        self._hardware_dock = self._dock("hardware", HARDWARE_WIDTH, area.RightDockWidgetArea)
        self._library_dock.setWindowTitle(translate("MainWindow", "Library"))
        self._hardware_dock.setWindowTitle(translate("MainWindow", "Hardware"))

    def fill_library(self) -> LibraryPanel:
        """Fill the left dock; the person types already."""
        from corral.gui.library.panel import LibraryPanel  # lazy: the first chat is usable without

        self._library_panel = LibraryPanel(self._library, self._actions, self._theme)
        self._library_dock.setWidget(self._library_panel)
        self._library.refresh()
        return self._library_panel

    def fill_hardware(self) -> HardwarePanel:
        """Fill the right dock; the person types already."""
        # lazy: the first chat is usable without it
        from corral.gui.hardware.panel import HardwarePanel
        from corral.gui.hardware.presenter import HardwarePresenter

        self._hardware = hardware = HardwarePresenter(self._workbench, self._window)
        hardware.failed.connect(self._tell_hardware_error)
        hardware.planner.changed.connect(self._tell_plan)
        self._shown_plan.context_chosen.connect(hardware.choices.set_context)
        panel = HardwarePanel(hardware, self._theme)
        self._hardware_panel = panel
        self._hardware_dock.setWidget(panel)
        hardware.start()
        return panel

    def _tell_plan(self) -> None:
        planner = self._hardware.planner if self._hardware else None
        if planner and planner.subject and planner.plan:
            self._shown_plan.show(planner.subject.model, planner.plan)

    def make_picture(self, last_model: str) -> Page:
        """Make the page that shows the map of layers and the curves of the plan.

        Args:
            last_model: Name of the model that it showed last time, "" for none.
        """
        # lazy: opened seldom
        from corral.gui.hardware.picture.page import PicturePage
        from corral.gui.hardware.picture.presenter import PicturePresenter

        presenter = PicturePresenter(self._workbench.planning, self._shown_plan)
        presenter.failed.connect(self._notices.tell_error)
        return PicturePage(presenter, self._theme, last_model)

    def _tell_hardware_error(self, error: CorralError) -> None:
        if self._hardware:
            self._notices.tell_error(error, *self._hardware.loads.mends(error))

    async def watch_folders(self) -> None:
        """Notice what other programs add; nobody waits for it."""
        await asyncio.sleep(WATCH_AFTER_S)
        from corral.gui.library.watching import FolderWatcher  # lazy: the window is usable first

        self._watcher = FolderWatcher(self._workbench.modelling, self._library, self._window)

    def toggle_library(self) -> None:
        """Hide the library, or show it again."""
        self._library_dock.setVisible(not self._library_dock.isVisible())

    def toggle_hardware(self) -> None:
        """Hide the hardware, or show it again."""
        self._hardware_dock.setVisible(not self._hardware_dock.isVisible())

    def search(self) -> None:
        """Give the keyboard to the search of the library."""
        if self._library_panel:
            self._library_panel.focus_search()

    def select_chat(self, chat_id: str) -> None:
        """Mark the chat in front in the library."""
        if self._library_panel:
            self._library_panel.select(RowKind.CHAT, chat_id)

    def plan(self, model: StoredModel, conversation: Conversation | None = None) -> None:
        """Show what a model takes, for a chat where one is given."""
        if self._hardware:
            self._hardware.show_model(model, conversation)

    async def plan_named(self, name: str) -> None:
        """Show what a model takes, if it is still there."""
        try:
            self.plan(await self._workbench.modelling.get(name))
        except UserError:
            logger.info("the model of the last plan is no more: %s", safe_line(name))

    def plan_remote(self, model: StoredModel) -> None:
        """Show what a model on the hub would take, of which only the header is here."""
        if self._hardware:
            self._hardware.show_remote(model)

    def in_hardware(self, command: Callable[[HardwarePresenter], None]) -> Callable[[], None]:
        """Return a handler that does something in the hardware panel, once it is there."""

        def handle() -> None:
            if self._hardware:
                command(self._hardware)

        return handle

    def in_panel(self, command: Callable[[HardwarePanel], None]) -> Callable[[], None]:
        """Return a handler that opens something from the hardware panel, once it is there."""

        def handle() -> None:
            if self._hardware_panel:
                command(self._hardware_panel)

        return handle

    async def close(self) -> None:
        """End what runs in both."""
        if self._watcher:
            await self._watcher.close()
        await self._library.close()
        if self._hardware:
            await self._hardware.close()

    def _dock(self, name: str, width: int, area: Qt.DockWidgetArea) -> QDockWidget:
        """Return a dock without its panel, which comes when the first chat is usable."""
        dock = QDockWidget(self._window)
        dock.setObjectName(f"dock{name}")
        dock.setTitleBarWidget(QWidget(dock))  # the panel has its own heading
        self._window.addDockWidget(area, dock)
        self._window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        return dock
