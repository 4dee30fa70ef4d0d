"""The suite's course for PyPI's `xllamacpp`, run by another Python: nothing of Corral is imported.

Usage: PYTHON xllamacpp_course.py, with the order as JSON on the standard input. The last line of
the standard output is the answer.
"""

import importlib
import json
import sys
import threading
import time
from typing import Any, TypeAlias

# What the other library and JSON hold.
Foreign: TypeAlias = Any


def main() -> None:
    """Read the order, measure, write the answer."""
    order = json.load(sys.stdin)
    library = importlib.import_module("xllamacpp")
    answer: dict[str, Any] = {"version": str(getattr(library, "__version__", "unknown"))}
    server = _server(library, order, n_parallel=1)
    answer["prompt"], answer["generation"] = _single(server, order)
    answer["copied"] = _rate(server, order["copied"], order["copied_tokens"])
    del server
    guessing = _server(library, order, n_parallel=1, is_guessing=True)
    answer["copied_guessed"] = _rate(guessing, order["copied"], order["copied_tokens"])
    del guessing
    server = _server(library, order, n_parallel=max(order["batches"]))
    answer["at_once"] = {
        str(number): max(_together(server, order, number) for _ in range(order["rounds"]))
        for number in order["batches"]
    }
    sys.stdout.write("\n" + json.dumps(answer))


def _server(
    library: Foreign, order: Foreign, *, n_parallel: int, is_guessing: bool = False
) -> Foreign:
    params = library.CommonParams()
    params.model.path = order["model"]
    params.n_ctx = order["n_ctx"] if n_parallel == 1 else 256 * n_parallel
    params.n_parallel = n_parallel
    params.cpuparams.n_threads = order["n_threads"]
    params.verbosity = -1
    if is_guessing:
        kind = library.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE
        params.speculative.types = [kind]
    return library.Server(params)


def _single(server: Foreign, order: Foreign) -> tuple[float, float]:
    prompts, texts = [], []
    for number in range(order["rounds"]):
        # Another first word each time: nothing of it is in the cache.
        began = time.perf_counter()
        said = server.handle_completions(_wish(f"{number} {order['prompt']}", 1))
        read_s = time.perf_counter() - began
        prompts.append(said["usage"]["prompt_tokens"] / read_s)
        texts.append(_rate(server, order["story"], order["generated"]))
    return max(prompts), max(texts)


def _rate(server: Foreign, prompt: str, most: int) -> float:
    """Return tokens a second behind the first one."""
    times: list[float] = []
    wish = {**_wish(prompt, most), "stream": True}
    server.handle_completions(wish, lambda _: times.append(time.perf_counter()))
    return (most - 1) / (times[-1] - times[0])


def _together(server: Foreign, order: Foreign, number: int) -> float:
    most = int(order["batch_tokens"])
    threads = [
        threading.Thread(target=server.handle_completions, args=(_wish(prompt, most),))
        for prompt in order["starts"][:number]
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number * most / (time.perf_counter() - began)


def _wish(prompt: str, most: int) -> dict[str, Foreign]:
    return {"prompt": prompt, "n_predict": most, "temperature": 0.0, "ignore_eos": True}


if __name__ == "__main__":
    main()
