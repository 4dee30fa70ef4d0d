"""What is left when llama.cpp failed in a way that ends programs, and how to go on."""

from enum import StrEnum

from corral.errors import ExternalError


class ParkedError(ExternalError):
    """llama.cpp failed in a way that ends programs; its thread was parked instead."""


class Recovery(StrEnum):
    """How to go on after a thread was parked."""

    CONTEXT = "context"  # a new context on the weights in memory
    RELOAD = "reload"  # the weights are read anew too
