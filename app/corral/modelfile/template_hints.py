"""Hints about TEMPLATE: what it leaves out, and what stands open in it."""

import re
from collections.abc import Iterator

from corral.modelfile.hint import Fix, Hint, Sheet
from corral.modelfile.parameter_hints import unused_stops
from corral.modelfile.scanner import Statement, Value

_ASKED = re.compile(r"\.(Prompt|Messages)\b")
_MESSAGES = re.compile(r"\.Messages\b")
_SYSTEM = re.compile(r"\.System\b")
# A comment, or an action; its strings may hold anything, braces too.
_ACTION = re.compile(
    r"""\{\{(?:-\s)?\s*/\*.*?\*/\s*-?\}\}
    | \{\{-?\s*(?P<word>[a-z]*)
      (?: "(?:[^"\\\n]|\\.)*" | `[^`]*` | '(?:[^'\\\n]|\\.)*' | (?!\}\}|\{\{)[^"`'] )*
      \}\}""",
    re.DOTALL | re.VERBOSE,
)
_PROMPT, _SYSTEM_TEXT, _END = "{{ .Prompt }}", "{{ .System }}", "{{ end }}"
MOST_CHARACTERS = 100_000  # of a template that is read as a whole while it is being written
_OPENING = frozenset(("if", "range", "with", "define", "block"))


def template_hints(sheet: Sheet, statement: Statement) -> Iterator[Hint]:
    """Yield hints about the TEMPLATE that counts."""
    value = statement.value
    assert value is not None
    template = value.text
    start, end = statement.start, statement.keyword_end
    if template and not _ASKED.search(template):
        yield sheet.warning(
            "The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}: "
            "the model would not see what it is asked.",
            start,
            end,
            fix=_prompt_added(sheet, value),
        )
    elif template and not _MESSAGES.search(template) and not _SYSTEM.search(template):
        system = [each for each in sheet.statements if each.keyword == "system"]
        if system and system[-1].value and system[-1].value.text:
            words = "The TEMPLATE does not use {{ .System }}: the model would not see SYSTEM."
            yield sheet.warning(words, start, end, fix=_system_added(value))
    if not statement.fault:
        yield from list(_left_open(sheet, value)) or _unreadable(sheet, statement, value)
    words = "%1 does not occur in the TEMPLATE."
    yield from unused_stops(sheet, template, words)


def base_template_hints(sheet: Sheet, template: str) -> Iterator[Hint]:
    """Yield hints that come from the chat template of the base model, where it is the one."""
    if "eos_token" in template:  # which text that is stands in the vocabulary
        return
    words = "%1 does not occur in the model's chat template."
    yield from unused_stops(sheet, template, words)


def _prompt_added(sheet: Sheet, value: Value) -> Fix | None:
    # Before blank ends: a newline there would end up between the text and the variable.
    at = value.end
    while at > value.start and sheet.text[at - 1] in " \t\r\n":
        at -= 1
    is_held = value.quote or at > value.start
    fix = Fix(title=f"Add {_PROMPT}", start=at, end=at, replacement=_PROMPT)
    return fix if is_held else None


def _system_added(value: Value) -> Fix:
    gap = "\n" if value.quote else " "
    replacement = _SYSTEM_TEXT + gap
    return Fix(
        title=f"Add {_SYSTEM_TEXT}", start=value.start, end=value.start, replacement=replacement
    )


def _left_open(sheet: Sheet, value: Value) -> Iterator[Hint]:
    opened: list[re.Match[str]] = []
    at = sheet.text.find("{{", value.start, value.end)
    while at >= 0:
        action = _ACTION.match(sheet.text, at, value.end)
        if action is None:
            yield sheet.error("This {{ of the TEMPLATE is never closed by }}.", at, at + 2)
            return
        if action["word"] in _OPENING:
            opened.append(action)
        elif action["word"] == "end" and not opened:
            yield sheet.error("This {{ end }} of the TEMPLATE ends nothing.", *action.span())
            return
        elif action["word"] == "end":
            opened.pop()
        at = sheet.text.find("{{", action.end(), value.end)
    if opened:
        fix = Fix(title=f"Add {_END}", start=value.end, end=value.end, replacement=_END)
        words = "This {{ %1 }} of the TEMPLATE has no {{ end }}."
        yield sheet.error(words, *opened[-1].span(), opened[-1]["word"], fix=fix)


def _unreadable(sheet: Sheet, statement: Statement, value: Value) -> Iterator[Hint]:
    if len(value.text) > MOST_CHARACTERS or "{{" not in value.text:
        return
    from corral.prompt.gotemplate.fault import TemplateFault  # lazy: few texts have a TEMPLATE
    from corral.prompt.gotemplate.functions import FUNCTION_NAMES  # lazy: so too
    from corral.prompt.gotemplate.parser import parse  # lazy: so too

    try:
        parse(value.text, FUNCTION_NAMES)
    except TemplateFault as fault:
        is_as_written = sheet.text[value.start : value.end] == value.text
        start = value.start + fault.offset if is_as_written else statement.start
        start = min(start, value.end)
        words = "The TEMPLATE cannot be read here: %1."
        yield sheet.error(words, start, min(start + 1, value.end), fault.reason)
