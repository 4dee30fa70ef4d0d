import subprocess
import sys
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.library.library import Library
from corral.library.manifest import LayerType
from corral.library.names import parse_name
from corral.library.store import Store
from corral.modelfile.parser import parse
from corral.prompt.message import Message, Role


def test_the_newest_model_comes_first(library: Library, gguf: Path) -> None:
    for name in ("c", "a", "b"):
        library.import_file(gguf, name)
    assert [model.name for model in library.list()] == ["b:latest", "a:latest", "c:latest"]


def test_a_model_that_is_not_there_is_told_with_those_like_it(library: Library, gguf: Path) -> None:
    library.import_file(gguf)
    with pytest.raises(UserError, match="model 'tiny' not found") as caught:
        library.get("tiny")
    assert caught.value.hint == "Did you mean 'tiny:f32'?"


def test_broken_models_are_listed_with_what_is_wrong(
    library: Library, store: Store, gguf: Path
) -> None:
    library.import_file(gguf, "fine")
    for name in ("no-manifest", "no-system"):
        library.create(name, parse(f"FROM fine\nSYSTEM {name}"))
    store.manifest_path(parse_name("no-manifest")).write_text("{}")
    manifest = store.read_manifest(parse_name("no-system")).manifest
    store.blob_path(manifest.of_type(LayerType.SYSTEM)[0].digest).unlink()
    problems = {model.name: model.problem for model in library.list()}
    assert problems["fine:latest"] == ""
    assert "damaged" in problems["no-manifest:latest"]
    assert "A part is missing" in problems["no-system:latest"]
    assert "(system)" in problems["no-system:latest"]
    with pytest.raises(ExternalError, match="cannot be used"):
        library.get("no-system")
    library.remove("no-manifest")
    assert [entry.size_bytes for entry in library.trash()] == [0]


def test_weights_that_were_cut_off_are_a_problem(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf)
    model.weights.write_bytes(b"GGUF")
    assert "has 4 bytes instead of" in library.list()[0].problem


def test_a_store_that_ollama_wrote_is_read(library: Library, store: Store, gguf: Path) -> None:
    imported = library.import_file(gguf, "x")
    manifest = store.read_manifest(parse_name("x")).manifest
    with store.exclusive():
        params = store.write_blob(
            b'{"num_ctx":4096,"stop":["\\u003c|im_end|\\u003e"],"temperature":1}\n',
            LayerType.PARAMS,
        )
        messages = store.write_blob(
            b'[{"role":"user","content":"Hi","images":null},{"role":"critic","content":"1"}]\n',
            LayerType.MESSAGES,
        )
    layers = ",".join(
        f'{{"mediaType":"{layer.media_type}","digest":"{layer.digest}","size":{layer.size_bytes}}}'
        for layer in (*manifest.layers, params, messages)
    )
    config = manifest.config
    path = store.manifests / "registry.ollama.ai/library/theirs/1b"
    path.parent.mkdir()
    path.write_text(
        '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
        f'"config":{{"digest":"{config.digest}","mediaType":"{config.media_type}",'
        f'"size":{config.size_bytes}}},"layers":[{layers}]}}'
    )
    model = library.get("theirs:1b")
    assert model.parameters == {"num_ctx": 4096, "stop": ("<|im_end|>",), "temperature": 1.0}
    assert isinstance(model.parameters["temperature"], float)
    assert model.messages == (Message(role=Role.USER, content="Hi"),)
    assert model.weights == imported.weights


def test_a_model_without_gguf_weights_says_so(library: Library, store: Store, gguf: Path) -> None:
    library.import_file(gguf, "x")
    path = store.manifest_path(parse_name("x"))
    path.write_text(path.read_text().replace("image.model", "image.other"))
    assert "no GGUF weights" in library.list()[0].problem


def test_a_copy_shares_everything_but_the_name(library: Library, gguf: Path) -> None:
    model = library.import_file(gguf)
    copy = library.copy("tiny:f32", "me/copy")
    assert (copy.digest, copy.name) == (model.digest, "me/copy:latest")
    assert library.copy("tiny:f32", "TINY:f32") == model
    with pytest.raises(UserError, match="another model"):
        library.copy("me/copy", "tiny:f32")
    with pytest.raises(UserError, match="not found"):
        library.copy("absent", "x")


def test_a_model_can_be_renamed_and_change_its_case(
    library: Library, store: Store, gguf: Path
) -> None:
    model = library.import_file(gguf)
    renamed = library.rename("tiny:f32", "Better:f32")
    assert (renamed.digest, renamed.modified_at) == (model.digest, model.modified_at)
    assert library.rename("better:f32", "better:F32").name == "better:F32"
    assert [model.name for model in library.list()] == ["better:F32"]
    assert [path.name for path in (store.manifests / "registry.ollama.ai/library").iterdir()] == [
        "better"
    ]


def test_changes_are_announced(library: Library, gguf: Path) -> None:
    heard: list[int] = []
    end = library.subscribe(lambda: heard.append(len(library.list())))
    library.import_file(gguf)
    library.copy("tiny:f32", "x")
    library.remove("x")
    library.restore("x")
    assert heard == [1, 2, 1, 2]
    end()
    library.remove("x")
    assert len(heard) == 4


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys, tempfile, pathlib\n"
        "from corral.gguf.cache import HeaderCache\n"
        "from corral.library.library import Library\n"
        "from corral.library.store import Store\n"
        "root = pathlib.Path(tempfile.mkdtemp())\n"
        "library = Library(Store(root / 'm'), HeaderCache(root / 'h'))\n"
        "library.tidy()\n"
        "assert library.list() == ()\n"
        "print([m for m in ('numpy', 'llama_cpp', 'PySide6', 'huggingface_hub', 'jinja2')"
        " if m in sys.modules])"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[3] / "app")}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert result.stdout.strip() == "[]"
