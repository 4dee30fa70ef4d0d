"""Many mixed requests at once, with cancels and lost readers: each ends once, nothing is left."""

import asyncio
import gc
from collections import Counter
from random import Random

import psutil
import pytest

from corral.engine.engine import Engine
from corral.engine.grammar.schema import json_grammar
from corral.engine.mailbox import Mailbox
from corral.engine.request import GenerationRequest
from corral.engine.runner import Runner
from corral.events import Event, Finished, FinishReason
from corral.plan.options import ContextOptions, LoadOptions
from corral.settings import Speculation
from helpers.asking import ask
from helpers.models import smollm2_path

AT_ONCE = 12
SETTLED_AFTER = 200
VOCABULARY = 49152


class CountingMailbox(Mailbox):
    """Knows how often it was told the end, also after the first time."""

    ends = 0

    def put(self, event: Event) -> None:
        self.ends += isinstance(event, Finished)
        super().put(event)


def mixed_request(chance: Random) -> GenerationRequest:
    beginning = range(300, 300 + chance.choice((0, 40, 120)))
    tokens = (*beginning, *(chance.randrange(VOCABULARY) for _ in range(chance.randint(1, 60))))
    tokens *= chance.choice((1, 1, 1, 2))  # what repeats itself is guessed
    if chance.random() < 0.05:
        tokens = (*tokens, VOCABULARY)
    parameters = {"temperature": chance.choice((0.0, 0.8)), "seed": chance.randrange(9)}
    if chance.random() < 0.2:
        parameters |= {"repeat_penalty": chance.choice((1.2, 0.0))}
    return GenerationRequest(
        tokens=tokens,
        parameters=parameters,
        stops=("e",) if chance.random() < 0.1 else (),
        max_tokens=chance.choice((0, 1, 5, 20)),
        grammar=json_grammar() if chance.random() < 0.05 else "",
        n_choices=2 if chance.random() < 0.1 else -1,
        speculation=Speculation.LOOKUP,
    )


async def one(runner: Runner, chance: Random, gate: asyncio.Semaphore) -> FinishReason:
    async with gate:
        mailbox = CountingMailbox(asyncio.get_running_loop())
        handle = runner.generate(mixed_request(chance), mailbox)
        fate = chance.random()
        if fate < 0.3:
            asyncio.get_running_loop().call_later(chance.random() / 10, handle.cancel)
        if fate < 0.1:  # its reader is lost: nobody looks at the events any more
            while not mailbox.ends:  # noqa: ASYNC110 (another thread counts)
                await asyncio.sleep(0.01)
            reason = FinishReason.CANCELLED
        else:
            events = [event async for event in mailbox]
            reason = events[-1].reason
        assert mailbox.ends == 1
        return reason


async def soak(engine: Engine, count: int) -> float:
    """Return how much memory grew after the first requests, as a share."""
    context = ContextOptions(n_ctx=256, n_ubatch=128, n_seq_max=4, n_outputs_max=12)
    runner = await engine.load(smollm2_path(), LoadOptions(context=context))
    expected = (await ask(runner, (1, 2, 3), max_tokens=8)).text
    chance, gate = Random(count), asyncio.Semaphore(AT_ONCE)
    reasons: Counter[FinishReason] = Counter()
    settled_bytes = 0
    for start in range(0, count, 50):
        seeds = [Random(chance.random()) for _ in range(min(50, count - start))]
        reasons.update(await asyncio.gather(*[one(runner, seed, gate) for seed in seeds]))
        if start + 50 == SETTLED_AFTER:
            gc.collect()
            settled_bytes = psutil.Process().memory_info().rss
    assert sum(reasons.values()) == count
    assert {FinishReason.LENGTH, FinishReason.CANCELLED, FinishReason.FAILED} <= set(reasons)
    assert not runner.is_busy
    assert await runner.on_session(lambda session: all(s.is_free for s in session.slots._all))
    assert (await ask(runner, (1, 2, 3), max_tokens=8)).text == expected
    gc.collect()
    return psutil.Process().memory_info().rss / settled_bytes - 1 if settled_bytes else 0.0


async def test_a_hundred_mixed_requests_end_once_each_and_leave_nothing(engine: Engine) -> None:
    await soak(engine, 100)


@pytest.mark.slow
async def test_a_thousand_mixed_requests_do_not_take_ever_more_memory(engine: Engine) -> None:
    assert await soak(engine, 1000) < 0.05
