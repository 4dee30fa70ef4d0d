"""How long plans take: from a header, and when only the context changes."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from corral.gguf.reader import read_header
from corral.plan.formula import Formula
from corral.plan.options import LoadOptions
from helpers.header_files import write_experts
from helpers.headers import make_machine

# A slider is followed 60 times a second.
FRAME_S = 1 / 60


def _best_s(work: Callable[[int], object]) -> float:
    """Return the quickest of some tries: what the machine does besides is not the question."""
    times = []
    for number in range(50):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    return min(times)


def test_a_slider_is_followed(tmp_path: Path) -> None:
    header = read_header(write_experts(tmp_path / "experts.gguf", 48))
    machine = make_machine(64, 24, 24)
    formula, options = Formula(header), LoadOptions()

    def other_context(number: int) -> object:
        context = replace(options.context, n_ctx=4096 + 256 * number)
        return formula.plan(replace(options, context=context), machine)

    def other_layers(number: int) -> object:
        return formula.plan(replace(options, n_gpu_layers=number % 48), machine)

    context_s, layers_s = _best_s(other_context), _best_s(other_layers)
    whole_s = _best_s(lambda _: Formula(header).plan(options, machine))
    print(
        f"another context {context_s * 1e3:.2f} ms, another placement {layers_s * 1e3:.2f} ms, "
        f"from the header {whole_s * 1e3:.2f} ms"
    )
    assert context_s < FRAME_S / 4
    assert layers_s < FRAME_S / 4
    assert whole_s < 0.050
