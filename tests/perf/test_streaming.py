"""The window that shows an answer while it is written takes little from the model."""

from statistics import median

import pytest

from corral.places import find_places
from corral.settings import SettingsFile, Speculation
from helpers.desktop import Program

QUESTIONS = (
    "Tell me a long story about a llama that crosses the Andes.",
    "Go on with the story, as long as you can.",
    "Write a long list of things to take on such a journey.",
    "Describe each of the mountains in a paragraph of its own.",
)
LEAST = 0.85


@pytest.mark.perf
def test_generation_with_the_window_streaming_keeps_its_speed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORRAL_HOME", str(program.home))
    SettingsFile(find_places().settings_file).change(speculation=Speculation.OFF)
    program.start()
    ratios = []
    for question in QUESTIONS:
        program.ask_model(question)
        program.wait_for_end(every_s=1.0, longest_s=40.0)
        streaming = program.ask("begin_bare")
        bare = program.wait_for(
            "the bare loop", lambda: program.ask("bare_rate"), timeout_s=120.0, every_s=1.0
        )
        ratios.append(streaming / bare)
        print(f"\nstreaming {streaming:.1f} tokens/s, bare loop {bare:.1f}: {ratios[-1]:.2f}")
    program.screen.key("ctrl+q")
    program.wait_end()
    print(f"with the window streaming: {median(ratios):.2f} of the bare loop, at least {LEAST}")
    assert median(ratios) >= LEAST
