import pytest

from corral.hub.pace import Pace


def test_a_steady_rate_is_told_with_the_time_left() -> None:
    pace = Pace()
    for second in range(20):
        pace.note(1000 * second, float(second))
    assert pace.bytes_per_s == pytest.approx(1000)
    assert pace.seconds_left(29_000) == pytest.approx(10)


def test_what_was_there_before_counts_for_nothing() -> None:
    pace = Pace()
    pace.note(10**9, 0.0)
    pace.note(10**9 + 500, 1.0)
    assert pace.bytes_per_s == pytest.approx(500)


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    for second in range(10):
        pace.note(1000 * second, float(second))
    for second in range(10, 30):
        pace.note(9000 + second, float(second))
    assert pace.bytes_per_s < 2


@pytest.mark.parametrize("notes", [[], [(0, 0.0)], [(0, 0.0), (100, 0.1)]])
def test_nothing_is_said_too_early(notes: list[tuple[int, float]]) -> None:
    pace = Pace()
    for done, now in notes:
        pace.note(done, now)
    assert pace.bytes_per_s == 0
    assert pace.seconds_left(100) is None


def test_beginning_anew_begins_the_rate_anew() -> None:
    pace = Pace()
    pace.note(0, 0.0)
    pace.note(10**6, 1.0)
    pace.note(0, 2.0)
    pace.note(100, 3.0)
    assert pace.bytes_per_s == pytest.approx(100)
