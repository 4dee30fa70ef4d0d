"""The map of layers as a table: a row for each device, a column for each layer."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from corral.gui.hardware.picture import wording
from corral.gui.widgets.plain_label import plain_tool_tip
from corral.plan.layer_map import Layer, LayerKind, LayerMap, MapCell
from corral.plan.machine import Device
from corral.units import memory_size

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class LayerModel(QAbstractTableModel):
    """One cell for each layer on each device; words are made when they are asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map = LayerMap(layers=(), devices=(), is_cache_known=True)

    @property
    def layer_map(self) -> LayerMap:
        """What is shown."""
        return self._map

    def largest_bytes(self) -> list[int]:
        """Return the bytes of the largest block of each device, at least 1."""
        return [
            max(
                (x.size_bytes for x in device.cells if x and x.layer.kind is LayerKind.BLOCK),
                default=1,
            )
            for device in self._map.devices
        ]

    def cell(self, index: Index) -> MapCell | None:
        """Return the cell at an index; None where the layer has nothing on the device."""
        return self._map.devices[index.row()].cells[index.column()]

    def show(self, found: LayerMap) -> None:
        """Show another map; with the same layers and devices the view keeps its place."""
        is_same = found.layers == self._map.layers
        if is_same and len(found.devices) == len(self._map.devices) and found.devices:
            self._map = found
            last = self.index(len(found.devices) - 1, len(found.layers) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, len(found.devices) - 1)
            return
        self.beginResetModel()
        self._map = found
        self.endResetModel()

    def place(self, index: Index) -> tuple[Layer, Device, MapCell | None] | None:
        """Return what an index stands for."""
        if not index.isValid():
            return None
        device = self._map.devices[index.row()]
        return self._map.layers[index.column()], device.device, device.cells[index.column()]

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of devices."""
        return 0 if parent.isValid() else len(self._map.devices)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of layers."""
        return 0 if parent.isValid() else len(self._map.layers)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All cells can be gone to, the empty ones too."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words for a screen reader, or its tool tip."""
        place = self.place(index)
        if place is None:
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return wording.cell_words(*place)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(wording.cell_tip(*place))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a layer's or a device's name."""
        is_columns = orientation is Qt.Orientation.Horizontal
        if section >= (self.columnCount() if is_columns else self.rowCount()):
            return None
        if is_columns:
            layer = self._map.layers[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return str(layer.block) if layer.kind is LayerKind.BLOCK else ""
            is_words = role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}
            return wording.layer_label(layer) if is_words else None
        found = self._map.devices[section]
        if role == Qt.ItemDataRole.DisplayRole:
            size = memory_size(found.total_bytes)
            return f"{wording.device_label(found.device)}\n{size}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(wording.device_title(found.device))
        return None
