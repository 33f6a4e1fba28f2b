"""When a task stalls: product rule 2."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.turns.stalling import Gaps, StallFacts, is_stalled, stalls_at
from tracker.domain.worktime import Calendar, working_time

MOSCOW = Calendar()
NORMAL = Gaps()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


MONDAY = at("2026-11-16T12:00")


def facts(**more):
    return StallFacts(**{"status": "open", "turn": 7, "turn_since": MONDAY, **more})


def moment(calendar=MOSCOW, gaps=NORMAL, **more):
    return stalls_at(facts(**more), calendar, gaps)


def test_two_working_days_after_the_turn_came():
    assert moment() == at("2026-11-18T12:00")


@pytest.mark.parametrize(("priority", "expected"), [("high", "2026-11-17T12:00"), ("low", "2026-11-20T12:00")])
def test_priorities_have_gaps_of_their_own(priority, expected):
    assert moment(priority=priority) == at(expected)


def test_the_projects_setting_is_the_normal_gap():
    assert moment(gaps=Gaps(normal=3)) == at("2026-11-19T12:00")


def test_the_last_act_of_progress_counts_and_an_act_before_the_turn_does_not():
    assert moment(progress_at=at("2026-11-17T16:00")) == at("2026-11-19T16:00")
    assert moment(progress_at=at("2026-11-13T16:00")) == at("2026-11-18T12:00")


def test_a_promise_stalls_with_the_first_working_day_after_it():
    # Named on Monday for Friday: Monday's opening, to the second.
    stalled = moment(promised_on=date(2026, 11, 20), promised_at=MONDAY, progress_at=MONDAY)
    assert stalled == at("2026-11-23T10:00")
    assert not is_stalled(stalled, at("2026-11-23T09:59:59"))
    assert is_stalled(stalled, at("2026-11-23T10:00"))


def test_a_promise_for_today_stalls_tomorrow():
    assert moment(promised_on=date(2026, 11, 16), promised_at=MONDAY, progress_at=MONDAY) == at("2026-11-17T10:00")


def test_an_act_on_the_promised_day_or_later_counts_from_that_act():
    promise = {"promised_on": date(2026, 11, 18), "promised_at": MONDAY}
    assert moment(**promise, progress_at=at("2026-11-17T11:00")) == at("2026-11-19T10:00")
    assert moment(**promise, progress_at=at("2026-11-18T15:00")) == at("2026-11-20T15:00")


def test_a_promise_of_the_person_before_is_not_this_persons():
    before = MONDAY - timedelta(days=3)
    assert moment(promised_on=date(2026, 12, 20), promised_at=before) == at("2026-11-18T12:00")


def test_others_postpone_once_by_one_working_day_and_never_reset():
    assert moment(others_at=at("2026-11-17T11:00")) == at("2026-11-18T12:00"), "a remark a day before its end is old"
    assert moment(others_at=at("2026-11-17T12:01")) == at("2026-11-19T12:00")
    assert moment(others_at=at("2026-11-19T11:00")) == at("2026-11-19T12:00")
    assert moment(others_at=at("2026-12-19T11:00")) == at("2026-11-19T12:00")


def test_a_snooze_holds_until_the_morning_it_named():
    assert moment(snoozed_until=date(2026, 11, 20)) == at("2026-11-20T10:00")
    assert moment(snoozed_until=date(2026, 11, 21)) == at("2026-11-23T10:00"), "a Saturday is the next working day"
    assert moment(snoozed_until=date(2026, 11, 17)) == at("2026-11-18T12:00")


@pytest.mark.parametrize(
    "more", [{"status": "draft"}, {"status": "done"}, {"status": "dropped"}, {"archived": True}, {"turn": None}]
)
def test_what_nobody_is_expected_to_move_never_stalls(more):
    assert moment(**more) is None
    assert not is_stalled(None, MONDAY)


def test_absences_stop_the_clock():
    away = Calendar(absences=((date(2026, 11, 17), date(2026, 11, 30)),))
    assert moment(away) == at("2026-12-02T12:00")


def test_somebody_who_never_works_stalls_in_ordinary_days():
    assert moment(Calendar(weekdays=frozenset())) == at("2026-11-18T12:00")


instants = st.integers(0, 60 * 24 * 20).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
days = st.integers(0, 25).map(lambda ahead: date(2026, 11, 16) + timedelta(days=ahead))


@settings(max_examples=150, deadline=None)
@given(
    st.none() | instants,
    st.none() | instants,
    st.none() | days,
    st.none() | days,
    st.sampled_from(["high", "normal", "low"]),
)
def test_it_never_stalls_within_the_gap_of_an_act_unless_a_promise_says_so(
    progress, others, promised, snoozed, priority
):
    found = moment(
        progress_at=progress,
        others_at=others,
        promised_on=promised,
        promised_at=MONDAY if promised else None,
        snoozed_until=snoozed,
        priority=priority,
    )
    assert found is not None and found.tzinfo is UTC
    silent = working_time(MOSCOW, max(MONDAY, progress or MONDAY), found)
    gap = {"high": 1, "normal": 2, "low": 4}[priority]
    if promised is None:
        assert silent >= MOSCOW.day_length * gap
    else:
        assert found.astimezone(ZoneInfo("Europe/Moscow")).date() > promised
    if snoozed is None and promised is None:
        assert silent <= MOSCOW.day_length * (gap + 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(instants, min_size=1, max_size=6))
def test_however_often_others_write_the_moment_moves_by_one_day(remarks):
    plain = moment()
    for remark in remarks:
        assert moment(others_at=remark) in (plain, at("2026-11-19T12:00"))


def test_a_promise_of_no_known_day_of_naming_stands():
    # From an imported sheet: the date is known, when it was named is not.
    assert moment(promised_on=date(2026, 11, 20)) == at("2026-11-23T10:00")
    late = moment(promised_on=date(2026, 11, 20), progress_at=at("2026-11-20T12:00"))
    assert late == at("2026-11-24T12:00"), "moved on the very day: silence counts from that"


def test_somebody_away_for_years_stalls_by_what_can_still_be_counted():
    gone = Calendar(absences=((date(2026, 11, 19), date(2028, 12, 31)),))
    assert moment(calendar=gone, snoozed_until=date(2026, 11, 20)) == at("2026-11-18T12:00")
    assert moment(calendar=gone, gaps=Gaps(normal=9), snoozed_until=date(2026, 11, 18)) == at("2026-11-18T10:00")
    assert moment(calendar=gone, gaps=Gaps(normal=9), others_at=at("2026-11-17T12:00")) is None
    assert moment(calendar=gone, others_at=at("2026-11-18T11:00")) == at("2026-11-18T12:00")


def test_a_remark_that_is_a_day_old_at_the_stall_is_fresh_no_more():
    assert moment(others_at=at("2026-11-17T12:00")) == at("2026-11-18T12:00")
    assert moment(others_at=at("2026-11-17T12:00:01")) == at("2026-11-19T12:00")
