"""Which tokens each sequence of a context holds, and where a new prompt goes on from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from corral.engine.keeper import Keeper
from corral.errors import ExternalError
from corral.llama.adapters import AdapterSet
from corral.llama.context import Context
from corral.llama.model import Model

# What the disk has more than memory must be worth the reading.
WORTH_READING_TOKENS = 128


class Slot:
    """One sequence of a context and the tokens in its part of the KV cache.

    Attributes:
        id: The sequence's number.
        tokens: What the KV cache holds of it.
        owner: Whose tokens they are, if they may be kept on disk.
        adapters: What computed them besides the model.
        exact: How many of them were computed as a fresh reading would; None for all. What was
            shifted still knows of the tokens that were dropped.
        is_free: Whether no generation works on it.
        used_at: Grows with each use; the least is the one used longest ago.

    Thread: the engine thread.
    """

    __slots__ = ("adapters", "exact", "id", "is_free", "owner", "tokens", "used_at")

    def __init__(self, number: int) -> None:
        self.id = number
        self.tokens: list[int] = []
        self.owner = ""
        self.adapters: AdapterSet = ()
        self.exact: int | None = None
        self.is_free = True
        self.used_at = 0


@dataclass(frozen=True, slots=True)
class _Start:
    """A slot that a prompt could go on from, and how many of its tokens are kept."""

    slot: Slot
    kept: int


class Slots:
    """All sequences of one context.

    What a prompt shares with any of them is not computed again: a free one is cut back to what is
    shared, a busy one, or one that holds much more, is branched.

    Attributes:
        keeper: Keeps caches on disk that lose their place, None when nothing is kept.

    Thread: the engine thread.
    """

    def __init__(self, context: Context, model: Model) -> None:
        self.keeper: Keeper | None = None
        self._context = context
        self._window = model.window
        self._has_state = model.has_state
        self._all = [Slot(number) for number in range(context.n_sequences)]
        self._uses = count(1)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def has_free(self) -> bool:
        """Whether another generation can begin."""
        return any(slot.is_free for slot in self._all)

    @property
    def held_tokens(self) -> int:
        """Tokens that all sequences hold."""
        return sum(len(slot.tokens) for slot in self._all)

    def shared(self, tokens: Sequence[int], adapters: AdapterSet) -> int:
        """Return how many tokens of a prompt need not be computed now."""
        return self._best_start(tokens, adapters).kept

    def take(self, tokens: Sequence[int], owner: str = "", adapters: AdapterSet = ()) -> Slot:
        """Return a free slot, in use from now on, that holds as much of a prompt as can be had.

        At least the last token is left to compute: the cache holds no logits.

        Args:
            tokens: The prompt.
            owner: Whose it is; what the slot holds may be kept on disk under this name.
            adapters: What computes it besides the model; with any, nothing goes to disk.
        """
        owner = "" if adapters else owner
        start = self._best_start(tokens, adapters)
        oldest = min((slot for slot in self._all if slot.is_free), key=lambda slot: slot.used_at)
        slot = self._from_disk(oldest, tokens, owner, start.kept)
        if slot is None and (start.slot is oldest or self._is_in_place(start)):
            slot = start.slot
            self._cut(slot, start.kept, owner)
        elif slot is None:
            slot = self._branch(start, oldest)
        slot.is_free = False
        slot.owner = owner
        slot.adapters = adapters
        slot.used_at = next(self._uses)
        return slot

    def give_back(self, slot: Slot) -> None:
        """Let others have a slot; its tokens stay, as far as they are exact."""
        if slot.exact is not None:
            del slot.tokens[slot.exact :]
            self.settle(slot)
            slot.exact = None
        slot.is_free = True

    def shift(self, slot: Slot, kept: int) -> int:
        """Drop the older half of what a full slot holds, its first tokens aside.

        Args:
            slot: It.
            kept: How many of the first tokens stay.

        Returns:
            How many tokens were dropped; 0 where this model or another generation forbids it.
        """
        dropped = (len(slot.tokens) - kept) // 2
        sharing = [
            other
            for other in self._all
            if other is not slot and common_length(other.tokens, slot.tokens) > kept
        ]
        is_forbidden = self._has_state or not self._context.can_shift or dropped < 1
        if is_forbidden or not all(other.is_free for other in sharing):
            return 0
        for other in sharing:
            self._keep(other)
            self.forget(other)
        self._context.drop(slot.id, kept, kept + dropped)
        del slot.tokens[kept : kept + dropped]
        slot.exact = kept
        return dropped

    def settle(self, slot: Slot) -> None:
        """Make the cache hold what the slot says, after a decode that did not finish."""
        if self._has_state or not self._context.roll_back(slot.id, len(slot.tokens)):
            self.forget(slot)

    def cut(self, slot: Slot, length: int) -> None:
        """Keep only so many of a slot's first tokens, or none where that cannot be done."""
        if not self._is_whole(slot, length) or not self._context.roll_back(slot.id, length):
            self.forget(slot)
        else:
            del slot.tokens[length:]

    def take_back(self, slot: Slot) -> None:
        """Remove from the cache what was computed on trial and is not the slot's.

        Raises:
            ExternalError: If this model's cache cannot be cut; the slot is empty then.
        """
        if not self._context.roll_back(slot.id, len(slot.tokens)):
            self.forget(slot)
            raise ExternalError("Guessed tokens could not be taken out of the KV cache again.")

    def forget(self, slot: Slot) -> None:
        """Empty one slot."""
        self._context.roll_back(slot.id, 0)
        slot.tokens.clear()

    def keep_all(self) -> None:
        """Write to disk what may be kept; for a context that is about to go."""
        for slot in self._all:
            self._keep(slot)

    def forget_all(self) -> None:
        """Empty everything."""
        self._context.clear()
        for slot in self._all:
            slot.tokens.clear()

    def _best_start(self, tokens: Sequence[int], adapters: AdapterSet) -> _Start:
        """Return the slot that holds most of a prompt; where none does, the one idle longest."""
        starts = [
            _Start(slot, self._usable(slot, tokens) if slot.adapters == adapters else 0)
            for slot in self._all
        ]
        return max(starts, key=lambda s: (s.kept, s.slot.is_free, -s.slot.used_at))

    def _usable(self, slot: Slot, tokens: Sequence[int]) -> int:
        kept = min(common_length(slot.tokens, tokens), len(tokens) - 1)
        return kept if self._is_whole(slot, kept) else 0

    def _is_whole(self, slot: Slot, kept: int) -> bool:
        """Whether the cache is complete when it is cut to `kept` tokens.

        A recurrent state cannot go back. Sliding-window layers have dropped what lies far back
        without a word: what is left is whole only if it still reaches a window's length before
        the cut.
        """
        if kept == len(slot.tokens):
            return True
        if self._has_state:
            return False
        reached = max(0, kept - self._window) if self._window else 0
        return not self._window or self._context.first_position(slot.id) <= reached

    def _is_in_place(self, start: _Start) -> bool:
        """Whether to cut the slot itself: where more is kept than lost."""
        return start.slot.is_free and 2 * start.kept >= len(start.slot.tokens)

    def _cut(self, slot: Slot, kept: int, owner: str) -> None:
        if kept == len(slot.tokens):
            return
        if owner != slot.owner:
            self._keep(slot)
        if kept == 0 or not self._context.roll_back(slot.id, kept):
            self.forget(slot)
        else:
            del slot.tokens[kept:]

    def _branch(self, start: _Start, slot: Slot) -> Slot:
        self._keep(slot)
        self.forget(slot)
        if start.kept:
            source = start.slot
            length = None if self._has_state else start.kept
            self._context.branch(source.id, slot.id, length)
            slot.tokens = source.tokens[: start.kept]
        return slot

    def _keep(self, slot: Slot) -> None:
        if self.keeper and slot.exact is None:
            self.keeper.keep(slot.owner, slot.id, slot.tokens)

    def _from_disk(self, slot: Slot, tokens: Sequence[int], owner: str, held: int) -> Slot | None:
        """Return the slot with what the disk has of a prompt, None when memory has as much."""
        if not self.keeper or (stored := self.keeper.look(owner)) is None:
            return None
        kept = min(common_length(stored.tokens, tokens), len(tokens) - 1)
        if kept < held + WORTH_READING_TOKENS or len(stored.tokens) > self._context.n_ctx:
            return None
        self._keep(slot)
        self.forget(slot)
        if not self.keeper.bring_back(stored, slot.id):
            self.forget(slot)
            return None
        slot.tokens = list(stored.tokens)
        self.cut(slot, kept)
        return slot


def common_length(cached: Sequence[int], tokens: Sequence[int]) -> int:
    """Return how many tokens at their beginning two sequences share."""
    left, right = list(cached), list(tokens)
    low, high = 0, min(len(left), len(right))
    while low < high:  # slices compare at C speed
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
