"""Draws the cells of the table of models: one question to Python a cell instead of seven."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from corral.gui.library.columns import Column
from corral.gui.library.table_model import ModelTable, alignment


class CellDelegate(QStyledItemDelegate):
    """Takes from the table at once what Qt would ask for role by role.

    Args:
        table: The model whose cells are drawn; no other may be drawn with it.
        parent: Owner.
    """

    def __init__(self, table: ModelTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table

    def initStyleOption(  # noqa: N802 (Qt's name)
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Say how a cell looks."""
        column = Column(index.column())
        cell = self._table.cell(index.row(), column)
        option.text = cell.text
        option.font = cell.font
        option.displayAlignment = alignment(column)
        option.features = QStyleOptionViewItem.ViewItemFeature.HasDisplay
        if cell.colour:
            option.palette.setColor(QPalette.ColorRole.Text, cell.colour)
