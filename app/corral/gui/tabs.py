"""The tabs in the middle: chats, Modelfiles and pages, opened like documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, cast

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from corral.chats.store import ConversationId
from corral.gui.chat.panel import ChatPanel
from corral.gui.chat.presenter import ChatPresenter
from corral.gui.pages import Page
from corral.gui.theme.theme import Theme
from corral.gui.window_state import TabState
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # a Modelfile's tab is loaded with the first one
    from corral.gui.modelfile.panel import ModelfilePanel

CHAT, MODELFILE = "chat", "modelfile"
TITLE_LENGTH = 28

Panel: TypeAlias = "ChatPanel | ModelfilePanel | Page"


class Tabs(QTabWidget):
    """Opens, finds, closes and remembers tabs.

    Signals:
        chat_opened: A chat's panel is new; carries the `ChatPanel`.
        modelfile_opened: A Modelfile's panel is new; carries the `ModelfilePanel`.
        panel_shown: Another panel is in front; carries it, None when there is none.
    """

    chat_opened = Signal(object)
    modelfile_opened = Signal(object)
    panel_shown = Signal(object)

    def __init__(
        self, workbench: Workbench, theme: Theme, make_page: Callable[[str, str], Page | None]
    ) -> None:
        super().__init__()
        self._make_page = make_page
        self._workbench = workbench
        self._theme = theme
        self.setObjectName("tabs")
        self.setDocumentMode(True)
        self.setTabsClosable(True)
        self.setMovable(True)
        self.setAccessibleName(self.tr("Chats and Modelfiles"))
        self.currentChanged.connect(self._on_current_changed)

    @property
    def panels(self) -> list[Panel]:
        """All panels, in order."""
        return [self._panel(index) for index in range(self.count())]

    @property
    def current(self) -> Panel | None:
        """The panel in front."""
        return self._panel(self.currentIndex()) if self.count() else None

    @property
    def current_chat(self) -> ChatPanel | None:
        """The chat in front, None when something else is."""
        panel = self.current
        return panel if isinstance(panel, ChatPanel) else None

    @property
    def current_modelfile(self) -> ModelfilePanel | None:
        """The Modelfile in front, None when something else is."""
        from corral.gui.modelfile.panel import ModelfilePanel  # lazy: many have none open

        panel = self.current
        return panel if isinstance(panel, ModelfilePanel) else None

    def open_chat(
        self,
        chat_id: ConversationId,
        *,
        scroll: tuple[str, int] | None = None,
        is_shown: bool = True,
    ) -> ChatPanel:
        """Show a conversation, in its tab if it has one."""
        panel = self.chat(chat_id)
        if panel is None:
            presenter = ChatPresenter(self._workbench, chat_id)
            panel = ChatPanel(presenter, self._theme, scroll=scroll)
            self._add(panel)
            self.chat_opened.emit(panel)
        if is_shown:
            self.setCurrentWidget(panel)
        return panel

    def chat(self, chat_id: str) -> ChatPanel | None:
        """Return the panel of a conversation, if it is open."""
        return next((p for p in self.panels if isinstance(p, ChatPanel) and p.key == chat_id), None)

    def open_modelfile(
        self, model: str, *, text: str | None = None, is_shown: bool = True
    ) -> ModelfilePanel:
        """Show a model's Modelfile; `text` is what was typed and not saved."""
        # lazy: the first one brings it
        from corral.gui.modelfile.panel import ModelfilePanel
        from corral.gui.modelfile.presenter import ModelfilePresenter

        for panel in self.panels:
            if isinstance(panel, ModelfilePanel) and panel.key == model:
                self.setCurrentWidget(panel)
                return panel
        made = ModelfilePanel(ModelfilePresenter(self._workbench, model, text), self._theme)
        self._add(made)
        self.modelfile_opened.emit(made)
        if is_shown:
            self.setCurrentWidget(made)
        return made

    def open_page(self, kind: str, key: str = "", *, is_shown: bool = True) -> Page | None:
        """Show another kind of page, in its tab if it has one.

        Args:
            kind: What kind.
            key: What of that kind.
            is_shown: Whether it comes to the front.

        Returns:
            The page; None when there is no such kind.
        """
        pages = (panel for panel in self.panels if isinstance(panel, Page))
        page = next((each for each in pages if (each.kind, each.key) == (kind, key)), None)
        if page is None:
            page = self._make_page(kind, key)
            if page is None:
                return None
            self._add(page)
        if is_shown:
            self.setCurrentWidget(page)
            page.setFocus()
        return page

    async def close_tab(self, index: int) -> None:
        """Close a tab; what is typed in it is kept first."""
        panel = self._panel(index)
        await panel.close_panel()
        self.removeTab(self.indexOf(panel))
        panel.deleteLater()

    async def close_all(self) -> None:
        """Keep what is typed everywhere and end all work of the panels."""
        for panel in self.panels:
            await panel.close_panel()

    def states(self) -> tuple[TabState, ...]:
        """Return what is open, to be opened again."""
        return tuple(panel.tab_state() for panel in self.panels)

    def _add(self, panel: Panel) -> None:
        index = self.addTab(panel, _short(panel.title))
        self.setTabToolTip(index, panel.title)
        panel.title_changed.connect(self._on_title_changed)

    def _panel(self, index: int) -> Panel:
        return cast("Panel", self.widget(index))

    @Slot(str)
    def _on_title_changed(self, title: str) -> None:
        panel = self.sender()
        assert isinstance(panel, QWidget)
        index = self.indexOf(panel)
        self.setTabText(index, _short(title))
        self.setTabToolTip(index, title)

    @Slot(int)
    def _on_current_changed(self, _index: int) -> None:
        self.panel_shown.emit(self.current)


def _short(title: str) -> str:
    text = title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"
    return text.replace("&", "&&")  # one "&" would be a mnemonic
