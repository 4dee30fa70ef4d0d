"""The load-time parameters of Modelfiles and conversations, by Ollama's names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite

from corral.errors import UserError
from corral.modelfile.catalogue import PARAMETERS, ParameterSpec, ParameterType, ParameterValue
from corral.ollama_variables import OllamaVariables
from corral.plan.options import CacheType, LoadMode, LoadOptions, SplitMode


def with_parameters(options: LoadOptions, parameters: Mapping[str, ParameterValue]) -> LoadOptions:
    """Return options with the load-time parameters put in; automatic ones change nothing.

    Raises:
        UserError: If a value is of another kind, or outside what can be.
    """
    for name, put in _PUT.items():
        value = parameters.get(name)
        if not PARAMETERS[name].is_automatic(value):
            assert value is not None
            options = put(options, _checked(name, value))
    return options


def as_said(options: LoadOptions, said: OllamaVariables) -> LoadOptions:
    """Return options with what the environment says of all contexts put in."""
    context = options.context
    if said.context_length:
        context = replace(context, n_ctx=said.context_length)
    if said.kv_cache_type in set(CacheType):
        context = replace(context, kv_type=CacheType(said.kv_cache_type))
    return replace(options, context=context)


def _checked(name: str, value: ParameterValue) -> int:
    spec = PARAMETERS[name]
    if spec.type is ParameterType.BOOLEAN:
        if isinstance(value, bool):
            return value
        raise UserError(f"{name} is {value!r}; it can be true or false.")
    if isinstance(value, bool | str | tuple) or not _is_within(spec, value):
        shown = f"{value:,}" if type(value) is int else repr(value)
        raise UserError(
            f"{name} is {shown}; it can be {spec.minimum or 0:,.0f} to {spec.maximum or 0:,.0f}."
        )
    return int(min(value, spec.maximum or value))


def _is_within(spec: ParameterSpec, value: float) -> bool:
    """Whether a number can be taken; Ollama cuts fractions off, and 9999 GPU layers mean all."""
    if not isfinite(value):
        return False
    return spec.is_useful(value) or (spec.name == "num_gpu" and value > (spec.maximum or 0))


def _put_context(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_ctx=value))


def _put_batch(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_batch=value))


def _put_threads(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, context=replace(options.context, n_threads=value))


def _put_main_gpu(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, split_mode=SplitMode.NONE, main_gpu=value)


def _put_mmap(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, load_mode=LoadMode.MMAP if value else LoadMode.NONE)


def _put_layers(options: LoadOptions, value: int) -> LoadOptions:
    return replace(options, n_gpu_layers=value)


_PUT: dict[str, Callable[[LoadOptions, int], LoadOptions]] = {
    "num_ctx": _put_context,
    "num_batch": _put_batch,
    "num_thread": _put_threads,
    "num_gpu": _put_layers,
    "main_gpu": _put_main_gpu,
    "use_mmap": _put_mmap,
}
