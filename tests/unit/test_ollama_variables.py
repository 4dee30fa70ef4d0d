"""Ollama's environment variables, by Ollama's own cases."""

import json
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from corral.ollama_variables import (
    OllamaVariables,
    connectable,
    count,
    duration,
    is_true,
    keep_alive,
    read_variables,
    unquoted,
)
from helpers.vectors import vectors

VECTORS = vectors("env_and_durations")
FOREVER_NS = 2**63 - 1


def seconds(nanoseconds: int) -> float:
    return inf if nanoseconds == FOREVER_NS else nanoseconds / 1e9


def variables(case: dict[str, Any]) -> OllamaVariables:
    return read_variables({case["env"]: case["value"]})


def asked_keep_alive(request: str) -> float | None:
    value = json.loads(request).get("keep_alive")
    return None if value is None else keep_alive(value)


READERS: dict[str, Callable[[dict[str, Any]], tuple[object, object]]] = {
    "host": lambda case: (variables(case).host, case["expect"]),
    "connectable_host": lambda case: (connectable(variables(case).host), case["expect"]),
    "origins": lambda case: (list(variables(case).origins), case["expect"]),
    "bool": lambda case: (is_true(unquoted(case["value"])), case["expect"]),
    "uint_default_11434": lambda case: (count(unquoted(case["value"]), 11434), case["expect"]),
    "keep_alive": lambda case: (variables(case).keep_alive_s, seconds(case["expect"])),
    "load_timeout": lambda case: (variables(case).load_timeout_s, seconds(case["expect"])),
    "var_trim": lambda case: (unquoted(case["value"]), case["expect"]),
    "log_level": lambda case: (variables(case).log_level, case["expect"]),
    "request_keep_alive": lambda case: (
        asked_keep_alive(case["request_json"]),
        None if case["expect_ns"] is None else seconds(case["expect_ns"]),
    ),
}


@pytest.mark.parametrize("kind", READERS)
def test_variables_are_read_as_ollama_reads_them(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    for case in VECTORS[kind]:
        found, expected = READERS[kind](case)
        assert found == expected, case
    record_property("cases of env_and_durations", len(VECTORS[kind]))


def test_every_list_of_the_file_is_read() -> None:
    assert set(READERS) == {name for name, value in VECTORS.items() if isinstance(value, list)}


def test_durations_have_parts_and_a_sign() -> None:
    assert [duration(text) for text in ("1.5h", "2m30s", "100ms", "-5s", "5", "s", "1 m")] == [
        5400, 150, 0.1, inf, 5, None, None,
    ]  # fmt: skip


def test_nothing_set_is_ollamas_default() -> None:
    empty = read_variables({})
    assert (empty.num_parallel, empty.max_queue, empty.context_length) == (1, 512, 0)
    assert empty.kv_cache_type == ""


@pytest.mark.parametrize(
    ("environment", "parallel_and_queue"),
    [
        ({"OLLAMA_NUM_PARALLEL": " '4' "}, (4, 512)),
        ({"OLLAMA_MAX_QUEUE": "0"}, (1, 0)),
        ({"OLLAMA_NUM_PARALLEL": "0", "OLLAMA_MAX_QUEUE": "many"}, (1, 512)),
        ({"OLLAMA_NUM_PARALLEL": "-1", "OLLAMA_MAX_QUEUE": "0x10"}, (1, 512)),
    ],
)
def test_what_is_no_number_keeps_its_default(
    environment: dict[str, str], parallel_and_queue: tuple[int, int]
) -> None:
    found = read_variables(environment)
    assert (found.num_parallel, found.max_queue) == parallel_and_queue
