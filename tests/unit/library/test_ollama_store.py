"""A store that Ollama wrote is read in place, and what Corral writes is what Ollama would."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from corral.gguf.cache import HeaderCache
from corral.gguf.types import TensorType
from corral.library.library import Library
from corral.library.names import parse_name
from corral.library.store import Store
from corral.library.sweeping import YOUNG_S
from corral.modelfile.parser import parse
from corral.prompt.message import Message, Role
from helpers.gguf_files import gguf_bytes, tiny_metadata, tiny_tensors
from helpers.ollama_store import IMAGE, OllamaStore

LIBRARY = "registry.ollama.ai/library"
WEIGHTS = gguf_bytes(tiny_metadata(), tiny_tensors())
PROJECTOR = gguf_bytes(
    {"general.architecture": "clip", "general.type": "mmproj"},
    {"mm.0.weight": ([32, 4], TensorType.F32)},
)


@pytest.fixture
def theirs(tmp_path: Path) -> OllamaStore:
    return OllamaStore(tmp_path / "ollama")


def opened(theirs: OllamaStore, tmp_path: Path) -> Library:
    return Library(Store(theirs.root), HeaderCache(tmp_path / "headers"))


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".corral" not in path.parts
    }


def test_every_layer_that_ollama_writes_is_read(theirs: OllamaStore, tmp_path: Path) -> None:
    theirs.model(
        f"{LIBRARY}/full/1b",
        [
            ("model", WEIGHTS),
            ("projector", PROJECTOR),
            ("draft", WEIGHTS + b"\0"),
            ("license", b"MIT"),
            ("license", b"Apache"),
            ("template", b"{{ .System }}{{ if .Tools }}{{ end }}"),
            ("system", b"Be brief."),
            ("params", b'{"num_ctx":4096,"stop":["\\u003c|im_end|\\u003e"],"temperature":1}\n'),
            ("messages", b'[{"role":"user","content":"Hi","images":null}]\n'),
        ],
    )
    before = tree(theirs.root)
    [model] = opened(theirs, tmp_path).list()
    assert model.problem == ""
    assert model.name == "full:1b"
    assert model.template == "{{ .System }}{{ if .Tools }}{{ end }}"
    assert (model.system, model.licenses) == ("Be brief.", ("MIT", "Apache"))
    assert model.parameters == {"num_ctx": 4096, "stop": ("<|im_end|>",), "temperature": 1.0}
    assert model.messages == (Message(role=Role.USER, content="Hi"),)
    assert (len(model.projectors), len(model.drafts)) == (1, 1)
    assert model.weights.read_bytes() == WEIGHTS
    manifest = theirs.root / "manifests" / LIBRARY / "full" / "1b"
    assert model.digest == hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert model.size_bytes == sum(len(data) for path, data in before.items() if "blobs" in path)
    assert {capability.value for capability in model.capabilities} == {
        "completion",
        "tools",
        "vision",
    }
    assert tree(theirs.root) == before, "listing writes nothing"
    assert not (theirs.root / ".corral").exists()


def test_layers_of_old_stores_are_read_as_ollama_reads_them(
    theirs: OllamaStore, tmp_path: Path
) -> None:
    path = theirs.model(
        f"{LIBRARY}/old/latest",
        [
            ("model", WEIGHTS),
            ("embed", b"gone"),
            ("prompt", b"{{ .Prompt }}"),
            ("params", b'{"top_k":1,"top_p":0.5}\n'),
            ("params", b'{"top_k":2}\n'),
            ("system", b"First"),
            ("system", b"Last"),
        ],
    )
    (theirs.blobs / f"sha256-{hashlib.sha256(b'gone').hexdigest()}").unlink()
    library = opened(theirs, tmp_path)
    model = library.get("old")
    assert (model.template, model.system) == ("{{ .Prompt }}", "Last")
    assert model.parameters == {"top_k": 2, "top_p": 0.5}
    made = library.create("new", parse("FROM old\nTEMPLATE new"))
    assert made.template == "new"
    kinds = [layer["mediaType"].removeprefix(IMAGE) for layer in layers_of(theirs, "new/latest")]
    assert "prompt" not in kinds
    assert path.is_file()


def names_in(theirs: OllamaStore) -> list[str]:
    return [path.name for path in theirs.blobs.iterdir()]


def layers_of(theirs: OllamaStore, name: str) -> list[dict[str, str]]:
    path = theirs.root / "manifests" / LIBRARY / name
    layers: list[dict[str, str]] = json.loads(path.read_bytes())["layers"]
    return layers


@pytest.mark.parametrize(
    ("layers", "config", "reason"),
    [
        (
            [("tensor", b"a"), ("tensor", b"b"), ("json", b"{}")],
            {"model_format": "safetensors", "model_family": "qwen3", "file_type": "bf16"},
            "It is a safetensors model in 2 tensor layers",
        ),
        (
            [],
            {"remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b"},
            "It runs on a server (https://ollama.com:443)",
        ),
        ([("template", b"x")], {"model_format": ""}, "no GGUF weights"),
        ([("model", b"GGUF"), ("model", b"GGUG")], {}, "split over several files"),
    ],
)
def test_what_cannot_be_run_is_listed_with_the_reason(
    theirs: OllamaStore,
    tmp_path: Path,
    layers: list[tuple[str, bytes]],
    config: dict[str, str],
    reason: str,
) -> None:
    theirs.model(f"{LIBRARY}/odd/latest", layers, config)
    theirs.model("hf.co/someone/fine/Q4", [("model", WEIGHTS)])
    models = {model.name: model for model in opened(theirs, tmp_path).list()}
    assert models["hf.co/someone/fine:Q4"].problem == ""
    odd = models["odd:latest"]
    assert reason in odd.problem
    assert odd.config.family == config.get("model_family", "")
    assert odd.config.quantization == config.get("file_type", "")


def test_blobs_with_a_colon_in_their_names_are_read_and_renamed_by_the_first_sweep(
    theirs: OllamaStore, tmp_path: Path
) -> None:
    theirs.model(f"{LIBRARY}/old/latest", [("model", WEIGHTS)], have_old_names=True)
    assert all(name.startswith("sha256:") for name in names_in(theirs))
    library = opened(theirs, tmp_path)
    assert library.get("old").weights.read_bytes() == WEIGHTS
    assert all(name.startswith("sha256:") for name in names_in(theirs)), "only read"
    library.tidy()
    assert sorted(names_in(theirs)) == sorted(name.replace(":", "-") for name in names_in(theirs))
    assert library.get("old").weights.read_bytes() == WEIGHTS
    assert library.list()[0].problem == ""


def test_a_name_with_an_ending_finds_the_model_or_says_that_it_runs_elsewhere(
    theirs: OllamaStore, tmp_path: Path
) -> None:
    theirs.model(f"{LIBRARY}/qwen3/8b", [("model", WEIGHTS)])
    library = opened(theirs, tmp_path)
    assert library.get("qwen3:8b:local").name == "qwen3:8b"
    with pytest.raises(Exception, match="runs on Ollama's servers"):
        library.get("gpt-oss:120b-cloud")


def test_what_corral_makes_of_ollamas_model_is_what_ollama_would_have_made(
    theirs: OllamaStore, tmp_path: Path
) -> None:
    """Layer for layer: order, origin, parameters written anew, the config as it was."""
    theirs.model(
        f"{LIBRARY}/base/1b",
        [
            ("model", WEIGHTS),
            ("params", b'{"stop":["\\u003cx\\u003e"],"top_k":20}\n'),
            ("template", b"{{ .Prompt }}"),
        ],
    )
    library = opened(theirs, tmp_path)
    library.create("mine", parse("FROM base:1b\nSYSTEM Hi\nPARAMETER temperature 0.5"))
    expected = [
        ("model", WEIGHTS, "base:1b"),
        ("template", b"{{ .Prompt }}", "base:1b"),
        ("system", b"Hi", None),
        ("params", b'{"stop":["\\u003cx\\u003e"],"temperature":0.5,"top_k":20}\n', None),
    ]
    found = layers_of(theirs, "mine/latest")
    assert found == [
        {
            "mediaType": IMAGE + kind,
            "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "size": len(content),
        }
        | ({"from": origin} if origin else {})
        for kind, content, origin in expected
    ]
    base = theirs.root / "manifests" / LIBRARY / "base" / "1b"
    mine = theirs.root / "manifests" / LIBRARY / "mine" / "latest"
    assert json.loads(mine.read_bytes())["config"] == json.loads(base.read_bytes())["config"]


def test_a_copy_has_the_same_bytes_and_so_the_same_digest(
    theirs: OllamaStore, tmp_path: Path
) -> None:
    path = theirs.model(f"{LIBRARY}/a/latest", [("model", WEIGHTS)])
    opened(theirs, tmp_path).copy("a", "someone/b:2")
    copied = theirs.root / "manifests" / "registry.ollama.ai" / "someone" / "b" / "2"
    assert copied.read_bytes() == path.read_bytes()


def test_old_blobs_that_nothing_names_go_and_downloads_stay(
    theirs: OllamaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.model(f"{LIBRARY}/a/latest", [("model", WEIGHTS)])
    theirs.blob(b"nobody's")
    download = theirs.blobs / ("sha256-" + "0" * 64 + "-partial")
    download.write_bytes(b"half")
    library = opened(theirs, tmp_path)
    library.tidy()
    assert len(names_in(theirs)) == 4, "a young one may belong to a model in the making"
    later = time.time() + YOUNG_S + 60
    monkeypatch.setattr(time, "time", lambda: later)
    library.tidy()
    assert len(names_in(theirs)) == 3
    assert download.exists()
    assert library.get("a").problem == ""


def test_nothing_goes_while_a_manifest_cannot_be_read(
    theirs: OllamaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs.model(f"{LIBRARY}/a/latest", [("model", WEIGHTS)]).write_text("{")
    before = tree(theirs.root)
    later = time.time() + YOUNG_S + 60
    monkeypatch.setattr(time, "time", lambda: later)
    opened(theirs, tmp_path).tidy()
    assert tree(theirs.root) == before


def test_names_differing_in_case_are_one_name(theirs: OllamaStore, tmp_path: Path) -> None:
    theirs.model(f"{LIBRARY}/Foo/1B", [("model", WEIGHTS)])
    library = opened(theirs, tmp_path)
    assert library.create("foo:1b", parse("FROM foo:1b\nSYSTEM x")).name == "Foo:1B"
    assert Store(theirs.root).find(parse_name("FOO:1b")) == parse_name("Foo:1B")
    assert len(library.list()) == 1
