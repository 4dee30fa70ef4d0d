"""Notices when models come or go in other programs' folders, or by another Corral."""

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from corral.gui.async_bridge import Scope
from corral.gui.library.presenter import LibraryPresenter
from corral.workbench.modelling import Modelling

# A download writes for long: the folders are read once it has been quiet for so long.
QUIET_MS = 1500


class FolderWatcher(QObject):
    """Has the library read again after a folder changed, or when the window comes back to front.

    Args:
        modelling: Knows the folders.
        library: Reads again.
        parent: Owner.
    """

    def __init__(self, modelling: Modelling, library: LibraryPresenter, parent: QObject) -> None:
        super().__init__(parent)
        self._modelling = modelling
        self._library = library
        self._scope = Scope(on_error=library.failed.emit)
        self._watcher = QFileSystemWatcher(self)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        self._watcher.directoryChanged.connect(self._on_changed)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._on_state_changed)
        self._scope.start(self._watch())

    @property
    def folders(self) -> list[str]:
        """The folders that are watched now."""
        return self._watcher.directories()

    async def close(self) -> None:
        """Watch no longer."""
        self._quiet.stop()
        await self._scope.close()

    async def _watch(self) -> None:
        """Watch the folders that there are now."""
        wanted = {str(folder) for folder in await self._modelling.watched_folders()}
        known = set(self._watcher.directories())
        if gone := list(known - wanted):
            self._watcher.removePaths(gone)
        if new := list(wanted - known):
            self._watcher.addPaths(new)

    @Slot()
    def _on_changed(self) -> None:
        self._quiet.start()

    @Slot()
    def _on_quiet(self) -> None:
        self._library.refresh()
        self._scope.start(self._watch())

    @Slot(object)
    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive and not self._quiet.isActive():
            self._quiet.start()
