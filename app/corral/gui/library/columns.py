"""The columns of the table of models: heading, words and order of each."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.gui.library import homes, wording
from corral.gui.library.shelf import Fit
from corral.library.model import StoredModel
from corral.plan.plan import Verdict
from corral.units import context_size, file_size

translate = QCoreApplication.translate

SortKey: TypeAlias = float | str | tuple[float, str]


class Column(IntEnum):
    """One column, in the order at first."""

    NAME = 0
    FIT = 1
    SIZE = 2
    QUANTIZATION = 3
    PARAMETERS = 4
    CONTEXT = 5
    LAST_USED = 6
    CAPABILITIES = 7
    FAMILY = 8
    HOME = 9


NUMBERS = frozenset({Column.SIZE, Column.PARAMETERS, Column.CONTEXT})
"""Columns of figures, which stand at the right."""

# The order in which the best fit comes first.
_VERDICTS = {Verdict.FITS: 1.0, Verdict.TIGHT: 2.0, Verdict.OVER: 3.0}
_LOADED, _UNKNOWN, _BROKEN = 0.0, 4.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one line of the table is about.

    Attributes:
        model: The model.
        fit: What is known of its fit.
        is_loaded: Whether it is in memory.
    """

    model: StoredModel
    fit: Fit | None = None
    is_loaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """What a column shows.

    Attributes:
        title: What stands above it.
        text: Makes the words of a cell.
        key: Makes what the column is sorted by; the words, where there is none.
    """

    title: str
    text: Callable[[Line], str]
    key: Callable[[Line], SortKey]


def column_specs() -> dict[Column, ColumnSpec]:
    """Return the columns in the window's language."""
    rows: tuple[tuple[Column, str, Callable[[Line], str], Callable[[Line], SortKey]], ...] = (
        (
            Column.NAME,
            translate("Library", "Name"),
            lambda line: wording.title(line.model),
            lambda line: line.model.name.casefold(),
        ),
        (Column.FIT, translate("Library", "Fit"), _fit_text, _fit_key),
        (
            Column.SIZE,
            translate("Library", "Size"),
            lambda line: file_size(line.model.size_bytes) if line.model.size_bytes else "",
            lambda line: line.model.size_bytes,
        ),
        (
            Column.QUANTIZATION,
            translate("Library", "Quantization"),
            lambda line: safe_line(line.model.config.quantization),
            lambda line: line.model.config.quantization.casefold(),
        ),
        (
            Column.PARAMETERS,
            translate("Library", "Parameters"),
            lambda line: wording.parameters(line.model),
            lambda line: line.model.parameter_count,
        ),
        (
            Column.CONTEXT,
            translate("Library", "Context"),
            _context_text,
            lambda line: line.model.config.context_length,
        ),
        (
            Column.LAST_USED,
            translate("Library", "Last used"),
            lambda line: wording.last_used(line.model),
            lambda line: -line.model.last_used_at,
        ),
        (
            Column.CAPABILITIES,
            translate("Library", "Capabilities"),
            lambda line: wording.capabilities(line.model),
            lambda line: (-float(len(line.model.capabilities)), ",".join(line.model.capabilities)),
        ),
        (
            Column.FAMILY,
            translate("Library", "Family"),
            lambda line: safe_line(line.model.config.family),
            lambda line: line.model.config.family.casefold(),
        ),
        (
            Column.HOME,
            translate("Library", "Where it lives"),
            lambda line: homes.label(line.model) or "Corral",
            lambda line: homes.label(line.model).casefold(),
        ),
    )
    return {
        column: ColumnSpec(title=title, text=text, key=key) for column, title, text, key in rows
    }


def _context_text(line: Line) -> str:
    tokens = line.model.config.context_length
    return context_size(tokens) if tokens else ""


def _fit_text(line: Line) -> str:
    return wording.fit_badge(line.model, line.fit, is_loaded=line.is_loaded)[0]


def _fit_key(line: Line) -> float:
    if line.model.problem:
        return _BROKEN
    if line.is_loaded:
        return _LOADED
    if line.fit is None or line.fit.plan is None:
        return _UNKNOWN
    device, needed = line.fit.plan.tightest
    share = needed / max(1, device.free_bytes)
    return _VERDICTS[line.fit.plan.verdict] + min(0.99, share / 100)
