"""What the commands of a conversation on the terminal do, and the one table of them.

What `/?` shows is what there is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from corral.cli.answer import print_choices, warn
from corral.cli.answering import adapters_named, bias_of, checked, form_of, grammar_text
from corral.cli.manual import page
from corral.cli.output import print_table
from corral.cli.slash import Seat, SlashCommand
from corral.cli.talk import require_text
from corral.errors import UserError
from corral.events import TokenChoice
from corral.foreign import safe_text
from corral.library.model import Capability
from corral.modelfile.catalogue import PARAMETERS, ParameterType, ParameterValue
from corral.modelfile.scanner import scan
from corral.modelfile.values import format_value, parse_value
from corral.prompt.answering import AnsweringChanges
from corral.prompt.thinking_wish import LEVELS
from corral.settings import Overflow

# -- /set ----------------------------------------------------------------------------------------


def _set_parameter(seat: Seat, argument: str) -> None:
    name, _, text = argument.partition(" ")
    if not name:
        print(page("parameters"))
        return
    require_text(text, "/set parameter NAME VALUE")
    value = parse_value(name, _values(name, text.strip()))
    seat.services.do(seat.talk.set_parameters({name: value}))
    print(f"Set parameter '{name}' to '{', '.join(format_value(value))}'")
    spec = PARAMETERS[name]
    if not spec.is_useful(value):
        print(f"Useful values go from {spec.minimum:.12g} to {spec.maximum:.12g}.")


def _values(name: str, text: str) -> list[str]:
    """Return the values of a line: one, or for a list the words, which quotes hold together."""
    spec = PARAMETERS.get(name)
    if spec is None or spec.type is not ParameterType.STRINGS:
        return [text]
    return [_unquoted(text)] if text.startswith('"') else text.split()


def _unquoted(text: str) -> str:
    """Return a text without the quotes it is in, as a Modelfile has them."""
    if not text.startswith('"'):
        return text
    match scan(f"SYSTEM {text}"):
        case [statement] if statement.value and not statement.fault:
            return statement.value.text
        case _:
            raise UserError("The quote that begins the text is not closed at its end.")


def _set_system(seat: Seat, argument: str) -> None:
    text = _unquoted(require_text(argument, '/set system TEXT; "" for none'))
    seat.services.do(seat.talk.set_system(text))
    print("Set system message.")


def _set(attribute: str, *, is_on: bool, said: str) -> Callable[[Seat, str], None]:
    def run(seat: Seat, _argument: str) -> None:
        setattr(seat.talk, attribute, is_on)
        print(said)

    return run


def _set_format(seat: Seat, argument: str) -> None:
    wanted = require_text(argument, "/set format json, or a file with a JSON schema")
    _answer_with(seat, form=form_of(wanted), grammar="")
    print(f"Set format to '{safe_text(wanted)}' mode.")


def _set_grammar(seat: Seat, argument: str) -> None:
    wanted = require_text(argument, "/set grammar FILE, a GBNF")
    _answer_with(seat, form="", grammar=grammar_text(wanted))
    print(f"Answers obey the grammar of '{safe_text(wanted)}'.")


def _set_no_format(seat: Seat, _argument: str) -> None:
    _answer_with(seat, form="", grammar="")
    print("Disabled format.")


def _set_adapters(seat: Seat, argument: str) -> None:
    names = require_text(argument, "/set adapter NAME[:SCALE] …, a LoRA file or a model with one")
    workbench = seat.talk.workbench
    adapters = [
        pair for name in names.split() for pair in seat.services.do(adapters_named(workbench, name))
    ]
    _answer_with(seat, adapters=tuple(adapters))
    print(f"Adapters: {', '.join(f'{Path(path).name} at {scale:g}' for path, scale in adapters)}.")


def _set_no_adapters(seat: Seat, _argument: str) -> None:
    _answer_with(seat, adapters=())
    print("No adapters.")


def _set_bias(seat: Seat, argument: str) -> None:
    token, value = bias_of(require_text(argument, "/set bias TOKEN=VALUE"))
    biases = {**dict(seat.talk.answering.logit_bias), token: value}
    _answer_with(seat, logit_bias=tuple((t, v) for t, v in biases.items() if v != 0))
    print(f"The bias of '{safe_text(token)}' is {value:g}.")


def _set_log_probabilities(seat: Seat, argument: str) -> None:
    text = argument.strip() or "5"
    if not text.isdecimal():
        raise UserError("The number of alternatives is missing: /set logprobs N.")
    _answer_with(seat, n_choices=int(text))
    print(f"Each token is told with {text} alternatives.")


def _set_no_log_probabilities(seat: Seat, _argument: str) -> None:
    _answer_with(seat, n_choices=-1)
    print("Tokens are not told.")


def _set_overflow(seat: Seat, argument: str) -> None:
    try:
        overflow = Overflow(argument.strip().lower())
    except ValueError:
        raise UserError(f"It can be {', '.join(Overflow)}.") from None
    _answer_with(seat, overflow=overflow)
    print(f"Where the context is full: {overflow}.")


def _answer_with(seat: Seat, **changes: Unpack[AnsweringChanges]) -> None:
    answering = checked(replace(seat.talk.answering, **changes))
    seat.services.do(seat.talk.set_answering(answering))


def _tokens(seat: Seat, _argument: str) -> None:
    print_choices(_known_choices(seat))


def _known_choices(seat: Seat) -> tuple[TokenChoice, ...]:
    if not seat.talk.choices:
        raise UserError("No tokens are known.", hint="/set logprobs N, then ask.")
    return seat.talk.choices


def _branch(seat: Seat, argument: str) -> None:
    usage = "/branch PLACE CHOICE, numbers as /tokens shows them"
    words = require_text(argument, usage).split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise UserError(f"Two numbers are needed: {usage}.")
    place, number = int(words[0]) - 1, int(words[1])
    choices = _known_choices(seat)
    if not 0 <= place < len(choices):
        raise UserError(f"There is no token {words[0]}; there are 1 to {len(choices)}.")
    others = choices[place].alternatives
    if not 1 <= number <= len(others):
        raise UserError(f"Token {words[0]} has no choice {number}; it has 1 to {len(others)}.")
    seat.services.do(seat.talk.ask_again(place, others[number - 1]), seat.talk.stop)


def _think(seat: Seat, argument: str) -> None:
    level = argument.strip().lower()
    if level not in ("", *LEVELS):
        raise UserError(f"The level can be {', '.join(LEVELS)}.")
    _set_thinking(seat, thinks=True, level=level)
    print(f"Set 'think' mode{f' to {level}' if level else ''}.")


def _do_not_think(seat: Seat, _argument: str) -> None:
    _set_thinking(seat, thinks=False)
    print("Set 'nothink' mode.")


def _set_thinking(seat: Seat, *, thinks: bool, level: str = "") -> None:
    if seat.talk.is_saved:
        raise UserError("A saved chat thinks as the model's template has it.")
    if Capability.THINKING not in seat.talk.model.capabilities:
        warn(f"model '{seat.talk.model.name}' does not support thinking")
    seat.talk.thinks, seat.talk.think_level = thinks, level


def _keep_history(seat: Seat, _argument: str) -> None:
    seat.editor.keep_history(keeps=True)
    print("What you type is remembered.")


def _forget_history(seat: Seat, _argument: str) -> None:
    seat.editor.keep_history(keeps=False)
    print("What you type is not remembered.")


# -- /show ---------------------------------------------------------------------------------------


def _show_info(seat: Seat, _argument: str) -> None:
    from corral.cli.main import main  # lazy: main imports this module's commands

    main(["show", seat.talk.model.name])


def _show_modelfile(seat: Seat, _argument: str) -> None:
    model = seat.talk.model.name
    print(safe_text(seat.services.do(seat.talk.workbench.modelling.modelfile(model))))


def _show_license(seat: Seat, _argument: str) -> None:
    _print_or("\n\n".join(seat.talk.model.licenses), "No license was specified for this model.")


def _show_system(seat: Seat, _argument: str) -> None:
    talk = seat.talk
    text = talk.model.system if talk.system is None else talk.system
    _print_or(text, "No system message was specified for this model.")


def _show_template(seat: Seat, _argument: str) -> None:
    talk = seat.talk
    header = seat.services.do(talk.workbench.planning.header(talk.model))
    text = talk.model.template or header.chat_template
    _print_or(text, "No prompt template was specified for this model.")


def _show_parameters(seat: Seat, _argument: str) -> None:
    groups: tuple[tuple[str, Mapping[str, ParameterValue]], ...] = (
        ("Model defined parameters", seat.talk.model.parameters),
        ("User defined parameters", seat.talk.parameters),
    )
    for title, parameters in groups:
        if parameters:
            rows = [(f"  {n}", "  ".join(format_value(v))) for n, v in parameters.items()]
            print_table((title, ""), rows)
    if not any(parameters for _, parameters in groups):
        print("No parameters were specified for this model.")


def _print_or(text: str | None, nothing: str) -> None:
    print(safe_text(text) if text else nothing)


# -- the others ----------------------------------------------------------------------------------


def _load(seat: Seat, argument: str) -> None:
    name = require_text(argument, "/load MODEL")
    seat.services.do(seat.talk.use(name))
    still = ""
    if seat.talk.system is not None:
        still += "; the system message that you set stays"
    if seat.talk.parameters:
        still += f"; so you have set: {', '.join(seat.talk.parameters)}"
    print(f"Loading model '{seat.talk.model.name}'{still}")


def _save(seat: Seat, argument: str) -> None:
    made = seat.services.do(seat.talk.save(require_text(argument, "/save MODEL")))
    print(f"Created new model '{made.name}'")


def _clear(seat: Seat, _argument: str) -> None:
    seat.talk.clear()
    print("Cleared what was said.")


def _list(_seat: Seat, argument: str) -> None:
    from corral.cli.main import main  # lazy: main imports this module's commands

    main(["list", *argument.split()[:1]])


def _leave(seat: Seat, _argument: str) -> None:
    seat.is_left = True


def _help(_seat: Seat, argument: str) -> None:
    topic = argument.strip().removeprefix("/").lower()
    if topic == "shortcuts":
        print_table(("Keys", ""), [(f"  {keys}", what) for keys, what in SHORTCUTS])
        return
    if topic in ("", "set", "show"):
        rows = list(_usages(f"/{topic} " if topic else ""))
        print_table(("Commands", ""), rows)
        if not topic:
            print('\nUse """ to begin a message of several lines, and to end it.')
        return
    print(page(topic))


def _usages(start: str) -> Iterator[tuple[str, str]]:
    for command in COMMANDS:
        if command.usage.startswith(start):
            yield f"  {command.usage}", command.help


SHORTCUTS = (
    ("Ctrl+A / Ctrl+E", "to the start / end of the line"),
    ("Ctrl+B / Ctrl+F", "a character back / on"),
    ("Alt+B / Alt+F", "a word back / on"),
    ("Ctrl+K / Ctrl+U", "delete to the end / start of the line"),
    ("Ctrl+W", "delete the word before the cursor"),
    ("Ctrl+L", "clear the screen"),
    ("Ctrl+P / Ctrl+N, arrows", "what was typed before"),
    ("Ctrl+R", "search what was typed before"),
    ("Tab", "complete a command, a parameter or a model"),
    ("Ctrl+C", "stop the answer, or forget the line"),
    ("Ctrl+D", "leave"),
)


def _command(
    names: str, run: Callable[[Seat, str], None], about: str, argument: str = ""
) -> SlashCommand:
    return SlashCommand(names=tuple(names.split("|")), argument=argument, help=about, run=run)


COMMANDS: tuple[SlashCommand, ...] = (
    _command("/set parameter", _set_parameter, "set a parameter", "NAME VALUE"),
    _command("/set system", _set_system, "set the system message", "TEXT"),
    _command("/set history", _keep_history, "remember what is typed"),
    _command("/set nohistory", _forget_history, "do not remember what is typed"),
    _command(
        "/set wordwrap",
        _set("is_wrapped", is_on=True, said="Lines break between words."),
        "break lines between words",
    ),
    _command(
        "/set nowordwrap",
        _set("is_wrapped", is_on=False, said="The terminal breaks lines."),
        "let the terminal break lines",
    ),
    _command(
        "/set verbose",
        _set("is_verbose", is_on=True, said="Times are printed behind each answer."),
        "print times behind each answer",
    ),
    _command(
        "/set quiet",
        _set("is_verbose", is_on=False, said="No times are printed."),
        "print no times",
    ),
    _command("/set format", _set_format, "answer in JSON, or by a JSON schema", "json|FILE"),
    _command("/set grammar", _set_grammar, "answer by a grammar", "FILE"),
    _command("/set noformat", _set_no_format, "answer freely"),
    _command("/set adapter", _set_adapters, "answer with LoRA adapters", "NAME[:SCALE] …"),
    _command("/set noadapter", _set_no_adapters, "answer without adapters"),
    _command("/set bias", _set_bias, "make a token likelier, or less", "TOKEN=VALUE"),
    _command("/set logprobs", _set_log_probabilities, "tell tokens with alternatives", "N"),
    _command("/set nologprobs", _set_no_log_probabilities, "tell no tokens"),
    _command("/set overflow", _set_overflow, "what a full context does", "|".join(Overflow)),
    _command("/set think", _think, "let the model think", f"[{'|'.join(LEVELS)}]"),
    _command("/set nothink", _do_not_think, "let the model answer at once"),
    _command("/show info", _show_info, "what is known of the model"),
    _command("/show license", _show_license, "the model's license"),
    _command("/show modelfile", _show_modelfile, "the model's Modelfile"),
    _command("/show parameters", _show_parameters, "parameters of the model and of this session"),
    _command("/show system", _show_system, "the system message"),
    _command("/show template", _show_template, "the model's prompt template"),
    _command("/load", _load, "go on with another model", "MODEL"),
    _command("/save", _save, "make a model of this session", "MODEL"),
    _command("/tokens", _tokens, "tokens of the last answer, with their alternatives"),
    _command("/branch", _branch, "answer again from another token on", "PLACE CHOICE"),
    _command("/clear", _clear, "forget what was said"),
    _command("/list|/ls", _list, "list the models", "[PREFIX]"),
    _command("/help|/?", _help, "this, or help on a topic", "[set|show|shortcuts|parameters|NAME]"),
    _command("/bye|/exit", _leave, "leave"),
)
