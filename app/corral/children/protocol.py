"""The words between parent and child: one JSON object a line, never pickle.

A request is `{"method", "params"}`, an answer `{"result"}` or `{"error"}`. The child runs foreign
code, so the parent takes nothing in an answer for granted.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from corral.errors import CorralError, ExternalError, Place, UserError

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"


def encode(message: Mapping[str, Json]) -> bytes:
    """Return `message` as one line of UTF-8; half surrogates pass."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def decode(line: bytes) -> Mapping[str, Json]:
    """Return the object on `line`.

    Raises:
        ValueError: If it holds anything else.
    """
    try:
        message = json.loads(line.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(message, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 (the text is wrong, not the caller)
    return message


def error_message(error: CorralError) -> Mapping[str, Json]:
    """Return the answer that carries `error` to the parent."""
    place = error.place if isinstance(error, UserError) else None
    fields: dict[str, Json] = {
        "is_user": isinstance(error, UserError),
        "summary": error.summary,
        "detail": error.detail,
        "hint": error.hint,
    }
    if reason := getattr(error, "reason", None):  # a load that llama.cpp refused
        fields["reason"] = str(reason)
    if place:
        fields["place"] = {"line": place.line, "column": place.column, "source": place.source}
    return {"error": fields}


def read_answer(line: bytes) -> Json:
    """Return the result on `line`.

    Raises:
        CorralError: The error that the child sent instead.
        ValueError: If the line is no answer.
    """
    message = decode(line)
    if "result" in message:
        return message["result"]
    error = message.get("error")
    if not isinstance(error, Mapping):
        raise ValueError("neither result nor error")  # noqa: TRY004 (the text is wrong)
    raise _error(error)


def _error(fields: Mapping[str, Json]) -> CorralError:
    summary, detail, hint = (str(fields.get(key, "")) for key in ("summary", "detail", "hint"))
    if fields.get("is_user") is True:
        return UserError(summary, detail=detail, hint=hint, place=_place(fields.get("place")))
    if reason := fields.get("reason"):
        return _load_error(str(reason), summary, detail, hint)
    return ExternalError(summary, detail=detail, hint=hint)


def _load_error(reason: str, summary: str, detail: str, hint: str) -> ExternalError:
    from corral.llama.refusals import LoadError, Reason  # lazy: the window is usable first

    known = Reason(reason) if reason in tuple(Reason) else Reason.OTHER
    return LoadError(known, summary, detail=detail, hint=hint)


def _place(value: Json) -> Place | None:
    if not isinstance(value, Mapping):
        return None
    line, column = value.get("line"), value.get("column")
    if not isinstance(line, int) or not isinstance(column, int):
        return None
    return Place(line=line, column=column, source=str(value.get("source", "")))
