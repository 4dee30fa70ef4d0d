"""Model files that a stranger might have spoiled, each made from a number and always the same."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from corral.gguf.types import TensorType, ValueType
from helpers.architectures import architecture_parts, architectures
from helpers.gguf_files import (
    SPECIAL_TOKENS,
    Typed,
    Value,
    byte_tokens,
    gguf_bytes,
    tiny_experts_tensors,
    tiny_metadata,
    tiny_tensors,
    write_sparse,
)
from helpers.models import smollm2_path

Tensor = tuple[list[int], TensorType | int]
Parts = tuple[dict[str, Value], dict[str, Tensor]]
Chance = random.Random

WHOLE = (
    0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 63, 64, 65, 127, 128, 255, 256, 257, 511, 512, 513, 1000, 1024,
    4096, 65535, 65536, 2**20, 2**24, 2**31 - 1, 2**31, 2**32 - 1,
)  # fmt: skip
BROKEN = (0.0, -0.0, 1.0, -1.0, 1e-30, 1e30, -1e30, float("nan"), float("inf"), float("-inf"), 0.5)
TEXTS = (
    "", " ", "none", "linear", "yarn", "longrope", "llama", "gpt2", "bert", "t5", "rwkv", "plamo2",
    "no_vocab", "default", "qwen2", "llama-bpe", "foo", "x" * 5000, b"\xff\xfe\x00", "\0", "%s%n",
    "../../etc/passwd", "{{ 1/0 }}", "{% for x in range(10**9) %}{% endfor %}",
)  # fmt: skip
# Keys that llama.cpp reads if they are there, of whatever architecture.
EXTRA_KEYS = (
    "attention.key_length", "attention.value_length", "attention.head_count_kv",
    "attention.sliding_window", "attention.sliding_window_pattern", "attention.scale",
    "attention.max_alibi_bias", "attention.clamp_kqv", "attention.causal",
    "attention.layer_indices",
    "attention.output_scale", "attention.temperature_length", "attention.shared_kv_layers",
    "attention.key_length_mla", "attention.value_length_mla", "attention.q_lora_rank",
    "attention.kv_lora_rank", "attention.group_norm_groups", "attention.recurrent_layers",
    "attention.indexer.head_count", "attention.indexer.key_length", "attention.indexer.top_k",
    "rope.dimension_count", "rope.freq_base", "rope.freq_base_swa", "rope.scale_linear",
    "rope.scaling.type", "rope.scaling.factor", "rope.scaling.attn_factor",
    "rope.scaling.original_context_length", "rope.scaling.finetuned",
    "rope.scaling.yarn_log_multiplier", "rope.scaling.yarn_beta_fast", "rope.dimension_sections",
    "expert_count", "expert_used_count", "expert_shared_count", "expert_group_count",
    "expert_group_used_count", "expert_weights_scale", "expert_gating_func",
    "expert_feed_forward_length", "leading_dense_block_count", "moe_every_n_layers",
    "nextn_predict_layers", "vocab_size", "pooling_type", "logit_scale", "residual_scale",
    "embedding_scale", "attn_logit_softcapping", "final_logit_softcapping",
    "decoder_start_token_id",
    "swin_norm", "ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.time_step_rank",
    "ssm.group_count", "wkv.head_size", "token_shift_count", "full_attention_interval",
    "embedding_length_per_layer_input", "feed_forward_length", "use_parallel_residual",
    "tensor_data_layout", "dense_2_feat_in", "dense_2_feat_out", "classifier.output_labels",
)  # fmt: skip
TOKENIZER_KEYS = (
    "bos_token_id", "eos_token_id", "eot_token_id", "eom_token_id", "unknown_token_id",
    "seperator_token_id", "padding_token_id", "mask_token_id", "cls_token_id", "add_bos_token",
    "add_eos_token", "add_sep_token", "add_space_prefix", "remove_extra_whitespaces",
    "precompiled_charsmap", "token_type_count", "fim_pre_token_id", "fim_mid_token_id",
    "prefix_token_id", "model", "pre", "scores", "token_type", "merges", "suppress_tokens",
)  # fmt: skip


def write_hostile(path: Path, seed: int) -> str:
    """Write the file of a number; return a few words on what it was made from."""
    chance = Chance(seed)
    if seed % 25 == 0:
        _write_real(path, chance)
        return "SmolLM2"
    if is_adapter(seed):
        _write_adapter(path, chance)
        return "adapter"
    name, (metadata, tensors) = _base(chance)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        change = chance.choice(_CHANGES)
        change(chance, metadata, tensors)
    if name in ("tiny", "experts"):
        path.write_bytes(_spoiled(chance, gguf_bytes(metadata, tensors)))
    else:
        try:
            write_sparse(path, metadata, tensors)
        except OSError:  # larger than this file system can count
            path.write_bytes(gguf_bytes(metadata, tensors))
    return name


def is_adapter(seed: int) -> bool:
    """Whether a number stands for an adapter of the tiny model, not for a model."""
    return seed % 10 == 3


def _write_adapter(path: Path, chance: Chance) -> None:
    metadata: dict[str, Value] = {
        "general.architecture": "llama",
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 2.0,
    }
    wide = {"attn_q": (64, 64), "attn_k": (64, 32), "ffn_up": (64, 128), "ffn_down": (128, 64)}
    tensors: dict[str, Tensor] = {}
    for name, (width, height) in wide.items():
        tensors[f"blk.0.{name}.weight.lora_a"] = ([width, 4], TensorType.F32)
        tensors[f"blk.0.{name}.weight.lora_b"] = ([4, height], TensorType.F32)
    for _ in range(chance.choice((1, 1, 2, 3))):
        chance.choice(_ADAPTER_CHANGES)(chance, metadata, tensors)
    path.write_bytes(_spoiled(chance, gguf_bytes(metadata, tensors)))


def _base(chance: Chance) -> tuple[str, Parts]:
    kind = chance.random()
    if kind < 0.35:
        return "tiny", (tiny_metadata(), dict(tiny_tensors()))
    if kind < 0.5:
        experts = tiny_metadata(llama__expert_count=4, llama__expert_used_count=2)
        return "experts", (experts, dict(tiny_experts_tensors()))
    name = chance.choice(architectures())
    metadata, tensors = architecture_parts(name)
    n_vocab = int(metadata.get(f"{name}.vocab_size", 128))  # type: ignore[arg-type]
    tokens = [*SPECIAL_TOKENS, *byte_tokens(), *(f"w{i}" for i in range(n_vocab))][:n_vocab]
    own = {key: value for key, value in tiny_metadata().items() if key.startswith("tokenizer.")}
    own |= {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": [1] * n_vocab}
    own["tokenizer.ggml.merges"] = ["h e"]
    return name, ({**metadata, **own}, tensors)


def _write_real(path: Path, chance: Chance) -> None:
    """Write SmolLM2's header with some bytes changed; its weights are a hole."""
    with smollm2_path().open("rb") as file:
        head = bytearray(file.read(1_785_664))
    for _ in range(chance.randint(1, 6)):
        _spoil_bytes(chance, head)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(98_362_432)


def _spoiled(chance: Chance, data: bytes) -> bytes:
    """Change the bytes themselves, in one case of four."""
    if chance.random() > 0.25:
        return data
    head = bytearray(data[:6000])
    for _ in range(chance.randint(1, 4)):
        _spoil_bytes(chance, head)
    data = bytes(head) + data[6000:]
    return data[: chance.randrange(len(data))] if chance.random() < 0.1 else data


def _spoil_bytes(chance: Chance, head: bytearray) -> None:
    at = chance.randrange(4 if chance.random() < 0.1 else 24, len(head))
    match chance.randrange(4):
        case 0:
            head[at] ^= 1 << chance.randrange(8)
        case 1:
            head[at] = chance.randrange(256)
        case 2:
            number = chance.choice(WHOLE)
            head[at : at + 4] = struct.pack("<I", number)[: len(head) - at]
        case _:
            number = chance.choice((*WHOLE, 2**63, 2**64 - 1))
            head[at : at + 8] = struct.pack("<Q", number)[: len(head) - at]


# -- changes of metadata and tensors ------------------------------------------------------------


def _value(chance: Chance) -> Value:
    """Return any value at all."""
    makers: tuple[Callable[[], Value], ...] = (
        lambda: chance.choice(BROKEN),
        lambda: chance.choice(TEXTS),
        lambda: chance.random() < 0.5,
        lambda: Typed(ValueType.INT32, chance.choice((-1, -2, -(2**31), 7))),
        lambda: Typed(ValueType.UINT64, chance.choice((0, 5, 2**32, 2**63, 2**64 - 1))),
        lambda: [
            chance.choice((0, 1, 64, 2**31 - 1)) for _ in range(chance.choice((0, 1, 2, 600)))
        ],
        lambda: chance.choice(WHOLE),
        lambda: chance.choice(WHOLE),
    )
    return chance.choice(makers)()


def _like(chance: Chance, value: Value) -> Value:
    """Return another value of the same type."""
    made: Value = _value(chance)
    match value:
        case bool():
            made = not value
        case int():
            near = (value + 1, max(0, value - 1), value * 2, value // 2)
            made = chance.choice((*WHOLE, *near)) % 2**32
        case float():
            made = chance.choice((*BROKEN, -value, value * 1e6))
        case str() | bytes():
            made = chance.choice(TEXTS)
        case Typed(type=kind, value=inner) if isinstance(inner, list):
            made = Typed(kind, _list_like(chance, inner))
        case list():
            made = _list_like(chance, value)
    return made


def _list_like(chance: Chance, values: list) -> list:  # type: ignore[type-arg]
    made = list(values)
    match chance.randrange(5):
        case 0:
            return made[: chance.randrange(len(made) + 1)]
        case 1:
            return made + made[: chance.randint(1, 3)]
        case 2 if made:
            made[chance.randrange(len(made))] = made[chance.randrange(len(made))]
        case 3 if made:
            at = chance.randrange(len(made))
            other = _like(chance, made[at])
            is_small = type(other) is int and other < 2**31
            made[at] = other if is_small or isinstance(other, str | bytes) else made[at]
        case _:
            chance.shuffle(made)
    return made


def _change_value(chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]) -> None:
    key = chance.choice(list(metadata))
    metadata[key] = _like(chance, metadata[key])


def _change_type(chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]) -> None:
    metadata[chance.choice(list(metadata))] = _value(chance)


def _drop_key(chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]) -> None:
    del metadata[chance.choice(list(metadata))]


def _add_key(chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]) -> None:
    name = metadata.get("general.architecture", "llama")
    metadata[f"{name}.{chance.choice(EXTRA_KEYS)}"] = _value(chance)


def _change_tokenizer(
    chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]
) -> None:
    key = f"tokenizer.ggml.{chance.choice(TOKENIZER_KEYS)}"
    old = metadata.get(key)
    metadata[key] = _like(chance, old) if old is not None else _value(chance)


def _change_token(chance: Chance, metadata: dict[str, Value], _tensors: dict[str, Tensor]) -> None:
    found = metadata.get("tokenizer.ggml.tokens")
    if isinstance(found, list) and found:
        tokens = list(found)
        tokens[chance.randrange(len(tokens))] = chance.choice((*TEXTS, tokens[0]))
        metadata["tokenizer.ggml.tokens"] = tokens


def _drop_tensor(chance: Chance, _metadata: dict[str, Value], tensors: dict[str, Tensor]) -> None:
    if tensors:
        del tensors[chance.choice(list(tensors))]


def _reshape(chance: Chance, _metadata: dict[str, Value], tensors: dict[str, Tensor]) -> None:
    if not tensors:
        return
    name = chance.choice(list(tensors))
    shape, kind = list(tensors[name][0]), tensors[name][1]
    match chance.randrange(4):
        case 0 if shape:
            shape[chance.randrange(len(shape))] = chance.choice(
                (0, 1, 32, 63, 64, 128, 2**20, 2**40)
            )
        case 1:
            shape.append(chance.choice((1, 2)))
        case 2:
            shape = shape[:-1]
        case _:
            shape.reverse()
    tensors[name] = (shape, kind)


def _retype(chance: Chance, _metadata: dict[str, Value], tensors: dict[str, Tensor]) -> None:
    if tensors:
        name = chance.choice(list(tensors))
        kinds = (*TensorType, 4, 5, 36, 99)
        tensors[name] = (tensors[name][0], chance.choice(kinds))


def _rename(chance: Chance, _metadata: dict[str, Value], tensors: dict[str, Tensor]) -> None:
    if not tensors:
        return
    name, other = chance.choice(list(tensors)), chance.choice(list(tensors))
    made = chance.choice((f"{name}x", other, "", "blk.99.attn_q.weight", "output.weight", "a" * 64))
    tensors[made] = tensors.pop(name)


Change = Callable[[Chance, dict[str, Value], dict[str, Tensor]], None]
_CHANGES: tuple[Change, ...] = (
    *(_change_value,) * 5, *(_change_type,) * 2, _drop_key, *(_add_key,) * 4,
    *(_change_tokenizer,) * 2, _change_token, _drop_tensor, *(_reshape,) * 2, *(_retype,) * 2,
    _rename,
)  # fmt: skip
_ADAPTER_CHANGES: tuple[Change, ...] = (
    _change_value, _change_type, _drop_key, _drop_tensor, *(_reshape,) * 3, *(_retype,) * 3,
    _rename,
)  # fmt: skip
