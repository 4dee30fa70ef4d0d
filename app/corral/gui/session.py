"""What the window was when it was closed or died, brought back at the next start."""

import logging
from base64 import b64decode, b64encode
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QTimer, Slot
from PySide6.QtWidgets import QMainWindow

from corral.chats.store import ConversationId
from corral.errors import ExternalError
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.tabs import CHAT, MODELFILE, Tabs
from corral.gui.window_state import (
    TabState,
    WindowState,
    read_window_state,
    write_window_state,
)

KEEP_MS = 3000
ORDER_VIEW = "library_order"

logger = logging.getLogger(__name__)


class Session(QObject):
    """Layout and tabs of a window, kept now and then, as a crash does not ask."""

    def __init__(
        self,
        file: Path,
        window: QMainWindow,
        tabs: Tabs,
        library: LibraryPresenter,
        views: dict[str, str],
    ) -> None:
        super().__init__(window)
        self._file = file
        self._window = window
        self._tabs = tabs
        self._library = library
        self._views = views
        self._kept = WindowState()
        self._is_failing = False
        self._timer = QTimer(self)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self.keep)

    async def restore(self) -> bool:
        """Bring back layout and tabs.

        Returns:
            Whether any tab was brought back.
        """
        state = read_window_state(self._file)
        if state.geometry:
            self._window.restoreGeometry(QByteArray(b64decode(state.geometry)))
            self._window.restoreState(QByteArray(b64decode(state.layout)))
        self._views.update(state.views)
        self._library.set_order_by_name(self._views.get(ORDER_VIEW, ""))
        for tab in state.tabs:
            await self._restore_tab(tab)
        self._timer.start()
        self._tabs.setCurrentIndex(min(state.current, self._tabs.count() - 1))
        if chat := self._tabs.current_chat:
            chat.focus_box()
        return self._tabs.count() > 0

    @Slot()
    def keep(self) -> None:
        """Remember what is open; a full disk is no reason to disturb, or not to close."""
        self._views[ORDER_VIEW] = self._library.order
        state = WindowState(
            geometry=b64encode(bytes(self._window.saveGeometry().data())).decode(),
            layout=b64encode(bytes(self._window.saveState().data())).decode(),
            tabs=self._tabs.states(),
            current=max(0, self._tabs.currentIndex()),
            views=dict(self._views),
        )
        if state == self._kept:
            return
        try:
            write_window_state(self._file, state)
        except ExternalError as error:
            if not self._is_failing:
                logger.warning("the open tabs were not kept: %s", error)
            self._is_failing = True
        else:
            self._kept, self._is_failing = state, False

    def end(self) -> None:
        """Keep the last state and no other."""
        self._timer.stop()
        self.keep()

    async def _restore_tab(self, tab: TabState) -> None:
        if tab.kind == MODELFILE:
            self._tabs.open_modelfile(tab.key, text=tab.text, is_shown=False)
        elif tab.kind != CHAT:
            self._tabs.open_page(tab.kind, tab.key, is_shown=False)
        elif await self._library.has_chat(ConversationId(tab.key)):
            self._tabs.open_chat(ConversationId(tab.key), scroll=tab.scroll, is_shown=False)
