"""Devices, options and plan lines on the wire between the *inspect* child and its parent."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from corral.children.protocol import Json
from corral.plan.machine import Device, DeviceKind
from corral.plan.option_specs import options_from_plain
from corral.plan.options import LoadOptions
from corral.plan.plan import Kind, Line, Part
from corral.plan.repack import RepackedType, RepackRule


def devices_to_json(devices: Iterable[Device]) -> Json:
    """Return devices for the wire."""
    return [asdict(device) for device in devices]


def devices_from_json(value: Json) -> list[Device]:
    """Return the devices on the wire.

    Raises:
        ValueError: If there are none.
    """
    return [_device(item) for item in _items(value)]


def options_to_json(options: LoadOptions) -> Json:
    """Return options for the wire."""
    return asdict(options)


def options_from_json(value: Json) -> LoadOptions:
    """Return the options on the wire.

    Raises:
        ValueError: If they are none.
    """
    if not isinstance(value, Mapping):
        raise ValueError("no options")  # noqa: TRY004 (the answer is wrong, not the caller)
    return options_from_plain(value)


def texts_from_json(value: Json) -> tuple[str, ...]:
    """Return a list of texts on the wire.

    Raises:
        ValueError: If it is none.
    """
    items = _items(value)
    if not all(isinstance(item, str) for item in items):
        raise ValueError("not texts")
    return tuple(map(str, items))


def lines_to_json(lines: Iterable[Line]) -> Json:
    """Return the lines of an exact plan for the wire."""
    return [
        {"device": line.device, "part": line.part, "size_bytes": line.size_bytes} for line in lines
    ]


def lines_from_json(value: Json) -> tuple[Line, ...]:
    """Return the lines of an exact plan on the wire.

    Raises:
        ValueError: If there are none.
    """
    return tuple(
        Line(
            device=_text(item, "device"),
            part=Part(_text(item, "part")),
            size_bytes=_number(item, "size_bytes"),
            kind=Kind.EXACT,
        )
        for item in _items(value)
    )


def _device(value: Json) -> Device:
    repack = _member(value, "repack")
    return Device(
        name=_text(value, "name"),
        description=_text(value, "description"),
        kind=DeviceKind(_text(value, "kind")),
        total_bytes=_number(value, "total_bytes"),
        free_bytes=_number(value, "free_bytes"),
        worker=_text(value, "worker"),
        repack=RepackRule(
            types=tuple(_repacked(item) for item in _items(_member(repack, "types"))),
            is_used_beside_gpu=bool(_member(repack, "is_used_beside_gpu")),
        ),
    )


def _repacked(value: Json) -> RepackedType:
    return RepackedType(
        type=_text(value, "type"),
        is_expert=bool(_member(value, "is_expert")),
        row_multiple=_number(value, "row_multiple"),
        block_bytes=_number(value, "block_bytes"),
    )


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list | tuple):
        raise ValueError("not a list")  # noqa: TRY004 (the answer is wrong, not the caller)
    return list(value)


def _member(value: Json, key: str) -> Json:
    if not isinstance(value, Mapping) or key not in value:
        raise ValueError(f"no {key}")
    return value[key]


def _text(value: Json, key: str) -> str:
    member = _member(value, key)
    if not isinstance(member, str):
        raise ValueError(f"{key} is no text")  # noqa: TRY004
    return member


def _number(value: Json, key: str) -> int:
    return _whole(_member(value, key))


def _whole(value: Json) -> int:
    if not isinstance(value, int):
        raise ValueError("not a whole number")  # noqa: TRY004
    return value
