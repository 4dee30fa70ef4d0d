"""Text that a model goes on with as it is, or in the middle of which it writes: no conversation."""

from dataclasses import dataclass
from functools import partial

from corral.engine.protocol import AnyRunner
from corral.engine.session import Session
from corral.errors import UserError
from corral.llama.special_tokens import SpecialTokens
from corral.prompt.choice import ChosenTemplate, Offer, TemplateLanguage
from corral.prompt.conversation import Conversation
from corral.prompt.message import Message, Role
from corral.prompt.template_offers import go_offers
from corral.workbench.media_tokens import prompt_tokens
from corral.workbench.prompt_writer import PromptWriter
from corral.workbench.request import Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionPrompt:
    """What the model reads.

    Attributes:
        tokens: The prompt.
        text: The prompt as text.
    """

    tokens: tuple[int, ...]
    text: str


async def completion_prompt(
    name: str,
    runner: AnyRunner,
    special: SpecialTokens,
    writer: PromptWriter,
    wanted: Completion,
) -> CompletionPrompt:
    """Return what a model reads to go on with a text, or to fill the place behind it.

    Without a suffix the text goes to the model as it is, control tokens too. A place is filled by
    the template where it can, else with the tokens that the vocabulary has for it.

    Args:
        name: Of the model.
        runner: The model.
        special: Its special tokens.
        writer: Writes prompts for it.
        wanted: The text.

    Raises:
        UserError: If the model cannot fill places.
    """
    if not wanted.suffix:
        return await _raw(runner, writer, wanted.text)
    if _can_fill(writer.template):
        message = Message(role=Role.USER, content=wanted.text)
        text = await writer.write(Conversation(messages=(message,), suffix=wanted.suffix))
        cut_up = partial(
            prompt_tokens,
            special=special,
            guards=writer.guards,
            text=text,
            media=(),
            adds_special=writer.adds_special(text),
        )
        return CompletionPrompt(tokens=(await runner.between_steps(cut_up)).tokens, text=text.text)
    tokens = await runner.between_steps(lambda session: _filling_tokens(session, wanted))
    if not tokens:
        raise UserError(
            f"{name} cannot fill a place in a text: neither its template nor its vocabulary knows "
            "how.",
            hint="Take a model for code completion, or leave the suffix out.",
        )
    return CompletionPrompt(tokens=tokens, text=f"{wanted.text}…{wanted.suffix}")


async def _raw(runner: AnyRunner, writer: PromptWriter, text: str) -> CompletionPrompt:
    begins_itself = bool(writer.bos_token) and text.startswith(writer.bos_token)
    tokens = await runner.tokenize(text, add_special=not begins_itself, parse_special=True)
    return CompletionPrompt(tokens=tuple(tokens), text=text)


def _can_fill(template: ChosenTemplate) -> bool:
    is_go = template.language is TemplateLanguage.GO
    return is_go and Offer.INSERT in go_offers(template.text).offers


def _filling_tokens(session: Session, wanted: Completion) -> tuple[int, ...]:
    """Return the tokens that mark the place and what is around it; none where there are no such."""
    vocabulary = session.model.vocabulary
    if not (marks := vocabulary.filling_marks):
        return ()
    before, after = (
        vocabulary.tokenize(text, add_special=False, parse_special=False)
        for text in (wanted.text, wanted.suffix)
    )
    begin = [vocabulary.bos] if vocabulary.adds_bos else []
    return (*begin, marks.prefix, *before, marks.suffix, *after, marks.middle)
