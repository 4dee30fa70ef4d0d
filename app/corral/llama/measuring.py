"""How fast llama.cpp reads prompts and generates with a model here: a calibration's watch."""

from pathlib import Path
from statistics import median
from time import perf_counter

from corral.errors import ExternalError
from corral.llama.batch import Batch
from corral.llama.context import Context
from corral.llama.library import LlamaLibrary
from corral.llama.model import load_model
from corral.plan.options import ContextOptions, LoadMode, LoadOptions

PROMPT_TOKENS = 128
GENERATED_TOKENS = 16
_PROMPTS = 3
_ANY_TOKEN = 7


def measure_speed(
    library: LlamaLibrary, path: Path, n_gpu_layers: int, n_threads: int
) -> tuple[float, float, float]:
    """Return the tokens a second of reading and of generating, and how far tokens were off that.

    Args:
        library: llama.cpp.
        path: A model with a vocabulary of more than a few words.
        n_gpu_layers: Layers on the GPU, -1 for all.
        n_threads: Threads, 0 for the physical cores.

    Raises:
        ExternalError: If llama.cpp refuses the model, or cannot compute.
    """
    options = LoadOptions(n_gpu_layers=n_gpu_layers, load_mode=LoadMode.NONE)
    model = load_model(library, path, options, lambda _percent: True)
    context_options = ContextOptions(n_ctx=512, n_threads=n_threads)
    try:
        context = Context(library, model, context_options)
        batch = Batch(library, PROMPT_TOKENS)
        try:
            return _prompts(context, batch), *_tokens(context, batch)
        finally:
            context.close()
    finally:
        model.close()


def _prompts(context: Context, batch: Batch) -> float:
    """Return the middle of some; before them one warms up."""
    times = []
    for _ in range(1 + _PROMPTS):
        context.clear()
        times.append(_decode(context, batch, PROMPT_TOKENS, 0))
    return PROMPT_TOKENS / median(times[1:])


def _tokens(context: Context, batch: Batch) -> tuple[float, float]:
    times = [
        _decode(context, batch, 1, PROMPT_TOKENS + number) for number in range(GENERATED_TOKENS)
    ]
    middle = median(times)
    off = sorted(max(each / middle, middle / each) for each in times)
    return 1 / middle, off[(len(off) - 1) * 3 // 4]


def _decode(context: Context, batch: Batch, count: int, position: int) -> float:
    batch.clear()
    batch.add([_ANY_TOKEN] * count, position)
    began = perf_counter()
    if context.decode(batch) != 0:
        raise ExternalError("llama.cpp could not compute while it was measured.")
    return perf_counter() - began
