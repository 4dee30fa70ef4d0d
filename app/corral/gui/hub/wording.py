"""What the window says of models on the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from corral.foreign import safe_line
from corral.gui.theme.palette import Role
from corral.units import file_size, memory_size, parameter_count

if TYPE_CHECKING:
    from corral.hub.huggingface.records import Repository
    from corral.plan.fit import Fit

translate = QCoreApplication.translate


def fit(known: Fit) -> str:
    """Return a verdict, with how it was found where that is not the file's own header."""
    from corral.plan.fit import FitKind  # lazy: comes with the first fit

    words = {
        Role.GOOD: translate("Hub", "fits"),
        Role.TIGHT: translate("Hub", "tight"),
        Role.BAD: translate("Hub", "too big"),
    }[fit_role(known)]
    if known.kind is FitKind.ESTIMATED:
        return translate("Hub", "%1, estimated").replace("%1", words)
    return words


def fit_role(known: Fit) -> Role:
    """Return the colour of a verdict."""
    from corral.plan.plan import Verdict  # lazy: comes with the first fit

    if known.verdict is Verdict.OVER:
        return Role.BAD
    return Role.TIGHT if known.verdict is Verdict.TIGHT else Role.GOOD


def fit_tip(known: Fit) -> str:
    """Return the figures behind a verdict, and where they come from."""
    from corral.plan.fit import FitKind  # lazy: comes with the first fit

    device, needed = known.plan.tightest
    text = {
        FitKind.EXACT: translate("Hub", "%1 of %2 free on %3, planned by llama.cpp itself"),
        FitKind.FORMULA: translate("Hub", "%1 of %2 free on %3, planned from its header"),
        FitKind.ESTIMATED: translate("Hub", "%1 of %2 free on %3, estimated from its size"),
    }[known.kind]
    text = text.replace("%1", memory_size(needed)).replace("%2", memory_size(device.free_bytes))
    text = text.replace("%3", safe_line(device.name))
    context = translate("Hub", "context of %1 tokens")
    return f"{text}; {context.replace('%1', str(known.plan.options.context.n_ctx))}"


def facts(repository: Repository) -> str:
    """Return what is told of a repository, in one line."""
    summary, parts = repository.summary, []
    if summary.architecture:
        parts.append(safe_line(summary.architecture, 40))
    if summary.parameter_count:
        parts.append(parameter_count(summary.parameter_count))
    if summary.licence:
        licence = translate("Hub", "licence %1").replace("%1", safe_line(summary.licence, 60))
        parts.append(licence)
    total = sum(quant.download_bytes for quant in repository.quants)
    parts.append(translate("Hub", "all files %1").replace("%1", file_size(total)))
    return " · ".join(parts)
