"""The question turned round: which machine would run a model with this context, this fast."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corral.gguf.header import Header
from corral.jobs import Progress, Ticket
from corral.plan.cards import Card, Catalogue
from corral.plan.companions import ALONE, Companions
from corral.plan.formula import Formula
from corral.plan.imagined import imagine
from corral.plan.machine import Machine
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.plan import Plan, Verdict
from corral.plan.speed import Speeds, expected_speeds

_COUNTS = (1, 2, 4)
MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A machine that would do, with the whole model on its graphics.

    Attributes:
        words: How to say it to `--on`.
        plan: What loading takes there.
        speeds: How fast it would be there.
    """

    words: str
    plan: Plan
    speeds: Speeds


def machines_needed(
    header: Header,
    catalogue: Catalogue,
    here: Machine,
    context: ContextOptions,
    tokens_per_s: float = 0.0,
    ticket: Ticket | None = None,
    beside: Companions = ALONE,
) -> tuple[Need, ...]:
    """Return the smallest machines of the table that would do, the smallest memory first.

    Args:
        header: Of the model file.
        catalogue: What machines can be made of.
        here: This machine, whose main memory and processor they have.
        context: The context wanted.
        tokens_per_s: Least speed of generation wanted, by the lower end of the band.
        ticket: For progress and cancel.
        beside: What is loaded with it.

    Raises:
        Cancelled: If the ticket was cancelled.
    """
    formula, found = Formula(header, beside), []
    candidates = tuple(_candidates(catalogue.cards))
    for done, words in enumerate(candidates):
        if ticket:
            ticket.report(_progress(done, len(candidates)))
        need = _need(formula, imagine(words, catalogue, here), context, words)
        if need and _is_fast_enough(need.speeds, tokens_per_s):
            found.append(need)
    found.sort(key=lambda need: (_gpu_bytes(need), len(need.plan.machine.gpus), -_speed(need)))
    return tuple(_one_of_each_size(found))[:MOST_NAMED]


def _progress(done: int, total: int) -> Progress:
    return Progress(phase="Trying machines", done=done, total=total, unit="steps")


def _candidates(cards: Iterable[Card]) -> Iterator[str]:
    for card in cards:
        if card.is_unified:
            yield from (f"{card.name} {size}GB" for size in card.memory_gib)
        else:
            yield from (f"{count}x{card.name}" if count > 1 else card.name for count in _COUNTS)


def _need(formula: Formula, machine: Machine, context: ContextOptions, words: str) -> Need | None:
    plan = formula.plan(LoadOptions(context=context), machine)
    if plan.verdict is Verdict.OVER:
        return None
    return Need(words=words, plan=plan, speeds=expected_speeds(formula, plan.options, machine))


def _one_of_each_size(needs: Iterable[Need]) -> Iterator[Need]:
    """Leave out cards that offer nothing a named one of the same memory does not."""
    seen = set()
    for need in needs:
        if _gpu_bytes(need) not in seen:
            seen.add(_gpu_bytes(need))
            yield need


def _gpu_bytes(need: Need) -> int:
    return sum(gpu.total_bytes for gpu in need.plan.machine.gpus)


def _speed(need: Need) -> float:
    return need.speeds.generation.expected if need.speeds.generation else 0.0


def _is_fast_enough(speeds: Speeds, tokens_per_s: float) -> bool:
    if tokens_per_s <= 0:
        return True
    return speeds.generation is not None and speeds.generation.low >= tokens_per_s
