"""The list of what can be written, opened with Ctrl+Space."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit, QTreeView

from corral.foreign import safe_line
from corral.gui.modelfile.spec_wording import short_spec_text
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.modelfile.completion import Completion, FindFiles, Suggestion, complete
from corral.modelfile.positions import Utf16Map

_WIDTH = 88 * GRID
_MOST_NAMES = 40 * GRID


class ModelfileCompleter(QObject):
    """Offers instructions, parameters with their help, roles, models and files.

    While the list is open it follows what is typed; Enter or Tab takes the marked line.

    Attributes:
        models: Names of the models that can be built on.
        find_files: Looks for files; None for none.
    """

    def __init__(self, editor: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(editor)
        self.models: tuple[str, ...] = ()
        self.find_files: FindFiles | None = None
        self._editor = editor
        self._theme = theme
        self._completion: Completion | None = None
        self._rows = QStandardItemModel(0, 2, self)
        self._view = QTreeView()
        self._view.setObjectName("suggestions")
        self._view.setAccessibleName(self.tr("Suggestions"))
        self._view.setHeaderHidden(True)
        self._view.setRootIsDecorated(False)
        self._view.setUniformRowHeights(True)
        self._view.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self._completer = QCompleter(self)
        self._completer.setModel(self._rows)
        self._completer.setPopup(self._view)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(editor)
        self._completer.activated.connect(self._on_activated)
        editor.textChanged.connect(self._on_text_changed)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._view.isVisible()

    def open(self) -> None:
        """Show what can be written at the cursor; nothing where anything can."""
        text = self._editor.toPlainText()
        position = Utf16Map(text).from_utf16(self._editor.textCursor().position())
        self._completion = complete(text, position, models=self.models, find_files=self.find_files)
        if self._completion is None:
            self.close()
            return
        self._rows.removeRows(0, self._rows.rowCount())
        for suggestion in self._completion.suggestions:
            self._rows.appendRow(self._row(suggestion))
        self._show()

    def close(self) -> None:
        """Hide the list."""
        self._completion = None
        if self._view.isVisible():
            self._view.hide()

    def _show(self) -> None:
        area = self._editor.cursorRect().translated(self._editor.viewport().pos())
        area.setWidth(_WIDTH)
        self._completer.complete(area)
        self._view.resizeColumnToContents(0)
        self._view.setColumnWidth(0, min(self._view.columnWidth(0) + 2 * GRID, _MOST_NAMES))
        self._view.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def _row(self, suggestion: Suggestion) -> list[QStandardItem]:
        words = short_spec_text(suggestion.spec) if suggestion.spec else ""
        name = QStandardItem(safe_line(suggestion.text).strip())
        name.setFont(self._theme.fonts.code)
        about = QStandardItem(words)
        about.setForeground(self._theme.palette.colour(Role.QUIET))
        for item in (name, about):
            item.setToolTip(plain_tool_tip(words))
            item.setEditable(False)
        name.setAccessibleDescription(words)
        return [name, about]

    @Slot(str)
    def _on_activated(self, _text: str) -> None:
        index = self._view.currentIndex()
        completion, self._completion = self._completion, None
        if completion is None or not 0 <= index.row() < len(completion.suggestions):
            return
        positions = Utf16Map(self._editor.toPlainText())
        cursor = self._editor.textCursor()
        cursor.setPosition(positions.to_utf16(completion.start))
        cursor.setPosition(positions.to_utf16(completion.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(completion.suggestions[index.row()].text)
        self._editor.setTextCursor(cursor)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_text_changed(self) -> None:
        if self.is_open:
            self.open()
