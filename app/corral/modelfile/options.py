"""The options of an API request: parameters as JSON values.

Source: Ollama ``api/types.go`` behaviour (``FromMap``), checked against its cases.
"""

import logging
from collections.abc import Mapping
from math import isfinite

from corral.errors import UserError
from corral.modelfile.catalogue import PARAMETERS, ParameterSpec, ParameterType, ParameterValue

logger = logging.getLogger(__name__)

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def read_options(options: Mapping[str, JsonValue]) -> dict[str, ParameterValue]:
    """Read the ``options`` object of a request.

    A fraction given for a whole number is cut off, null sets nothing, and what the catalogue does
    not list is told in the log and left out, all as Ollama does it.

    Raises:
        UserError: If a value has the wrong JSON type.
    """
    found: dict[str, ParameterValue] = {}
    for name, value in options.items():
        spec = PARAMETERS.get(name)
        if spec is None:
            logger.warning("an unknown option was left out: %r", name[:80])
        elif value is not None:
            found[name] = _typed(spec, value)
    return found


def _typed(spec: ParameterSpec, value: JsonValue) -> ParameterValue:
    # Python takes truth values for numbers, and its JSON reader knows infinity.
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    match spec.type:
        case ParameterType.INTEGER if is_number:
            return int(value)  # type: ignore[arg-type]
        case ParameterType.FLOAT if is_number:
            return float(value)  # type: ignore[arg-type]
        case ParameterType.BOOLEAN if isinstance(value, bool):
            return value
        case ParameterType.STRINGS if isinstance(value, list):
            texts = [each for each in value if isinstance(each, str)]
            if len(texts) == len(value):
                return tuple(texts)
            raise UserError(f'option "{spec.name}" must be of an array of strings')
    raise UserError(f'option "{spec.name}" must be of type {_JSON_TYPES[spec.type]}')


_JSON_TYPES = {
    ParameterType.INTEGER: "integer",
    ParameterType.FLOAT: "float32",
    ParameterType.BOOLEAN: "boolean",
    ParameterType.STRINGS: "array",
}
