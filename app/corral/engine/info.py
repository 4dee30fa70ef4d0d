"""What is known of a loaded model."""

from dataclasses import dataclass, replace
from pathlib import Path

from corral.engine.session import Session
from corral.errors import ExternalError
from corral.llama.breakdown import CPU, breakdown_lines, context_breakdown
from corral.llama.devices import list_devices
from corral.plan.machine import DeviceKind
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.plan import Kind, Line, Part

LOGIT_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedInfo:
    """A loaded model and its context, in plain values.

    Attributes:
        path: The file.
        requested: The options as they were asked for.
        options: The same with `n_gpu_layers` as the number of layers that really went to GPUs.
        n_ctx: Tokens that fit into the context, as llama.cpp rounded it.
        n_ctx_train: Tokens of the longest text that the model was made for, 0 where none is said.
        can_write: Whether it writes text; one that does not computes vectors.
        n_vocab: Size of the vocabulary.
        n_layer: Layers that can be placed on a GPU, the output layer counted.
        bos_token: Text of the token that begins a text, empty when there is none.
        eos_token: Text of the token that ends a text, empty when there is none.
        adds_bos: Whether `tokenize` with `add_special` begins with it.
        chat_template: The GGUF's own chat template, None when it has none.
        measured: What the weights and the context really take; empty where llama.cpp does not tell.
        description: A few words of llama.cpp on the model.
        load_s: Time the load took.
        projector: What it was to see or hear with, None for neither.
        can_see: Whether it takes pictures.
        can_hear: Whether it takes sounds.
        sample_rate: Samples per second of the sounds that it takes.
        projector_problem: Why it does neither though it has a projector, in words; "" when it does.
    """

    path: Path
    requested: LoadOptions
    options: LoadOptions
    n_ctx: int
    n_ctx_train: int
    can_write: bool
    n_vocab: int
    n_layer: int
    bos_token: str
    eos_token: str
    adds_bos: bool
    chat_template: str | None
    measured: tuple[Line, ...]
    description: str
    load_s: float
    projector: Path | None = None
    can_see: bool = False
    can_hear: bool = False
    sample_rate: int = 0
    projector_problem: str = ""


def read_info(session: Session, requested: LoadOptions, load_s: float) -> LoadedInfo:
    """Describe a session.

    Thread: the engine thread.
    """
    model, vocabulary = session.model, session.model.vocabulary
    projector = session.projector
    return LoadedInfo(
        path=model.path,
        requested=requested,
        options=replace(requested, n_gpu_layers=model.n_gpu_layers),
        n_ctx=session.context.n_ctx,
        n_ctx_train=model.n_ctx_train,
        can_write=session.context.can_write,
        n_vocab=vocabulary.n_vocab,
        n_layer=model.n_layer,
        bos_token=vocabulary.bos_token,
        eos_token=vocabulary.eos_token,
        adds_bos=vocabulary.adds_bos,
        chat_template=model.chat_template,
        measured=_measured(session, requested.context),
        description=model.description,
        load_s=load_s,
        projector=session.projector_path,
        can_see=projector is not None and projector.can_see,
        can_hear=projector is not None and projector.can_hear,
        sample_rate=projector.sample_rate if projector else 0,
        projector_problem=str(session.projector_problem or ""),
    )


def _measured(session: Session, options: ContextOptions) -> tuple[Line, ...]:
    try:
        uses = context_breakdown(session.library, session.context.pointer)
    except ExternalError:  # this platform's llama.cpp cannot be asked
        return ()
    rows = max(options.n_outputs_max, options.n_seq_max)
    lines = breakdown_lines(uses, session.model.vocabulary.n_vocab * rows * LOGIT_BYTES)
    return (*lines, *_projector_lines(session))


def _projector_lines(session: Session) -> tuple[Line, ...]:
    """Return what a projector holds; what it computes with comes with the first picture."""
    projector = session.projector
    if projector is None:
        return ()
    devices = list_devices(session.library) if projector.is_on_gpu else []
    device = next((each.name for each in devices if each.kind is not DeviceKind.CPU), CPU)
    size_bytes = projector.weights_bytes
    return (Line(device=device, part=Part.PROJECTOR, size_bytes=size_bytes, kind=Kind.EXACT),)
