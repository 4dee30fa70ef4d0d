"""The tensors of one cell of the map as a table."""

from PySide6.QtCore import QObject

from corral.foreign import safe_line
from corral.gui.hardware.picture.wording import part_label
from corral.gui.library.header_models import RowTable
from corral.gui.theme.theme import Theme
from corral.plan.layer_map import MapTensor
from corral.units import count, memory_size


class CellTensors(RowTable[MapTensor]):
    """Names, parts, types, shapes, and what each takes on its device."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__((), (3, 4), theme, parent)
        self._titles = (
            self.tr("Tensor"),
            self.tr("Part"),
            self.tr("Type"),
            self.tr("Shape"),
            self.tr("In memory"),
        )

    def text(self, row: MapTensor, column: int) -> str:
        """Return the words of a cell."""
        tensor = row.use.tensor
        match column:
            case 0:
                return safe_line(tensor.name)
            case 1:
                return part_label(row.part)
            case 2:
                return tensor.type.label
            case 3:
                return " × ".join(map(count, tensor.shape))
        size = memory_size(row.size_bytes)
        return self.tr("%1, mapped").replace("%1", size) if row.is_mapped else size

    def key(self, row: MapTensor, column: int) -> tuple[float, str]:
        """Sort shapes by the number of values."""
        match column:
            case 3:
                return float(row.use.tensor.element_count), row.use.tensor.name
            case 4:
                return float(row.size_bytes), row.use.tensor.name
        return 0.0, self.text(row, column)

    def haystack(self, row: MapTensor) -> str:
        """Return the name."""
        return row.use.tensor.name
