"""`corral run --tools`: the tools that a model is told of, from a file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from corral.errors import ExternalError, UserError
from corral.foreign import safe_line
from corral.prompt.choice import ChosenTemplate, Offer, TemplateSource
from corral.prompt.tool import Json, tool_name

SHAPE = (
    'It looks like this: [{"type": "function", "function": {"name": "f", "description": "…", '
    '"parameters": {"type": "object", "properties": {}}}}]'
)


def read_tools(file: str) -> tuple[Mapping[str, Json], ...]:
    """Return the tools in a file, in OpenAI's form: a list, or an object with "tools".

    Raises:
        UserError: If there is no such file, or it holds no tools.
        ExternalError: If it cannot be read.
    """
    path = Path(file).expanduser()
    try:
        found: Json = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no file '{safe_line(file)}'.") from None
    except OSError as error:
        raise ExternalError(f"'{safe_line(file)}' cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"'{safe_line(file)}' is no JSON: {error}.", hint=SHAPE) from error
    listed = found.get("tools") if isinstance(found, Mapping) else found
    if isinstance(listed, str) or not isinstance(listed, Sequence) or not listed:
        raise UserError(f"There is no list of tools in '{safe_line(file)}'.", hint=SHAPE)
    return tuple(_tool(number, item) for number, item in enumerate(listed, 1))


def require_tools(template: ChosenTemplate, model: str) -> None:
    """Refuse tools that the template would not tell the model of.

    Raises:
        UserError: If it takes none.
    """
    from corral.prompt.template_offers import go_offers, jinja_offers  # lazy: for tools alone

    read = go_offers if template.source is TemplateSource.MODELFILE else jinja_offers
    if Offer.TOOLS not in read(template.text).offers:
        raise UserError(
            f"{safe_line(model)} does not support tools: its template writes none.",
            hint="corral show tells what a model can do; --template chooses another template.",
        )


def _tool(number: int, item: Json) -> Mapping[str, Json]:
    if not isinstance(item, Mapping):
        raise UserError(f"Tool {number} is no object.", hint=SHAPE)
    tool: Mapping[str, Json] = item
    if "function" not in item:
        tool = {"type": "function", "function": item}
    if not tool_name(tool):
        raise UserError(f"Tool {number} has no name.", hint=SHAPE)
    return tool
