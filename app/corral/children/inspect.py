"""The *inspect* child: llama.cpp is asked here what may make it abort.

Only the child imports this module; it pays for llama.cpp.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corral.children.inspect_json import (
    devices_from_json,
    devices_to_json,
    lines_to_json,
    options_from_json,
    options_to_json,
    texts_from_json,
)
from corral.children.protocol import Json
from corral.gguf.check import check_file, check_model
from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.gguf.strip import write_stripped
from corral.gguf.types import TensorType
from corral.gguf.zeros import Shape, write_zero_model
from corral.llama.breakdown import breakdown_lines
from corral.llama.context import Context
from corral.llama.devices import list_devices
from corral.llama.dry_run import DryModel
from corral.llama.library import load_library
from corral.llama.projector_use import projector_use
from corral.llama.self_test import SelfTest
from corral.llama.special_tokens import (
    SpecialTokens,
    describe_tokens,
    read_special_tokens,
    tokenize_guarded,
)
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.calibration import WIDTHS, Build
from corral.plan.formula import output_bytes
from corral.plan.machine import Device
from corral.plan.options import ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Line, Part
from corral.prompt.guard import GuardedText, Guards, SpecialTexts
from corral.prompt.origin import Span

if TYPE_CHECKING:
    from corral.llama.own_fit import OwnFit

# Letters, digits, spaces, another script and a character outside the first plane.
SAMPLE = "Hello, world!  12,345 bytes\n\n\tНебо 你好 🐎\n"
SAMPLE_CONTEXT = ContextOptions(n_ctx=512)
# Header-only copies beyond this number go, the oldest first; each has some kilobytes.
KEPT_COPIES = 200


_FFN = {Build.WIDE: 5632, Build.NARROW: 2048}
_HEAD_WIDTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The model of the last question: the next one is mostly about another context on it."""

    copy: Path
    placed: LoadOptions
    cards: tuple[Device, ...]
    header: Header
    model: DryModel


class InspectRole:
    """Answers the questions of `inspect_client.Inspector`."""

    def __init__(self) -> None:
        self._library = load_library()
        self._self_test = SelfTest(self._library)
        self._kept: _Kept | None = None
        self._own_fit: OwnFit | None = None
        self._tokens: tuple[Path, DryModel, SpecialTokens] | None = None

    def devices(self, *, workers: Json) -> Json:
        """Return the devices of this build, those of RPC workers first.

        Raises:
            CorralError: If this build cannot reach workers.
        """
        return devices_to_json(list_devices(self._library, texts_from_json(workers)))

    def plan(self, *, path: str, copy: str, options: Json, cards: Json) -> Json:
        """Return the lines of the exact plan.

        Args:
            path: The model file.
            copy: Where its header-only copy is, or is to be.
            options: How it would be loaded.
            cards: Graphics cards to plan for that are not there; none for what is there.

        Raises:
            CorralError: If the file is damaged, or llama.cpp refuses it or the context.
        """
        asked, virtual = options_from_json(options), tuple(devices_from_json(cards))
        self._self_test.check(virtual)
        kept = self._model(Path(path), Path(copy), asked, virtual)
        uses = kept.model.plan(kept.header, asked.context, asked.load_mode)
        return lines_to_json(breakdown_lines(uses, output_bytes(kept.header, asked.context)))

    def fit(self, *, path: str, copy: str, options: Json, cards: Json) -> Json:
        """Return how llama.cpp's own fit would load a model: its options, all lines exact.

        Args:
            path: The model file.
            copy: Where its header-only copy is, or is to be.
            options: What is given; a context of 0 tokens is chosen too.
            cards: Graphics cards that are not there; none for what is there.

        Raises:
            CorralError: If the fit is not there or finds no way, or the file is damaged.
        """
        from corral.llama.own_fit import OwnFit  # lazy: seldom asked for

        header = read_header(self._copy(Path(path), Path(copy)))
        devices = tuple(devices_from_json(cards))
        gpus = VirtualGpus(self._library, devices) if devices else None
        self._own_fit = self._own_fit or OwnFit(self._library)
        found = self._own_fit.fit(
            Path(copy), options_from_json(options), header.context_length or 0, gpus
        )
        return options_to_json(found)

    def projector(self, *, path: str, on_gpu: bool, cards: Json) -> Json:
        """Return the lines of a projector beside a model.

        Args:
            path: Its file.
            on_gpu: Whether it may use a GPU.
            cards: Graphics cards to plan for that are not there; none for what is there.

        Raises:
            CorralError: If the file is damaged or llama.cpp refuses it.
        """
        check_file(Path(path))
        devices = tuple(devices_from_json(cards))
        gpus = VirtualGpus(self._library, devices) if devices else None
        sizes = projector_use(self._library, Path(path), on_gpu=on_gpu, gpus=gpus)
        return lines_to_json(
            Line(device=device, part=Part.PROJECTOR, size_bytes=size, kind=Kind.EXACT)
            for device, size in sizes.items()
        )

    def measure(
        self,
        *,
        folder: str,
        stored: str,
        build: str,
        blocks: int,
        n_gpu_layers: int,
        n_threads: int,
    ) -> Json:
        """Return how fast a model of zeros is computed here.

        Args:
            folder: Where it lies meanwhile.
            stored: Storage type of its weights.
            build: Its dimensions, a `Build`.
            blocks: How many blocks it has.
            n_gpu_layers: Layers on the GPU, -1 for all.
            n_threads: Threads, 0 for the physical cores.

        Raises:
            CorralError: If llama.cpp cannot compute it.
        """
        # lazy: comes with a calibration
        from corral.llama.measuring import measure_speed

        path = Path(folder) / f"zeros-{os.getpid()}.gguf"
        try:
            width, ffn = WIDTHS[Build(build)], _FFN[Build(build)]
            shape = Shape(width=width, ffn=ffn, heads=width // _HEAD_WIDTH, blocks=blocks)
            write_zero_model(path, shape, TensorType[stored])
            header = read_header(path)
            prompt, generation, spread = measure_speed(self._library, path, n_gpu_layers, n_threads)
        finally:
            path.unlink(missing_ok=True)
        used = [tensor for tensor in header.tensors if tensor.name != "token_embd.weight"]
        return {
            "weight_bytes": sum(tensor.size_bytes for tensor in used),
            "weights": sum(tensor.element_count for tensor in used),
            "prompt_per_s": prompt,
            "generated_per_s": generation,
            "spread": spread,
        }

    def preflight(self, *, path: str) -> Json:
        """Check a file as far as it can be without its weights; no answer is the worst verdict.

        Raises:
            CorralError: If the file is damaged or llama.cpp refuses it.
        """
        check_model(Path(path))
        dry = DryModel(self._library, Path(path), LoadOptions())
        try:
            Context(self._library, dry.model, SAMPLE_CONTEXT).close()
            tokens = dry.model.vocabulary.tokenize(SAMPLE, add_special=True, parse_special=True)
        finally:
            dry.close()
        return {"sample_tokens": len(tokens)}

    def preflight_projector(self, *, path: str) -> Json:
        """Let llama.cpp open a projector as far as it can be without its weights.

        Raises:
            CorralError: If the file is damaged or llama.cpp refuses it.
        """
        check_file(Path(path))
        if sys.platform == "linux":  # elsewhere it cannot be opened without its weights
            projector_use(self._library, Path(path), on_gpu=False)
        return {}

    def control_texts(self, *, path: str) -> Json:
        """Return the texts of a model's special tokens, and of those around a text.

        Raises:
            CorralError: If llama.cpp refuses the file.
        """
        model, special = self._tokenizer(Path(path))
        vocabulary = model.model.vocabulary
        return {
            "control": special.control,
            "words": special.others,
            "bos_token": vocabulary.bos_token,
            "eos_token": vocabulary.eos_token,
        }

    def prompt_tokens(
        self,
        *,
        path: str,
        text: str,
        guarded: list[list[int]],
        words: list[str],
        adds_special: bool,
    ) -> Json:
        """Return a prompt's tokens: number, text, what it adds, whether it is special.

        Args:
            path: The model file.
            text: The prompt.
            guarded: Beginnings and ends of the places that are never special tokens.
            words: Texts of tokens that are no control tokens, and none in such places either.
            adds_special: Whether to begin as the model wants it.

        Raises:
            CorralError: If llama.cpp refuses the file.
        """
        model, special = self._tokenizer(Path(path))
        vocabulary = model.model.vocabulary
        spans = tuple(Span(start=start, end=end) for start, end in guarded)
        tokens = tokenize_guarded(
            vocabulary,
            special,
            Guards(SpecialTexts(control=special.control, words=tuple(words))),
            GuardedText(text=text, guarded=spans),
            add_special=adds_special,
        )
        described = describe_tokens(vocabulary, special, tokens)
        return [[item.id, item.text, item.part, item.is_special] for item in described]

    def _tokenizer(self, path: Path) -> tuple[DryModel, SpecialTokens]:
        """Return a model for its tokens; the next question is mostly about the same one."""
        if self._tokens is None or self._tokens[0] != path:
            if self._tokens:
                self._tokens[1].close()
                self._tokens = None
            check_model(path)
            model = DryModel(self._library, path, LoadOptions(n_gpu_layers=0))
            special = read_special_tokens(self._library, model.model.vocabulary)
            self._tokens = path, model, special
        return self._tokens[1:]

    def _copy(self, path: Path, copy: Path) -> Path:
        """Return the header-only copy of a model, made if it is not there."""
        if not copy.exists():
            write_stripped(path, copy)
            _sweep(copy.parent)
        return copy

    def _model(
        self, path: Path, copy: Path, options: LoadOptions, cards: tuple[Device, ...]
    ) -> _Kept:
        placed = replace(options, load_mode=LoadMode.NONE, context=ContextOptions())
        kept = self._kept
        if kept and (kept.copy, kept.placed, kept.cards) == (copy, placed, cards):
            return kept
        if kept:
            kept.model.close()
            self._kept = None
        self._copy(path, copy)
        gpus = VirtualGpus(self._library, cards) if cards else None
        self._kept = _Kept(
            copy=copy,
            placed=placed,
            cards=cards,
            header=read_header(copy),
            model=DryModel(self._library, copy, placed, gpus),
        )
        return self._kept


def _sweep(folder: Path) -> None:
    copies = sorted(folder.glob("*.gguf"), key=lambda copy: copy.stat().st_mtime_ns)
    for copy in copies[:-KEPT_COPIES]:
        copy.unlink(missing_ok=True)
