"""Closing the window ends the program soon, whatever it does, and what was said is kept."""

import signal
import time

import pytest

from corral.chats.store import MessageState
from helpers.desktop import Program
from helpers.faulty import LONG_QUESTION, answer_streams, faulty, stored_messages

__all__ = ["faulty"]

MOST_S = 10.0


def wait_for_end(program: Program) -> None:
    """Wait until it has ended in good order, and print how long that took."""
    began = time.monotonic()
    program.process.wait(MOST_S)
    print(f"ended {time.monotonic() - began:.2f} s after the key")
    program.wait_end()
    assert not (program.home / "state" / "busy.json").exists()


def test_closed_while_an_answer_streams_it_ends_soon_and_keeps_the_answer(faulty: Program) -> None:
    faulty.start()
    answer_streams(faulty)
    seen = faulty.ask("streamed")
    faulty.screen.key("alt+F4")
    wait_for_end(faulty)
    question, answer = stored_messages(faulty.home)
    assert question.text == LONG_QUESTION
    assert answer.state is MessageState.STOPPED
    assert answer.text.startswith(seen)


@pytest.mark.parametrize("pause_s", [0.0, 0.3, 0.9])
def test_closed_while_the_model_is_checked_or_loaded_it_ends_soon_and_keeps_the_question(
    faulty: Program, pause_s: float
) -> None:
    faulty.start()
    faulty.click(kind="_MessageField")
    faulty.screen.type(LONG_QUESTION)
    faulty.screen.key("Return")
    time.sleep(pause_s)
    faulty.screen.key("ctrl+q")
    wait_for_end(faulty)
    question, answer = stored_messages(faulty.home)
    assert question.text == LONG_QUESTION
    assert answer.state is MessageState.STOPPED


def test_ended_from_outside_while_an_answer_streams_it_ends_in_good_order(faulty: Program) -> None:
    faulty.start()
    answer_streams(faulty)
    faulty.process.send_signal(signal.SIGTERM)  # as a logout does
    wait_for_end(faulty)
    assert stored_messages(faulty.home)[1].state is MessageState.STOPPED
