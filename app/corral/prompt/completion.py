"""Prompts for models without a chat template: they go on with a text, they do not chat."""

from collections.abc import Sequence

from corral.prompt.message import Message, Role


def completion_prompt(messages: Sequence[Message]) -> str:
    """Return the text that the model goes on with: the conversation, without any roles.

    A reply follows its message without a gap, as it came; each new message of the user begins a
    paragraph.
    """
    text = ""
    for message in messages:
        gap = "\n\n" if text and message.role is not Role.ASSISTANT else ""
        text += gap + message.content
    return text
