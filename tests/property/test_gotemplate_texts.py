"""Any text is a template or a mistake with a place; nothing else comes out."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from corral.errors import UserError
from corral.prompt.conversation import Conversation
from corral.prompt.gotemplate.evaluator import Bounds
from corral.prompt.gotemplate.template import GoTemplate
from corral.prompt.message import Message, Role

PARTS = [
    "{{", "}}", "{{- ", " -}}", " ", "\n", "if", "else", "end", "range", "with", "define", '"x"',
    "template", ".Prompt", ".Messages", ".Content", ".", "$", "$x", ":=", "=", ",", "|", "(", ")",
    "eq", "len", "slice", "index", "printf", "json", "1", "-1", "1.5", '"%d"', "nil", "true", "é",
    "/*", "*/", "'a'", "`", "break", "continue", "text",
]  # fmt: skip
CHAT = Conversation(messages=(Message(role=Role.USER, content="Hello"),))
BOUNDS = Bounds(steps=5000, output_characters=10_000)


@given(st.lists(st.sampled_from(PARTS), max_size=25).map("".join))
def test_any_text_renders_or_names_the_place_of_its_mistake(text: str) -> None:
    with contextlib.suppress(UserError):
        assert isinstance(GoTemplate(text).render(CHAT, BOUNDS), str)


@given(st.lists(st.sampled_from(PARTS[4:]), max_size=8).map(" ".join))
def test_any_action_renders_or_names_the_place_of_its_mistake(action: str) -> None:
    test_any_text_renders_or_names_the_place_of_its_mistake.hypothesis.inner_test(  # type: ignore[attr-defined]
        f"{{{{ {action} }}}}{{{{ end }}}}"
    )
    with contextlib.suppress(UserError):
        assert isinstance(GoTemplate(f"{{{{ {action} }}}}").render(CHAT, BOUNDS), str)
