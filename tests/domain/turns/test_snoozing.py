"""«Позже» and «К дате…»: how long, and how often."""

from datetime import UTC, date, datetime

import pytest

from tracker.domain.turns.snoozing import is_restless, may_snooze, snooze_cost, snooze_until
from tracker.domain.worktime import Calendar

THURSDAY = datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize(("choice", "day"), [("1wd", 20), ("3wd", 24), ("monday", 23)])
def test_a_snooze_ends_on_a_working_day(choice, day):
    assert snooze_until(Calendar(), choice, THURSDAY) == date(2026, 11, day)


def test_a_monday_off_is_the_next_working_day():
    assert snooze_until(Calendar(days_off=frozenset({date(2026, 11, 23)})), "monday", THURSDAY) == date(2026, 11, 24)


def test_an_unknown_choice_is_no_date():
    assert snooze_until(Calendar(), "never", THURSDAY) is None


def test_three_in_a_row_or_ten_days_in_all_are_the_cap():
    assert may_snooze(2, 9)
    assert not may_snooze(3, 0)
    assert not may_snooze(0, 10)
    assert snooze_cost(Calendar(), date(2026, 11, 24), THURSDAY) == 3


def test_a_date_that_moved_three_times_is_shown_to_the_conductor():
    assert [is_restless(moves) for moves in (2, 3)] == [False, True]
