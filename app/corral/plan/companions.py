"""What is loaded beside a model's weights: its projector, adapters, and a draft model.

Their headers say what their weights take. What computing with them takes is exact for a draft
model as for any other, and an estimate for a projector.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from corral.gguf.header import Header
from corral.plan.alignment import CPU_ALIGNMENT, GPU_ALIGNMENT, padded
from corral.plan.machine import Machine
from corral.plan.options import ALL_GPU_LAYERS, LoadOptions
from corral.plan.placement import chosen_machine
from corral.plan.plan import Kind, Line, Part
from corral.plan.weights import TensorUse

_F32_BYTES = 4
# llama.cpp tries out a projector that takes any size with as many patches: 46 by 46 tokens.
_MOST_PATCHES = 46 * 46 * 4
# Projectors whose image is as large as the picture, not as the file says.
_ANY_SIZE = ("qwen", "pixtral", "glm4v", "kimi", "lightonocr", "youtuvl", "step3", "dots", "mimo")
# Half a minute of sound, in steps of 20 milliseconds.
_SOUND_STEPS = 1500
_LORA_ENDINGS = (".lora_a", ".lora_b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Companions:
    """The headers of what is loaded beside a model.

    Attributes:
        projectors: What it sees or hears with.
        adapters: LoRA adapters.
        drafts: Small models that guess its next tokens; one at a time is used.
    """

    projectors: tuple[Header, ...] = ()
    adapters: tuple[Header, ...] = ()
    drafts: tuple[Header, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        return bool(self.projectors or self.adapters or self.drafts)


ALONE = Companions()


def projector_lines(
    projectors: Iterable[Header], options: LoadOptions, machine: Machine
) -> tuple[Line, ...]:
    """Return what projectors take: on the first GPU, if the model has layers on one.

    The weights are those of the file; what computing an image takes is estimated.
    """
    device = projector_device(options, machine)
    lines = []
    for header in projectors:
        weights = sum(padded(tensor.size_bytes, CPU_ALIGNMENT) for tensor in header.tensors)
        for size, kind in ((weights, Kind.FORMULA), (_image_bytes(header), Kind.ASSUMED)):
            lines.append(_line(device, Part.PROJECTOR, size, kind))
    return tuple(line for line in lines if line.size_bytes)


def projector_device(options: LoadOptions, machine: Machine) -> str:
    """Return the name of the device that projectors lie on."""
    gpus = chosen_machine(options, machine).gpus
    return gpus[0].name if gpus and options.n_gpu_layers else machine.cpu.name


def adapter_lines(
    adapters: Iterable[Header], uses: Sequence[TensorUse], cpu: str
) -> tuple[Line, ...]:
    """Return what adapters take: each of their tensors lies where the one lies that it changes.

    Args:
        adapters: Their headers.
        uses: The tensors of the model, and where they are.
        cpu: Name of the CPU.
    """
    places = {use.tensor.name: use.device for use in uses if not use.is_second}
    sizes: Counter[str] = Counter()
    for header in adapters:
        for name, size in _changes(header):
            device = places.get(name, cpu)
            sizes[device] += padded(size, CPU_ALIGNMENT if device == cpu else GPU_ALIGNMENT)
    return tuple(_line(name, Part.ADAPTERS, size, Kind.FORMULA) for name, size in sizes.items())


def draft_options(options: LoadOptions) -> LoadOptions:
    """Return how a draft model is loaded beside a model.

    All of it goes to GPUs if any layer of the model does; its context is as long, and one row of
    logits for each sequence is enough.
    """
    context = options.context
    return replace(
        options,
        n_gpu_layers=ALL_GPU_LAYERS if options.n_gpu_layers else 0,
        tensor_split=(),
        cpu_expert_layers=0,
        tensor_overrides=(),
        mtp=False,
        context=replace(context, n_outputs_max=context.n_seq_max),
    )


def as_draft(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines of a draft model's plan as what they are beside another model."""
    return tuple(replace(line, part=Part.DRAFT) for line in lines)


def _line(device: str, part: Part, size: int, kind: Kind) -> Line:
    return Line(device=device, part=part, size_bytes=size, kind=kind)


def _changes(header: Header) -> Iterator[tuple[str, int]]:
    """Yield the names of the tensors that an adapter changes, with bytes of the change."""
    for tensor in header.tensors:
        for ending in _LORA_ENDINGS:
            if tensor.name.endswith(ending):
                yield tensor.name.removesuffix(ending), tensor.size_bytes


def _image_bytes(header: Header) -> int:
    """Return about what the largest stage of a projector's graph takes."""
    return max(_encoder_bytes(header, "vision"), _encoder_bytes(header, "audio"))


def _encoder_bytes(header: Header, kind: str) -> int:
    width = header.arch_value(f"{kind}.embedding_length", 0)
    ffn = header.arch_value(f"{kind}.feed_forward_length", 0)
    steps = _SOUND_STEPS if kind == "audio" else _patches(header)
    return _F32_BYTES * steps * (ffn + 3 * width) if width else 0


def _patches(header: Header) -> int:
    name = header.value("clip.projector_type", "") or header.value("clip.vision.projector_type", "")
    if name.startswith(_ANY_SIZE):
        return _MOST_PATCHES
    side = header.arch_value("vision.image_size", 0) // max(
        1, header.arch_value("vision.patch_size", 1)
    )
    return min(side, 1 << 10) ** 2
