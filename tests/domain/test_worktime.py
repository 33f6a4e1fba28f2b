"""Working time, against an oracle that walks quarters of an hour and knows nothing of windows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.worktime import (
    Calendar,
    add_working_days,
    covered,
    day_ends,
    day_in,
    day_opens,
    is_working_day,
    last_working_day_before,
    local_day,
    morning_after,
    next_slot,
    next_working_day,
    or_ordinary,
    worked_by,
    working_days_between,
    working_time,
)

ZONES = ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kamchatka", "Europe/Kaliningrad", "Pacific/Apia"]
QUARTER = timedelta(minutes=15)
BASE = date(2026, 3, 1)  # a month with clock changes in Berlin and New York


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ["Europe/Moscow", ZoneInfo("Europe/Moscow")])
def test_the_day_is_that_of_the_place(zone):
    midnight = at("2026-11-24T00:00")
    assert day_in(zone, midnight - timedelta(seconds=1)) == date(2026, 11, 23)
    assert day_in(zone, midnight) == date(2026, 11, 24)
    assert day_in(UTC, midnight) == date(2026, 11, 23)


# The oracle: is this quarter of an hour worked? Asked of the wall clock alone.


def works_at(cal: Calendar, instant: datetime) -> bool:
    shown = instant.astimezone(ZoneInfo(cal.zone))
    day = shown.date()
    for first, last in cal.absences:
        if first <= day <= last:
            return False
    on = shown.isoweekday() - 1 in cal.weekdays
    if day in cal.days_off:
        on = False
    if day in cal.extra_days:
        on = True
    return on and cal.opens <= shown.time() < cal.closes


def oracle_time(cal: Calendar, start: datetime, end: datetime) -> timedelta:
    total, instant = timedelta(0), start
    while instant < end:
        total += QUARTER if works_at(cal, instant) else timedelta(0)
        instant += QUARTER
    return total


def oracle_next(cal: Calendar, after: datetime) -> datetime:
    instant = after
    while not (
        works_at(cal, instant)
        and (cal.cadence is None or instant.astimezone(ZoneInfo(cal.zone)).weekday() in cal.cadence)
    ):
        instant += QUARTER
    return instant


days = st.integers(-10, 40).map(lambda ahead: BASE + timedelta(days=ahead))
absences = st.lists(st.tuples(days, st.integers(0, 6)), max_size=2).map(
    lambda spans: tuple((first, first + timedelta(days=length)) for first, length in spans)
)


@st.composite
def calendars(draw: st.DrawFn, cadence: bool = False) -> Calendar:
    # Hours after 4:00: no clock change falls into them, where oracle and rule may name the doubled hour differently.
    opens = draw(st.integers(16, 60))
    closes = draw(st.integers(opens + 8, 95))
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=2))
    return Calendar(
        draw(st.sampled_from(ZONES)),
        time(opens // 4, opens % 4 * 15),
        time(closes // 4, closes % 4 * 15),
        weekdays,
        draw(st.frozensets(days, max_size=4)),
        draw(st.frozensets(days, max_size=3)),
        draw(absences),
        draw(st.one_of(st.none(), st.just(frozenset(sorted(weekdays)[:1])))) if cadence else None,
    )


instants = st.integers(0, 30 * 96).map(lambda quarters: datetime(2026, 3, 1, tzinfo=UTC) + QUARTER * quarters)


@settings(max_examples=120, deadline=None)
@given(calendars(), instants, st.integers(0, 12 * 96))
def test_working_time_is_what_the_wall_clock_counts(cal, start, quarters):
    assert working_time(cal, start, start + QUARTER * quarters) == oracle_time(cal, start, start + QUARTER * quarters)


@settings(max_examples=60, deadline=None)
@given(calendars(), instants, st.integers(8 * 96, 40 * 96))
def test_whole_weeks_are_counted_as_day_by_day(cal, start, quarters):
    end = start + QUARTER * quarters
    assert working_time(cal, start, end) == oracle_time(cal, start, end)
    before, after = worked_by(cal, start), worked_by(cal, end)
    if before is not None and after is not None:
        assert after - before == working_time(cal, start, end)


def test_hours_that_a_clock_change_may_fall_into_are_walked_through():
    nights = Calendar("Europe/Berlin", time(0), time(6), frozenset(range(7)))
    start, end = at("2026-03-20T00:00", nights.zone), at("2026-04-02T06:00", nights.zone)
    assert working_time(nights, start, end) == timedelta(hours=14 * 6 - 1)
    assert worked_by(nights, start) is None
    assert worked_by(Calendar(), at("2012-03-01T10:00")) is None


@settings(max_examples=120, deadline=None)
@given(calendars(), instants, st.integers(0, 4))
def test_adding_working_days_passes_exactly_that_working_time_and_ends_in_it(cal, start, count):
    end = add_working_days(cal, start, count)
    assert end is not None and works_at(cal, end)
    assert working_time(cal, start, end) == cal.day_length * count
    # ... and one second later more has passed: it is the latest such moment.
    assert working_time(cal, start, end + timedelta(seconds=1)) > cal.day_length * count


@settings(max_examples=120, deadline=None)
@given(calendars(cadence=True), instants)
def test_the_next_slot_is_the_first_quarter_that_the_person_answers_in(cal, after):
    assert next_slot(cal, after) == oracle_next(cal, after)


@settings(max_examples=100, deadline=None)
@given(calendars(), instants, st.integers(0, 500), st.integers(0, 500))
def test_working_time_adds_up(cal, start, one, other):
    middle, end = start + QUARTER * one, start + QUARTER * (one + other)
    assert working_time(cal, start, end) == working_time(cal, start, middle) + working_time(cal, middle, end)


@settings(max_examples=100, deadline=None)
@given(calendars(), days)
def test_the_morning_after_opens_the_first_working_day_after(cal, day):
    morning = morning_after(cal, day)
    assert morning is not None and works_at(cal, morning)
    assert oracle_time(cal, day_ends(cal, day), morning) == timedelta(0)
    assert local_day(cal, morning) > day


def test_cadence_moves_the_slot_and_not_working_time():
    tuesdays = Calendar(cadence=frozenset({1}))
    wednesday = at("2026-11-18T11:00")
    assert next_slot(tuesdays, wednesday) == at("2026-11-24T10:00")
    assert add_working_days(tuesdays, wednesday, 1) == at("2026-11-19T11:00")


def test_what_runs_out_at_closing_time_is_over_next_morning():
    assert add_working_days(Calendar(), at("2026-11-20T10:00"), 1) == at("2026-11-23T10:00")
    assert add_working_days(Calendar(), at("2026-11-20T10:01"), 1) == at("2026-11-23T10:01")
    assert add_working_days(Calendar(), at("2026-11-20T17:59:59"), 0) == at("2026-11-20T17:59:59")
    assert add_working_days(Calendar(), at("2026-11-20T18:00"), 0) == at("2026-11-23T10:00")


def test_a_window_begins_at_its_first_second_and_ends_before_its_last():
    cal = Calendar()
    assert next_slot(cal, at("2026-11-20T09:59:59")) == at("2026-11-20T10:00")
    assert next_slot(cal, at("2026-11-20T17:59:59")) == at("2026-11-20T17:59:59")
    assert next_slot(cal, at("2026-11-20T18:00:00")) == at("2026-11-23T10:00")


def test_a_working_day_is_the_length_of_the_persons_own_day():
    short = Calendar(opens=time(12), closes=time(16))
    assert add_working_days(short, at("2026-11-23T14:00"), 2) == at("2026-11-25T14:00")


def test_holidays_moved_days_and_absences():
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    cal = Calendar(days_off=frozenset({friday}), extra_days=frozenset({saturday}), absences=((monday, monday),))
    assert [is_working_day(cal, day) for day in (friday, saturday, monday)] == [False, True, False]
    assert next_working_day(cal, friday) == saturday
    assert last_working_day_before(cal, date(2026, 11, 24)) == saturday
    assert working_days_between(cal, friday, date(2026, 11, 25)) == 3
    assert is_working_day(covered(cal), monday)


@pytest.mark.parametrize(
    ("day", "opens", "first", "last"),
    [
        # 2:30 does not exist in Berlin on 29 March: the later instant is 3:30 summer time.
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30:00+00:00", "2026-03-29T02:00:00+00:00"),
        # 2:30 exists twice on 25 October: the later instant is the one in winter time.
        (date(2026, 10, 25), time(2, 30), "2026-10-25T01:30:00+00:00", "2026-10-25T03:00:00+00:00"),
    ],
)
def test_a_wall_time_that_does_not_exist_or_exists_twice_is_the_later_instant(day, opens, first, last):
    cal = Calendar("Europe/Berlin", opens, time(4), frozenset(range(7)))
    assert day_opens(cal, day) == datetime.fromisoformat(first)
    assert day_ends(cal, day) == datetime.fromisoformat(last)


@pytest.mark.parametrize(
    "cal", [Calendar(weekdays=frozenset()), Calendar(absences=((date(2020, 1, 1), date(2040, 1, 1)),))]
)
def test_a_calendar_without_a_working_day_has_no_moment_at_all(cal):
    instant = at("2026-11-20T11:00")
    assert add_working_days(cal, instant, 1) is None
    assert next_slot(cal, instant) is None
    assert morning_after(cal, date(2026, 11, 20)) is None
    assert last_working_day_before(cal, date(2026, 11, 20)) is None
    assert working_time(cal, instant, instant + timedelta(days=3)) == timedelta(0)
    assert or_ordinary(cal, date(2026, 11, 20)) == Calendar()


def test_a_long_absence_is_crossed_and_a_year_is_the_limit():
    first = date(2026, 12, 1)
    away = Calendar(absences=((first, first + timedelta(days=390)),))
    assert add_working_days(away, at("2026-11-30T12:00"), 1) == day_opens(
        away, first + timedelta(days=391)
    ) + timedelta(hours=2)
    gone = Calendar(absences=((first, first + timedelta(days=500)),))
    assert add_working_days(gone, at("2026-11-30T12:00"), 1) is None


def test_a_cadence_on_a_day_never_worked_has_no_slot():
    assert next_slot(Calendar(cadence=frozenset({6})), at("2026-11-20T11:00")) is None


def test_nothing_passes_between_instants_in_the_wrong_order():
    assert working_time(Calendar(), at("2026-11-20T15:00"), at("2026-11-20T11:00")) == timedelta(0)


def test_a_day_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError):
        Calendar(opens=time(18), closes=time(10))


def test_equal_calendars_are_one_key():
    assert {Calendar(): 1}[Calendar(weekdays=frozenset(range(5)))] == 1
    assert Calendar(cadence=frozenset({1})) != Calendar()


def test_the_last_working_day_before_monday_is_friday_and_before_tuesday_is_monday():
    assert last_working_day_before(Calendar(), date(2026, 11, 16)) == date(2026, 11, 13)
    assert last_working_day_before(Calendar(), date(2026, 11, 17)) == date(2026, 11, 16)


def test_only_somebody_who_never_works_is_given_ordinary_days():
    nights = Calendar(zone="Europe/Berlin", opens=time(12), weekdays=frozenset({5}))
    assert or_ordinary(nights, date(2026, 11, 16)) is nights
    never = Calendar(zone="Europe/Berlin", weekdays=frozenset())
    assert or_ordinary(never, date(2026, 11, 16)) == Calendar(zone="Europe/Berlin")


def test_a_day_without_a_length_is_no_calendar():
    with pytest.raises(ValueError, match="opens before it closes"):
        Calendar(opens=time(10), closes=time(10))


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "change"),
    [
        # At midnight clocks go back to eleven: the evening lasts an hour longer.
        ("America/Santiago", time(18), time(23, 30), date(2026, 4, 4)),
        ("Europe/Berlin", time(1), time(8), date(2026, 3, 29)),
    ],
)
def test_weeks_with_a_clock_change_in_the_window_are_counted_day_by_day(zone, opens, closes, change):
    cal = Calendar(zone=zone, opens=opens, closes=closes, weekdays=frozenset(range(7)))
    days = [change + timedelta(days=ahead) for ahead in range(-10, 11)]
    lengths = [day_ends(cal, day) - day_opens(cal, day) for day in days]
    assert len(set(lengths)) == 2
    assert working_time(cal, day_opens(cal, days[0]), day_ends(cal, days[-1])) == sum(lengths, timedelta())
    assert worked_by(cal, day_opens(cal, change)) is None
