"""Whether llama.cpp's account of its memory is read rightly: a model whose sizes are known.

The account is read from C++ containers, and cards that are not there are made of its internal
records. Both are known for some releases only. Before the first plan a tiny model is planned, on
the processor and on such a card; what is not exactly what arithmetic says is not believed.
"""

import struct
import tempfile
from collections import Counter
from functools import cached_property
from math import prod
from pathlib import Path

from corral.errors import ExternalError
from corral.gguf.reader import read_header
from corral.llama.breakdown import breakdown_lines
from corral.llama.build import KNOWN_RELEASES, engine_release
from corral.llama.dry_run import DryModel
from corral.llama.library import LlamaLibrary
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.formula import plan_by_formula
from corral.plan.machine import Device, DeviceKind, Machine
from corral.plan.options import ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Line, Part
from corral.units import GIB, MIB

_WIDTH, _HEADS, _BLOCKS, _WORDS = 64, 4, 2, 96
_CONTEXT = ContextOptions(n_ctx=512, n_ubatch=64)
_KEYS: dict[str, int | float] = {
    "block_count": _BLOCKS,
    "context_length": 512,
    "embedding_length": _WIDTH,
    "feed_forward_length": 2 * _WIDTH,
    "attention.head_count": _HEADS,
    "attention.head_count_kv": _HEADS // 2,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "rope.dimension_count": _WIDTH // _HEADS,
    "vocab_size": _WORDS,
}
_BLOCK = {
    "attn_norm": (_WIDTH,),
    "attn_q": (_WIDTH, _WIDTH),
    "attn_k": (_WIDTH, _WIDTH // 2),
    "attn_v": (_WIDTH, _WIDTH // 2),
    "attn_output": (_WIDTH, _WIDTH),
    "ffn_norm": (_WIDTH,),
    "ffn_gate": (_WIDTH, 2 * _WIDTH),
    "ffn_up": (_WIDTH, 2 * _WIDTH),
    "ffn_down": (2 * _WIDTH, _WIDTH),
}
_STRING, _UINT32, _FLOAT32 = 8, 4, 6
_ALIGNMENT = 32
# No compute buffer of such a model is larger.
_MOST_COMPUTE = 16 * MIB


class SelfTest:
    """Asks once, and remembers.

    Thread: the one that plans.
    """

    def __init__(self, library: LlamaLibrary) -> None:
        self._library = library

    def check(self, cards: tuple[Device, ...] = ()) -> None:
        """Make sure that llama.cpp's account can be believed.

        Args:
            cards: Cards that are not there and to be planned for.

        Raises:
            ExternalError: If it cannot: the formulas have to do.
        """
        fault = self.fault or (cards and self.cards_fault)
        if fault:
            raise ExternalError(f"llama.cpp's own plan is not used: {fault}.")

    @cached_property
    def fault(self) -> str:
        """Why its account of this machine is not believed, empty when it is."""
        release = engine_release()
        if release not in KNOWN_RELEASES:
            known = " and ".join(KNOWN_RELEASES)
            return f"llama-cpp-python {release} is installed, its account is known of {known}"
        return self._fault(Machine(cpu=_device("CPU", DeviceKind.CPU)))

    @cached_property
    def cards_fault(self) -> str:
        """Why its account of cards that are not there is not believed, empty when it is."""
        card = _device("CUDA0", DeviceKind.GPU)
        return self._fault(Machine(cpu=_device("CPU", DeviceKind.CPU), gpus=(card,)))

    def _fault(self, machine: Machine) -> str:
        options = LoadOptions(
            n_gpu_layers=-1 if machine.gpus else 0, load_mode=LoadMode.NONE, context=_CONTEXT
        )
        with tempfile.TemporaryDirectory(prefix="corral-") as folder:
            path = _write_model(Path(folder) / "known.gguf")
            header = read_header(path)
            gpus = VirtualGpus(self._library, machine.gpus) if machine.gpus else None
            model = DryModel(self._library, path, options, gpus)
            try:
                told = breakdown_lines(model.plan(header, _CONTEXT, LoadMode.NONE), 0)
            finally:
                model.close()
            expected = plan_by_formula(header, options, machine).lines
        return _difference(_sizes(told), _sizes(expected))


def _difference(told: Counter[tuple[str, Part]], expected: Counter[tuple[str, Part]]) -> str:
    for part in (Part.WEIGHTS, Part.KV):
        for device in {name for name, _ in (*told, *expected)}:
            if told[device, part] != expected[device, part]:
                return (
                    f"of a known model it tells {told[device, part]:,} bytes of {part} on "
                    f"{device}, and they are {expected[device, part]:,}"
                )
    compute = sum(size for (_, part), size in told.items() if part is Part.COMPUTE)
    return "" if 0 < compute <= _MOST_COMPUTE else f"it tells {compute:,} bytes of compute buffers"


def _sizes(lines: tuple[Line, ...]) -> Counter[tuple[str, Part]]:
    sizes: Counter[tuple[str, Part]] = Counter()
    for line in lines:
        sizes[line.device, line.part] += line.size_bytes
    return sizes


def _device(name: str, kind: DeviceKind) -> Device:
    return Device(name=name, description=name, kind=kind, total_bytes=GIB, free_bytes=GIB)


def _write_model(path: Path) -> Path:
    """Write the header of the known model, as large as with its weights, which are zeros."""
    tensors = {"token_embd": (_WIDTH, _WORDS), "output": (_WIDTH, _WORDS), "output_norm": (_WIDTH,)}
    for i in range(_BLOCKS):
        tensors |= {f"blk.{i}.{name}": shape for name, shape in _BLOCK.items()}
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(_KEYS) + 2)
    head += _text("general.architecture") + struct.pack("<I", _STRING) + _text("llama")
    head += _text("tokenizer.ggml.model") + struct.pack("<I", _STRING) + _text("no_vocab")
    for key, value in _KEYS.items():
        is_whole = isinstance(value, int)
        head += _text(f"llama.{key}") + struct.pack("<I", _UINT32 if is_whole else _FLOAT32)
        head += struct.pack("<I" if is_whole else "<f", value)
    offset = 0
    for name, shape in tensors.items():
        head += _text(f"{name}.weight") + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        head += struct.pack("<IQ", 0, offset)  # F32
        offset += 4 * prod(shape)  # a multiple of the alignment, as all widths are
    head += bytes(-len(head) % _ALIGNMENT)
    path.write_bytes(head + bytes(offset))
    return path


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()
