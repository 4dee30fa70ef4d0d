"""How a request wants tokens to be guessed ahead."""

from enum import StrEnum


class Speculation(StrEnum):
    """Who guesses the next tokens; the model checks them, so that the text is its own.

    A batch of another size may round otherwise in the last digits. Where two tokens are as
    good as equal the text can go another way, which is why AUTO leaves alone whoever has set a
    seed: the same seed is to say the same.
    """

    AUTO = "auto"  # the best that the model has, where that pays; nobody where a seed is set
    OFF = "off"
    LOOKUP = "lookup"  # what followed the same words earlier in prompt and answer
    DRAFT = "draft"  # a second, small model
    MTP = "mtp"  # the model's own layers for the tokens after the next
