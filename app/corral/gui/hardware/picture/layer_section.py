"""The map of layers with its legend, and the tensors of the layer where the keyboard is."""

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from corral.gui.hardware.picture import wording
from corral.gui.hardware.picture.column_widths import fit_columns
from corral.gui.hardware.picture.layer_model import LayerModel
from corral.gui.hardware.picture.layer_view import LOOKS, LayerView, PartBrushes
from corral.gui.hardware.picture.tensor_model import CellTensors
from corral.gui.library.table_view import TableView, row_height
from corral.gui.theme.palette import GRID
from corral.gui.theme.theme import Theme
from corral.gui.widgets.plain_label import PlainLabel
from corral.plan.layer_map import LayerKind, LayerMap, LayerPart, MapTensor

_NAME_LETTERS = 8
_TENSOR_ROWS, _LEGEND_COLUMNS = 5, 3
_SAMPLES = (
    "blk.10.ffn_gate_exps.weight",
    "other weights",
    "IQ2_XXS",
    "4 096 × 1 536 × 128",
    "108.8 MiB, mapped",
)


class LayerSection(QWidget):
    """A map; the layer with the cursor is told in words, with its tensors below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._model = LayerModel(self)
        self.view = LayerView(self._model, theme)
        self._legend = _PartLegend(theme)
        self._rest = PlainLabel(look="small")
        self._rest.setWordWrap(True)
        self._words = PlainLabel()
        self._words.setObjectName("layerWords")
        self._words.setWordWrap(True)
        self._tensors = CellTensors(theme, self)
        self._shown_tensors: tuple[MapTensor, ...] = ()
        self._table = TableView(self._tensors)
        self._table.setObjectName("layerTensors")
        self._table.setAccessibleName(self.tr("Tensors of the layer"))
        self._table.setSortingEnabled(True)
        self._table.header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._table.header.setSortIndicatorClearable(True)
        self._table.header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._arrange()
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_map(self, found: LayerMap) -> None:
        """Show another map; the cursor stays on its layer where there are as many."""
        self._model.show(found)
        self._legend.show_parts(found)
        self._rest.setText(wording.rest_words(found))
        if not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self._first_cell(found))
        self._on_current_changed()

    def _first_cell(self, found: LayerMap) -> QModelIndex:
        """Return where the first block is, which has more to show than the input."""
        places = (
            (cell.layer.kind is not LayerKind.BLOCK, column, row)
            for row, device in enumerate(found.devices)
            for column, cell in enumerate(device.cells)
            if cell
        )
        _, column, row = min(places, default=(True, 0, 0))
        return self._model.index(row, column)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(PlainLabel(self.tr("Map of layers"), look="heading"))
        column.addWidget(self.view)
        column.addWidget(self._legend)
        scale = PlainLabel(
            self.tr("Each device is drawn to its own scale: its largest layer fills the row."),
            look="small",
        )
        scale.setWordWrap(True)
        column.addWidget(scale)
        column.addWidget(self._rest)
        column.addWidget(self._words)
        column.addWidget(self._table)

    @Slot()
    def _on_current_changed(self) -> None:
        place = self._model.place(self.view.currentIndex())
        cell = place[2] if place else None
        self._words.setText(wording.cell_words(*place) if place else "")
        tensors = cell.tensors if cell else ()
        if tensors is not self._shown_tensors:  # the weights stay where they are, mostly
            self._shown_tensors = tensors
            self._tensors.set_rows(tensors)

    @Slot()
    def _on_theme_changed(self) -> None:
        height = row_height(self._theme)
        self._table.set_row_height(height)
        fit_columns(self._table, self._theme, _SAMPLES)
        narrowest = QFontMetrics(self._theme.fonts.code).horizontalAdvance("n" * _NAME_LETTERS)
        self._table.header.setMinimumSectionSize(narrowest)
        self._table.setFixedHeight(height * _TENSOR_ROWS + self._table.header.sizeHint().height())


class _PartLegend(QWidget):
    """Says which look stands for which part; only those of the map."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._entries: dict[LayerPart, QWidget] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(_LEGEND_COLUMNS, 1)
        for number, part in enumerate(LOOKS):
            entry = QWidget()
            inside = QHBoxLayout(entry)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(GRID // 2)
            inside.addWidget(_PartSwatch(theme, part))
            inside.addWidget(PlainLabel(wording.part_label(part), look="small"), 1)
            self._entries[part] = entry
            grid.addWidget(entry, *divmod(number, _LEGEND_COLUMNS))

    def show_parts(self, found: LayerMap) -> None:
        cells = (cell for device in found.devices for cell in device.cells if cell)
        used = {part for cell in cells for part, _ in cell.sizes}
        for part, entry in self._entries.items():
            entry.setVisible(part in used)


class _PartSwatch(QWidget):
    """A small square with the look of one part."""

    def __init__(self, theme: Theme, part: LayerPart) -> None:
        super().__init__()
        self._theme = theme
        self._part = part
        self.setFixedSize(QSize(2 * GRID - 4, 2 * GRID - 4))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        area = QRectF(self.rect())
        PartBrushes(self._theme.palette).fill(QPainter(self), area, self._part)
