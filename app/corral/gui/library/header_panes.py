"""Metadata and tensors of a GGUF file, to search and sort."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from corral.gguf.header import Header
from corral.gui.library.header_models import MetadataTable, TensorTable
from corral.gui.library.table_view import TableView, row_height
from corral.gui.library.text_pane import TextPane
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import ElidedLabel, hairline
from corral.units import file_size, parameter_count


class _TablePane(QWidget):
    """A filter and a note above a table."""

    def __init__(self, table: MetadataTable | TensorTable, theme: Theme) -> None:
        super().__init__()
        table.setParent(self)
        self.view = TableView(table)
        self.view.header.setSortIndicatorClearable(True)
        self.view.header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        self.note = ElidedLabel(look="small")
        self._search = QLineEdit()
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(table.filter)
        head = QHBoxLayout()
        head.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        head.addWidget(self._search, 1)
        head.addSpacing(GRID)
        head.addWidget(self.note)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(head)
        self.column.addWidget(hairline())
        self._theme = theme
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.view.set_row_height(row_height(self._theme))

    def name(self, name: str, search: str) -> None:
        """Say what is in the table and what the field searches."""
        self.view.setAccessibleName(name)
        self._search.setPlaceholderText(search)
        self._search.setAccessibleName(search)


class MetadataPane(_TablePane):
    """Keys and values; the value with the cursor stands whole below the table.

    Args:
        theme: Colours and fonts.
    """

    def __init__(self, theme: Theme) -> None:
        self._table = MetadataTable(theme)
        super().__init__(self._table, theme)
        self.name(self.tr("Metadata"), self.tr("Search keys and values"))
        self._value = TextPane(self.tr("The whole value"), theme)
        self.view.widen(("tokenizer.ggml.add_bos_token_id", "n" * 40))
        self.view.header.setStretchLastSection(True)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self.view.on_key = self._on_key
        self._table.modelReset.connect(self._on_current_changed)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for part, stretch in ((self.view, 3), (self._value, 1)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.indexOf(part), stretch)
        self.column.addWidget(parts, 1)
        self._on_current_changed()

    def show_header(self, header: Header | None, error: str) -> None:
        """Show another header, or why there is none."""
        self._table.set_rows(tuple(header.metadata.items()) if header else ())
        text = self.tr("%n key(s)", "", len(header.metadata)) if header else error
        self.note.setText(text)

    @Slot()
    def _on_current_changed(self) -> None:
        row = self._table.row(self.view.currentIndex())
        if row is None:
            self._value.show_text(self.tr("Choose a key to see its whole value."), "")
        else:
            self._value.show_text(row[0], self._table.value(row))

    def _on_key(self, event: QKeyEvent) -> bool:
        row = self._table.row(self.view.currentIndex())
        if row is None or not event.matches(QKeySequence.StandardKey.Copy):
            return False
        QGuiApplication.clipboard().setText(self._table.value(row))
        return True


class TensorPane(_TablePane):
    """The table of tensors.

    Args:
        theme: Colours and fonts.
    """

    def __init__(self, theme: Theme) -> None:
        self._table = TensorTable(theme)
        super().__init__(self._table, theme)
        self.name(self.tr("Tensors"), self.tr("Search names, shapes and types"))
        self.view.widen(("blk.10.attn_output_norm.weight", "151 936 × 5 120", "IQ2_XXS", "1.8 GB"))
        self.column.addWidget(self.view, 1)

    def show_header(self, header: Header | None, error: str) -> None:
        """Show another header, or why there is none."""
        tensors = header.tensors if header else ()
        self._table.set_rows(tensors)
        if header is None:
            self.note.setText(error)
            return
        size = file_size(sum(tensor.size_bytes for tensor in tensors))
        text = self.tr("%n tensor(s), %1 parameters, %2", "", len(tensors)).replace("%2", size)
        self.note.setText(text.replace("%1", parameter_count(header.parameter_count)))
