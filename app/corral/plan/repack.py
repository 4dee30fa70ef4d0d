"""Which weights llama.cpp stores in another layout on this processor.

Some processors multiply faster from a layout of their own (AMX tiles, interleaved rows). Such
weights are copied even when the file is mapped. Which they are is a fact of the build and the
processor: it is asked of llama.cpp once (`corral.llama.repack`) and kept; where it is not known no
weight counts as copied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corral.gguf.header import TensorInfo

_EXPERT = re.compile(r"_(ch)?exps\.")
# Matrices that are looked up, convolved, scanned or multiplied element by element.
_NOT_MULTIPLIED = re.compile(r"norm|conv1d|\.conv\.|rel_b|ssm_a|ssm_d\b|lerp|_decay\.|_first\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepackedType:
    """One tensor type that is stored in another layout.

    Attributes:
        type: The tensor type, by its label in GGUF ("Q4_0").
        is_expert: Whether this holds for stacked expert matrices or for plain ones.
        row_multiple: The number of rows (ne[1]) must be a multiple of it.
        block_bytes: Bytes of one block of the type in the other layout.
    """

    type: str
    is_expert: bool
    row_multiple: int
    block_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepackRule:
    """What this build of llama.cpp repacks on this processor.

    Attributes:
        types: The first that holds for a tensor decides; empty where nothing is repacked.
        is_used_beside_gpu: Whether weights in main memory are repacked even with a GPU in use;
            most GPUs bring pinned memory of their own, which comes first.
    """

    types: tuple[RepackedType, ...] = ()
    is_used_beside_gpu: bool = False

    def size_bytes(self, tensor: TensorInfo) -> int | None:
        """Return the bytes of a weight in its other layout, None if it stays as it is."""
        label = tensor.type.label
        types = [repacked for repacked in self.types if repacked.type == label]
        if not types:
            return None
        is_expert = _EXPERT.search(tensor.name) is not None
        n_dimensions = max((i + 1 for i, size in enumerate(tensor.shape) if size > 1), default=0)
        if n_dimensions != (3 if is_expert else 2) or _NOT_MULTIPLIED.search(tensor.name):
            return None
        for repacked in types:
            if repacked.is_expert == is_expert and tensor.shape[1] % repacked.row_multiple == 0:
                return tensor.size_bytes // tensor.type.block_bytes * repacked.block_bytes
        return None


NOTHING_REPACKED = RepackRule()
