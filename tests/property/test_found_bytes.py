"""Whatever other programs' files hold, they are listed: as models, or with what is wrong."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral.gguf.cache import HeaderCache
from corral.library.elsewhere.elsewhere import Elsewhere
from corral.library.elsewhere.homes import find_homes
from corral.library.library import Library
from corral.library.store import Store
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_tensors

SOUND = gguf_bytes(tiny_metadata(llama__expert_count=8, llama__expert_used_count=2), tiny_tensors())
numbers = st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]).map(
    lambda number: number.to_bytes(8, "little")
)
changes = st.lists(
    st.tuples(st.integers(0, 6000), st.binary(min_size=1, max_size=9) | numbers), max_size=4
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=changes, length=st.none() | st.integers(0, len(SOUND)))
def test_no_file_keeps_the_others_from_being_listed(
    changes: list[tuple[int, bytes]], length: int | None
) -> None:
    data = bytearray(SOUND)
    for at, piece in changes:
        data[at : at + len(piece)] = piece
    with TemporaryDirectory() as name:
        user = Path(name)
        folder = user / ".lmstudio" / "models" / "a" / "b"
        folder.mkdir(parents=True)
        (folder / "strange-Q4_0.gguf").write_bytes(data[:length])
        (folder / "sound-Q8_0.gguf").write_bytes(SOUND)
        headers, store = HeaderCache(user / "headers"), Store(user / "own")
        elsewhere = Elsewhere(
            lambda: find_homes({}, user), headers, user / "elsewhere.json", store.root
        )
        library = Library(store, headers, elsewhere)
        models = library.list()
        assert library.list() == models
        assert "sound-Q8_0.gguf" in {model.weights.name for model in models}
        for model in models:
            assert len(model.problem) < 500
            assert model.problem.isprintable()
            assert model.config.quantization.isprintable()
