"""Whatever a hub lists, what is offered is safe to show, to name and to ask for."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from corral.foreign import safe_line
from corral.hub.huggingface.naming import library_name, safe_path
from corral.hub.huggingface.reading import repository_of, summary_of
from corral.library.names import parse_name

WORDS = st.sampled_from(
    ["model", "-Q4_0", "-Q8_0", "-00001-of-00002", "-00002-of-00002", ".gguf", "/", "..", "mmproj",
     "\\", "\x1b[2J", "\u202e", "模型", " ", "imatrix", "-UD-IQ1_S", ".GGUF", "x" * 90]
)  # fmt: skip
PATHS = st.one_of(st.lists(WORDS, max_size=7).map("".join), st.text(max_size=30))
SIZES = st.one_of(st.integers(), st.none(), st.booleans(), st.floats(), st.text(max_size=3))
LFS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "size": SIZES,
            "sha256": st.one_of(st.just("a" * 64), st.text(max_size=70), st.none(), st.integers()),
            "pointerSize": st.just(134),
        }
    ),
)
SIBLINGS = st.lists(
    st.fixed_dictionaries({"rfilename": st.one_of(PATHS, st.none()), "size": SIZES, "lfs": LFS}),
    max_size=12,
)
ODD = st.one_of(st.none(), st.integers(), st.text(max_size=20), st.lists(st.integers(), max_size=2))


def listed(**facts: Any) -> Any:
    from huggingface_hub.hf_api import ModelInfo  # after the switches of our own package

    return ModelInfo(id="user/repo", sha="a" * 40, **facts)


@settings(deadline=None)  # the first example imports huggingface_hub
@given(SIBLINGS)
@example([{"rfilename": "a-Q4_0.gguf", "size": 1, "lfs": None}] * 3)
def test_whatever_files_are_listed(siblings: list[dict[str, Any]]) -> None:
    repository = repository_of(listed(siblings=siblings))
    tags = [quant.tag for quant in repository.quants]
    assert len({*tags}) == len(tags)
    for quant in repository.quants:
        name = library_name("user/repo", quant.tag)
        assert parse_name(name.short) == name
        assert quant.size_bytes >= 0
        for file in [*quant.files, *([quant.projector] if quant.projector else [])]:
            assert safe_path(file.path) == safe_line(file.path, 999) == file.path
            assert file.digest in {"", f"sha256:{'a' * 64}"}
    for problem in repository.problems:
        assert problem == safe_line(problem, 999)


@settings(deadline=None)
@given(downloads=ODD, likes=ODD, tags=ODD, gated=ODD, gguf=st.one_of(ODD, st.dictionaries(
    st.sampled_from(["total", "architecture"]), ODD)))  # fmt: skip
def test_whatever_facts_are_listed(**facts: Any) -> None:
    found = summary_of(listed(**facts))
    assert found
    assert min(found.downloads, found.likes, found.parameter_count) >= 0
    for text in (*found.tags, found.licence, found.architecture):
        assert text == safe_line(text, 100)
