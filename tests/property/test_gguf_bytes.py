"""Whatever the bytes: a header or a typed error, at once and in bounded memory."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corral.errors import CorralError
from corral.gguf.cache import header_from_json, header_to_json
from corral.gguf.check import check_file
from corral.gguf.header import ArrayValue
from corral.gguf.reader import read_header
from corral.gguf.strip import write_stripped
from corral.gguf.types import TensorType, ValueType
from helpers.gguf_files import Typed, gguf_bytes, tiny_metadata, tiny_tensors

SOUND = gguf_bytes(
    tiny_metadata(llama__long=[7] * 1100, llama__flags=[True, False]),
    {name: ([32], TensorType.F32) for name in list(tiny_tensors())[:5]},
)
HEADER_BYTES = len(SOUND) - 5 * 128
# A header of some kilobytes never costs more than this, one piece of the file included.
MEMORY_LIMIT_BYTES = 4 << 20

numbers = st.one_of(
    st.sampled_from([0, 1, 7, 8, 9, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]),
    st.integers(0, 2**64 - 1),
)
changes = st.lists(
    st.one_of(
        st.tuples(st.integers(0, HEADER_BYTES - 1), st.binary(min_size=1, max_size=9)),
        st.tuples(st.integers(0, HEADER_BYTES - 8), numbers.map(lambda n: n.to_bytes(8, "little"))),
    ),
    min_size=1,
    max_size=4,
)
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.data_too_large])


def _outcome(work: Callable[[Path], object], path: Path) -> str:
    try:
        work(path)
    except CorralError as error:  # any other is a fault of ours and fails the test
        return error.summary
    return "fine"


def _try_everything(data: bytes) -> None:
    """Read, check and strip; only our own errors may come out."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.gguf"
        path.write_bytes(data)
        tracemalloc.start()
        try:
            for work in (read_header, check_file, lambda p: write_stripped(p, p.with_name("b"))):
                assert 0 < len(_outcome(work, path)) < 500
            assert tracemalloc.get_traced_memory()[1] < MEMORY_LIMIT_BYTES
        finally:
            tracemalloc.stop()


@many
@given(data=st.binary(max_size=400), start=st.sampled_from([b"", SOUND[:4], SOUND[:8]]))
@example(data=b"", start=b"")
def test_arbitrary_bytes(data: bytes, start: bytes) -> None:
    _try_everything(start + data)


@many
@given(
    tensors=numbers,
    keys=numbers,
    rest=st.lists(
        st.one_of(numbers.map(lambda n: n.to_bytes(8, "little")), st.binary(max_size=20))
    ),
)
def test_arbitrary_counts(tensors: int, keys: int, rest: list[bytes]) -> None:
    counts = tensors.to_bytes(8, "little") + keys.to_bytes(8, "little")
    _try_everything(SOUND[:8] + counts + b"".join(rest))


@many
@given(changes=changes, cut=st.one_of(st.none(), st.integers(0, len(SOUND))))
def test_a_sound_file_changed_anywhere(changes: list[tuple[int, bytes]], cut: int | None) -> None:
    data = bytearray(SOUND)
    for place, piece in changes:
        data[place : place + len(piece)] = piece
    _try_everything(bytes(data[:cut]))


@many
@given(place=st.integers(0, HEADER_BYTES), piece=st.binary(max_size=40), gone=st.integers(0, 40))
def test_a_sound_file_with_bytes_put_in_and_taken_out(place: int, piece: bytes, gone: int) -> None:
    _try_everything(SOUND[:place] + piece + SOUND[place + gone :])


def _typed(kind: ValueType, values: st.SearchStrategy) -> st.SearchStrategy[Typed]:
    return st.one_of(values, st.lists(values, max_size=5)).map(lambda value: Typed(kind, value))


values = st.one_of(
    _typed(ValueType.UINT8, st.integers(0, 2**8 - 1)),
    _typed(ValueType.INT16, st.integers(-(2**15), 2**15 - 1)),
    _typed(ValueType.UINT64, st.integers(0, 2**64 - 1)),
    _typed(ValueType.INT64, st.integers(-(2**63), 2**63 - 1)),
    _typed(ValueType.FLOAT32, st.floats(width=32, allow_nan=False)),
    _typed(ValueType.FLOAT64, st.floats(allow_nan=False)),
    _typed(ValueType.BOOL, st.booleans()),
    _typed(ValueType.STRING, st.text()),
)


@many
@given(
    metadata=st.dictionaries(
        st.text(min_size=1).filter(lambda key: key != "general.alignment"), values, max_size=8
    ),
    names=st.sets(st.text(max_size=15), max_size=4),
    shape=st.lists(st.integers(1, 9), max_size=4),
)
def test_what_is_written_is_read_and_kept_alike(
    metadata: dict[str, Typed], names: set[str], shape: list[int]
) -> None:
    tensors = dict.fromkeys(sorted(names), (shape, TensorType.F16))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.gguf"
        path.write_bytes(gguf_bytes(metadata, tensors))
        header = read_header(path)
    assert list(header.metadata) == list(metadata)
    for key, typed in metadata.items():
        found = header.metadata[key]
        if isinstance(typed.value, list):
            assert isinstance(found, ArrayValue)
            built = None if typed.type is ValueType.STRING else tuple(typed.value)
            assert (found.element_type, found.length) == (typed.type, len(typed.value))
            assert found.values == built
        else:
            assert found == typed.value
    assert [(t.name, t.shape) for t in header.tensors] == [(n, tuple(shape)) for n in tensors]
    assert header_from_json(json.loads(json.dumps(header_to_json(header)))) == header
