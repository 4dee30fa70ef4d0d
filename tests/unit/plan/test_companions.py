"""What is loaded beside a model, against llama.cpp's own account of it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corral.gguf.header import Header
from corral.gguf.reader import read_header
from corral.llama.library import LlamaLibrary, load_library
from corral.llama.model import load_model
from corral.llama.projector_use import projector_use
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.companions import ALONE, Companions, draft_options
from corral.plan.formula import Formula, default_options
from corral.plan.guardrail import Guardrail
from corral.plan.options import ContextOptions, LoadOptions
from corral.plan.plan import COMPANION_PARTS, Kind, Part
from corral.units import GIB, MIB
from helpers.gguf_files import write_sparse
from helpers.header_files import F32, write_dense
from helpers.headers import make_header, make_machine
from helpers.models import smollm2_path
from helpers.projector_headers import write_gemma3_eyes, write_qwen2_eyes

BARE, CARD = make_machine(64), make_machine(64, 24)
# Matrices of SmolLM2 that an adapter changes, and their shapes.
CHANGED = {"attn_q": (576, 576), "attn_v": (576, 192), "ffn_down": (1536, 576)}
RANK = 16


@pytest.fixture(scope="module")
def library() -> LlamaLibrary:
    return load_library()


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Header:
    return read_header(write_dense(tmp_path_factory.mktemp("headers") / "dense.gguf"))


def write_adapter(path: Path) -> Path:
    tensors = {}
    for i in range(30):
        for name, (rows, columns) in CHANGED.items():
            tensors[f"blk.{i}.{name}.weight.lora_a"] = ([rows, RANK], F32)
            tensors[f"blk.{i}.{name}.weight.lora_b"] = ([RANK, columns], F32)
    keys = {
        "general.architecture": "llama",
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 16.0,
    }
    return write_sparse(path, keys, tensors)


@pytest.mark.parametrize("write", [write_gemma3_eyes, write_qwen2_eyes])
def test_a_projector_takes_its_weights_and_about_what_its_largest_image_takes(
    library: LlamaLibrary, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path / "eyes.gguf")
    header = read_header(path)
    plan = Formula(make_header(), Companions(projectors=(header,))).plan(LoadOptions(), CARD)
    weights, image = (x for x in plan.lines if x.part is Part.PROJECTOR)
    assert (weights.kind, image.kind) == (Kind.FORMULA, Kind.ASSUMED)
    assert weights.size_bytes == pytest.approx(sum(t.size_bytes for t in header.tensors), rel=1e-4)
    real = projector_use(library, path, on_gpu=True, gpus=VirtualGpus(library, CARD.gpus))
    assert weights.device == image.device == "CUDA0"
    computing = real["CUDA0"] - weights.size_bytes
    print(f"computing: planned {image.size_bytes / MIB:.1f} MiB, really {computing / MIB:.1f} MiB")
    assert image.size_bytes == pytest.approx(computing, rel=0.15)
    assert plan.size_bytes("CUDA0", Part.PROJECTOR) == pytest.approx(real["CUDA0"], rel=0.02)


def test_a_projector_stays_with_a_model_that_is_on_no_gpu(tmp_path: Path) -> None:
    header = read_header(write_gemma3_eyes(tmp_path / "eyes.gguf", blocks=1))
    beside = Companions(projectors=(header,))
    for options, machine in ((LoadOptions(), BARE), (LoadOptions(n_gpu_layers=0), CARD)):
        plan = Formula(make_header(), beside).plan(options, machine)
        assert {x.device for x in plan.lines if x.part is Part.PROJECTOR} == {"CPU"}


def test_adapters_take_what_llama_cpp_says(library: LlamaLibrary, tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "adapter.gguf")
    adapter = read_header(path)
    formula = Formula(read_header(smollm2_path()), Companions(adapters=(adapter,)))
    planned = formula.plan(LoadOptions(n_gpu_layers=0), BARE).size_bytes("CPU", Part.ADAPTERS)
    model = load_model(library, smollm2_path(), LoadOptions(n_gpu_layers=0), lambda _: True)
    mark = library.log.mark()
    pointer = library.api.llama_adapter_lora_init(model.pointer, os.fsencode(path))
    said = "\n".join(line.text for line in library.log.since(mark))
    library.api.llama_adapter_lora_free(pointer)
    model.close()
    sizes = re.findall(r"LoRA buffer size =\s+([\d.]+) MiB", said)
    assert sum(map(float, sizes)) == pytest.approx(planned / MIB, abs=0.01)


def test_adapters_lie_where_the_weights_lie_that_they_change(tmp_path: Path) -> None:
    adapter = read_header(write_adapter(tmp_path / "adapter.gguf"))
    formula = Formula(read_header(smollm2_path()), Companions(adapters=(adapter,)))
    half = formula.plan(LoadOptions(n_gpu_layers=16), CARD)
    cpu, card = (half.size_bytes(name, Part.ADAPTERS) for name in ("CPU", "CUDA0"))
    assert cpu == card == sum(t.size_bytes for t in adapter.tensors) / 2


def test_a_draft_model_is_planned_as_a_model_with_the_same_context(dense: Header) -> None:
    draft = read_header(smollm2_path())
    options = LoadOptions(n_gpu_layers=10, context=ContextOptions(n_ctx=16384))
    plan = Formula(dense, Companions(drafts=(draft,))).plan(options, CARD)
    alone = Formula(draft).plan(draft_options(options), CARD)
    assert alone.options.n_gpu_layers == alone.n_layers  # all of it
    for device in CARD.devices:
        assert plan.size_bytes(device.name, Part.DRAFT) == alone.size_bytes(device.name)
    assert plan.total_bytes == Formula(dense).plan(options, CARD).total_bytes + alone.total_bytes


def test_of_a_draft_model_that_nobody_knows_nothing_is_claimed(dense: Header) -> None:
    plan = Formula(dense, Companions(drafts=(make_header("llamama"),))).plan(LoadOptions(), CARD)
    assert plan.unknown == (Part.DRAFT,)


def test_what_is_beside_a_model_counts_where_it_is_to_fit(dense: Header, tmp_path: Path) -> None:
    beside = Companions(projectors=(read_header(write_qwen2_eyes(tmp_path / "eyes.gguf")),))
    alone, seeing = Formula(dense), Formula(dense, beside)
    options = LoadOptions(context=ContextOptions(n_ctx=8192))
    need = alone.plan(options, CARD).size_bytes("CUDA0") / GIB
    card = make_machine(64, need / 0.9 + 0.5)
    rail = Guardrail()
    assert rail.fullest(alone.plan(options, card)) is None
    assert rail.fullest(seeing.plan(options, card)) == card.gpus[0]
    fewer = default_options(dense, card, beside=beside).n_gpu_layers
    assert fewer < default_options(dense, card, beside=ALONE).n_gpu_layers


def test_a_model_alone_has_no_lines_for_others(dense: Header) -> None:
    parts = {line.part for line in Formula(dense).plan(LoadOptions(), CARD).lines}
    assert not parts & {*COMPANION_PARTS}
