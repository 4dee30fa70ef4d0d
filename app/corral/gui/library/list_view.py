"""The list of the dock: tells of focus, keys and drags instead of handling them."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView


class LibraryView(QListView):
    """A list of which several rows can be chosen.

    Signals:
        focused: It has got the focus.
        drag_started: The chosen rows are being dragged out; told within a mouse handler.

    Attributes:
        on_key: Asked first for every key; tells whether it did something.
    """

    focused = Signal()
    drag_started = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.on_key: Callable[[QKeyEvent], bool] = lambda _event: False
        self.setObjectName("libraryList")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def choose_also(self, indexes: Iterable[QModelIndex]) -> None:
        """Choose more rows; those that are no more are left out."""
        for index in indexes:
            if index.isValid():
                self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell it."""
        super().focusInEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask first what the key means here."""
        if not self.on_key(event):
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:  # noqa: N802 (Qt's name)
        """Leave the drag to whoever can make files of the rows."""
        self.drag_started.emit()
