"""Whatever lies in a journal or comes in a header: it is understood, or it counts for nothing."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral.hub.journal import journal_path, read_journal
from corral.hub.parts import Parts, part_size
from corral.hub.registry.tokens import parse_challenge
from corral.units import MIB

SIZE, DIGEST = 1000, "a" * 64

# Half of what is drawn is right, so that many journals come close to making sense.
numbers = st.integers(-2000, 2000) | st.floats() | st.none() | st.just("1")
journals = st.fixed_dictionaries(
    {
        "size_bytes": st.just(SIZE) | numbers,
        "sha256": st.just(DIGEST) | st.just("b"),
        "part_bytes": st.integers(1, 600) | numbers,
        "done": st.lists(st.integers(-1, 700) | numbers, max_size=5) | numbers,
    },
    optional={"is_verified": st.booleans(), "more": st.none()},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=50) | journals.map(json.dumps).map(str.encode))
def test_a_journal_is_sound_or_none(tmp_path: Path, content: bytes) -> None:
    partial = tmp_path / "partial"
    partial.write_bytes(bytes(SIZE))
    journal_path(partial).write_bytes(content)
    journal = read_journal(partial, SIZE, DIGEST)
    if journal:
        parts = Parts(SIZE, journal.part_bytes, journal.done)
        assert 0 <= parts.done_bytes <= SIZE
        while (index := parts.take()) is not None:
            start, end = parts.missing(index)
            assert 0 <= start < end <= SIZE
            parts.advance(index, end - start)
        assert parts.is_whole


@given(
    size=st.integers(0, 300 * MIB),
    steps=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 9 * MIB)), max_size=30),
)
def test_the_prefix_is_what_is_whole_from_the_start(
    size: int, steps: list[tuple[int, int]]
) -> None:
    parts = Parts(size, part_size(size))
    done = [0] * len(parts.snapshot())
    for index, count in steps:
        if index < len(done):
            start, end = parts.missing(index)
            arrived = min(count, end - start)
            parts.advance(index, arrived)
            done[index] += arrived
    assert parts.done_bytes == sum(done)
    prefix = parts.wait_for_prefix(-1, 0)
    whole = 0
    for index, each in enumerate(done):
        whole += each
        if each < min(parts.part_bytes, size - index * parts.part_bytes):
            break
    assert prefix == whole


@given(st.text(max_size=200) | st.text('Bearer realm=",x', max_size=60))
def test_a_challenge_is_read_or_none(header: str) -> None:
    challenge = parse_challenge(header)
    assert challenge is None or challenge.realm
