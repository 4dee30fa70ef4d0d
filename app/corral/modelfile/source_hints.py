"""Hints about FROM: the model or file that is built on."""

import re
from collections.abc import Iterator

from corral.modelfile.hint import Fix, Hint, Known, Sheet
from corral.modelfile.scanner import Statement, Value

_PATH = re.compile(r"[./~\\]|[A-Za-z]:[\\/]|.*\.(gguf|bin|safetensors)$", re.IGNORECASE)
_DEFAULT_PREFIX = re.compile("^(registry\\.ollama\\.ai/)?(library/)?", re.IGNORECASE)


def missing_from(sheet: Sheet, known: Known) -> Iterator[Hint]:
    """Yield the hint that there is no FROM line."""
    has_from = any(
        statement.keyword == "from" or (statement.keyword, statement.name) == ("parameter", "model")
        for statement in sheet.statements
    )
    if has_from:
        return
    start = 1 if sheet.text.startswith("\ufeff") else 0
    fix = None
    if known.models:
        line = f"FROM {known.models[0]}"
        replacement = line + sheet.newline
        fix = Fix(title=f"Add {line}", start=start, end=start, replacement=replacement)
    words = "No FROM line: name the model to build on, as in FROM smollm2:135m."
    yield sheet.error(words, 0, 0, fix=fix)


def unknown_source(
    sheet: Sheet, statement: Statement, value: Value, known: Known
) -> Iterator[Hint]:
    """Yield the hint about a FROM without a model, or with one that is not there."""
    name = value.text.strip()
    if not name:
        fix = None
        if known.models:
            start, newest = value.start, known.models[0]
            fix = Fix(title=f"Use {newest}", start=start, end=start, replacement=newest)
        yield sheet.error("FROM names no model.", statement.start, statement.keyword_end, fix=fix)
    elif known.models is not None and not is_path(name) and not _is_there(name, known.models):
        closest = _closest(name, known.models)
        if closest is None:
            words = "The library has no model %1."
            yield sheet.warning(words, value.start, value.end, name)
            return
        fix = Fix(title=f"Use {closest}", start=value.start, end=value.end, replacement=closest)
        words = "The library has no model %1. Did you mean %2?"
        yield sheet.warning(words, value.start, value.end, name, closest, fix=fix)


def is_path(source: str) -> bool:
    """Whether the value of FROM looks like a file or folder, not like a model's name."""
    return _PATH.match(source) is not None


def _is_there(name: str, models: tuple[str, ...]) -> bool:
    return _whole(name) in {_whole(model) for model in models}


def _whole(name: str) -> str:
    short = _DEFAULT_PREFIX.sub("", name.lower())
    return short if ":" in short.rpartition("/")[2] else f"{short}:latest"


def _closest(name: str, models: tuple[str, ...]) -> str | None:
    import difflib  # lazy: only those who mistype need it

    whole = {_whole(model): model for model in models}
    found = difflib.get_close_matches(_whole(name)[:200], list(whole), n=1, cutoff=0.7)
    return whole[found[0]] if found else None
