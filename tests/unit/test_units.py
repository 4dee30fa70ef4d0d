"""Sizes, counts and times as people read them."""

from collections.abc import Callable

import pytest

from corral.units import (
    GIB,
    MIB,
    ago,
    context_size,
    count,
    duration,
    file_size,
    log_size,
    memory_size,
    parameter_count,
)
from helpers.vectors import vectors

Record = Callable[[str, object], None]


def test_files_are_shown_as_ollama_shows_them(record_property: Record) -> None:
    cases = vectors("human_format")["human_bytes"]
    record_property("cases of human_format", len(cases))
    shown = {case["input"]: file_size(case["input"]) for case in cases}
    assert shown == {case["input"]: case["expect"] for case in cases}


def test_logs_have_memory_as_ollamas_have_it(record_property: Record) -> None:
    cases = vectors("human_format")["human_bytes2"]
    record_property("cases of human_format", len(cases))
    shown = {case["input"]: log_size(case["input"]) for case in cases}
    assert shown == {case["input"]: case["expect"] for case in cases}


def test_parameter_counts_are_shown_as_ollama_shows_them(record_property: Record) -> None:
    cases = vectors("human_format")["human_number"]
    record_property("cases of human_format", len(cases))
    shown = {case["input"]: parameter_count(case["input"]) for case in cases}
    assert shown == {case["input"]: case["expect"] for case in cases}


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 KiB"),
        (576 * 1024, "576 KiB"),
        (MIB, "1.0 MiB"),
        (int(13.5 * MIB), "13.5 MiB"),
        (108 * MIB, "108 MiB"),
        (GIB, "1.00 GiB"),
        (int(4.3 * GIB), "4.30 GiB"),
        (-2 * GIB, "-2.00 GiB"),
    ],
)
def test_memory_is_shown_in_binary_units(size_bytes: int, shown: str) -> None:
    assert memory_size(size_bytes) == shown


def test_the_starter_models_parameters_have_two_digits() -> None:
    assert parameter_count(134_515_008) == "134.52M"
    assert parameter_count(8_030_261_312) == "8.0B"


def test_long_numbers_are_grouped_by_spaces_that_do_not_break() -> None:
    assert count(8192) == "8\u202f192"
    assert count(512) == "512"


def test_context_lengths_are_short() -> None:
    assert [context_size(tokens) for tokens in (512, 8192, 131072)] == ["512", "8k", "128k"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (23 * 3600, "23 hours ago"),
        (86400, "yesterday"),
        (13 * 86400, "13 days ago"),
        (14 * 86400, "2 weeks ago"),
        (60 * 86400, "2 months ago"),
    ],
)
def test_the_past_is_told_in_words(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (99.4, "99 s"),
        (100, "2 min"),
        (4800, "80 min"),
        (6000, "1 h 40 min"),
        (86400, "24 h 0 min"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
