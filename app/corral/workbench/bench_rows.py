"""One measured thing, what it was measured beside, and what it has to reach."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the suite.

    Attributes:
        name: What was measured.
        corral: Corral's figure.
        beside: The figure beside it, of the same run; None where there is no other.
        unit: The unit of both.
        value: What is judged: mostly the ratio of the two.
        bound: What it has to reach, None where nothing is asked.
        is_ceiling: Whether the bound must not be passed, instead of reached.
        note: What else is to be known.
    """

    name: str
    corral: float
    beside: float | None
    unit: str
    value: float
    bound: float | None = None
    is_ceiling: bool = False
    note: str = ""

    @property
    def has_passed(self) -> bool | None:
        """Whether the bound is kept, None where there is none."""
        if self.bound is None:
            return None
        return self.value <= self.bound if self.is_ceiling else self.value >= self.bound


def ratio_row(
    name: str,
    corral: float,
    beside: float,
    *,
    unit: str = "tokens/s",
    bound: float | None = None,
    note: str = "",
) -> Row:
    """Return the row of two figures whose ratio is judged."""
    value = corral / beside if beside else 0.0
    return Row(
        name=name, corral=corral, beside=beside, unit=unit, value=value, bound=bound, note=note
    )
