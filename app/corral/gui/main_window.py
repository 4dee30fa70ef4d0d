"""The window: places the panels, owns the actions, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from corral import __version__
from corral.chats.store import Conversation
from corral.errors import CorralError
from corral.gui.actions import Actions
from corral.gui.async_bridge import Scope
from corral.gui.chat.panel import ChatPanel
from corral.gui.commands import Commands
from corral.gui.crash_notices import CrashNotices
from corral.gui.dialogs import show_text
from corral.gui.library.presenter import LibraryPresenter
from corral.gui.library.row_actions import RowActions
from corral.gui.library.rows import RowKind
from corral.gui.model_commands import ModelCommands
from corral.gui.notices import NoticeBoard
from corral.gui.pages import Page
from corral.gui.session import Session
from corral.gui.status import StatusLine
from corral.gui.tabs import Tabs
from corral.gui.theme.theme import Theme
from corral.gui.welcome import Welcome
from corral.library.model import StoredModel
from corral.settings import LanguageChoice, ThemeChoice
from corral.workbench.workbench import Workbench

if TYPE_CHECKING:  # loaded with the first one
    from corral.gui.hardware.presenter import HardwarePresenter
    from corral.gui.library.panel import LibraryPanel
    from corral.gui.library.watching import FolderWatcher
    from corral.gui.modelfile.panel import ModelfilePanel

ZOOM_STEP = 10
WATCH_AFTER_S = 2.0
BREATH_S = 0.02  # the message box gets the keyboard before the side panels get their turn


class MainWindow(QMainWindow):
    """One window over one workbench.

    Attributes:
        closed: Set when the window has closed and everything of it has ended.
        wants_restart: Whether it was closed to begin anew.
    """

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Corral")
        self.setAcceptDrops(True)
        self.resize(1320, 840)
        self._workbench = workbench
        self._theme = theme
        self.closed = asyncio.Event()
        self.wants_restart = False
        self._is_closing = False
        self._notices = NoticeBoard(theme)
        self._scope = Scope(on_error=self._notices.tell_error)
        self._crashes = CrashNotices(workbench, self._notices, self._scope, self)
        self._library = LibraryPresenter(workbench, self)
        self._hardware: HardwarePresenter | None = None
        self._watcher: FolderWatcher | None = None
        self._row_actions = RowActions(self._library)
        self._library_panel: LibraryPanel | None = None
        self._views: dict[str, str] = {}
        self._tabs = Tabs(workbench, theme, self._make_page)
        self._session = Session(
            workbench.places.window_file, self, self._tabs, self._library, self._views
        )
        self._models = ModelCommands(
            window=self,
            workbench=workbench,
            library=self._library,
            actions=self._row_actions,
            notices=self._notices,
            theme=theme,
        )
        self._commands = Commands(
            window=self,
            workbench=workbench,
            library=self._library,
            tabs=self._tabs,
            notices=self._notices,
            scope=self._scope,
        )
        self._welcome = Welcome()
        self._centre = self._make_centre()
        area = Qt.DockWidgetArea
        self._library_dock = self._dock("library", self.tr("Library"), area.LeftDockWidgetArea)
        self._hardware_dock = self._dock("hardware", self.tr("Hardware"), area.RightDockWidgetArea)
        self._actions = Actions(self, self._handlers())
        self._actions.fill(self.menuBar())
        chosen = workbench.settings.current
        for name in (f"theme_{chosen.theme}", f"language_{chosen.language}"):
            self._actions[name].setChecked(True)
        self._status = StatusLine(workbench, self)
        self.setStatusBar(self._status)
        self._status.transfers_requested.connect(self._show_transfers)
        self._connect()

    async def start(self, file: Path | None) -> None:
        """Show what was open last time, and import the file that the program was started with."""
        await self._library.register_starter()
        if not await self._session.restore():
            await self._commands.open_first_chat()
        await asyncio.sleep(BREATH_S)
        self._open_library()
        self._open_hardware()
        if self._workbench.places.transfers_file.exists():
            self._follow_transfers()
        self._crashes.tell_suspect()
        if file:
            self._commands.import_file(file)

    def _open_library(self) -> None:
        """Fill the left dock; the person types already."""
        from corral.gui.library.panel import LibraryPanel  # lazy: the first chat is usable without

        self._library_panel = panel = LibraryPanel(self._library, self._row_actions, self._theme)
        panel.model_selected.connect(self._on_model_selected)
        panel.import_requested.connect(self._commands.open_gguf)
        panel.page_requested.connect(self._show_models)
        panel.drag_requested.connect(self._models.drag_out)
        self._library_dock.setWidget(panel)
        self._library.refresh()
        if chat := self._tabs.current_chat:
            panel.select(RowKind.CHAT, chat.key)
        self._scope.start(self._watch_folders())

    async def _watch_folders(self) -> None:
        """Notice what other programs add; nobody waits for it."""
        await asyncio.sleep(WATCH_AFTER_S)
        from corral.gui.library.watching import FolderWatcher  # lazy: the window is usable first

        self._watcher = FolderWatcher(self._workbench.modelling, self._library, self)

    def _open_hardware(self) -> None:
        """Fill the right dock; the person types already."""
        # lazy: the first chat is usable without it
        from corral.gui.hardware.panel import HardwarePanel
        from corral.gui.hardware.presenter import HardwarePresenter

        self._hardware = HardwarePresenter(self._workbench, self)
        self._hardware.failed.connect(self._notices.tell_error)
        self._hardware_dock.setWidget(HardwarePanel(self._hardware, self._theme))
        self._hardware.start()
        if chat := self._tabs.current_chat:
            chat.tell_plan()

    @Slot(object)
    def take_over(self, file: Path | None) -> None:
        """Come to the front for a later start, and import its file."""
        self.show()
        self.raise_()
        self.activateWindow()
        if file:
            self._commands.import_file(file)

    def report_bug(self, error: BaseException) -> None:
        """Say that the program made a mistake."""
        self._notices.tell(
            self.tr("Corral made a mistake. Your conversations are saved; the log has more."),
            detail=f"{type(error).__name__}: {error}",
        )

    # -- placing -------------------------------------------------------------------------------

    def _make_centre(self) -> QStackedWidget:
        stack = QStackedWidget()
        stack.addWidget(self._welcome)
        stack.addWidget(self._tabs)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._notices)
        layout.addWidget(stack, 1)
        self.setCentralWidget(centre)
        return stack

    def _dock(self, name: str, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
        """Return a dock without its panel, which comes when the first chat is usable."""
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock{name}")
        dock.setTitleBarWidget(QWidget(dock))  # the panel has its own heading
        self.addDockWidget(area, dock)
        self.resizeDocks(
            [dock],
            [268 if area == Qt.DockWidgetArea.LeftDockWidgetArea else 318],
            Qt.Orientation.Horizontal,
        )
        return dock

    def _connect(self) -> None:
        library, tabs = self._library, self._tabs
        commands = self._commands
        self._crashes.restart_requested.connect(self._on_restart_requested)
        library.failed.connect(self._notices.tell_error)
        library.chat_renamed.connect(self._on_chat_renamed)
        self._models.take_in_wanted.connect(commands.take_in)
        rows = self._row_actions
        rows.chat_requested.connect(commands.new_chat_with)
        rows.chat_opened.connect(commands.open_chat)
        rows.modelfile_opened.connect(commands.open_modelfile)
        rows.details_opened.connect(self._show_details)
        self._welcome.import_requested.connect(commands.open_gguf)
        self._welcome.chat_requested.connect(commands.new_chat)
        tabs.tabCloseRequested.connect(commands.close_tab)
        tabs.chat_opened.connect(self._on_chat_panel_opened)
        tabs.modelfile_opened.connect(self._on_modelfile_panel_opened)
        tabs.panel_shown.connect(self._on_panel_shown)
        if app := QApplication.instance():
            app.focusChanged.connect(self._on_focus_changed)  # type: ignore[attr-defined]

    def _handlers(self) -> dict[str, Callable[[], None]]:
        commands, tabs, theme = self._commands, self._tabs, self._theme
        return {
            "new_chat": commands.new_chat,
            "open_gguf": commands.open_gguf,
            "close_tab": lambda: commands.close_tab(tabs.currentIndex()),
            "quit": self._quit,
            "choose_model": self._in_chat(ChatPanel.choose_model),
            "load": self._in_hardware(lambda hardware: hardware.load()),
            "unload": self._in_hardware(lambda hardware: hardware.unload()),
            "show_models": self._show_models,
            "find_models": self._find_models,
            "show_transfers": self._show_transfers,
            "upload_model": self._upload_model,
            "show_duplicates": self._show_duplicates,
            "model_folders": self._models.open_folders,
            "check_models": self._show_check,
            "restore_models": self._models.open_trash,
            "new_modelfile": commands.new_modelfile,
            "open_modelfile": self._in_chat(lambda chat: commands.open_modelfile(chat.model)),
            "create_model": self._in_modelfile(lambda panel: panel.create_model()),
            "next_problem": self._in_modelfile(lambda panel: panel.next_problem()),
            "suggest": self._in_modelfile(lambda panel: panel.suggest()),
            "save_as_model": self._in_chat(commands.save_as_model),
            "regenerate": self._in_chat(ChatPanel.regenerate),
            "stop": self._in_chat(ChatPanel.stop),
            "previous_variant": self._in_chat(ChatPanel.previous_variant),
            "next_variant": self._in_chat(ChatPanel.next_variant),
            "copy_reply": self._in_chat(ChatPanel.copy_reply),
            "search": self._search,
            "zoom_in": lambda: self._zoom(theme.zoom_percent + ZOOM_STEP),
            "zoom_out": lambda: self._zoom(theme.zoom_percent - ZOOM_STEP),
            "zoom_reset": lambda: self._zoom(100),
            "theme_system": lambda: self._choose_theme(ThemeChoice.SYSTEM),
            "theme_light": lambda: self._choose_theme(ThemeChoice.LIGHT),
            "theme_dark": lambda: self._choose_theme(ThemeChoice.DARK),
            "language_system": lambda: self._choose_language(LanguageChoice.SYSTEM),
            "language_en": lambda: self._choose_language(LanguageChoice.EN),
            "language_zh_TW": lambda: self._choose_language(LanguageChoice.ZH_TW),
            "language_zh_CN": lambda: self._choose_language(LanguageChoice.ZH_CN),
            "toggle_library": lambda: _toggle(self._library_dock),
            "toggle_hardware": lambda: _toggle(self._hardware_dock),
            "show_keys": self._show_keys,
            "about": self._show_about,
        }

    def _in_chat(self, command: Callable[[ChatPanel], None]) -> Callable[[], None]:
        """Return a handler that does something in the chat in front, if one is."""

        def handle() -> None:
            if chat := self._tabs.current_chat:
                command(chat)

        return handle

    def _in_modelfile(self, command: Callable[[ModelfilePanel], None]) -> Callable[[], None]:
        """Return a handler that does something in the Modelfile in front, if one is."""

        def handle() -> None:
            if modelfile := self._tabs.current_modelfile:
                command(modelfile)

        return handle

    def _search(self) -> None:
        if self._library_panel:
            self._library_panel.focus_search()

    def _in_hardware(self, command: Callable[[HardwarePresenter], None]) -> Callable[[], None]:
        """Return a handler that does something in the hardware panel, once it is there."""

        def handle() -> None:
            if self._hardware:
                command(self._hardware)

        return handle

    def _quit(self) -> None:
        self.close()

    @Slot()
    def _on_restart_requested(self) -> None:
        self.wants_restart = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep everything first, then go."""
        if self.closed.is_set():
            event.accept()
            return
        event.ignore()
        if not self._is_closing:
            self._is_closing = True
            self._session.end()
            self.hide()
            asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        await self._tabs.close_all()
        await self._commands.close()
        await self._models.close()
        if self._watcher:
            await self._watcher.close()
        await self._library.close()
        if self._hardware:
            await self._hardware.close()
        self._status.end()
        self._crashes.end()
        await self._scope.close()
        self.closed.set()
        self.close()

    # -- drops ----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take local files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self._commands.import_file(Path(url.toLocalFile()))
        event.acceptProposedAction()

    # -- pages ----------------------------------------------------------------------------------

    def _make_page(self, kind: str, key: str) -> Page | None:
        """Make a page of a kind; its code is loaded when one is first opened."""
        makers: dict[str, Callable[[], Page]] = {
            "models": self._make_models_page,
            "details": lambda: self._make_details_page(key),
            "hub": self._make_hub_page,
            "transfers": self._make_transfers_page,
            "duplicates": self._make_duplicates_page,
            "check": self._make_check_page,
        }
        maker = makers.get(kind)
        return maker() if maker else None

    def _make_details_page(self, name: str) -> Page:
        from corral.gui.library.details_page import DetailsPage  # lazy: opened seldom

        return DetailsPage(name, self._library, self._row_actions, self._theme)

    def _make_duplicates_page(self) -> Page:
        from corral.gui.library.duplicates_page import DuplicatesPage  # lazy: as above

        return DuplicatesPage(self._library)

    def _make_check_page(self) -> Page:
        from corral.gui.library.check_page import CheckPage  # lazy: as above

        return CheckPage(self._library)

    def _make_models_page(self) -> Page:
        from corral.gui.library.models_page import ModelsPage  # lazy: the window is usable first

        page = ModelsPage(self._library, self._row_actions, self._theme, self._views)
        page.model_selected.connect(self._on_model_selected)
        page.import_requested.connect(self._commands.open_gguf)
        page.duplicates_requested.connect(self._show_duplicates)
        page.check_requested.connect(self._show_check)
        page.drag_requested.connect(self._models.drag_out)
        return page

    def _make_hub_page(self) -> Page:
        # lazy: opened seldom
        from corral.gui.hub.page import HubPage
        from corral.gui.hub.presenter import HubPresenter

        presenter = HubPresenter(self._workbench)
        presenter.failed.connect(self._notices.tell_error)
        presenter.asked.connect(self._show_transfers)
        return HubPage(presenter, self._theme)

    def _make_transfers_page(self) -> Page:
        # lazy: opened seldom
        from corral.gui.transfers.page import TransfersPage
        from corral.gui.transfers.presenter import TransfersPresenter

        self._follow_transfers()
        page = TransfersPage(TransfersPresenter(self._workbench.transferring()))
        page.search_requested.connect(self._find_models)
        return page

    def _follow_transfers(self) -> None:
        self._status.follow(self._workbench.transferring())

    @Slot()
    def _find_models(self) -> None:
        if page := self._tabs.open_page("hub"):
            page.setFocus()

    @Slot()
    def _show_transfers(self) -> None:
        self._tabs.open_page("transfers")

    @Slot()
    def _upload_model(self) -> None:
        from corral.gui.hub.upload_dialog import upload  # lazy: opened seldom

        self._scope.start(upload(self, self._workbench, self._show_transfers))

    @Slot()
    def _show_models(self) -> None:
        self._tabs.open_page("models")

    @Slot()
    def _show_duplicates(self) -> None:
        self._tabs.open_page("duplicates")

    @Slot()
    def _show_check(self) -> None:
        self._tabs.open_page("check")

    @Slot(str)
    def _show_details(self, name: str) -> None:
        self._tabs.open_page("details", name)

    # -- the panel in front ---------------------------------------------------------------------

    @Slot(object)
    def _on_chat_panel_opened(self, panel: ChatPanel) -> None:
        panel.save_as_model_requested.connect(lambda: self._commands.save_as_model(panel))
        panel.plan_wanted.connect(self._on_plan_wanted)
        panel.conversation_changed.connect(self._library.refresh)
        panel.chat_forked.connect(self._commands.open_chat)

    @Slot(object)
    def _on_modelfile_panel_opened(self, panel: ModelfilePanel) -> None:
        panel.model_created.connect(self._commands.tell_made)
        panel.failed.connect(self._notices.tell_error)

    @Slot(str)
    def _on_chat_renamed(self, chat_id: str) -> None:
        if panel := self._tabs.chat(chat_id):
            panel.refresh()

    @Slot(str)
    def _on_model_selected(self, name: str) -> None:
        model = self._library.model(name)
        if self._hardware and model and not model.problem:  # a broken one cannot be planned
            self._hardware.show_model(model)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Plan for the chat again when the focus comes back to it from the library."""
        chat = self._tabs.current_chat
        if chat and now and chat.isAncestorOf(now):
            chat.tell_plan()

    @Slot(object)
    def _on_panel_shown(self, panel: QWidget | None) -> None:
        self._centre.setCurrentWidget(self._tabs if panel else self._welcome)
        if isinstance(panel, ChatPanel):
            if self._library_panel:
                self._library_panel.select(RowKind.CHAT, panel.key)
            panel.tell_plan()
        elif isinstance(panel, Page) and panel.kind == "details":
            self._on_model_selected(panel.key)

    @Slot(object, object)
    def _on_plan_wanted(self, model: StoredModel, conversation: Conversation | None) -> None:
        if self._hardware and self._tabs.current_chat is self.sender():
            self._hardware.show_model(model, conversation)

    # -- look -----------------------------------------------------------------------------------

    def _zoom(self, percent: int) -> None:
        if self._set(zoom_percent=percent):
            self._theme.set_zoom(percent)

    def _choose_theme(self, choice: ThemeChoice) -> None:
        if self._set(theme=choice):
            self._theme.choose(choice)

    def _choose_language(self, choice: LanguageChoice) -> None:
        if self._set(language=choice):
            self._notices.tell(
                self.tr("The window speaks this language from the next start on."),
                (self.tr("Restart Corral"), self._on_restart_requested),
            )

    def _set(self, **changes: object) -> bool:
        try:
            self._workbench.settings.change(**changes)
        except CorralError as error:
            self._notices.tell_error(error)
            return False
        return True

    def _show_keys(self) -> None:
        rows = self._actions.keys()
        rows += [
            (self.tr("Send / new line"), "Enter / Shift+Enter"),
            (self.tr("Edit the last message, in the empty message box"), self.tr("Up")),
        ]
        self._scope.start(show_text(self, title=self.tr("Keys"), rows=rows))

    def _show_about(self) -> None:
        rows = [
            ("Corral", __version__),
            (self.tr("Files"), str(self._workbench.places.data)),
            (self.tr("Log"), str(self._workbench.places.log_file)),
        ]
        self._scope.start(show_text(self, title=self.tr("About Corral"), rows=rows))


def _toggle(dock: QDockWidget) -> None:
    dock.setVisible(not dock.isVisible())
