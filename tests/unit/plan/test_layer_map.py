"""The map of layers: the plan, no byte more or less, layer by layer."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corral.gguf.reader import read_header
from corral.plan.companions import Companions
from corral.plan.formula import Formula
from corral.plan.layer_map import Layer, LayerKind, LayerMap, LayerMapper, LayerPart, layer_map
from corral.plan.machine import Machine
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions, SplitMode
from corral.plan.plan import Kind, Line, Part
from corral.plan.repack import RepackedType, RepackRule
from helpers.headers import make_machine
from helpers.known_models import KNOWN, write_known
from helpers.large_headers import dense_header, experts_header, hybrid_header

EXPERTS, DENSE, HYBRID = (
    Formula(experts_header(12)),
    Formula(dense_header()),
    Formula(hybrid_header()),
)
UNKNOWN = Formula(dense_header(architecture="llamama"))
NEXT = Formula(experts_header(6, next_blocks=1))
FORMULAS = (EXPERTS, DENSE, HYBRID, UNKNOWN, NEXT)
INPUT, OUTPUT = Layer(kind=LayerKind.INPUT), Layer(kind=LayerKind.OUTPUT)
SHARED = Layer(kind=LayerKind.SHARED)


def block(number: int) -> Layer:
    return Layer(kind=LayerKind.BLOCK, block=number)


def repacking_machine() -> Machine:
    machine = make_machine(64)
    rule = RepackRule(
        types=(RepackedType(type="Q4_K", is_expert=False, row_multiple=8, block_bytes=144),)
    )
    return replace(machine, cpu=replace(machine.cpu, repack=rule))


MACHINES = (make_machine(64), make_machine(64, 24), make_machine(64, 8, 24), repacking_machine())

options = st.builds(
    LoadOptions,
    n_gpu_layers=st.integers(-1, 14),
    load_mode=st.sampled_from(LoadMode),
    tensor_split=st.sampled_from([(), (1, 0), (3, 1)]),
    split_mode=st.sampled_from([SplitMode.LAYER, SplitMode.NONE]),
    main_gpu=st.integers(0, 1),
    devices=st.sampled_from([(), (), ("CUDA1", "CUDA0"), ("CPU",)]),
    tensor_overrides=st.sampled_from([(), (), (("ffn_up|token_embd|rope", "CPU"),)]),
    cpu_expert_layers=st.integers(0, 13),
    context=st.builds(
        ContextOptions,
        n_ctx=st.integers(1, 300_000),
        kv_type=st.sampled_from(CacheType),
        n_seq_max=st.integers(1, 4),
        v_type=st.sampled_from([None, CacheType.Q8_0]),
        offload_kqv=st.booleans(),
        kv_unified=st.booleans(),
    ),
)


@settings(deadline=None, max_examples=60)
@given(options=options, formula=st.sampled_from(FORMULAS), machine=st.sampled_from(MACHINES))
def test_layers_and_buffers_sum_up_to_the_plan_on_every_device(
    options: LoadOptions, formula: Formula, machine: Machine
) -> None:
    plan = formula.plan(options, machine)
    found = layer_map(formula, plan)
    assert [device.device for device in found.devices] == list(machine.devices)
    for device in found.devices:
        name = device.device.name
        assert device.total_bytes == plan.size_bytes(name)
        assert device.other_cache_bytes == 0
        if not options.load_mode.is_mapped or name != machine.cpu.name:
            assert device.other_weight_bytes == 0
        assert device.other_weight_bytes >= 0  # gaps in the mapped file
        for cell in filter(None, device.cells):
            weights = sum(tensor.size_bytes for tensor in cell.tensors)
            cached = cell.part_bytes(LayerPart.KV) + cell.part_bytes(LayerPart.STATE)
            assert weights + cached == cell.size_bytes > 0
            assert cell.device == name


@pytest.mark.parametrize("name", KNOWN)
def test_the_maps_of_well_known_models_sum_up_and_have_each_tensor_in_its_part(
    name: str, tmp_path: Path
) -> None:
    header = read_header(write_known(tmp_path, name))
    formula = Formula(header)
    some = LoadOptions(n_gpu_layers=9, cpu_expert_layers=45, load_mode=LoadMode.NONE)
    for options in (LoadOptions(), some):
        plan = formula.plan(options, make_machine(256, 24, 24))
        cells = []
        for device in layer_map(formula, plan).devices:
            assert device.total_bytes == plan.size_bytes(device.device.name)
            cells += [cell for cell in device.cells if cell]
        tensors = [(cell, tensor) for cell in cells for tensor in cell.tensors]
        assert {tensor.use.tensor.name for _, tensor in tensors} == {t.name for t in header.tensors}
        blocks = [tensor for cell, tensor in tensors if cell.layer.kind is LayerKind.BLOCK]
        assert {x.use.tensor.name for x in blocks if x.part is LayerPart.OTHER} == set()


def test_what_is_loaded_beside_the_model_is_told_apart() -> None:
    draft = dense_header(2)
    formula = Formula(dense_header(), Companions(drafts=(draft,)))
    plan = formula.plan(LoadOptions(), make_machine(64, 24))
    for device in layer_map(formula, plan).devices:
        assert device.beside_bytes == plan.size_bytes(device.device.name, Part.DRAFT)
        assert device.total_bytes == plan.size_bytes(device.device.name)
    assert layer_map(formula, plan).devices[0].beside_bytes > 0


@settings(deadline=None, max_examples=30)
@given(first=options, second=options, formula=st.sampled_from(FORMULAS))
def test_what_a_mapper_keeps_from_the_plan_before_changes_nothing(
    first: LoadOptions, second: LoadOptions, formula: Formula
) -> None:
    mapper, machine = LayerMapper(formula), MACHINES[2]
    mapper.map(formula.plan(first, machine))
    plan = formula.plan(second, machine)
    assert mapper.map(plan) == layer_map(formula, plan)


def the_map(formula: Formula, options: LoadOptions, machine: Machine) -> LayerMap:
    return layer_map(formula, formula.plan(options, machine))


def test_the_experts_of_the_first_layers_are_in_main_memory_and_all_else_with_its_block() -> None:
    found = the_map(EXPERTS, LoadOptions(cpu_expert_layers=3), make_machine(64, 80))
    for number in range(12):
        on_gpu, on_cpu = found.cell("CUDA0", block(number)), found.cell("CPU", block(number))
        assert on_gpu
        assert on_gpu.part_bytes(LayerPart.ATTENTION)
        assert on_gpu.part_bytes(LayerPart.FEED_FORWARD)  # norm and router
        assert on_gpu.part_bytes(LayerPart.KV) == 2 * 4 * 128 * 4096 * 2
        assert bool(on_gpu.part_bytes(LayerPart.EXPERTS)) == (number >= 3)
        assert (on_cpu is not None) == (number < 3)
        if on_cpu:
            assert [part for part, _ in on_cpu.sizes] == [LayerPart.EXPERTS]
            assert [t.use.tensor.name.split(".")[2] for t in on_cpu.tensors] == [
                "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"
            ]  # fmt: skip


def test_a_tied_output_is_a_second_copy_on_the_card_and_shared_tensors_are_on_both() -> None:
    found = the_map(DENSE, LoadOptions(n_gpu_layers=6), make_machine(64, 24))
    assert found.layers[:2] == (INPUT, SHARED)
    on_cpu, on_gpu = found.cell("CPU", INPUT), found.cell("CUDA0", OUTPUT)
    assert on_cpu
    assert on_gpu
    assert {t.use.tensor.name for t in on_cpu.tensors} == {"token_embd.weight"}
    assert {t.use.tensor.name for t in on_gpu.tensors} == {
        "token_embd.weight",
        "output_norm.weight",
    }
    assert found.cell("CPU", SHARED)
    assert found.cell("CUDA0", SHARED)
    without_gpu = the_map(DENSE, LoadOptions(), make_machine(64))
    alone = without_gpu.cell("CPU", OUTPUT)
    assert alone
    assert {t.use.tensor.name for t in alone.tensors} == {"output_norm.weight"}


def test_recurrent_blocks_keep_a_state_and_the_others_keys_and_values() -> None:
    found = the_map(HYBRID, LoadOptions(), make_machine(64))
    for number in range(12):
        cell = found.cell("CPU", block(number))
        assert cell
        has_attention = number % 4 == 3
        assert bool(cell.part_bytes(LayerPart.KV)) == has_attention
        assert bool(cell.part_bytes(LayerPart.STATE)) != has_attention
        assert cell.part_bytes(LayerPart.ATTENTION)


def test_of_an_unknown_architecture_no_layer_says_what_it_keeps() -> None:
    found = the_map(UNKNOWN, LoadOptions(), make_machine(64))
    assert not found.is_cache_known
    cells = [cell for cell in found.devices[0].cells if cell]
    assert len(cells) == 12 + 3
    assert not any(cell.part_bytes(LayerPart.KV) for cell in cells)


def test_blocks_that_only_predict_further_tokens_stand_there_without_weights() -> None:
    found = the_map(NEXT, LoadOptions(), make_machine(64))
    assert found.layers[1:-1] == tuple(map(block, range(6)))
    assert found.cell("CPU", block(4))
    assert found.cell("CPU", block(5)) is None


def test_what_an_exact_plan_says_beyond_the_layers_stands_beside_them() -> None:
    machine = make_machine(64, 80)
    plan = EXPERTS.plan(LoadOptions(), machine)
    more = tuple(
        replace(line, size_bytes=line.size_bytes + 1000, kind=Kind.EXACT)
        for line in plan.lines
        if line.part is not Part.OUTPUT
    )
    exact = replace(
        plan, lines=(*more, Line(device="CPU", part=Part.OUTPUT, size_bytes=5, kind=Kind.EXACT))
    )
    found = layer_map(EXPERTS, exact)
    gpu = found.devices[0]
    assert (gpu.other_weight_bytes, gpu.other_cache_bytes) == (1000, 1000)
    assert [device.total_bytes for device in found.devices] == [
        exact.size_bytes("CUDA0"), exact.size_bytes("CPU")
    ]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_layer_is_named_once(formula: Formula) -> None:
    found = the_map(formula, LoadOptions(), make_machine(64, 24))
    assert len(set(found.layers)) == len(found.layers)
    assert found.layers[0] == INPUT
    assert found.layers[-1] == OUTPUT
