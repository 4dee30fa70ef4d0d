"""What guessing tokens is worth, and whether probabilities are those of the barest loop."""

import asyncio
from collections.abc import Sequence
from statistics import median

from corral.engine.bare import run_bare_chances
from corral.engine.mailbox import Mailbox
from corral.engine.protocol import AnyRunner
from corral.engine.request import GenerationRequest
from corral.engine.session import Session
from corral.events import Finished, TextAdded, TokenChoice, Usage
from corral.llama.sampler_settings import sampler_settings
from corral.modelfile.catalogue import ParameterValue
from corral.settings import Speculation
from corral.workbench.bench_rows import Row

ROUNDS = 5
TOKENS = 128
# Plain decoding must copy so much before a text counts as copied.
COPIED_SHARE = 0.8
LEAST_COPY_GAIN, LEAST_ELSEWHERE = 1.15, 0.95
MOST_DIFFERENCE = 1e-4
THINGS = "lamp rope chart bell flag oil glass stove bread lens boat coal".split()  # noqa: SIM905
ROOMS = "red blue green white black upper lower north south east west old".split()  # noqa: SIM905
LIST = "".join(
    f"{number}. The {thing} is kept in the {room} room.\n"
    for number, (thing, room) in enumerate(zip(THINGS, ROOMS, strict=True), 1)
)
COPY = f"{LIST}\nThe list again:\n{LIST}\nThe list again:\n{LIST[:40]}"
STORIES = (
    "Once upon a time in a far land there lived",
    "The most important thing about the weather is",
    "Dear Sir, I write to you because",
)
GREEDY: dict[str, ParameterValue] = {"temperature": 0.0}


async def speculation_rows(runner: AnyRunner) -> list[Row]:
    """Measure guesses from what was said, on a copied text and on others.

    Args:
        runner: A loaded model whose context has room for guesses.
    """
    tokens = await _tokens(runner, COPY)
    share = await _copied_share(runner, COPY)
    copied = await _beside_plain(runner, [tokens], GREEDY)
    stories = [await _tokens(runner, story) for story in STORIES]
    others = await _beside_plain(runner, stories, {"temperature": 0.8})
    is_copied = share >= COPIED_SHARE
    return [
        Row(
            name="guessed from the prompt, a copied text",
            corral=copied[1],
            beside=copied[0],
            unit="tokens/s",
            value=copied[2],
            bound=LEAST_COPY_GAIN if is_copied else None,
            note=f"plain decoding copies {100 * share:.0f} %; {copied[3]}",
        ),
        Row(
            name="guessed from the prompt, new text",
            corral=others[1],
            beside=others[0],
            unit="tokens/s",
            value=others[2],
            bound=LEAST_ELSEWHERE,
            note=others[3],
        ),
    ]


async def probability_row(runner: AnyRunner) -> Row:
    """Compare log-probabilities with those of the barest loop over the same batches."""
    tokens = await _tokens(runner, STORIES[0])
    request = GenerationRequest(
        tokens=tuple(tokens),
        parameters=GREEDY,
        max_tokens=32,
        n_choices=0,
        speculation=Speculation.OFF,
    )
    await runner.on_session(Session.forget)
    _, choices = await _run(runner, request)
    bare = await runner.on_session(
        lambda session: run_bare_chances(session, tokens, sampler_settings(GREEDY), 32)
    )
    pairs = zip(choices, bare, strict=False)
    worst = max(abs(ours.chosen.log_probability - chance) for ours, (_, chance) in pairs)
    is_same = [choice.chosen.token for choice in choices] == [token for token, _ in bare]
    return Row(
        name="log-probabilities, largest difference",
        corral=worst,
        beside=None,
        unit="nats",
        value=worst if is_same else float("inf"),
        bound=MOST_DIFFERENCE,
        is_ceiling=True,
        note=f"{len(bare)} tokens" if is_same else "the two did not say the same",
    )


async def _beside_plain(
    runner: AnyRunner, prompts: Sequence[Sequence[int]], parameters: dict[str, ParameterValue]
) -> tuple[float, float, float, str]:
    """Return tokens a second plain and guessed, the median of the rounds' ratios, and counts."""
    plain, guessed, ratios = [], [], []
    usage = Usage()
    for number in range(ROUNDS):
        rates = {}
        kinds = (Speculation.OFF, Speculation.LOOKUP)
        for kind in kinds if number % 2 else reversed(kinds):
            said, spent_s = 0, 0.0
            for prompt in prompts:
                request = GenerationRequest(
                    tokens=tuple(prompt),
                    parameters={"seed": number + 1, **parameters},
                    max_tokens=TOKENS,
                    speculation=kind,
                )
                usage, _ = await _run(runner, request)
                said += usage.generated_tokens
                spent_s += usage.generation_s
            rates[kind] = said / spent_s
            if kind is Speculation.LOOKUP:
                counts = f"{usage.accepted_tokens} of {usage.drafted_tokens} guesses right"
        plain.append(rates[Speculation.OFF])
        guessed.append(rates[Speculation.LOOKUP])
        ratios.append(guessed[-1] / plain[-1])
    return median(plain), median(guessed), median(ratios), f"{counts} in the last answer"


async def _copied_share(runner: AnyRunner, prompt: str) -> float:
    """Return how many of the whole lines that plain decoding says are the list's."""
    request = GenerationRequest(
        tokens=tuple(await _tokens(runner, prompt)),
        parameters=GREEDY,
        max_tokens=TOKENS,
        speculation=Speculation.OFF,
    )
    mailbox = Mailbox(asyncio.get_running_loop())
    runner.generate(request, mailbox)
    said = "".join([event.text async for event in mailbox if isinstance(event, TextAdded)])
    lines = said.splitlines()[1:-1]  # the first and the last one are cut
    known = {*prompt.splitlines()}
    return sum(line in known for line in lines) / max(1, len(lines))


async def _run(runner: AnyRunner, request: GenerationRequest) -> tuple[Usage, list[TokenChoice]]:
    mailbox = Mailbox(asyncio.get_running_loop())
    runner.generate(request, mailbox)
    choices: list[TokenChoice] = []
    async for event in mailbox:
        if isinstance(event, TextAdded):
            choices += event.choices
    assert isinstance(event, Finished)
    if event.error:
        raise event.error
    return event.usage, choices


async def _tokens(runner: AnyRunner, text: str) -> list[int]:
    return await runner.tokenize(text, add_special=True, parse_special=False)
