"""What the hardware panel shows, as plain data."""

from dataclasses import dataclass
from enum import StrEnum

from corral.gui.widgets.bar import Share
from corral.plan.options import LoadOptions


class LoadButton(StrEnum):
    """What the button at the foot does now."""

    NONE = "none"
    LOAD = "load"
    LOAD_ANYWAY = "load_anyway"
    RELOAD = "reload"
    UNLOAD = "unload"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One device with its bar.

    Attributes:
        name: Its name for people.
        free_text: "21.6 of 31.2 GiB free".
        total_bytes: What the whole bar stands for.
        shares: What takes it.
        description: The same in words.
        others: Which other programs hold most of it, in words.
    """

    name: str
    free_text: str
    total_bytes: int
    shares: tuple[Share, ...]
    description: str
    others: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One row of the table: planned beside measured, "" where there is no figure."""

    label: str
    planned: str
    measured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveView:
    """A change with which the plan would be within the limit.

    Attributes:
        text: The change in words, with the speed that is expected then.
        options: How to load then.
    """

    text: str
    options: LoadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The plan for one model.

    Attributes:
        title: For which model, and why for this one.
        verdict: The first word of the verdict.
        verdict_look: Look of that word: "good", "tight" or "bad".
        sentence: The rest of the verdict.
        n_ctx: Context length that is planned.
        longest_ctx: The longest that the model was trained for.
        gpu_layers: Layers on the GPU that are planned.
        n_layers: Most layers that can be there; 0 without a GPU.
        expert_layers: Layers whose experts stay in main memory.
        n_expert_layers: Most layers that can be so; 0 without a GPU, or without experts.
        kv_type: Type of the KV cache.
        micro_batch: Tokens that are computed at once.
        flash_attention: Whether attention is computed in one pass.
        rows: The figures.
        note: Where the figures come from.
        button: What the button does.
        moves: What would make it fit.
        progress: What is going on while the model loads, "" when nothing is.
    """

    title: str
    verdict: str
    verdict_look: str
    sentence: str
    n_ctx: int
    longest_ctx: int
    gpu_layers: int
    n_layers: int
    expert_layers: int
    n_expert_layers: int
    kv_type: str
    micro_batch: int
    flash_attention: str
    rows: tuple[FigureRow, ...]
    note: str
    button: LoadButton
    moves: tuple[MoveView, ...] = ()
    progress: str = ""
