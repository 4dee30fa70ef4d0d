"""What a batch costs by its number of tokens, learned while texts are generated."""

# How much a token more makes a batch dearer, before anything was measured.
FIRST_GUESS = 0.25
# How far a measurement moves what is known of the machine as a whole.
PACE_WEIGHT = 0.3
# What a size of batch costs beside others is an average of so many measurements.
AVERAGED = 10
# A batch that another program has disturbed says no more than this.
MOST_SURPRISE = 2.0
# Guesses must promise so much more text a second: smaller gains are errors of measurement.
LEAST_GAIN = 1.05


class BatchCosts:
    """Durations of batches that hold a few tokens of running texts and no prompts.

    Kept as the duration of a batch of one and what others cost in that measure, so that a machine
    that becomes slower does not make the sizes seen lately look dear.

    Thread: the engine thread.
    """

    def __init__(self) -> None:
        self._one_s = 0.0
        self._sizes: dict[int, float] = {}
        self._seen: dict[int, int] = {}

    @property
    def is_known(self) -> bool:
        """Whether there is anything to go by."""
        return self._one_s > 0

    def note(self, size: int, duration_s: float) -> None:
        """Learn what a batch of `size` tokens took."""
        if not self.is_known:
            self._one_s = duration_s / self._times(size)
        surprise = duration_s / self.of(size)
        surprise = min(max(surprise, 1 / MOST_SURPRISE), MOST_SURPRISE)
        share = 0.0
        if size > 1:
            seen = self._seen[size] = min(self._seen.get(size, 0) + 1, AVERAGED)
            share = 1 / seen
            self._sizes[size] = self._times(size) * surprise**share
        self._one_s *= surprise ** (PACE_WEIGHT * (1 - share))

    def of(self, size: int) -> float:
        """Return the seconds that a batch of `size` tokens is likely to take."""
        return self._one_s * self._times(size)

    def best_length(
        self,
        most: int,
        *,
        beside: int,
        gained: float,
        chance: float,
        token_s: float,
        bearable_s: float,
    ) -> tuple[int, float]:
        """Return how many guessed tokens to add to a batch, and the tokens they are likely to win.

        Args:
            most: No more than this.
            beside: Tokens that are in the batch anyway.
            gained: Tokens of text that the batch is likely to bring without these.
            chance: That a guessed token is right, where those before it are.
            token_s: What guessing a token costs.
            bearable_s: What may be lost, should all of them be wrong.

        Returns:
            0 tokens where the batch brings as much text a second without them.
        """
        plain_s = self.of(beside)
        best, best_rate, best_won = 0, LEAST_GAIN * gained / plain_s, 0.0
        won, right = 0.0, 1.0
        for length in range(1, most + 1):
            right *= chance
            won += right
            step_s = self.of(beside + length) + length * token_s
            rate = (gained + won) / step_s
            if step_s - plain_s > bearable_s:
                break
            if rate > best_rate:
                best, best_rate, best_won = length, rate, won
        return best, best_won

    def _times(self, size: int) -> float:
        """Return what a batch costs, in batches of one; between known sizes on a straight line."""
        if size == 1 or size in self._sizes:
            return self._sizes.get(size, 1.0)
        below = max((known for known in self._sizes if known < size), default=1)
        above = min((known for known in self._sizes if known > size), default=0)
        low = self._times(below)
        if not above:
            return low + FIRST_GUESS * (size - below)
        share = (size - below) / (above - below)
        return low + share * (self._sizes[above] - low)
