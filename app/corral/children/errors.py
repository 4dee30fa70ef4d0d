"""How a child process can fail, as its caller sees it."""

import signal

from corral.errors import ExternalError


class ChildNotStarted(ExternalError):  # noqa: N818 (named for what happened)
    """The child could not be started at all.

    Attributes:
        role: What the child was for.
    """

    def __init__(self, role: str, reason: str, *, detail: str = "") -> None:
        super().__init__(
            f"The helper process “{role}” could not be started: {reason}.", detail=detail
        )
        self.role = role


class ChildDied(ExternalError):  # noqa: N818 (named for what happened)
    """The child ended without an answer.

    Attributes:
        role: What the child was for.
        returncode: Its exit status, negative for a signal, None if it had to be killed.
    """

    def __init__(self, role: str, returncode: int | None, *, detail: str = "") -> None:
        ending = _ending(returncode)
        super().__init__(f"The helper process “{role}” {ending} without an answer.", detail=detail)
        self.role = role
        self.returncode = returncode


class ChildTimeout(ExternalError):  # noqa: N818 (named for what happened)
    """The child did not answer in time and was killed.

    Attributes:
        role: What the child was for.
        limit_s: The time it had.
    """

    def __init__(self, role: str, limit_s: float) -> None:
        super().__init__(f"The helper process “{role}” gave no answer within {limit_s:g} s.")
        self.role = role
        self.limit_s = limit_s


def _ending(returncode: int | None) -> str:
    if returncode is None:
        return "had to be ended"
    if returncode >= 0:
        return f"ended with status {returncode}"
    try:
        return f"was ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was ended by signal {-returncode}"
