"""What the header of a GGUF file says: metadata and the table of tensors."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeAlias, TypeVar, overload

from corral.gguf.types import FILE_TYPE_LABELS, TensorType, ValueType

Scalar: TypeAlias = str | int | float | bool
ScalarT = TypeVar("ScalarT", bound=Scalar)

TOKENS_KEY = "tokenizer.ggml.tokens"
# llama.cpp's own limit; it also keeps a hostile `block_count` from building endless tuples.
MAX_BLOCKS = 512
# Or-ed to `general.file_type` when a tool guessed it.
_GUESSED_FILE_TYPE = 1024
# Matrices of experts: stacked ("ffn_up_exps") or, in old files, one by one ("ffn_up.3.weight").
_EXPERT = re.compile(r"\.ffn_(gate|up|down|gate_up)(_exps|\.\d+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayValue:
    """An array in the metadata.

    Attributes:
        element_type: Type of its elements.
        length: How many there are.
        values: The elements if they are numbers and few (per-layer arrays); None for the others,
            which are never built.
        offset: Byte in the file where the first element begins.
    """

    element_type: ValueType
    length: int
    values: tuple[int | float | bool, ...] | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """One line of the table of tensors.

    Attributes:
        name: The tensor's name ("blk.0.attn_q.weight").
        shape: Sizes of its dimensions in GGUF order, the row length first.
        type: How its values are stored.
        offset: Byte where its data begins, from the start of the file's data section.
    """

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int

    @property
    def element_count(self) -> int:
        """How many values it holds."""
        return prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of its data, without padding."""
        return self.element_count // self.type.block_size * self.type.block_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of one GGUF file.

    Attributes:
        version: Version of the format, 2 or 3.
        metadata: Keys and values in the order of the file.
        tensors: The table of tensors in the order of the file.
        data_offset: Byte where the data section begins.
        alignment: What the offsets of tensors are multiples of, in bytes.
        file_bytes: Size of the file.
    """

    version: int
    metadata: Mapping[str, Scalar | ArrayValue]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    alignment: int
    file_bytes: int

    def value(self, key: str, default: ScalarT) -> ScalarT:
        """Return the value of `key`, or `default` if it is missing or of another kind.

        A truth value is never a number here, though Python takes it for one.
        """
        found = self.metadata.get(key)
        is_same_kind = isinstance(found, bool) == isinstance(default, bool)
        return found if is_same_kind and isinstance(found, type(default)) else default

    @overload
    def arch_value(self, key: str, default: None) -> Scalar | ArrayValue | None: ...

    @overload
    def arch_value(self, key: str, default: ScalarT) -> ScalarT: ...

    def arch_value(self, key: str, default: Scalar | None) -> Scalar | ArrayValue | None:
        """Return the value of `<architecture>.<key>` as `value` does.

        With None as default it comes as it is, an array too; see `per_layer` for those.
        """
        full_key = f"{self.architecture}.{key}"
        if default is None:
            return self.metadata.get(full_key)
        return self.value(full_key, default)

    def per_layer(self, key: str, default: int = 0) -> tuple[int, ...]:
        """Return one number per block for `<architecture>.<key>`.

        Args:
            key: A key that holds one number for all blocks, or an array with one per block.
            default: Stands where the file says nothing.

        Returns:
            `block_count` numbers, 512 at most; truth values become 0 and 1.
        """
        count = min(max(self.block_count, 0), MAX_BLOCKS)
        found = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(found, ArrayValue):
            values = tuple(map(int, (found.values or ())[:count]))
            return values + (default,) * (count - len(values))
        return (int(found) if isinstance(found, int) else default,) * count

    @property
    def architecture(self) -> str:
        """The architecture's name in llama.cpp ("llama", "gemma3"), empty if not said."""
        return self.value("general.architecture", "")

    @property
    def name(self) -> str:
        """What its maker calls the model, empty if not said."""
        return self.value("general.name", "")

    @property
    def block_count(self) -> int:
        """Number of blocks (layers without the output layer)."""
        return self.arch_value("block_count", 0)

    @property
    def context_length(self) -> int:
        """Context length it was trained for in tokens, 0 if not said."""
        return self.arch_value("context_length", 0)

    @property
    def embedding_length(self) -> int:
        """Width of the model, 0 if not said."""
        return self.arch_value("embedding_length", 0)

    @property
    def vocab_size(self) -> int:
        """Number of tokens, 0 if unknown. llama.cpp goes by the list of tokens first."""
        tokens = self.metadata.get(TOKENS_KEY)
        if isinstance(tokens, ArrayValue):
            return tokens.length
        said = self.arch_value("vocab_size", 0)
        embedding = self.tensor("token_embd.weight")
        if said or embedding is None or len(embedding.shape) < 2:
            return said
        return embedding.shape[1]

    @property
    def parameter_count(self) -> int:
        """Number of weights."""
        return sum(tensor.element_count for tensor in self.tensors)

    @property
    def active_parameter_count(self) -> int:
        """Number of weights that one token uses: all but the experts it is not sent to."""
        experts = self.arch_value("expert_count", 0)
        used = max(self.per_layer("expert_used_count"), default=0)
        if not 0 < used < experts:
            return self.parameter_count
        of_experts = sum(t.element_count for t in self.tensors if _EXPERT.search(t.name))
        return self.parameter_count - of_experts + of_experts * used // experts

    @property
    def quantization(self) -> str:
        """How the file was quantized ("Q4_K_M"), or the type of most bytes if it does not say."""
        file_type = self.value("general.file_type", -1)
        label = FILE_TYPE_LABELS.get(file_type & ~_GUESSED_FILE_TYPE) if file_type >= 0 else None
        return label or self._most_used_type()

    def _most_used_type(self) -> str:
        bytes_of: Counter[TensorType] = Counter()
        for tensor in self.tensors:
            bytes_of[tensor.type] += tensor.size_bytes
        return bytes_of.most_common(1)[0][0].label if bytes_of else ""

    @property
    def chat_template(self) -> str | None:
        """The Jinja chat template, None for a model without one."""
        return self.value("tokenizer.chat_template", "") or None

    @property
    def split_count(self) -> int:
        """Of how many files this is one; 1 for a whole model."""
        return max(1, self.value("split.count", 1))

    @property
    def is_adapter(self) -> bool:
        """Whether this is an adapter (LoRA) for a model."""
        return self.value("general.type", "") == "adapter"

    @property
    def is_projector(self) -> bool:
        """Whether this is a projector (the eyes or ears of a model)."""
        if self.value("general.type", "") in {"mmproj", "projector"} or self.architecture == "clip":
            return True
        return not self.block_count and self.arch_value("vision.block_count", 0) > 0

    def tensor(self, name: str) -> TensorInfo | None:
        """Return the tensor called `name`, if there is one."""
        return next((tensor for tensor in self.tensors if tensor.name == name), None)
