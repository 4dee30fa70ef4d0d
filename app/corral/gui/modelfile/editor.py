"""The text field of a Modelfile: line numbers, colours, underlined problems."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from corral.errors import Place
from corral.gui.modelfile.completer import ModelfileCompleter
from corral.gui.modelfile.highlighter import ModelfileHighlighter
from corral.gui.modelfile.hint_wording import hint_text
from corral.gui.modelfile.spec_wording import spec_text
from corral.gui.theme.palette import GRID, Role
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.modelfile.completion import spec_at
from corral.modelfile.hint import Fix, Hint, Severity
from corral.modelfile.positions import Utf16Map

KEYS_OF_THE_LIST = frozenset(
    (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)
)
TELL_AFTER_MS = 50
_UNDERLINES = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.TIGHT}


class ModelfileEditor(QPlainTextEdit):
    """A plain text editor for one Modelfile.

    Signals:
        spec_changed: The cursor stands at another instruction or parameter; carries what is known
            of it, "" when there is none.

    Attributes:
        completer: The list that Ctrl+Space opens.
    """

    spec_changed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("modelfileEditor")
        self.setAccessibleName(self.tr("Modelfile"))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(False)
        self._theme = theme
        self._hints: tuple[Hint, ...] = ()
        self._spec_text = ""
        self._spec_timer = QTimer(self)  # once for many moves: a long text is long to scan
        self._spec_timer.setSingleShot(True)
        self._spec_timer.setInterval(TELL_AFTER_MS)
        self._spec_timer.timeout.connect(self._on_spec_timeout)
        self.completer = ModelfileCompleter(self, theme)
        self._margin = _Margin(self)
        self._highlighter = ModelfileHighlighter(self.document(), theme)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._spec_timer.start)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_hints(self, hints: tuple[Hint, ...]) -> None:
        """Underline problems."""
        self._hints = hints
        positions = Utf16Map(self.toPlainText())
        self.setExtraSelections([self._underline(hint, positions) for hint in hints])
        self._margin.update()

    def apply_fix(self, fix: Fix) -> None:
        """Replace a part of the text, in one step that can be undone."""
        cursor = self._cursor(fix.start, fix.end)
        cursor.insertText(fix.replacement)
        self.setTextCursor(cursor)
        self.setFocus()

    def go_to(self, hint: Hint) -> None:
        """Put the cursor on a problem."""
        self.setTextCursor(self._cursor(hint.start, hint.start))
        self.centerCursor()
        self.setFocus()

    def go_to_place(self, place: Place) -> None:
        """Put the cursor on a line and column."""
        block = self.document().findBlockByNumber(place.line - 1)
        if block.isValid():
            column = Utf16Map(block.text()).to_utf16(min(place.column - 1, len(block.text())))
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + min(column, block.length() - 1))
            self.setTextCursor(cursor)
            self.centerCursor()
            self.setFocus()

    @property
    def offset(self) -> int:
        """Where the cursor is, as Python counts characters."""
        return Utf16Map(self.toPlainText()).from_utf16(self.textCursor().position())

    def margin_width(self) -> int:
        """Return the width that the line numbers need."""
        digits = len(str(max(10, self.blockCount())))
        return QFontMetrics(self._theme.fonts.code).horizontalAdvance("9") * digits + 3 * GRID

    def paint_margin(self, event: QPaintEvent) -> None:
        """Draw the line numbers, in the colour of a line's worst problem."""
        painter = QPainter(self._margin)
        painter.fillRect(event.rect(), self.palette().base())
        painter.setFont(self._theme.fonts.code)
        colours = self._line_colours()
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > event.rect().bottom():
                return
            number = block.blockNumber() + 1
            painter.setPen(colours.get(number, self._theme.palette.colour(Role.QUIET)))
            line = QRect(0, int(area.top()), self._margin.width() - 2 * GRID, int(area.height()))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(number))
            block = block.next()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list of suggestions with Ctrl+Space."""
        is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Space and is_control:
            self.completer.open()
            event.accept()
            return
        if self.completer.is_open and event.key() in KEYS_OF_THE_LIST:
            event.ignore()  # the list does what they stand for
            return
        super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell under the mouse what is wrong there, and what stands there."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            tip = plain_tool_tip(self.tip_at(event.pos()))
            QToolTip.showText(event.globalPos(), tip, self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, position: QPoint) -> str:
        """Return what is told at a point of the viewport, "" for nothing."""
        cursor = self.cursorForPosition(position)
        if abs(self.cursorRect(cursor).x() - position.x()) > 2 * GRID:
            return ""  # beside the text
        text = self.toPlainText()
        offset = Utf16Map(text).from_utf16(cursor.position())
        told = [hint_text(hint) for hint in self._hints if hint.start <= offset <= hint.end]
        found = spec_at(text, offset)
        if found and found[1] <= offset <= found[2]:
            told.append(spec_text(found[0]))
        return "\n\n".join(told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin beside the text."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._margin.setGeometry(area.left(), area.top(), self.margin_width(), area.height())

    def _line_colours(self) -> dict[int, QColor]:
        ordered = sorted(self._hints, key=lambda hint: hint.severity is Severity.ERROR)
        palette = self._theme.palette
        return {hint.place.line: palette.colour(_UNDERLINES[hint.severity]) for hint in ordered}

    def _underline(self, hint: Hint, positions: Utf16Map) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        text_format = QTextCharFormat()
        text_format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        text_format.setUnderlineColor(self._theme.palette.colour(_UNDERLINES[hint.severity]))
        selection.format = text_format
        selection.cursor = self._cursor(hint.start, hint.end, positions)
        return selection

    def _cursor(self, start: int, end: int, positions: Utf16Map | None = None) -> QTextCursor:
        positions = positions or Utf16Map(self.toPlainText())
        cursor = QTextCursor(self.document())
        cursor.setPosition(positions.to_utf16(start))
        cursor.setPosition(positions.to_utf16(end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    @Slot()
    def _on_spec_timeout(self) -> None:
        found = spec_at(self.toPlainText(), self.offset)
        text = spec_text(found[0]) if found else ""
        if text != self._spec_text:
            self._spec_text = text
            self.spec_changed.emit(text)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.setFont(self._theme.fonts.code)
        self._on_block_count_changed()
        self.show_hints(self._hints)

    @Slot()
    def _on_block_count_changed(self) -> None:
        self.setViewportMargins(self.margin_width(), 0, 0, 0)

    @Slot(QRect, int)
    def _on_update_request(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._margin.scroll(0, scrolled)
        else:
            self._margin.update(0, area.y(), self._margin.width(), area.height())


class _Margin(QWidget):
    """The strip with the line numbers."""

    def __init__(self, editor: ModelfileEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_margin(event)
