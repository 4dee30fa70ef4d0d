"""What the hardware panel says of speeds, moves and ways to load."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from corral.hardware.programs import Program
from corral.plan.guardrail import Move, MoveKind
from corral.plan.options import ContextOptions, FlashAttention, LoadOptions
from corral.plan.plan import Kind
from corral.plan.search import Reason
from corral.plan.speed import Speed, Speeds
from corral.units import count, memory_size
from corral.workbench.workers import WorkerState

translate = QCoreApplication.translate


def band(speed: Speed | None) -> str:
    """Return a speed: "95 – 173", with more digits where there are few tokens."""
    if speed is None:
        return translate("Hardware", "unknown")
    low = _figure(speed.low)
    high = f"{speed.high:.1f}" if "." in low else _figure(speed.high)
    return f"{low}\u2009–\u2009{high}"


def rate(per_s: float) -> str:
    """Return a measured speed, "" where there is none."""
    return _figure(per_s) if per_s else ""


def _figure(per_s: float) -> str:
    """Return tokens a second with as many digits as say something."""
    if per_s >= 100:
        return count(int(float(f"{per_s:.3g}")))
    return f"{per_s:.{0 if per_s >= 20 else 1}f}"


def speed_kind(speeds: Speeds) -> str:
    """Return where expected speeds come from."""
    if speeds.generation is None:
        return translate("Hardware", "speed unknown for this memory or architecture")
    match speeds.kind is Kind.CALIBRATED, speeds.prompt_kind is Kind.CALIBRATED:
        case True, True:
            return translate("Hardware", "speed narrowed by measuring this machine")
        case True, False:
            return translate("Hardware", "answers narrowed by measuring here, prompts from tables")
        case False, True:
            return translate("Hardware", "prompts narrowed by measuring here, answers from tables")
        case _:
            return translate("Hardware", "speed estimated from tables")


def move(kind: MoveKind, options: LoadOptions) -> str:
    """Return what a change does that makes a plan fit."""
    match kind:
        case MoveKind.SMALLER_CACHE:
            text, value = translate("Hardware", "KV cache as %1"), str(options.context.kv_type)
        case MoveKind.SHORTER_CONTEXT:
            text = translate("Hardware", "Context of %1 tokens")
            value = count(options.context.n_ctx)
        case MoveKind.EXPERTS_IN_RAM:
            text = translate("Hardware", "Experts of %1 layers in main memory")
            value = str(options.cpu_expert_layers)
        case MoveKind.FEWER_GPU_LAYERS:
            text, value = translate("Hardware", "%1 layers on the GPU"), str(options.n_gpu_layers)
    return text.replace("%1", value)


def move_button(found: Move) -> str:
    """Return the words of a button that makes a plan fit."""
    return move(found.kind, found.options)


def with_speed(text: str, speed: Speed | None) -> str:
    """Return words with an expected speed behind them: "…, about 14 tokens/s"."""
    if speed is None:
        return text
    about = translate("Hardware", "%1, about %2 tokens/s").replace("%1", text)
    return about.replace("%2", _figure(speed.expected))


def by_hand(options: LoadOptions) -> str:
    """Return what of a placement no slider shows, "" for nothing."""
    if not options.tensor_split:
        return ""
    split = " / ".join(map(str, options.tensor_split))
    return translate("Hardware", "layers shared by the cards as %1").replace("%1", split)


def programs(found: Iterable[Program]) -> str:
    """Return other programs with what they hold: "firefox 1.20 GiB, code 800 MiB"."""
    untold = translate("Hardware", "%1 (size not told)")
    said = [
        untold.replace("%1", each.name)
        if each.used_bytes is None
        else f"{each.name} {memory_size(each.used_bytes)}"
        for each in found
    ]
    text = translate("Hardware", "others: %1")
    return text.replace("%1", ", ".join(said)) if said else ""


def reasons(found: tuple[Reason, ...]) -> str:
    """Return why a way of loading is among the best."""
    labels = {
        Reason.ALL_ON_GPU: translate("Hardware", "all on the GPU"),
        Reason.ONE_CARD: translate("Hardware", "one card is enough"),
        Reason.SPLIT: translate("Hardware", "over all cards"),
        Reason.EXPERTS_IN_RAM: translate("Hardware", "experts of some layers in main memory"),
        Reason.LAYERS_IN_RAM: translate("Hardware", "some layers in main memory"),
        Reason.NO_GPU: translate("Hardware", "on the processor"),
        Reason.FULL_CACHE: translate("Hardware", "KV cache in full quality"),
        Reason.SMALL_CACHE: translate("Hardware", "smaller KV cache"),
        Reason.LARGE_BATCH: translate("Hardware", "large micro-batches for prompts"),
        Reason.TRAINED_CONTEXT: translate("Hardware", "all of the trained context"),
    }
    return ", ".join(labels[reason] for reason in found)


def options(made: LoadOptions, n_layers: int, *, has_gpu: bool) -> str:
    """Return how a model is loaded, in one line.

    Args:
        made: How.
        n_layers: Layers of the model with the output layer.
        has_gpu: Whether there is a GPU to put layers on.
    """
    context, parts = made.context, []
    parts.append(translate("Hardware", "context %1").replace("%1", count(context.n_ctx)))
    parts.append(f"KV {context.kv_type}")
    if has_gpu:
        text = translate("Hardware", "%1 of %2 layers on the GPU")
        text = text.replace("%1", str(made.n_gpu_layers)).replace("%2", str(n_layers))
        parts.append(text)
    if made.cpu_expert_layers:
        parts.append(move(MoveKind.EXPERTS_IN_RAM, made))
    parts += filter(None, [by_hand(made)])
    if context.flash_attention is not FlashAttention.AUTO:
        text = translate("Hardware", "flash attention %1")
        parts.append(text.replace("%1", context.flash_attention))
    if context.n_ubatch != ContextOptions().n_ubatch:
        text = translate("Hardware", "micro-batch %1")
        parts.append(text.replace("%1", str(context.n_ubatch)))
    return " · ".join(parts)


def workers_problem(states: Iterable[WorkerState]) -> str:
    """Return which saved RPC workers are not planned with, and why; "" where all are."""
    states = tuple(states)
    parts = [state.problem.summary for state in states if state.problem]
    if n_unasked := sum(not (state.devices or state.problem) for state in states):
        text = translate("Hardware", "RPC workers saved and not asked yet: %1; see “Workers…”.")
        parts.append(text.replace("%1", str(n_unasked)))
    return "\n".join(parts)
