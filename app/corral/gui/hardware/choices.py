"""What can be chosen about a plan; knows no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from corral.gui.hardware.planner import Planner
from corral.plan.options import CacheType, ContextOptions, FlashAttention, LoadOptions


class Choices:
    """Changes one option of the plan at a time, at any rate."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def set_context(self, n_ctx: int) -> None:
        """Plan with another context length."""
        self._change_context(lambda context: replace(context, n_ctx=n_ctx))

    def set_kv_type(self, kv_type: str) -> None:
        """Plan with another type of the KV cache."""
        self._change_context(lambda context: replace(context, kv_type=CacheType(kv_type)))

    def set_micro_batch(self, tokens: int) -> None:
        """Plan with another micro-batch; a batch holds at least one."""
        self._change_context(
            lambda context: replace(context, n_ubatch=tokens, n_batch=max(context.n_batch, tokens))
        )

    def set_flash_attention(self, choice: str) -> None:
        """Plan with attention computed in one pass, or not."""
        attention = FlashAttention(choice)
        self._change_context(lambda context: replace(context, flash_attention=attention))

    def set_gpu_layers(self, layers: int) -> None:
        """Plan with other layers on the GPU."""
        self._change(lambda options: replace(options, n_gpu_layers=layers))

    def set_expert_layers(self, layers: int) -> None:
        """Plan with the experts of so many layers in main memory."""
        self._change(lambda options: replace(options, cpu_expert_layers=layers))

    def _change_context(self, change: Callable[[ContextOptions], ContextOptions]) -> None:
        self._change(lambda options: replace(options, context=change(options.context)))

    def _change(self, change: Callable[[LoadOptions], LoadOptions]) -> None:
        if options := self._planner.options:
            self._planner.set_options(change(options))
