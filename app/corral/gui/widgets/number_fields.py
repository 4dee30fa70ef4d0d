"""Spin boxes whose text has the same distance from the left as that of other fields."""

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox

from corral.gui.theme.palette import GRID


class WholeField(QSpinBox):
    """A field for a whole number."""

    def __init__(self) -> None:
        super().__init__()
        _indent(self)


class NumberField(QDoubleSpinBox):
    """A field for a number."""

    def __init__(self) -> None:
        super().__init__()
        _indent(self)


def _indent(field: QAbstractSpinBox) -> None:
    """Do what the style sheet says: Qt leaves out its padding at the left of spin boxes."""
    field.lineEdit().setTextMargins(GRID + 1, 0, 0, 0)
