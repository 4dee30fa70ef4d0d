"""What can be wrong with a model file, with the place in the file."""

from corral.errors import ExternalError


class GgufError(ExternalError):
    """A file that cannot be used as a GGUF model.

    Attributes:
        at: Byte in the file where it was noticed.
        what: What was being read there ("the key 'general.name'").
    """

    def __init__(self, summary: str, *, at: int = 0, what: str = "", hint: str = "") -> None:
        detail = f"At byte {at:,}, in {what}." if what else ""
        super().__init__(summary, detail=detail, hint=hint)
        self.at = at
        self.what = what


class NotGgufError(GgufError):
    """A file of another kind."""


class TruncatedError(GgufError):
    """A file that ends too early, such as a download that broke off."""


class UnsupportedError(GgufError):
    """A GGUF file that is probably sound but of a kind that cannot be read."""


class DamagedError(GgufError):
    """A GGUF file whose contents contradict themselves or would crash llama.cpp."""
