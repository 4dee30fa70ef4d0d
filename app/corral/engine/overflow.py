"""What happens when a conversation is longer than the context."""

from enum import StrEnum


class Overflow(StrEnum):
    """The user's policy."""

    STOP = "stop"  # the oldest messages are left out of the prompt; a full context ends the answer
    SHIFT = "shift"  # the same, but the answer goes on: the oldest half of the context is dropped
    REFUSE = "refuse"  # nothing is left out: a prompt that is too long fails
