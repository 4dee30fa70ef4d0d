"""The gaps of the window's event loop while a model answers."""

import re
import statistics

from helpers.desktop import Program

FEWEST_TOKENS = 300
GENEROUS_MS, WANTED_MS = 250.0, 50.0
QUESTIONS = (
    "Tell me a long story about a llama that crosses the Andes, with many places and names.",
    "Go on with the story, as long as you can.",
    "Write a long Python class that keeps a herd of llamas, and explain each of its methods.",
    "Now count from one to two hundred in words.",
)


def ask_and_measure(program: Program, question: str) -> tuple[list[float], int]:
    """Return the gaps of the loop while the answer streamed, and the answer's tokens."""
    program.ask_model(question)
    program.wait_for("text comes", program.answer_text)
    program.ask("start_ticking")
    # Each question to the program is work on its loop too, so they are few.
    program.wait_for_end(every_s=1.0, longest_s=30.0)
    gaps: list[float] = program.ask("stop_ticking")
    figures = program.wait_for(
        "the figures", lambda: re.search(r"· ([\d\s]+) tokens", program.answer())
    )
    return gaps, int("".join(figures[1].split()))


def measure(program: Program) -> float:
    """Print the figures and return the gap that 99.9 % are below, in milliseconds."""
    program.start()
    gaps: list[float] = []
    n_tokens = 0
    for question in QUESTIONS:
        more_gaps, more_tokens = ask_and_measure(program, question)
        gaps += more_gaps
        n_tokens += more_tokens
        if n_tokens >= FEWEST_TOKENS:
            break
    assert n_tokens >= FEWEST_TOKENS
    parts = statistics.quantiles(gaps, n=1000, method="inclusive")
    print(
        f"\nevent loop while {n_tokens} tokens came, {len(gaps)} rounds of a 5 ms timer: "
        f"p50 {parts[499]:.1f} ms, p99 {parts[989]:.1f} ms, p99.9 {parts[998]:.1f} ms, "
        f"worst {max(gaps):.1f} ms"
    )
    program.screen.key("ctrl+q")
    program.wait_end()
    return parts[998]
