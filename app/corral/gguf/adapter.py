"""The metadata of LoRA adapters, which llama.cpp reads without asking for their types.

Of a wrong one it ends the process, and nothing looks at an adapter before it is loaded.
"""

import re
from collections.abc import Mapping

from corral.foreign import safe_line
from corral.gguf.cursor import Cursor
from corral.gguf.errors import DamagedError
from corral.gguf.header import ArrayValue, Header
from corral.gguf.reader import Entry, read_entries, read_preamble
from corral.gguf.types import ValueType

_TEXTS = (
    *("general.type", "general.architecture", "adapter.type"),
    *("adapter.lora.task_name", "adapter.lora.prompt_prefix"),
)
_ALPHA = "adapter.lora.alpha"
_INVOCATION = "adapter.alora.invocation_tokens"
_PAIRED = re.compile(r"(.+)\.lora_[ab]$")
# Length of the key and type of the value, before the value itself.
_ENTRY_BYTES, _F32_BYTES = 12, 4


def check_adapter(cursor: Cursor) -> None:
    """Check that the keys of an adapter have the types that llama.cpp takes them for.

    Args:
        cursor: The open file; its place is changed.

    Raises:
        GgufError: If one has another type.
    """
    cursor.seek(0)
    for entry in read_entries(cursor, read_preamble(cursor).key_count):
        expected = _expected(entry)
        if expected:
            raise DamagedError(
                f"The key '{entry.key}' of the adapter is not {expected}, as llama.cpp takes it.",
                at=entry.start,
                what=f"the key '{entry.key}'",
            )


def check_fit(adapter: Header, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that the matrices of an adapter lie as the model's tensors that they change.

    llama.cpp compares rows and columns of them when it loads an adapter, but not the dimensions
    beyond, over which it ends the process when it computes.

    Args:
        adapter: Header of the adapter.
        shapes: Of the model's tensors, by name.

    Raises:
        DamagedError: If they do not.
    """
    for tensor in adapter.tensors:
        paired = _PAIRED.match(tensor.name)
        changed = shapes.get(paired[1]) if paired else None
        if changed is not None and _beyond(tensor.shape) != _beyond(changed):
            name = safe_line(tensor.name, 80)
            raise DamagedError(
                f"The adapter's tensor '{name}' has the shape {_words(tensor.shape)}, and the "
                f"tensor that it changes has {_words(changed)}.",
                what=f"the tensor '{name}'",
            )


def _beyond(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the third and fourth dimension."""
    third, fourth = (*shape[2:], 1, 1)[:2]
    return third, fourth


def _words(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _expected(entry: Entry) -> str:
    """Return what a value should have been, "" where it is that."""
    value_bytes = entry.end - entry.start - _ENTRY_BYTES - len(entry.key.encode())
    if entry.key in _TEXTS and not isinstance(entry.value, str):
        return "a text"
    if entry.key == _ALPHA and not (type(entry.value) is float and value_bytes == _F32_BYTES):
        return "a number of type F32"
    if entry.key == _INVOCATION and not _is_tokens(entry.value):
        return "a list of token numbers (U32)"
    return ""


def _is_tokens(value: object) -> bool:
    return isinstance(value, ArrayValue) and value.element_type is ValueType.UINT32
