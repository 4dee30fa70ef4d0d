"""What goes wrong with the hub, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from corral.errors import CorralError, ExternalError, UserError
from corral.foreign import safe_line
from corral.hub.addresses import host_of
from corral.jobs import Cancelled

_LOGIN_HINT = "Log in with a token that may do this: corral login."


# The last four: the answer has not the form that was expected.
_KNOWN = (
    EntryNotFoundError,
    FileMetadataError,
    HfHubHTTPError,
    httpx2.HTTPError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


@contextmanager
def hub_errors(subject: str) -> Iterator[None]:
    """Turn what `huggingface_hub` raises within into the errors that people see.

    Args:
        subject: What the question is about, such as "user/repo"; stands at the start of sentences.

    Raises:
        UserError: If a token, a permission or another name would mend it.
        ExternalError: If the hub cannot be reached, refuses, or answers nonsense.
    """
    try:
        yield
    except (CorralError, Cancelled):
        raise
    except RuntimeError as error:  # uploads wrap what happened
        _raise_wrapped(error, subject)
    except _KNOWN as error:
        raise in_words(error, subject) from error


def _raise_wrapped(error: RuntimeError, subject: str) -> None:
    cause = error.__cause__
    if isinstance(cause, _KNOWN):
        raise in_words(cause, subject) from error
    raise cause or error


def in_words(error: BaseException, subject: str) -> CorralError:
    """Return what an error means for the person who asked."""
    match error:
        case GatedRepoError():
            summary = f"{subject} is gated: its owner wants its terms accepted first."
            hint = (
                f"Accept them on https://huggingface.co/{subject}, then log in with a token of "
                "that account: corral login."
            )
        case RepositoryNotFoundError():
            summary = f"{subject} is not on the hub, or it is private."
            hint = "Look at the spelling. For a private repository, log in: corral login."
        case RevisionNotFoundError() | EntryNotFoundError():
            summary, hint = f"{subject} does not have this any more.", "Search again."
        case HFValidationError():
            summary, hint = f"{subject} is no name that the hub can have.", ""
        case HfHubHTTPError():
            return _refused(error, subject)
        case _:
            return _failed(error, subject)
    return UserError(summary, hint=hint)


def _failed(error: BaseException, subject: str) -> ExternalError:
    if isinstance(error, httpx2.HTTPError):
        return unreachable("", error)
    return ExternalError(
        f"The hub's answer about {subject} makes no sense.",
        detail=safe_line(f"{type(error).__name__}: {error}"),
        hint="If a mirror is set in the settings, try without it.",
    )


def _refused(error: HfHubHTTPError, subject: str) -> CorralError:
    status = error.response.status_code
    words = safe_line(error.server_message or "")
    if status == 401:
        return UserError(
            "The hub does not accept the token.", detail=words, hint="Log in again: corral login."
        )
    if status == 403:
        return UserError(f"{subject}: the hub does not allow this.", detail=words, hint=_LOGIN_HINT)
    return refusal(status, "", words)


def refusal(status: int, retry_after: str, words: str = "") -> ExternalError:
    """Return the error for an answer that says "not now".

    Args:
        status: The HTTP status.
        retry_after: Seconds until the hub wants to be asked again, as it said; "" if it did not.
        words: What else it said.
    """
    if status == 429:
        when = f"in {retry_after} seconds" if retry_after.isdigit() else "later"
        return ExternalError(
            "The hub was asked too often and wants a pause.",
            detail=words,
            hint=f"Try again {when}. With a token it allows more: corral login.",
        )
    return ExternalError(
        f"The hub answered with an error: {status}.", detail=words, hint="Try again later."
    )


def unreachable(url: str, error: httpx2.HTTPError) -> ExternalError:
    """Return the error for a host that cannot be reached."""
    reason = str(error) or type(error).__name__
    return ExternalError(
        f"{host_of(url) or 'The hub'} cannot be reached.",
        detail=safe_line(reason),
        hint="Look at the network, and at proxy and mirror in the settings.",
    )
