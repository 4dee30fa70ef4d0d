"""What a plan says is what llama.cpp is given."""

import ctypes
import re
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from corral.errors import UserError
from corral.llama.context import context_params
from corral.llama.library import LlamaLibrary
from corral.llama.model import load_model
from corral.llama.placement import model_params
from corral.llama.virtual_gpus import VirtualGpus
from corral.plan.option_specs import (
    LOAD_OPTIONS,
    check_options,
    options_from_plain,
    with_option,
)
from corral.plan.options import CacheType, ContextOptions, LoadOptions
from helpers.gguf_files import write_tiny_experts
from helpers.headers import make_machine

TWO = make_machine(64, 24, 16)
# Text of each option, and what llama.cpp's parameter of that name (or another) must be then.
GIVEN: dict[str, tuple[str, str, object]] = {
    "n_gpu_layers": ("7", "n_gpu_layers", 7),
    "load_mode": ("direct_io", "load_mode", 4),
    "split_mode": ("row", "split_mode", 2),
    "main_gpu": ("1", "main_gpu", 1),
    "check_tensors": ("true", "check_tensors", True),
    "mtp": ("true", "load_mtp", True),
    "n_ctx": ("1000", "n_ctx", 1024),
    "kv_type": ("q8_0", "type_k", 8),
    "v_type": ("q4_0", "type_v", 2),
    "n_batch": ("96", "n_batch", 96),
    "n_ubatch": ("48", "n_ubatch", 48),
    "n_seq_max": ("3", "n_seq_max", 3),
    "n_outputs_max": ("5", "n_outputs_max", 5),
    "n_threads": ("1", "n_threads", 1),
    "n_threads_batch": ("1", "n_threads_batch", 1),
    "flash_attention": ("off", "flash_attn_type", 0),
    "swa_full": ("on", "swa_full", True),
    "kv_unified": ("off", "kv_unified", False),
    "offload_kqv": ("off", "offload_kqv", False),
    "op_offload": ("off", "op_offload", False),
}
POINTED_AT = {"tensor_split", "devices", "cpu_expert_layers", "tensor_overrides", "workers"}


@pytest.fixture(scope="module")
def gpus(library: LlamaLibrary) -> VirtualGpus:
    return VirtualGpus(library, TWO.gpus)


def test_every_option_can_be_named_and_each_is_tested() -> None:
    names = {field.name for kind in (LoadOptions, ContextOptions) for field in fields(kind)}
    assert set(LOAD_OPTIONS) == names - {"context"} == set(GIVEN) | POINTED_AT


@pytest.mark.parametrize("name", GIVEN)
def test_an_option_reaches_llama_cpp(library: LlamaLibrary, gpus: VirtualGpus, name: str) -> None:
    text, parameter, expected = GIVEN[name]
    options = with_option(LoadOptions(), name, text)
    assert options != LoadOptions()
    if LOAD_OPTIONS[name].is_context:
        before = context_params(library.api, ContextOptions())
        params = context_params(library.api, options.context)
    else:
        before, _ = model_params(library, LoadOptions(), gpus.by_name)
        params, _kept = model_params(library, options, gpus.by_name)
    assert getattr(params, parameter) == expected
    if not name.startswith("n_threads"):  # this machine may have one core
        assert getattr(before, parameter) != expected


def test_a_split_reaches_llama_cpp(library: LlamaLibrary, gpus: VirtualGpus) -> None:
    params, _kept = model_params(library, LoadOptions(tensor_split=(3, 18)), gpus.by_name)
    assert params.tensor_split[:3] == [3, 18, 0]


@pytest.mark.parametrize(
    ("names", "expected"), [("CUDA1", ["CUDA1"]), ("CUDA1,CUDA0", ["CUDA1", "CUDA0"]), ("CPU", [])]
)
def test_devices_are_given_in_the_order_of_their_names(
    library: LlamaLibrary, gpus: VirtualGpus, names: str, expected: list[str]
) -> None:
    options = with_option(LoadOptions(), "devices", names)
    params, _kept = model_params(library, options, gpus.by_name)
    given = ctypes.cast(params.devices, ctypes.POINTER(ctypes.c_void_p))
    assert given[: len(expected) + 1] == [*(gpus.by_name[name] for name in expected), None]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("devices", "CUDA7", "There is no device 'CUDA7' here"),
        ("tensor_overrides", "ffn=CUDA7", "There is no device 'CUDA7' here"),
    ],
)
def test_a_device_that_is_not_there_is_named(
    library: LlamaLibrary, name: str, text: str, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        model_params(library, with_option(LoadOptions(), name, text))


def test_a_main_gpu_that_is_not_there_is_told_with_both_numbers(
    library: LlamaLibrary, gpus: VirtualGpus
) -> None:
    alone = with_option(with_option(LoadOptions(), "split_mode", "none"), "main_gpu", "2")
    with pytest.raises(UserError, match="number 2; there are 0 to 1"):
        model_params(library, alone, gpus.by_name)
    params, _kept = model_params(library, alone)  # without GPUs it is the processor all the same
    assert params.main_gpu == 0


def test_experts_and_other_tensors_go_where_their_names_say(
    library: LlamaLibrary, tmp_path: Path
) -> None:
    path = write_tiny_experts(tmp_path / "experts.gguf")
    options = LoadOptions(cpu_expert_layers=2, tensor_overrides=((r"blk\.1\.attn_q", "CPU"),))
    mark = library.log.mark()
    load_model(library, path, options, lambda _percent: True).close()
    log = "\n".join(line.text for line in library.log.since(mark))
    overridden = set(re.findall(r"tensor (\S+) .*buffer type overridden to CPU", log))
    experts = {f"blk.{i}.ffn_{kind}_exps.weight" for i in (0, 1) for kind in ("up", "gate", "down")}
    assert overridden == experts | {"blk.1.attn_q.weight"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("n_ctx", "1000000000000", "n_ctx is 1,000,000,000,000; it can be 1 to 16,777,216"),
        ("n_ctx", "-5", "n_ctx is -5"),
        ("n_batch", "0", "n_batch is 0; it can be 1 to"),
        ("n_ubatch", "99999999", "n_ubatch is 99,999,999"),
        ("n_threads", "10000", "n_threads is 10,000; it can be 0 to 512"),
        ("n_seq_max", "65", "it can be 1 to 64"),
        ("n_gpu_layers", "-2", "n_gpu_layers is -2; it can be -1 to"),
        ("n_ctx", "many", "n_ctx is 'many'"),
        ("kv_type", "q3_k", "kv_type is 'q3_k'; it can be f32, f16"),
        ("load_mode", "teleport", "it can be mmap, none"),
        ("swa_full", "perhaps", "swa_full is 'perhaps'"),
        ("tensor_split", "1,-1", "tensor_split is 1,-1"),
        ("tensor_split", "1,x", "tensor_split is '1,x'"),
        ("tensor_overrides", "blk", "tensor_overrides is 'blk'"),
        ("tensor_overrides", "(=CPU", "no regular expression"),
        ("tensor_overrides", ",".join(["a=CPU"] * 1025), "1,025 tensor overrides; at most 1,024"),
        ("n_ctxx", "1", "no load option 'n_ctxx'"),
    ],
)
def test_an_absurd_option_is_refused_with_what_can_be(name: str, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("(", r"\(")):
        with_option(LoadOptions(), name, text)


def test_quantized_values_without_flash_attention_are_refused_before_a_load() -> None:
    options = with_option(LoadOptions(), "flash_attention", "off")
    check_options(options)
    for change in ({"kv_type": CacheType.Q8_0}, {"v_type": CacheType.Q4_0}):
        with pytest.raises(UserError, match="needs flash attention, which is off"):
            check_options(replace(options, context=replace(options.context, **change)))
    mixed = replace(options.context, kv_type=CacheType.Q8_0, v_type=CacheType.F16)
    check_options(replace(options, context=mixed))


def test_options_come_back_from_plain_values() -> None:
    options = LoadOptions()
    for name, (text, _, _) in GIVEN.items():
        options = with_option(options, name, text)
    options = with_option(options, "tensor_overrides", r"blk\.(1|2)\.ffn=CPU,attn=CUDA1")
    options = with_option(options, "tensor_split", "3,1")
    assert options_from_plain(asdict(options)) == options
    for key, wrong in (("n_gpu_layers", "all"), ("devices", "CUDA0"), ("load_mode", "x")):
        with pytest.raises(ValueError, match=r".+"):
            options_from_plain({**asdict(options), key: wrong})
