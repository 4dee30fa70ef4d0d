import asyncio
import threading
from collections.abc import Callable

from corral.engine.mailbox import Mailbox
from corral.events import Event, Finished, FinishReason, Phase, PhaseChanged, TextAdded, TextKind

END = Finished(reason=FinishReason.STOP)


async def read(mailbox: Mailbox) -> list[Event]:
    return [event async for event in mailbox]


async def test_text_that_waits_is_joined_by_its_kind() -> None:
    mailbox = Mailbox(asyncio.get_running_loop())
    mailbox.put(PhaseChanged(phase=Phase.GENERATING))
    for text in "abc":
        mailbox.put_text(text, TextKind.THINKING)
    mailbox.put_text("d", TextKind.ANSWER)
    mailbox.put_text("e", TextKind.ANSWER)
    mailbox.put(END)
    assert await read(mailbox) == [
        PhaseChanged(phase=Phase.GENERATING),
        TextAdded(text="abc", kind=TextKind.THINKING),
        TextAdded(text="de"),
        END,
    ]


async def test_nothing_comes_after_the_first_end() -> None:
    mailbox = Mailbox(asyncio.get_running_loop())
    mailbox.put(END)
    mailbox.put_text("late", TextKind.ANSWER)
    mailbox.put(Finished(reason=FinishReason.FAILED))
    assert await read(mailbox) == [END]


async def test_ten_thousand_pieces_from_a_thread_wake_the_loop_seldom() -> None:
    class CountingLoop:
        wakes = 0

        def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
            self.wakes += 1
            loop.call_soon_threadsafe(callback)

    loop, counting = asyncio.get_running_loop(), CountingLoop()
    mailbox = Mailbox(counting)

    def put_all() -> None:
        for _ in range(10_000):
            mailbox.put_text("x", TextKind.ANSWER)
        mailbox.put(END)

    thread = threading.Thread(target=put_all)
    thread.start()
    reads = await read(mailbox)
    thread.join()
    assert "".join(event.text for event in reads if isinstance(event, TextAdded)) == "x" * 10_000
    assert counting.wakes <= len(reads) + 1


def test_a_closed_loop_does_not_hurt_the_engine() -> None:
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    loop.close()
    mailbox.put(END)
