"""«Remind now» says one word about a task in a working day of the person who gets it."""

from datetime import date, timedelta

import pytest

from tests.domain.nudging.facts import MOSCOW, at, task
from tracker.domain.nudging.reminders import was_reminded_today, working_day_of

FRIDAY, MONDAY, TUESDAY = date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)
CLOSES = at("2026-11-27T18:00")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at("2026-11-27T00:00"), FRIDAY),
        (CLOSES - timedelta(seconds=1), FRIDAY),
        (CLOSES, MONDAY),
        (at("2026-11-28T12:00"), MONDAY),
        (at("2026-11-30T17:59"), MONDAY),
        (at("2026-11-30T18:00"), TUESDAY),
    ],
)
def test_an_evening_and_a_weekend_belong_to_the_next_working_day(moment, day):
    assert working_day_of(MOSCOW, moment) == day


def test_what_was_told_or_asked_for_in_this_working_day_is_enough_for_it():
    friday, evening, monday = at("2026-11-27T11:00"), at("2026-11-27T20:00"), at("2026-11-30T11:00")
    assert not was_reminded_today(task(), MOSCOW, friday)
    for told in ({"last_nudge_at": friday}, {"reminder_at": friday}):
        assert was_reminded_today(task(**told), MOSCOW, CLOSES - timedelta(seconds=1))
        assert not was_reminded_today(task(**told), MOSCOW, CLOSES)
    assert was_reminded_today(task(reminder_at=evening), MOSCOW, monday)
    assert was_reminded_today(task(last_nudge_at=friday, reminder_at=monday), MOSCOW, evening)
