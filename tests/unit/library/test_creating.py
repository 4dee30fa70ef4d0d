from collections.abc import Callable
from pathlib import Path

import pytest

from corral.errors import ExternalError, UserError
from corral.jobs import Cancelled, Ticket
from corral.library.layers import params_bytes
from corral.library.library import Library
from corral.library.manifest import LayerType
from corral.library.model import StoredModel
from corral.library.names import parse_name
from corral.library.store import Store
from corral.modelfile.parser import parse
from corral.prompt.message import Message, Role
from helpers.gguf_files import tiny_metadata, tiny_tensors, write_gguf
from helpers.vectors import vectors


@pytest.fixture
def base(library: Library, gguf: Path) -> str:
    return library.import_file(gguf, "base").name


def create(library: Library, name: str, text: str, base_dir: Path | None = None) -> StoredModel:
    return library.create(name, parse(text), base_dir)


def test_a_model_shares_the_blobs_of_its_base(library: Library, store: Store, base: str) -> None:
    made = create(library, "mine", f"FROM {base}\nSYSTEM Be brief.\nPARAMETER temperature 0.5")
    assert made.weights == library.get(base).weights
    assert (made.system, dict(made.parameters)) == ("Be brief.", {"temperature": 0.5})
    assert made.parent_name == "base:latest"
    layers = store.read_manifest(parse_name("mine")).manifest.layers
    assert [(layer.media_type.rpartition(".")[2], layer.source) for layer in layers] == [
        ("model", "base:latest"),
        ("system", ""),
        ("params", ""),
    ]
    assert made.config == library.get(base).config


def test_everything_a_modelfile_can_say_is_kept(library: Library, base: str) -> None:
    made = create(
        library,
        "mine",
        f"FROM {base}\nTEMPLATE {{{{ .Prompt }}}}\nLICENSE MIT\nLICENSE Two\nRENDERER qwen3\n"
        "PARSER qwen3\nREQUIRES v0.14.0\nMESSAGE user Hi\nMESSAGE assistant Ho\n"
        "PARAMETER stop a\nPARAMETER stop b\nPARAMETER num_ctx 4096\nPARAMETER use_mmap false",
    )
    assert made.template == "{{ .Prompt }}"
    assert made.licenses == ("MIT", "Two")
    assert (made.config.renderer, made.config.parser) == ("qwen3", "qwen3")
    assert made.config.requires == "0.14.0"
    assert made.messages == (
        Message(role=Role.USER, content="Hi"),
        Message(role=Role.ASSISTANT, content="Ho"),
    )
    assert made.parameters == {"stop": ("a", "b"), "num_ctx": 4096, "use_mmap": False}
    again = create(library, "again", "FROM mine\nMESSAGE user New\nLICENSE Three\nLICENSE MIT")
    assert again.messages == (Message(role=Role.USER, content="New"),)
    assert again.licenses == ("MIT", "Two", "Three")
    assert again.template == made.template
    assert again.config == made.config


def test_parameters_are_merged_as_in_ollama(library: Library, store: Store, base: str) -> None:
    def lines(parameters: dict[str, object]) -> str:
        pairs = [
            (name, each)
            for name, value in parameters.items()
            for each in (value if isinstance(value, list) else [value])
        ]
        return "".join(f"PARAMETER {name} {value}\n" for name, value in pairs)

    for case in vectors("misc")["create_param_merge"]:
        create(library, "with", f"FROM {base}\n{lines(case['base_params'])}")
        create(library, "merged", f"FROM with\n{lines(case['create_params'])}")
        layers = store.read_manifest(parse_name("merged")).manifest.of_type(LayerType.PARAMS)
        assert store.read_blob(layers[0].digest) == params_bytes(case["expect"]), case["name"]


def test_an_empty_text_removes_the_bases(library: Library, base: str) -> None:
    create(library, "with", f"FROM {base}\nSYSTEM Be brief.\nTEMPLATE x{{{{ .Prompt }}}}")
    made = create(library, "without", 'FROM with\nSYSTEM ""\nTEMPLATE ""')
    assert (made.system, made.template) == (None, None)


def test_a_model_can_be_made_of_a_file_beside_the_modelfile(
    library: Library, tmp_path: Path, gguf: Path
) -> None:
    made = create(library, "mine", "FROM ./Tiny.F32.gguf\nSYSTEM Hi", gguf.parent)
    assert made.weights.read_bytes() == gguf.read_bytes()
    assert not made.weights.samefile(gguf)
    assert made.parent_name is None


def test_a_strangers_modelfile_cannot_name_files(library: Library, gguf: Path) -> None:
    with pytest.raises(UserError, match="may not name files"):
        create(library, "mine", f"FROM {gguf}")


def test_an_adapter_becomes_a_layer(
    library: Library, base: str, tmp_path: Path, leftovers: Callable[[], list[str]]
) -> None:
    metadata = tiny_metadata(general__type="adapter", adapter__type="lora")
    adapter = write_gguf(tmp_path / "lora.gguf", metadata, tiny_tensors())
    made = create(library, "mine", f"FROM {base}\nADAPTER lora.gguf", tmp_path)
    assert [path.read_bytes() for path in made.adapters] == [adapter.read_bytes()]
    assert leftovers() == []
    with pytest.raises(UserError, match="Name the model with FROM") as caught:
        create(library, "x", f"# a comment\nFROM {base}\nFROM lora.gguf", tmp_path)
    assert caught.value.place is not None
    assert caught.value.place.line == 3


def test_a_projector_is_the_second_from(library: Library, tmp_path: Path, gguf: Path) -> None:
    metadata = tiny_metadata(general__type="mmproj", general__architecture="clip")
    projector = write_gguf(tmp_path / "mmproj.gguf", metadata, tiny_tensors())
    made = create(library, "mine", f"FROM {gguf}\nFROM {projector}", tmp_path)
    assert len(made.projectors) == 1
    with pytest.raises(UserError, match="only a part of one"):
        create(library, "x", f"FROM {projector}", tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("FROM base\nPARAMETER temprature 1", 2, "unknown parameter 'temprature'"),
        ("FROM base\nPARAMETER top_k x", 2, "invalid int value"),
        ("SYSTEM x\nFROM bass", 2, "model 'bass' not found"),
        ("FROM ./absent.gguf", 1, "There is no file ./absent.gguf"),
        ("FROM a b", 1, "invalid model name"),
        ("FROM ", 1, "FROM needs"),
        ("FROM base\nADAPTER absent", 2, "There is no file absent"),
        ("FROM base\nADAPTER a\nADAPTER b", 3, "only one adapter is currently supported"),
        ("FROM base\nREQUIRES soon", 2, "requires must be a valid semver"),
        ("FROM base\nFROM Tiny.F32.gguf", 2, "two models"),
        ("FROM Tiny.F32.gguf\nADAPTER Tiny.F32.gguf", 2, "not a LoRA adapter"),
    ],
)
def test_errors_tell_their_line(
    library: Library, base: str, gguf: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(UserError, match=words) as caught:
        create(library, "mine", text, gguf.parent)
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert [model.name for model in library.list()] == [base]


def test_a_misspelt_base_is_told_with_what_was_meant(library: Library, base: str) -> None:
    with pytest.raises(UserError) as caught:
        create(library, "mine", "FROM bas")
    assert caught.value.hint == "Did you mean 'base:latest'?"


def test_a_replaced_model_is_kept_in_the_trash(library: Library, base: str) -> None:
    create(library, "mine", f"FROM {base}\nSYSTEM One")
    create(library, "mine", f"FROM {base}\nSYSTEM Two")
    assert library.get("mine").system == "Two"
    assert [entry.name for entry in library.trash()] == ["mine:latest"]
    library.rename("mine", "two")
    assert library.restore("mine").system == "One"


def test_making_the_same_again_changes_nothing(library: Library, base: str) -> None:
    first = create(library, "mine", f"FROM {base}\nSYSTEM One")
    assert create(library, "MINE", f"FROM {base}\nSYSTEM One") == first
    assert library.trash() == ()


def test_a_model_made_anew_from_itself_keeps_its_origin(library: Library, base: str) -> None:
    create(library, "mine", f"FROM {base}\nSYSTEM One")
    assert create(library, "mine", "FROM mine\nSYSTEM Two").parent_name == "base:latest"


def test_a_damaged_base_is_refused(library: Library, store: Store, base: str) -> None:
    library.get(base).weights.unlink()
    with pytest.raises(ExternalError, match="damaged"):
        create(library, "mine", f"FROM {base}")


def test_a_cancelled_creation_leaves_nothing(
    library: Library, store: Store, gguf: Path, leftovers: Callable[[], list[str]]
) -> None:
    ticket = Ticket(lambda progress: progress.phase == "Copying" and ticket.cancel())
    with pytest.raises(Cancelled):
        library.create("mine", parse(f"FROM {gguf}"), gguf.parent, ticket)
    assert library.list() == ()
    assert leftovers() == []


def test_what_show_prints_makes_the_same_model_again(
    library: Library, base: str, gguf: Path
) -> None:
    made = create(
        library,
        "mine",
        f'FROM {base}\nSYSTEM """Say "hi".\nThen stop."""\nPARAMETER stop "<|im_end|>"\n'
        "PARAMETER temperature 0.3\nPARAMETER num_ctx 2048\nMESSAGE user  a \nLICENSE MIT\n"
        "TEMPLATE {{ .System }} {{ .Prompt }}",
    )
    text = library.modelfile("mine")
    assert text.splitlines()[:5] == [
        '# Modelfile generated by "corral show"',
        "# To build a new Modelfile based on this, replace FROM with:",
        "# FROM mine:latest",
        "",
        f"FROM {made.weights}",
    ]
    assert text.index("num_ctx") < text.index("temperature") < text.index("PARAMETER stop")
    again = library.create("again", parse(text), gguf.parent)
    for field in ("weights", "system", "template", "parameters", "messages", "licenses"):
        assert getattr(again, field) == getattr(made, field), field
