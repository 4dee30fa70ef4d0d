"""Whatever folders and files are called, found models get names that can be asked for."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corral.library.elsewhere.facts import Facts, Role
from corral.library.elsewhere.names import free_name, wished_name
from corral.library.elsewhere.pairing import Candidate
from corral.library.elsewhere.walking import FileSort, FoundFile
from corral.library.model import Home, HomeKind
from corral.library.names import parse_name

ROOT = Path("/somewhere")
parts = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=120).filter(
    lambda text: text not in {".", ".."}
)
kinds = st.sampled_from([kind for kind in HomeKind if kind is not HomeKind.OWN])
sorts = st.sampled_from(FileSort)


@given(
    kind=kinds,
    folders=st.lists(parts | parts.map("models--{}".format), max_size=4),
    stem=parts,
    quantization=parts | st.just(""),
    sort=sorts,
)
def test_every_name_can_be_asked_for(
    kind: HomeKind, folders: list[str], stem: str, quantization: str, sort: FileSort
) -> None:
    path = ROOT.joinpath(*folders, f"{stem}.gguf")
    facts = Facts(role=Role.MODEL, quantization=quantization)
    found = Candidate(files=(FoundFile(path=path, sort=sort),), facts=facts, stem=stem)
    wish = wished_name(Home(kind=kind, folder=ROOT), found, {"a_b_": "a/b"})
    taken: set[str] = set()
    for _ in range(12):
        name = free_name(wish, taken)
        assert name.key not in taken
        taken.add(name.key)
        assert parse_name(name.short).key == name.key
        assert name.short.isprintable()
