"""Weights by llama.cpp's placement rules."""

from dataclasses import replace

import pytest

from corral.gguf.header import Header
from corral.gguf.types import TensorType
from corral.plan.machine import Machine
from corral.plan.options import LoadMode
from corral.plan.placement import place
from corral.plan.repack import RepackedType, RepackRule
from corral.plan.weights import DeviceWeights, device_weights
from helpers.headers import make_header, make_machine

EMBEDDING, BLOCK, NORM = 1024 * 64 * 4, 64 * 64 * 4, 64 * 4
REPACK_Q4_0 = RepackRule(
    types=(
        RepackedType(type="Q4_0", is_expert=False, row_multiple=32, block_bytes=20),
        RepackedType(type="Q4_0", is_expert=True, row_multiple=8, block_bytes=18),
    )
)


def model(
    tensor_type: TensorType = TensorType.F32, *, is_tied: bool = False, **keys: int
) -> Header:
    tensors = {"token_embd.weight": ([64, 1024], TensorType.F32)}
    for i in range(3):
        tensors[f"blk.{i}.ffn_up.weight"] = ([64, 64], tensor_type)
    tensors["output_norm.weight"] = ([64], TensorType.F32)
    if not is_tied:
        tensors["output.weight"] = ([64, 1024], TensorType.F32)
    return make_header("llama", {"block_count": 3, "embedding_length": 64, **keys}, tensors)


def weights(
    header: Header, machine: Machine, n_layers: int = -1, mode: LoadMode = LoadMode.NONE
) -> dict[str, DeviceWeights]:
    return device_weights(header, place(n_layers, 3, machine), mode, machine)


def with_repack(machine: Machine) -> Machine:
    return replace(machine, cpu=replace(machine.cpu, repack=REPACK_Q4_0))


def test_the_input_stays_and_the_output_goes_with_its_layer() -> None:
    found = weights(model(), make_machine(8, 8))
    assert found["CPU"].allocated_bytes == EMBEDDING
    assert found["CUDA0"].allocated_bytes == 3 * BLOCK + NORM + EMBEDDING


def test_tied_embeddings_are_copied_to_the_gpu_of_the_output() -> None:
    header = model(is_tied=True)
    assert weights(header, make_machine(8, 8))["CUDA0"].allocated_bytes == (
        3 * BLOCK + NORM + EMBEDDING
    )
    assert weights(header, make_machine(8))["CPU"].allocated_bytes == 3 * BLOCK + NORM + EMBEDDING


def test_a_mapped_file_counts_from_the_first_to_the_last_tensor_that_is_used_there() -> None:
    found = weights(model(), make_machine(8, 8), n_layers=2, mode=LoadMode.MMAP)["CPU"]
    assert found == DeviceWeights(mapped_bytes=EMBEDDING + 2 * BLOCK)


def test_the_gaps_of_a_mapped_file_count_too() -> None:
    tensors = {
        "output.weight": ([64, 8], TensorType.F32),
        "token_embd.weight": ([64, 8], TensorType.F32),
        "blk.2.ffn_up.weight": ([64, 64], TensorType.F32),
        "blk.0.ffn_up.weight": ([64, 64], TensorType.F32),
    }
    header = make_header("llama", {"block_count": 3, "embedding_length": 64}, tensors)
    found = weights(header, make_machine(8, 8), n_layers=3, mode=LoadMode.MMAP)["CPU"]
    assert found.mapped_bytes == 64 * 8 * 4 + 2 * BLOCK


def test_repacked_weights_are_copied_even_when_the_file_is_mapped() -> None:
    found = weights(model(TensorType.Q4_0), with_repack(make_machine(8)), mode=LoadMode.MMAP)
    file_bytes = 2 * EMBEDDING + 3 * 64 * 64 // 32 * 18 + NORM
    copied = 3 * 64 * 64 // 32 * 20
    assert found["CPU"] == DeviceWeights(allocated_bytes=copied, mapped_bytes=file_bytes)


def test_nothing_is_repacked_beside_a_gpu_with_pinned_memory() -> None:
    found = weights(model(TensorType.Q4_0), with_repack(make_machine(8, 8)), n_layers=0)
    assert found["CPU"].allocated_bytes == 2 * EMBEDDING + 3 * 64 * 64 // 32 * 18 + NORM


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("blk.0.ffn_up.weight", [64, 64], 2560),
        ("blk.0.ffn_up.weight", [64, 48], None),  # not a multiple of 32 rows
        ("blk.0.ffn_up_exps.weight", [64, 48, 2], 3456),
        ("blk.0.attn_k_b.weight", [64, 64, 2], None),  # stacked, but not experts
        ("blk.0.ssm_conv1d.weight", [64, 64], None),  # not a plain multiplication
        ("output_norm.weight", [64], None),
    ],
)
def test_what_is_repacked_depends_on_name_and_shape(
    name: str, shape: list[int], expected: int | None
) -> None:
    tensor = make_header(tensors={name: (shape, TensorType.Q4_0)}).tensors[0]
    assert REPACK_Q4_0.size_bytes(tensor) == expected


def test_cuda_pads_the_last_row_of_quantized_matrices() -> None:
    header = make_header(
        "llama",
        {"block_count": 1},
        {"blk.0.ffn_up.weight": ([64, 64], TensorType.Q4_0)},
    )
    machine = make_machine(8, 8)
    found = device_weights(header, place(-1, 1, machine), LoadMode.NONE, machine)
    assert found["CUDA0"].allocated_bytes == 64 * 64 // 32 * 18 + (512 - 64) // 32 * 18 + 4


def test_rope_factors_lie_on_every_device_with_blocks() -> None:
    header = make_header(
        "llama",
        {"block_count": 3},
        {"rope_freqs.weight": ([32], TensorType.F32)},
    )
    found = weights(header, make_machine(8, 8), n_layers=2)
    assert {name: w.allocated_bytes for name, w in found.items()} == {"CPU": 128, "CUDA0": 128}


def test_blocks_that_predict_further_tokens_are_not_loaded() -> None:
    header = model(nextn_predict_layers=1)
    assert weights(header, make_machine(8))["CPU"].allocated_bytes == (
        2 * EMBEDDING + 2 * BLOCK + NORM
    )
