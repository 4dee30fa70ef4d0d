"""How much of the prompts to read in a step that others wait for with their next token."""

# A step with prompts in it is to take about so long, so that running text goes on to flow.
SHARED_STEP_S = 0.15
LEAST_TOKENS = 16
FIRST_GUESS_TOKENS = 64
# What the newest measurement counts for.
WEIGHT = 0.3


class Pace:
    """Keeps in mind how long a token of a prompt takes.

    Thread: the engine thread.
    """

    def __init__(self) -> None:
        self._token_s = SHARED_STEP_S / FIRST_GUESS_TOKENS

    def note(self, prompt_tokens: int, duration_s: float) -> None:
        """Learn from a batch; few tokens say little."""
        if prompt_tokens >= LEAST_TOKENS:
            self._token_s += WEIGHT * (duration_s / prompt_tokens - self._token_s)

    def room(self, free: int, *, is_shared: bool) -> int:
        """Return how many prompt tokens the next batch takes.

        Args:
            free: The batch has room for so many.
            is_shared: Whether generations wait for it too.
        """
        if not is_shared:
            return free
        return min(free, max(LEAST_TOKENS, int(SHARED_STEP_S / self._token_s)))
