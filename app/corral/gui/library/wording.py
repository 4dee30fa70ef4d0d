"""Models in words: fit, size, capabilities, age, where they live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from corral.foreign import safe_line
from corral.gui.library.shelf import Fit
from corral.gui.theme.palette import Role
from corral.library.model import Capability, StoredModel
from corral.library.names import without_latest
from corral.units import (
    TimeUnit,
    context_size,
    file_size,
    memory_size,
    parameter_count,
    past,
)

if TYPE_CHECKING:
    from corral.plan.plan import Plan

translate = QCoreApplication.translate


def title(model: StoredModel) -> str:
    """Return the name that people say."""
    return safe_line(without_latest(model.name))


def fit_badge(model: StoredModel, fit: Fit | None, *, is_loaded: bool) -> tuple[str, Role]:
    """Return the short word on whether a model fits, and its colour; "" while it is not known."""
    if model.problem:
        return translate("Library", "broken"), Role.BAD
    if is_loaded:
        return translate("Library", "loaded"), Role.GOOD
    if fit is None:
        return "", Role.QUIET
    if fit.plan is None:
        return translate("Library", "unknown"), Role.QUIET
    return _plan_badge(fit.plan)


def _plan_badge(plan: Plan) -> tuple[str, Role]:
    from corral.plan.plan import Verdict  # lazy: comes with the first plan

    if plan.verdict is Verdict.OVER:
        return translate("Library", "too big"), Role.BAD
    on_gpu = plan.options.n_gpu_layers
    if plan.machine.gpus and 0 < on_gpu < plan.n_layers:
        text = translate("Library", "%1 of %2 on GPU").replace("%1", str(on_gpu))
        return text.replace("%2", str(plan.n_layers)), Role.TIGHT
    if plan.verdict is Verdict.TIGHT:
        return translate("Library", "tight"), Role.TIGHT
    return translate("Library", "fits"), Role.GOOD


def fit_tip(model: StoredModel, fit: Fit | None) -> str:
    """Return the figures behind a badge, with their kind, or why there are none."""
    from corral.plan.plan import Kind  # lazy: comes with the first plan

    if model.problem:
        return safe_line(model.problem, 500)
    if fit is None:
        return translate("Library", "Not planned yet.")
    if fit.plan is None:
        return safe_line(fit.problem, 500)
    device, needed = fit.plan.tightest
    text = translate("Library", "%1 of %2 free on %3, planned by formulas; context %4 tokens")
    if fit.plan.kind is Kind.EXACT:
        text = translate("Library", "%1 of %2 free on %3, planned exactly; context %4 tokens")
    text = text.replace("%1", memory_size(needed)).replace("%2", memory_size(device.free_bytes))
    text = text.replace("%4", str(fit.plan.options.context.n_ctx))
    return text.replace("%3", safe_line(device.name))


def detail(model: StoredModel, where: str) -> str:
    """Return the second line of a model's row: what it is, or what is wrong with it.

    Args:
        model: The model.
        where: Whose it is, "" for the own ones, which need no word.
    """
    if model.problem:
        return safe_line(model.problem)
    if model.parent_name and model.messages:
        messages = Counts().messages(len(model.messages))
        return safe_line(f"{without_latest(model.parent_name)} {messages}")
    config = model.config
    parts = [file_size(model.size_bytes), config.quantization]
    if where:
        parts.append(translate("Library", "used in place"))
    elif is_mixture(model):
        parts.append(translate("Library", "MoE"))
    elif config.context_length:
        parts.append(context_size(config.context_length))
    return safe_line(" · ".join(part for part in parts if part))


def is_mixture(model: StoredModel) -> bool:
    """Whether only some of the weights work for one token."""
    return 0 < model.active_parameter_count < model.parameter_count


def parameters(model: StoredModel) -> str:
    """Return the number of weights, and of those that work for one token where they are fewer."""
    if not model.parameter_count:
        return safe_line(model.config.parameter_size)
    total = parameter_count(model.parameter_count)
    if not is_mixture(model):
        return total
    text = translate("Library", "%1, %2 active").replace("%1", total)
    return text.replace("%2", parameter_count(model.active_parameter_count))


def capability(one: Capability) -> str:
    """Return the word for what a model can do."""
    return {
        Capability.COMPLETION: translate("Library", "chat"),
        Capability.TOOLS: translate("Library", "tools"),
        Capability.INSERT: translate("Library", "insert"),
        Capability.VISION: translate("Library", "vision"),
        Capability.EMBEDDING: translate("Library", "embedding"),
        Capability.THINKING: translate("Library", "thinking"),
        Capability.AUDIO: translate("Library", "audio"),
    }[one]


def capabilities(model: StoredModel) -> str:
    """Return what a model can do."""
    return ", ".join(capability(one) for one in model.capabilities)


def last_used(model: StoredModel) -> str:
    """Return when a model was last loaded."""
    if not model.last_used_at:
        return translate("Library", "never")
    return ago(time.time() - model.last_used_at)


def ago(seconds: float) -> str:
    """Return a past moment in words."""
    number, unit = past(seconds)
    if number == 0:
        return translate("Library", "just now")
    if (number, unit) == (1, TimeUnit.DAY):
        return translate("Library", "yesterday")
    return Counts().ago(number, unit)


class Counts(QObject):
    """Words that bend with a number; only a method `tr` is known to have plurals."""

    def ago(self, number: int, unit: TimeUnit) -> str:
        """Return a past moment."""
        return {
            TimeUnit.MINUTE: self.tr("%n minute(s) ago", "", number),
            TimeUnit.HOUR: self.tr("%n hour(s) ago", "", number),
            TimeUnit.DAY: self.tr("%n day(s) ago", "", number),
            TimeUnit.WEEK: self.tr("%n week(s) ago", "", number),
            TimeUnit.MONTH: self.tr("%n month(s) ago", "", number),
        }[unit]

    def messages(self, number: int) -> str:
        """Return how many messages a model adds to the one it is made from."""
        return self.tr("+ %n message(s)", "", number)

    def sharing(self, number: int) -> str:
        """Return how many other models use a file."""
        return self.tr("shared with %n other model(s)", "", number) if number else ""
