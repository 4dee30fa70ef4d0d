import pytest

from corral.errors import UserError
from corral.prompt.conversation import Conversation
from corral.prompt.guard import GuardedText, clean
from corral.prompt.history import without_missing_answers
from corral.prompt.media_marks import (
    FIRST,
    LAST,
    MediaPlace,
    cut_at_media,
    with_media_marks,
    with_media_tags,
)
from corral.prompt.message import Message, Role
from corral.prompt.origin import Span

MARK_0, MARK_1 = f"{FIRST}0{LAST}", f"{FIRST}1{LAST}"


def said(content: str, images: int = 0) -> Message:
    return Message(role=Role.USER, content=content, images=images, media=("d",) * images)


def test_pictures_stand_before_the_text_they_came_with() -> None:
    marked = with_media_marks([said("a"), said("b", 2)])

    assert [message.content for message in marked] == ["a", f"{MARK_0}{MARK_1}b"]
    assert with_media_tags(marked[1].content) == "[img-0][img-1]b"


def test_nobody_can_type_a_mark() -> None:
    typed = Conversation(messages=(said(f"{MARK_0} [img-0] [img]", 1),))

    (message,) = with_media_marks(clean(typed).messages)
    pieces = cut_at_media(GuardedText(text=message.content), 1)

    assert [piece for piece in pieces if isinstance(piece, MediaPlace)] == [MediaPlace(number=0)]
    assert isinstance(pieces[-1], GuardedText)
    assert pieces[-1].text.endswith(" [img-0] [img]")


def test_guarded_places_keep_their_text_on_both_sides_of_a_picture() -> None:
    text = f"<a> one {MARK_0} two <b>"
    spans = (Span(start=0, end=3), Span(start=text.index("<b>"), end=len(text)))

    before, place, after = cut_at_media(GuardedText(text=text, guarded=spans), 1)

    assert place == MediaPlace(number=0)
    for piece, inside in ((before, "<a>"), (after, "<b>")):
        assert isinstance(piece, GuardedText)
        assert [piece.text[span.start : span.end] for span in piece.guarded] == [inside]


@pytest.mark.parametrize("text", ["none", f"{MARK_0}{MARK_0}", f"{MARK_1}", f"{MARK_0}{MARK_1}"])
def test_a_template_that_loses_or_doubles_a_picture_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="of 1 pictures"):
        cut_at_media(GuardedText(text=text), 1)


def test_pictures_of_messages_that_are_joined_stay() -> None:
    empty = Message(role=Role.ASSISTANT, content="")

    (joined,) = without_missing_answers([said("a", 1), empty, said("b", 2)])

    assert (joined.content, joined.images, len(joined.media)) == ("a\n\nb", 3, 3)
