"""Plans by formulas, and how a model is loaded if nobody says otherwise."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corral.gguf.header import Header
from corral.gguf.types import TensorType
from corral.plan.formula import default_options, largest_context, plan_by_formula
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Kind, Part, Plan, Verdict
from corral.plan.repack import RepackedType, RepackRule
from helpers.headers import GIB, make_header, make_machine

BLOCKS = 4


def model(architecture: str = "llama", context_length: int = 131072) -> Header:
    """A gigabyte of weights; 16 KiB of KV cache a token."""
    keys = {
        "block_count": BLOCKS,
        "context_length": context_length,
        "embedding_length": 4096,
        "feed_forward_length": 14336,
        "attention.head_count": 32,
        "attention.head_count_kv": 8,
        "vocab_size": 32000,
    }
    tensors = {"token_embd.weight": ([4096, 32000], TensorType.Q8_0)}
    for i in range(BLOCKS):
        for name, shape in {
            "attn_q": [4096, 4096],
            "attn_output": [4096, 4096],
            "ffn_up": [4096, 14336],
            "ffn_gate": [4096, 14336],
            "ffn_down": [14336, 4096],
        }.items():
            tensors[f"blk.{i}.{name}.weight"] = (shape, TensorType.Q8_0)
    tensors["output.weight"] = ([4096, 32000], TensorType.Q8_0)
    tensors["output_norm.weight"] = ([4096], TensorType.F32)
    return make_header(architecture, keys, tensors)


def test_a_plan_names_every_part_of_every_device() -> None:
    options = LoadOptions(n_gpu_layers=2)
    plan = plan_by_formula(model(), options, make_machine(64, 8))
    parts = {(line.device, line.part) for line in plan.lines}
    assert parts == {
        ("CPU", Part.MAPPED),
        ("CPU", Part.KV),
        ("CPU", Part.COMPUTE),
        ("CPU", Part.OUTPUT),
        ("CUDA0", Part.WEIGHTS),
        ("CUDA0", Part.KV),
        ("CUDA0", Part.COMPUTE),
    }
    assert plan.kind is Kind.FORMULA
    assert plan.size_bytes("CPU", Part.OUTPUT) == 32000 * 4


def test_a_plan_says_how_many_layers_really_go_to_the_gpu() -> None:
    plan = plan_by_formula(model(), LoadOptions(), make_machine(64, 8))
    assert plan.options.n_gpu_layers == plan.n_layers == BLOCKS + 1
    assert plan_by_formula(model(), LoadOptions(), make_machine(64)).options.n_gpu_layers == 0


def test_of_an_unknown_architecture_cache_and_buffers_are_unknown_and_no_number() -> None:
    plan = plan_by_formula(model("llamama"), LoadOptions(), make_machine())
    kinds = {line.part: line.kind for line in plan.lines}
    assert kinds == {Part.MAPPED: Kind.FORMULA, Part.OUTPUT: Kind.FORMULA}
    assert plan.unknown == (Part.KV, Part.COMPUTE)
    assert plan.verdict is Verdict.TIGHT  # nobody can say that it fits


def test_the_default_context_is_8192_if_trained_for_that_much_and_it_fits() -> None:
    assert default_options(model(), make_machine(64)).context.n_ctx == 8192
    assert default_options(model(context_length=2048), make_machine(64)).context.n_ctx == 2048
    assert default_options(model(context_length=0), make_machine(64)).context.n_ctx == 8192


def test_the_default_context_shrinks_to_what_fits() -> None:
    machine = make_machine(1.45)
    options = default_options(model(), machine)
    assert 512 <= options.context.n_ctx < 8192
    assert plan_by_formula(model(), options, machine).verdict is not Verdict.OVER
    longer = replace(options, context=replace(options.context, n_ctx=options.context.n_ctx + 256))
    assert plan_by_formula(model(), longer, machine).verdict is Verdict.OVER


def test_a_model_that_does_not_fit_at_all_is_still_planned() -> None:
    options = default_options(model(), make_machine(0.5))
    assert options.context.n_ctx == 512
    assert largest_context(model(), make_machine(0.5), options) == 0


def test_as_many_layers_as_fit_go_to_the_gpu() -> None:
    assert default_options(model(), make_machine(64, 24)).n_gpu_layers == BLOCKS + 1
    machine = make_machine(64, 1)
    some = default_options(model(), machine)
    assert 0 < some.n_gpu_layers < BLOCKS + 1
    more = replace(some, n_gpu_layers=some.n_gpu_layers + 1)
    gpu = machine.gpus[0]
    too_much = plan_by_formula(model(), more, machine)
    assert too_much.size_bytes(gpu.name) > too_much.budget_bytes(gpu)


def test_a_file_is_mapped_unless_most_of_it_is_copied_anyway() -> None:
    machine = make_machine(64)
    assert default_options(model(), machine).load_mode is LoadMode.MMAP
    rule = RepackRule(
        types=(RepackedType(type="Q8_0", is_expert=False, row_multiple=8, block_bytes=34),)
    )
    repacking = replace(machine, cpu=replace(machine.cpu, repack=rule))
    assert default_options(model(), repacking).load_mode is LoadMode.NONE


def test_the_largest_context_ends_at_the_trained_one() -> None:
    header = model(context_length=1000)
    assert largest_context(header, make_machine(64), LoadOptions()) == 1000
    assert largest_context(model(), make_machine(2), LoadOptions()) < 131072


contexts = st.builds(
    ContextOptions,
    n_ctx=st.integers(1, 200_000),
    kv_type=st.sampled_from(CacheType),
    n_ubatch=st.integers(1, 2048),
    n_seq_max=st.integers(1, 8),
)
architectures = st.sampled_from(["llama", "gemma3", "gpt-oss", "qwen3next", "deepseek4"])
free_memory = st.lists(st.integers(1, 80), max_size=3)


@given(architectures, contexts, free_memory, st.integers(-1, 6), st.sampled_from(LoadMode))
def test_more_context_never_needs_less(
    architecture: str, context: ContextOptions, gpus: list[int], layers: int, mode: LoadMode
) -> None:
    header, machine = model(architecture), make_machine(64, *gpus)
    options = LoadOptions(n_gpu_layers=layers, load_mode=mode, context=context)
    total = plan_by_formula(header, options, machine).total_bytes
    for longer in (
        replace(context, n_ctx=context.n_ctx + 1000),
        replace(context, n_ubatch=context.n_ubatch + 100),
        replace(context, n_batch=context.n_batch + 512),
        replace(context, n_seq_max=context.n_seq_max + 1),
    ):
        plan = plan_by_formula(header, replace(options, context=longer), machine)
        assert plan.total_bytes >= total


@given(free_memory, st.integers(0, 5))
def test_weights_are_those_of_the_file_wherever_they_lie(gpus: list[int], layers: int) -> None:
    header, machine = model(), make_machine(64, *gpus)
    options = LoadOptions(n_gpu_layers=layers, load_mode=LoadMode.NONE)
    plan = plan_by_formula(header, options, machine)
    assert plan.size_bytes(None, Part.WEIGHTS) == sum(t.size_bytes for t in header.tensors)
    more = plan_by_formula(header, replace(options, n_gpu_layers=layers + 1), machine)
    assert more.size_bytes("CPU", Part.WEIGHTS) <= plan.size_bytes("CPU", Part.WEIGHTS)


@given(st.lists(st.integers(1, 80), min_size=1, max_size=3), st.integers(0, 4), contexts)
def test_more_layers_put_more_on_the_gpus_and_the_sum_of_weights_stays(
    gpus: list[int], layers: int, context: ContextOptions
) -> None:
    header, machine = model(), make_machine(64, *gpus)
    options = LoadOptions(n_gpu_layers=layers, load_mode=LoadMode.NONE, context=context)
    less = plan_by_formula(header, options, machine)
    more = plan_by_formula(header, replace(options, n_gpu_layers=layers + 1), machine)

    def on_gpus(plan: Plan) -> int:
        parts = (Part.WEIGHTS, Part.KV)
        return sum(plan.size_bytes(gpu.name, *parts) for gpu in machine.gpus)

    assert on_gpus(more) > on_gpus(less)
    assert more.size_bytes(None, Part.KV) == less.size_bytes(None, Part.KV)
    assert more.size_bytes(None, Part.WEIGHTS) == less.size_bytes(None, Part.WEIGHTS)


odd_values = st.one_of(
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.just("many"),
    st.booleans(),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6),
)
ODD_KEYS = (
    "embedding_length", "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "feed_forward_length", "attention.sliding_window", "expert_count",
    "attention.sliding_window_pattern", "ssm.state_size", "ssm.inner_size", "expert_used_count",
    "nextn_predict_layers", "attention.shared_kv_layers", "full_attention_interval", "vocab_size",
    "context_length",
)  # fmt: skip


@given(
    st.sampled_from(["llamama", "llama", "gemma3", "qwen3next", "deepseek2", "falcon-h1"]),
    st.dictionaries(st.sampled_from(ODD_KEYS), odd_values, max_size=8),
)
def test_odd_keys_make_parts_unknown_and_never_a_senseless_number(
    architecture: str, odd: dict[str, Any]
) -> None:
    sound = model(architecture)
    header = make_header(
        architecture,
        {"block_count": BLOCKS, "embedding_length": 4096, "attention.head_count": 32, **odd},
        {tensor.name: (tensor.shape, tensor.type) for tensor in sound.tensors},
    )
    plan = plan_by_formula(header, LoadOptions(n_gpu_layers=2), make_machine(64, 24))
    assert all(line.size_bytes >= 0 for line in plan.lines)
    parts = {line.part for line in plan.lines}
    assert not parts & {*plan.unknown}
    if architecture == "llamama":
        assert {Part.KV, Part.COMPUTE} <= {*plan.unknown}
    if plan.unknown:
        assert plan.verdict is not Verdict.FITS


def test_a_plan_over_the_free_memory_less_a_tenth_is_over() -> None:
    header = model()
    need = plan_by_formula(header, LoadOptions(), make_machine()).total_bytes / GIB
    verdicts = [
        plan_by_formula(header, LoadOptions(), make_machine(need / share)).verdict
        for share in (0.79, 0.85, 0.91)
    ]
    assert verdicts == [Verdict.FITS, Verdict.TIGHT, Verdict.OVER]
