"""Headers of well-known models from their public dimensions: no weights, their sizes to the byte.

Files are holes of tens of gigabytes that take some kilobytes on the disk. Tensor types follow
llama.cpp's own rules for a mix (`Q4_K_M`: values and down projections of some blocks get six bits).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corral.gguf.types import TensorType
from helpers.gguf_files import Value
from helpers.header_files import Tensor, write_header

F32, F16, Q4, Q6, Q8 = (TensorType[n] for n in ("F32", "F16", "Q4_K", "Q6_K", "Q8_0"))
Shape = tuple[int, ...]
Named = Iterator[tuple[str, Shape]]
# Kept in full whatever the mix is.
_IN_FULL = ("norm", "ffn_gate_inp", "ssm_conv1d", "shortconv.conv", ".bias", "sinks", "ssm_a")


@dataclass(frozen=True, kw_only=True)
class Known:
    """The dimensions of a model.

    Attributes:
        blocks, width, ffn, heads, kv_heads, head, words: What all have.
        mix: "Q4_K_M", "Q8_0" or "MXFP4".
        is_tied: Whether the output uses the embeddings of the input.
        keys: More keys, without the architecture.
        block: The tensors of one block.
        others: Tensors outside of blocks, beside embeddings and output.
    """

    architecture: str
    blocks: int
    width: int
    ffn: int
    heads: int
    kv_heads: int
    head: int
    words: int
    block: "Callable[[Known, int], Named]"
    mix: str = "Q4_K_M"
    is_tied: bool = False
    context: int = 131072
    others: tuple[tuple[str, Shape], ...] = ()
    keys: dict[str, Value] = field(default_factory=dict)


def _attention(k: Known, *, bias: bool = False, qk_norm: bool = False) -> Named:
    q, kv = k.heads * k.head, k.kv_heads * k.head
    yield "attn_norm.weight", (k.width,)
    yield from (("attn_q.weight", (k.width, q)), ("attn_k.weight", (k.width, kv)))
    yield from (("attn_v.weight", (k.width, kv)), ("attn_output.weight", (q, k.width)))
    if bias:
        yield from (("attn_q.bias", (q,)), ("attn_k.bias", (kv,)), ("attn_v.bias", (kv,)))
    if qk_norm:
        yield from (("attn_q_norm.weight", (k.head,)), ("attn_k_norm.weight", (k.head,)))


def _dense(k: Known, width: int = 0) -> Named:
    ffn = width or k.ffn
    yield from (("ffn_gate.weight", (k.width, ffn)), ("ffn_up.weight", (k.width, ffn)))
    yield "ffn_down.weight", (ffn, k.width)


def _experts(k: Known, *, bias: bool = False, shared: int = 0, is_gated: bool = False) -> Named:
    count, ffn = k.keys["expert_count"], k.keys.get("expert_feed_forward_length", k.ffn)
    assert isinstance(count, int)
    assert isinstance(ffn, int)
    yield "ffn_gate_inp.weight", (k.width, count)
    yield "ffn_gate_exps.weight", (k.width, ffn, count)
    yield "ffn_up_exps.weight", (k.width, ffn, count)
    yield "ffn_down_exps.weight", (ffn, k.width, count)
    if bias:
        yield from (("ffn_gate_inp.bias", (count,)), ("ffn_gate_exps.bias", (ffn, count)))
        yield from (("ffn_up_exps.bias", (ffn, count)), ("ffn_down_exps.bias", (k.width, count)))
    if shared:
        yield from (
            ("ffn_gate_shexp.weight", (k.width, shared)),
            ("ffn_up_shexp.weight", (k.width, shared)),
            ("ffn_down_shexp.weight", (shared, k.width)),
        )
    if is_gated:
        yield "ffn_gate_inp_shexp.weight", (k.width,)


def _llama(k: Known, _: int) -> Named:
    yield from _attention(k)
    yield "ffn_norm.weight", (k.width,)
    yield from _dense(k)


def _qwen2(k: Known, _: int) -> Named:
    yield from _attention(k, bias=True)
    yield "ffn_norm.weight", (k.width,)
    yield from _dense(k)


def _qwen3(k: Known, _: int) -> Named:
    yield from _attention(k, qk_norm=True)
    yield "ffn_norm.weight", (k.width,)
    yield from _experts(k) if "expert_count" in k.keys else _dense(k)


def _mixtral(k: Known, _: int) -> Named:
    yield from _attention(k)
    yield "ffn_norm.weight", (k.width,)
    yield from _experts(k)


def _gemma(k: Known, _: int) -> Named:
    yield from _attention(k, qk_norm=k.architecture == "gemma3")
    yield "post_attention_norm.weight", (k.width,)
    yield "ffn_norm.weight", (k.width,)
    yield from _dense(k)
    yield "post_ffw_norm.weight", (k.width,)


def _gpt_oss(k: Known, _: int) -> Named:
    yield from _attention(k, bias=True)
    yield from (("attn_output.bias", (k.width,)), ("attn_sinks.weight", (k.heads,)))
    yield "post_attention_norm.weight", (k.width,)
    yield from _experts(k, bias=True)


def _phi3(k: Known, _: int) -> Named:
    q, kv = k.heads * k.head, k.kv_heads * k.head
    yield from (("attn_norm.weight", (k.width,)), ("attn_qkv.weight", (k.width, q + 2 * kv)))
    yield from (("attn_output.weight", (q, k.width)), ("ffn_norm.weight", (k.width,)))
    yield from (("ffn_up.weight", (k.width, 2 * k.ffn)), ("ffn_down.weight", (k.ffn, k.width)))


def _command_r(k: Known, _: int) -> Named:
    yield from _attention(k)
    yield from _dense(k)


def _deepseek2(k: Known, i: int) -> Named:
    """Latent attention; the first blocks are dense."""
    rank, rope, nope, value = 512, 64, 128, 128
    yield "attn_norm.weight", (k.width,)
    queries = k.heads * (nope + rope)
    q_rank = k.keys.get("attention.q_lora_rank")
    if isinstance(q_rank, int):
        yield from (("attn_q_a.weight", (k.width, q_rank)), ("attn_q_a_norm.weight", (q_rank,)))
        yield "attn_q_b.weight", (q_rank, queries)
    else:
        yield "attn_q.weight", (k.width, queries)
    yield "attn_kv_a_mqa.weight", (k.width, rank + rope)
    yield "attn_kv_a_norm.weight", (rank,)
    yield "attn_k_b.weight", (nope, rank, k.heads)
    yield "attn_v_b.weight", (rank, value, k.heads)
    yield "attn_output.weight", (k.heads * value, k.width)
    yield "ffn_norm.weight", (k.width,)
    dense, expert = k.keys["leading_dense_block_count"], k.keys["expert_feed_forward_length"]
    shared = k.keys["expert_shared_count"]
    assert isinstance(dense, int)
    assert isinstance(expert, int)
    assert isinstance(shared, int)
    yield from _dense(k) if i < dense else _experts(k, shared=shared * expert)


def _qwen35(k: Known, i: int) -> Named:
    """Three blocks of a gated delta net, one of attention."""
    state, groups, inner = 128, 16, k.keys["ssm.inner_size"]
    ranks = k.keys["ssm.time_step_rank"]
    assert isinstance(inner, int)
    assert isinstance(ranks, int)
    yield "attn_norm.weight", (k.width,)
    yield "post_attention_norm.weight", (k.width,)
    if (i + 1) % 4:
        mixed = inner + 2 * groups * state
        yield from (("attn_qkv.weight", (k.width, mixed)), ("attn_gate.weight", (k.width, inner)))
        yield from (("ssm_conv1d.weight", (4, mixed)), ("ssm_dt.bias", (ranks,)))
        yield from (("ssm_a", (ranks,)), ("ssm_norm.weight", (state,)))
        if k.architecture == "qwen3next":
            yield "ssm_ba.weight", (k.width, 2 * ranks)
        else:
            yield from (
                ("ssm_beta.weight", (k.width, ranks)),
                ("ssm_alpha.weight", (k.width, ranks)),
            )
        yield "ssm_out.weight", (inner, k.width)
    else:
        q, kv = k.heads * k.head, k.kv_heads * k.head
        yield from (("attn_q.weight", (k.width, 2 * q)), ("attn_k.weight", (k.width, kv)))
        yield from (("attn_v.weight", (k.width, kv)), ("attn_output.weight", (q, k.width)))
        yield from (("attn_q_norm.weight", (k.head,)), ("attn_k_norm.weight", (k.head,)))
    if "expert_count" in k.keys:
        shared = k.keys["expert_shared_feed_forward_length"]
        assert isinstance(shared, int)
        yield from _experts(k, shared=shared, is_gated=True)
    else:
        yield from _dense(k)


def _glm4moe(k: Known, i: int) -> Named:
    yield from _attention(k, bias=True)
    yield "post_attention_norm.weight", (k.width,)
    if i < 1:
        yield from _dense(k)
        return
    yield "exp_probs_b.bias", (128,)
    yield from _experts(k, shared=1408)


def _falcon_h1(k: Known, _: int) -> Named:
    """Attention and a state space side by side in every block."""
    inner, state, heads = 3072, 256, 24
    mixed = inner + 2 * state
    yield "ssm_in.weight", (k.width, 2 * inner + 2 * state + heads)
    yield from (("ssm_conv1d.weight", (4, mixed)), ("ssm_conv1d.bias", (mixed,)))
    yield from (("ssm_dt.bias", (heads,)), ("ssm_a", (1, heads)), ("ssm_d", (1, heads)))
    yield "ssm_out.weight", (inner, k.width)
    yield from _attention(k)
    yield "ffn_norm", (k.width,)
    yield from _dense(k)


def _lfm2moe(k: Known, i: int) -> Named:
    kv_heads = k.keys["attention.head_count_kv"]
    assert isinstance(kv_heads, list)
    yield from (("attn_norm.weight", (k.width,)), ("ffn_norm.weight", (k.width,)))
    if kv_heads[i]:
        yield from (t for t in _attention(k, qk_norm=True) if t[0] != "attn_norm.weight")
    else:
        yield "shortconv.conv.weight", (3, k.width)
        yield "shortconv.in_proj.weight", (k.width, 3 * k.width)
        yield "shortconv.out_proj.weight", (k.width, k.width)
    if i < 2:
        yield from _dense(k)
        return
    yield "exp_probs_b.bias", (32,)
    yield from _experts(k)


def _mamba2(k: Known, _: int) -> Named:
    inner, state, heads = 2 * k.width, 128, 80
    mixed = inner + 2 * state
    yield "attn_norm.weight", (k.width,)
    yield "ssm_in.weight", (k.width, 2 * inner + 2 * state + heads)
    yield from (("ssm_conv1d.weight", (4, mixed)), ("ssm_conv1d.bias", (mixed,)))
    yield from (("ssm_dt.bias", (heads,)), ("ssm_a", (1, heads)), ("ssm_d", (1, heads)))
    yield from (("ssm_norm.weight", (inner, 1)), ("ssm_out.weight", (inner, k.width)))


def _moe(count: int, used: int, ffn: int, **more: Value) -> dict[str, Value]:
    keys: dict[str, Value] = {
        "expert_count": count, "expert_used_count": used, "expert_feed_forward_length": ffn,
    }  # fmt: skip
    return keys | more


def _mla(q_rank: int = 0) -> dict[str, Value]:
    keys: dict[str, Value] = {
        "attention.kv_lora_rank": 512, "attention.key_length": 576, "attention.value_length": 512,
        "attention.key_length_mla": 192, "attention.value_length_mla": 128,
        "rope.dimension_count": 64, "attention.head_count_kv": 1,
    }  # fmt: skip
    return {**keys, "attention.q_lora_rank": q_rank} if q_rank else keys


def _delta(inner: int, ranks: int) -> dict[str, Value]:
    return {
        "ssm.inner_size": inner, "ssm.conv_kernel": 4, "ssm.state_size": 128,
        "ssm.group_count": 16, "ssm.time_step_rank": ranks, "full_attention_interval": 4,
        "rope.dimension_sections": [11, 11, 10, 0], "rope.dimension_count": 64,
    }  # fmt: skip


def _known(
    architecture: str,
    dimensions: tuple[int, int, int, int, int, int, int],
    block: Callable[[Known, int], Named],
    mix: str = "Q4_K_M",
    *,
    is_tied: bool = False,
    others: tuple[tuple[str, Shape], ...] = (),
    **keys: Value,
) -> Known:
    blocks, width, ffn, heads, kv_heads, head, words = dimensions
    return Known(
        architecture=architecture, blocks=blocks, width=width, ffn=ffn, heads=heads,
        kv_heads=kv_heads, head=head, words=words, block=block, mix=mix, is_tied=is_tied,
        others=others, keys={key.replace("__", "."): value for key, value in keys.items()},
    )  # fmt: skip


_ROPE = (("rope_freqs.weight", (64,)),)
_LFM_HEADS = [8 if i in {2, 6, 10, 14, 18, 21} else 0 for i in range(24)]
# Blocks, width, feed-forward, heads, key-value heads, width of a head, words.
KNOWN: dict[str, Known] = {
    "Llama 3.1 8B": _known("llama", (32, 4096, 14336, 32, 8, 128, 128256), _llama, others=_ROPE),
    "Llama 3.2 3B": _known(
        "llama", (28, 3072, 8192, 24, 8, 128, 128256), _llama, is_tied=True, others=_ROPE
    ),
    "Ministral 3 3B": _known(
        "mistral3", (26, 3072, 9216, 32, 8, 128, 131072), _llama, is_tied=True
    ),
    "Mistral Small 22B": _known("llama", (56, 6144, 16384, 48, 8, 128, 32768), _llama),
    "Qwen 2.5 7B": _known("qwen2", (28, 3584, 18944, 28, 4, 128, 152064), _qwen2, "Q8_0"),
    "Qwen 2.5 0.5B": _known("qwen2", (24, 896, 4864, 14, 2, 64, 151936), _qwen2, is_tied=True),
    "Qwen 3 0.6B": _known("qwen3", (28, 1024, 3072, 16, 8, 128, 151936), _qwen3, is_tied=True),
    "Qwen 3 1.7B": _known("qwen3", (28, 2048, 6144, 16, 8, 128, 151936), _qwen3, is_tied=True),
    "Qwen 3 30B-A3B": _known(
        "qwen3moe", (48, 2048, 6144, 32, 4, 128, 151936), _qwen3, **_moe(128, 8, 768)
    ),
    "Qwen 3 30B-A3B F16": _known(
        "qwen3moe", (48, 2048, 6144, 32, 4, 128, 151936), _qwen3, "F16", **_moe(128, 8, 768)
    ),
    "Mixtral 8x7B": _known(
        "llama", (32, 4096, 14336, 32, 8, 128, 32000), _mixtral,
        expert_count=8, expert_used_count=2,
    ),
    "Gemma 2 2B": _known(
        "gemma2", (26, 2304, 9216, 8, 4, 256, 256000), _gemma, is_tied=True,
        attention__sliding_window=4096,
    ),
    "Gemma 2 9B": _known(
        "gemma2", (42, 3584, 14336, 16, 8, 256, 256000), _gemma, is_tied=True,
        attention__sliding_window=4096,
    ),
    "Gemma 3 4B": _known(
        "gemma3", (34, 2560, 10240, 8, 4, 256, 262208), _gemma, is_tied=True,
        attention__sliding_window=1024,
    ),
    "Gemma 3 27B": _known(
        "gemma3", (62, 5376, 21504, 32, 16, 128, 262208), _gemma, is_tied=True,
        attention__sliding_window=1024,
    ),
    "gpt-oss 20B": _known(
        "gpt-oss", (24, 2880, 2880, 64, 8, 64, 201088), _gpt_oss, "MXFP4",
        attention__sliding_window=128, **_moe(32, 4, 2880),
    ),
    "Phi 3 mini": _known("phi3", (32, 3072, 8192, 32, 32, 96, 32064), _phi3),
    "Command R 35B": _known(
        "command-r", (40, 8192, 22528, 64, 64, 128, 256000), _command_r, is_tied=True
    ),
    "DeepSeek V2 Lite": _known(
        "deepseek2", (27, 2048, 10944, 16, 1, 576, 102400), _deepseek2,
        leading_dense_block_count=1, expert_shared_count=2, **_mla(), **_moe(64, 6, 1408),
    ),
    "DeepSeek V3": _known(
        "deepseek2", (61, 7168, 18432, 128, 1, 576, 129280), _deepseek2,
        leading_dense_block_count=3, expert_shared_count=1, **_mla(1536), **_moe(256, 8, 2048),
    ),
    "GLM 4.5 Air": _known(
        "glm4moe", (46, 4096, 10944, 96, 8, 128, 151552), _glm4moe,
        leading_dense_block_count=1, expert_shared_count=1, **_moe(128, 8, 1408),
    ),
    "Qwen 3.5 9B": _known(
        "qwen35", (32, 4096, 12288, 16, 4, 256, 248320), _qwen35, **_delta(4096, 32)
    ),
    "Qwen 3.6 27B": _known(
        "qwen35", (64, 5120, 17408, 24, 4, 256, 248320), _qwen35, **_delta(6144, 48)
    ),
    "Qwen 3.6 35B-A3B": _known(
        "qwen35moe", (40, 2048, 512, 16, 2, 256, 248320), _qwen35,
        expert_shared_feed_forward_length=512, **_delta(4096, 32), **_moe(256, 8, 512),
    ),
    "Qwen 3 Next 80B": _known(
        "qwen3next", (48, 2048, 5120, 16, 2, 256, 151936), _qwen35,
        expert_shared_feed_forward_length=512, **_delta(4096, 32), **_moe(512, 10, 512),
    ),
    "Falcon H1 7B": _known(
        "falcon-h1", (44, 3072, 12288, 12, 2, 128, 130048), _falcon_h1,
        ssm__inner_size=3072, ssm__conv_kernel=4, ssm__state_size=256, ssm__group_count=1,
        ssm__time_step_rank=24,
    ),
    "LFM2 8B-A1B": _known(
        "lfm2moe", (24, 2048, 7168, 32, 8, 64, 65536), _lfm2moe, is_tied=True,
        attention__head_count_kv=_LFM_HEADS, shortconv__l_cache=3, leading_dense_block_count=2,
        expert_gating_func=2, **_moe(32, 4, 1792),
        others=(("token_embd_norm.weight", (2048,)),),
    ),
    "Mamba 2 2.7B": _known(
        "mamba2", (64, 2560, 0, 0, 0, 0, 50288), _mamba2, "Q8_0", is_tied=True,
        ssm__inner_size=5120, ssm__conv_kernel=4, ssm__state_size=128, ssm__group_count=1,
        ssm__time_step_rank=80,
    ),
}  # fmt: skip


def write_known(folder: Path, name: str) -> Path:
    """Write the header of a known model."""
    k = KNOWN[name]
    tensors = [_typed(k, *named) for named in _outside(k)]
    for i in range(k.blocks):
        tensors += [_typed(k, f"blk.{i}.{tensor}", shape, i) for tensor, shape in k.block(k, i)]
    keys: dict[str, Value] = {
        "block_count": k.blocks,
        "context_length": k.context,
        "embedding_length": k.width,
        "feed_forward_length": k.ffn,
        "vocab_size": k.words,
        "attention.head_count": k.heads,
        "attention.head_count_kv": k.kv_heads,
        "attention.key_length": k.head,
        "attention.value_length": k.head,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "attention.layer_norm_epsilon": 1e-6,
        "rope.freq_base": 1e6,
        "logit_scale": 1.0,
        **k.keys,
    }
    file = folder / f"{name.replace(' ', '-')}.gguf"
    return write_header(file, k.architecture, keys, tensors)


def _outside(k: Known) -> Named:
    yield "token_embd.weight", (k.width, k.words)
    if not k.is_tied:
        yield "output.weight", (k.width, k.words)
    if not any("token_embd_norm" in name for name, _ in k.others):
        yield "output_norm.weight", (k.width,)
    yield from k.others


def _typed(k: Known, name: str, shape: Shape, i: int = 0) -> Tensor:
    return name, shape, _type(k, name, shape, i)


def _type(k: Known, name: str, shape: Shape, i: int) -> TensorType:
    if len(shape) == 1 or any(part in name for part in _IN_FULL) or shape[0] < 32:
        return F32
    if k.mix == "MXFP4":
        return TensorType.MXFP4 if "exps" in name else Q8
    if k.mix in {"Q8_0", "F16"}:
        return Q8 if k.mix == "Q8_0" else F16
    if shape[0] % 256:
        return Q8 if shape[0] % 32 == 0 else F16
    if "attn_qkv" in name:
        return TensorType.Q5_K
    wide = name.startswith("output") or (k.is_tied and name.startswith("token_embd"))
    wide |= ("attn_v" in name or "ffn_down" in name) and _has_more_bits(i, k.blocks)
    return Q6 if wide else Q4


def _has_more_bits(i: int, n: int) -> bool:
    return i < n // 8 or i >= 7 * n // 8 or (i - n // 8) % 3 == 2
