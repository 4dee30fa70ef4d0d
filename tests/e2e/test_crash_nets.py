"""llama.cpp breaks while a real window talks to a real model, and nobody loses anything."""

import re
import signal
from pathlib import Path

import pytest

from helpers.desktop import Program, until
from helpers.faulty import LONG_QUESTION, answer_streams, faulty

__all__ = ["faulty"]

WAYS_ON = ["New context", "Load the model again", "Restart Corral"]
SAFE = "The window and your conversations are safe."
# Both faults are told as errors in the log, once.
PARKED = r"ERROR corral\.engine\.engine llama\.cpp failed: "


def notice(program: Program) -> str:
    return " ".join(" ".join(words) for words in program.words(name="notices"))


def buttons_of_notice(program: Program) -> list[str]:
    """Return the words on the notice's buttons, from left to right."""
    rects = [facts["rect"] for facts in program.find(name="notices")]
    if not rects:
        return []
    left, top, width, height = rects[0]
    inside = [
        facts
        for facts in program.find(kind="TextButton")
        if top <= facts["rect"][1] < top + height
        and left <= facts["rect"][0] < left + width
        and facts["text"] != "Details"
    ]
    return [facts["text"] for facts in sorted(inside, key=lambda facts: facts["rect"][0])]


def break_an_answer(program: Program, how: str) -> None:
    """Let llama.cpp break in the middle of an answer."""
    answer_streams(program)
    program.ask("break", how=how)


def gets_an_answer(program: Program) -> None:
    answer_streams(program)
    program.screen.key("Escape")
    program.wait_for_end()
    program.wait_for("the figures", lambda: "tokens/s" in program.answer())


def quit_within(program: Program, most_s: float) -> None:
    program.screen.key("ctrl+q")
    program.process.wait(most_s)
    program.wait_end()


@pytest.mark.parametrize(
    ("how", "words"),
    [("abort", r"GGML_ASSERT\(.*n_batch.*\) failed"), ("terminate", "no memory left")],
)
def test_after_an_abort_the_window_lives_and_a_new_context_answers(
    faulty: Program, how: str, words: str
) -> None:
    faulty.allowed.append(PARKED)
    faulty.start()
    break_an_answer(faulty, how)
    faulty.wait_for("the ways on", lambda: buttons_of_notice(faulty) == WAYS_ON)
    faulty.picture(f"parked-{how}")
    assert SAFE in notice(faulty)
    faulty.wait_for_end()
    faulty.wait_for("the answer says why", lambda: re.search(words, faulty.answer()))
    faulty.click(text="New context")
    faulty.wait_for("it is there", lambda: "can answer again" in notice(faulty))
    gets_an_answer(faulty)
    assert any(LONG_QUESTION in words for words in faulty.messages())
    quit_within(faulty, 10)


def test_after_an_abort_the_model_is_loaded_again_or_the_program_begins_anew(
    faulty: Program,
) -> None:
    faulty.allowed.append(PARKED)
    faulty.start()
    break_an_answer(faulty, "abort")
    faulty.click(text="Load the model again")
    faulty.wait_for("it is there", lambda: "can answer again" in notice(faulty))
    break_an_answer(faulty, "abort")
    faulty.wait_for("the ways on", lambda: buttons_of_notice(faulty) == WAYS_ON)
    faulty.wait_for_end()
    faulty.click(text="Restart Corral")
    environment = Path(f"/proc/{faulty.process.pid}/environ")
    until(lambda: b"CORRAL_TEST_MOUTH" in environment.read_bytes(), "it begins anew", 20)
    faulty.wait_for("its window", lambda: faulty.ask("focus") is not None)
    assert faulty.ask("loaded") == []
    assert notice(faulty) == ""
    faulty.wait_for("the chat", lambda: any(LONG_QUESTION in words for words in faulty.messages()))
    gets_an_answer(faulty)
    quit_within(faulty, 10)


def test_after_an_abort_while_it_loads_the_model_can_be_loaded(faulty: Program) -> None:
    faulty.allowed.append(PARKED)
    faulty.start()
    faulty.ask("break_load")
    faulty.ask_model(LONG_QUESTION)
    faulty.wait_for("the way on", lambda: buttons_of_notice(faulty) == ["Restart Corral"])
    faulty.wait_for("the answer says why", lambda: "provoked" in faulty.answer())
    gets_an_answer(faulty)
    quit_within(faulty, 10)


def test_a_question_to_a_parked_model_brings_the_notice_back(faulty: Program) -> None:
    faulty.allowed.append(PARKED)
    faulty.start()
    break_an_answer(faulty, "abort")
    faulty.wait_for("the ways on", lambda: buttons_of_notice(faulty) == WAYS_ON)
    faulty.wait_for_end()
    faulty.click(spoken="Close this message")
    faulty.wait_for("it is gone", lambda: notice(faulty) == "")
    faulty.screen.key("ctrl+r")
    faulty.wait_for("it is back", lambda: buttons_of_notice(faulty) == WAYS_ON)
    quit_within(faulty, 10)


def test_after_a_segmentation_fault_the_next_start_asks_before_it_loads_the_file(
    faulty: Program,
) -> None:
    faulty.start()
    break_an_answer(faulty, "segfault")
    assert faulty.process.wait(20) == -signal.SIGSEGV
    assert (faulty.home / "state" / "busy.json").exists()
    crash_log = faulty.home / "state" / "crash.log"
    assert "Segmentation fault" in crash_log.read_text("utf-8")
    assert "scheduler.py" in crash_log.read_text("utf-8")
    crash_log.write_text("")
    faulty.kill()  # only closes the pipes

    faulty.start()
    faulty.wait_for("it asks", lambda: buttons_of_notice(faulty) == ["Allow it again"])
    faulty.picture("suspect")
    assert "The last run died while llama.cpp was busy with smollm2:135m." in notice(faulty)
    faulty.wait_for(
        "the question is there",
        lambda: any(LONG_QUESTION in words for words in faulty.messages()),
    )
    # The rows of a conversation are laid out one after the other.
    faulty.wait_for("its answer was cut off", lambda: "interrupted" in faulty.answer())
    faulty.click(spoken="Close this message")
    faulty.wait_for("it is gone", lambda: notice(faulty) == "")
    faulty.screen.key("ctrl+r")
    faulty.wait_for("it asks again", lambda: buttons_of_notice(faulty) == ["Allow it again"])
    faulty.wait_for("the answer says so", lambda: "The last run died" in faulty.answer())
    assert faulty.ask("loaded") == []
    faulty.click(text="Allow it again")
    gets_an_answer(faulty)
    quit_within(faulty, 10)
    assert not (faulty.home / "state" / "busy.json").exists()
