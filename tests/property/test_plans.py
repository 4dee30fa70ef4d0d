"""What holds of every plan, whatever the model, the machine and the options."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from corral.gguf.header import Header
from corral.gguf.types import TensorType
from corral.plan.formula import Formula
from corral.plan.machine import Machine
from corral.plan.options import CacheType, ContextOptions, LoadMode, LoadOptions
from corral.plan.plan import Part, Plan
from helpers.headers import Key, make_header, make_machine

ARCHITECTURES = ("llama", "qwen3moe", "gemma3", "mamba2", "falcon-h1", "unheard-of")


@st.composite
def headers(draw: st.DrawFn) -> Header:
    blocks, width = draw(st.integers(1, 12)), 64 * draw(st.integers(1, 8))
    keys: dict[str, Key] = {
        "block_count": blocks,
        "embedding_length": width,
        "context_length": 1 << 17,
        "feed_forward_length": 2 * width,
        "attention.head_count": 4,
        "attention.head_count_kv": draw(st.sampled_from((1, 2, 4))),
        "attention.sliding_window": draw(st.sampled_from((0, 512))),
        "ssm.conv_kernel": 4,
        "ssm.inner_size": 2 * width,
        "ssm.state_size": 64,
        "vocab_size": 1000,
    }
    tensor_type = draw(st.sampled_from((TensorType.F32, TensorType.F16, TensorType.Q8_0)))
    tensors = {"token_embd.weight": ((width, 1000), tensor_type)}
    for i in range(blocks):
        tensors[f"blk.{i}.ffn_up.weight"] = ((width, 2 * width), tensor_type)
        tensors[f"blk.{i}.attn_norm.weight"] = ((width,), TensorType.F32)
    if draw(st.booleans()):
        tensors["output.weight"] = ((width, 1000), tensor_type)
    tensors["output_norm.weight"] = ((width,), TensorType.F32)
    return make_header(draw(st.sampled_from(ARCHITECTURES)), keys, tensors)


MACHINES = st.builds(lambda gpus: make_machine(64, *gpus), st.lists(st.integers(1, 48), max_size=3))
CONTEXTS = st.builds(
    ContextOptions,
    n_ctx=st.integers(1, 100_000),
    kv_type=st.sampled_from((CacheType.F16, CacheType.Q8_0)),
    n_batch=st.integers(1, 4096),
    n_ubatch=st.integers(1, 4096),
    n_seq_max=st.integers(1, 8),
)
OPTIONS = st.builds(
    LoadOptions,
    n_gpu_layers=st.integers(-1, 14),
    load_mode=st.sampled_from(LoadMode),
    context=CONTEXTS,
)


def plan(header: Header, options: LoadOptions, machine: Machine) -> Plan:
    return Formula(header).plan(options, machine)


@settings(deadline=None)
@given(headers(), OPTIONS, MACHINES, st.sampled_from(("n_ctx", "n_ubatch", "n_seq_max")))
def test_more_of_anything_never_takes_less(
    header: Header, options: LoadOptions, machine: Machine, field: str
) -> None:
    more = replace(options.context, **{field: getattr(options.context, field) * 2})
    larger = plan(header, replace(options, context=more), machine)
    small = plan(header, options, machine)
    for device in machine.devices:
        assert larger.size_bytes(device.name) >= small.size_bytes(device.name)


@settings(deadline=None)
@given(headers(), OPTIONS, MACHINES)
def test_each_tensor_is_placed_and_only_the_tied_one_twice(
    header: Header, options: LoadOptions, machine: Machine
) -> None:
    made = plan(header, replace(options, load_mode=LoadMode.NONE), machine)
    in_file = sum(tensor.size_bytes for tensor in header.tensors)
    names = {tensor.name: tensor.size_bytes for tensor in header.tensors}
    is_copied = "output.weight" not in names and made.options.n_gpu_layers > 0
    copied = names["token_embd.weight"] if is_copied else 0
    padding = (len(header.tensors) + 1) * 1024
    placed = made.size_bytes(None, Part.WEIGHTS)
    assert in_file + copied <= placed <= in_file + copied + padding


@settings(deadline=None)
@given(headers(), OPTIONS, st.integers(1, 48))
def test_more_layers_on_the_gpu_are_more_weights_there(
    header: Header, options: LoadOptions, gib: int
) -> None:
    machine = make_machine(64, gib)
    sizes = [
        plan(header, replace(options, n_gpu_layers=n), machine).size_bytes("CUDA0", Part.WEIGHTS)
        for n in range(14)
    ]
    assert sizes == sorted(sizes)


@settings(deadline=None)
@given(headers(), OPTIONS, MACHINES)
def test_the_sums_of_a_plan_agree(header: Header, options: LoadOptions, machine: Machine) -> None:
    made = plan(header, options, machine)
    assert made.total_bytes == sum(made.size_bytes(device.name) for device in machine.devices)
    assert all(line.size_bytes > 0 for line in made.lines)


@settings(deadline=None)
@given(headers(), OPTIONS, OPTIONS, MACHINES)
def test_plans_of_one_model_do_not_disturb_each_other(
    header: Header, first: LoadOptions, second: LoadOptions, machine: Machine
) -> None:
    formula = Formula(header)
    made = [formula.plan(options, machine) for options in (first, second, first)]
    assert made == [plan(header, options, machine) for options in (first, second, first)]
