"""Headers and machines for planning, made of nothing but numbers."""

from collections.abc import Mapping, Sequence

from corral.gguf.header import ArrayValue, Header, Scalar, TensorInfo
from corral.gguf.types import TensorType, ValueType
from corral.plan.machine import Device, DeviceKind, Machine

GIB = 1024**3
Key = Scalar | Sequence[int]
Tensors = Mapping[str, tuple[Sequence[int], TensorType]]


def make_header(
    architecture: str = "llama",
    keys: Mapping[str, Key] | None = None,
    tensors: Tensors | None = None,
) -> Header:
    """Return a header.

    Args:
        architecture: The architecture's name.
        keys: Its keys, without the architecture's prefix.
        tensors: Shape (row length first) and type of each; they follow one another.
    """
    metadata: dict[str, Scalar | ArrayValue] = {"general.architecture": architecture}
    for key, value in (keys or {}).items():
        metadata[f"{architecture}.{key}"] = _value(value)
    infos, offset = [], 0
    for name, (shape, tensor_type) in (tensors or {}).items():
        info = TensorInfo(name=name, shape=tuple(shape), type=tensor_type, offset=offset)
        offset += -(-info.size_bytes // 32) * 32
        infos.append(info)
    return Header(
        version=3,
        metadata=metadata,
        tensors=tuple(infos),
        data_offset=0,
        alignment=32,
        file_bytes=offset,
    )


def make_machine(ram_gib: float = 64, *gpu_gib: float, gpu_name: str = "CUDA") -> Machine:
    """Return a machine with so much free memory on each device."""
    gpus = tuple(_device(f"{gpu_name}{i}", DeviceKind.GPU, size) for i, size in enumerate(gpu_gib))
    return Machine(cpu=_device("CPU", DeviceKind.CPU, ram_gib), gpus=gpus, physical_cores=2)


def _device(name: str, kind: DeviceKind, gib: float) -> Device:
    size = int(gib * GIB)
    return Device(name=name, description=name, kind=kind, total_bytes=size, free_bytes=size)


def _value(value: Key) -> Scalar | ArrayValue:
    if isinstance(value, str | int | float | bool):
        return value
    numbers = tuple(value)
    return ArrayValue(element_type=ValueType.INT32, length=len(numbers), values=numbers)
