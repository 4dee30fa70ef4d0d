"""The words for a JSON schema that cannot be kept."""

from corral.errors import UserError


def refusal(what: str, at: str) -> UserError:
    """Return the error for a schema that says `what` at the JSON pointer `at`."""
    return UserError(
        f"The JSON schema cannot be used: at {at} it {what}.",
        hint="Leave that out of the schema and check it in the answer.",
    )
