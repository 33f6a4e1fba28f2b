"""At ten on a conductor's own clock, or when their day opens; once."""

from datetime import date, time, timedelta

import pytest

from tests.worlds.outbox import at
from tracker.domain.nudging.morning import day_to_look


@pytest.mark.parametrize(
    ("opens", "closes", "first"),
    [
        (time(10), time(18), "10:00"),
        (time(8), time(16), "10:00"),
        (time(12), time(20), "12:00"),
        (time(6), time(9), "06:00"),
    ],
)
def test_where_ten_lies_outside_of_the_hours_it_is_the_opening(opens, closes, first):
    moment = at(f"2026-11-24T{first}")
    zone = "Europe/Moscow"
    assert day_to_look(zone, opens, closes, None, moment - timedelta(seconds=1)) is None
    assert day_to_look(zone, opens, closes, None, moment) == date(2026, 11, 24)
    assert day_to_look(zone, opens, closes, date(2026, 11, 24), moment) is None
    end = at(f"2026-11-24T{closes:%H:%M}")
    assert day_to_look(zone, opens, closes, None, end - timedelta(seconds=1)) == date(2026, 11, 24)
    assert day_to_look(zone, opens, closes, None, end) is None
