"""Names, JSON and layers: whatever they hold, they read back to the same and lead nowhere else."""

import json
import math
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from corral.errors import ExternalError, UserError
from corral.library.go_json import go_json
from corral.library.layers import (
    config_bytes,
    messages_bytes,
    params_bytes,
    read_config,
    read_messages,
    read_params,
)
from corral.library.manifest import Layer, Manifest, parse_manifest
from corral.library.names import name_from_path, parse_name
from corral.library.reference import parse_reference
from corral.prompt.message import Message, Role
from corral.prompt.tool import ToolCall

TEXTS = st.text(max_size=20)
# Go reads "-0" as a float and Python as a whole number.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
NAME_LIKE = st.text("aZ09_-./:", max_size=40) | TEXTS


@given(NAME_LIKE)
def test_a_name_is_refused_or_reads_back_and_stays_in_its_folder(text: str) -> None:
    try:
        name = parse_name(text)
    except UserError:
        return
    assert parse_name(name.short) == parse_name(str(name))
    assert parse_name(str(name)).key == name.key
    found = name_from_path(PurePosixPath(name.path))
    assert found is not None
    assert str(found) == str(name)
    assert len(name.path.parts) == 4
    assert not {".", "..", "", "/"} & set(name.path.parts)


@given(NAME_LIKE)
def test_an_ending_is_refused_or_split_off_once(text: str) -> None:
    try:
        reference = parse_reference(text)
    except UserError:
        return
    assert text.strip().lower().startswith(reference.base.lower())
    if reference.runs_on:
        assert not parse_reference(reference.base).runs_on
        assert parse_reference(reference.stored_as).runs_on in {reference.runs_on, ""}


@given(JSON)
def test_go_json_reads_back_to_the_same(value: object) -> None:
    data = go_json(value)  # type: ignore[arg-type]
    assert data.endswith(b"\n")
    assert not set(b"<>&") & set(data)
    assert _equal(json.loads(data), value)
    assert go_json(json.loads(data)) == data


def _equal(one: object, other: object) -> bool:
    """Equality in which 1 and 1.0 are the same number, as in Go's JSON, and true is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=0, abs_tol=0)
    return one == other


CALLS = st.builds(
    ToolCall,
    name=TEXTS,
    arguments=st.dictionaries(TEXTS, JSON, max_size=3),
    id=TEXTS,
)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(Role),
    content=TEXTS,
    thinking=TEXTS,
    tool_calls=st.lists(CALLS, max_size=2).map(tuple),
    tool_name=TEXTS,
    tool_call_id=TEXTS,
)


@given(st.lists(MESSAGES, max_size=4))
def test_messages_read_back_with_all_that_they_carry(messages: list[Message]) -> None:
    data = messages_bytes(messages)
    again = read_messages(data)
    assert [(m.role, m.content, m.thinking, m.tool_name, m.tool_call_id) for m in again] == [
        (m.role, m.content, m.thinking, m.tool_name, m.tool_call_id) for m in messages
    ]
    for one, other in zip(again, messages, strict=True):
        assert [(call.name, call.id) for call in one.tool_calls] == [
            (call.name, call.id) for call in other.tool_calls
        ]
        for call, original in zip(one.tool_calls, other.tool_calls, strict=True):
            assert _equal(call.arguments, original.arguments)
    assert messages_bytes(again) == data


@given(st.dictionaries(st.sampled_from(["temperature", "top_p", "min_p"]), st.floats(0, 2)))
def test_parameters_read_back_as_they_were(parameters: dict[str, float]) -> None:
    assert read_params(params_bytes(parameters)) == parameters


@given(st.dictionaries(TEXTS, JSON, max_size=5))
def test_a_config_keeps_what_it_does_not_know(fields: dict[str, object]) -> None:
    data = config_bytes(fields)  # type: ignore[arg-type]
    read = read_config(data)
    assert list(read)[:5] == [
        "model_format",
        "model_family",
        "model_families",
        "model_type",
        "file_type",
    ]
    assert list(read)[-2:] == ["architecture", "os"]
    assert config_bytes(read) == data


LAYERS = st.builds(
    Layer,
    media_type=TEXTS,
    digest=st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format),
    size_bytes=st.integers(0, 1 << 60),
    source=TEXTS,
    title=TEXTS,
)


@given(st.builds(Manifest, config=LAYERS, layers=st.lists(LAYERS, max_size=5).map(tuple)))
def test_a_manifest_reads_back_to_the_same(manifest: Manifest) -> None:
    assert parse_manifest(manifest.to_bytes()) == manifest


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_manifest_or_refused(data: bytes) -> None:
    try:
        manifest = parse_manifest(data)
    except ExternalError:
        return
    assert all(digest.startswith("sha256:") for digest in manifest.digests)
