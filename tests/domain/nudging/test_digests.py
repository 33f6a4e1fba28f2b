"""One person's day: one message, at their hour, three tasks at most, and the brakes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.nudging.cases import REMINDER, NudgeAction, NudgeDecision, NudgeStep, PersonCase
from tracker.domain.nudging.digests import (
    JITTER,
    compose,
    digest_moment,
    digest_slot,
    holds,
    is_day_of_return,
    jitter,
    look_again,
    send_after,
)
from tracker.domain.worktime import Calendar, is_working_day, local_day

MOSCOW = Calendar()
OLGA = PersonCase(7, MOSCOW)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


MONDAY = at("2026-11-16T10:00")
HOUR = at("2026-11-16T10:30") + jitter(7)


def line(number, step=NudgeStep.N1_NODATE, due=MONDAY, **more):
    return NudgeDecision(number, 7, NudgeAction.TELL, "silence", ("silence",), step, due, **more)


def told(*lines, person=OLGA, now=MONDAY):
    return compose(person, lines, now)


def test_nothing_due_is_no_message():
    assert told() is None
    assert told(NudgeDecision(1, None, NudgeAction.REST, "promised")) is None
    assert told(line(1)._replace(person=8)) is None


def test_the_message_goes_out_at_the_persons_digest_hour():
    found = told(line(1))
    assert (found.person, found.day, found.send_after) == (7, date(2026, 11, 16), HOUR)


def test_three_tasks_are_named_and_the_rest_can_wait():
    found = told(*(line(number) for number in range(1, 6)))
    assert [one.task for one in found.lines] == [1, 2, 3]
    assert [one.task for one in found.rest] == [4, 5]
    assert found.overload == ()


def test_the_order_is_past_promise_then_what_blocks_most_then_date_then_age():
    lines = [
        line(1, NudgeStep.NOTICE),
        line(2, since=MONDAY - timedelta(days=3)),
        line(3, since=MONDAY - timedelta(days=9)),
        line(4, deadline=date(2026, 11, 20)),
        line(5, blocks=2),
    ]
    promised = line(6, past_promise=True)
    assert [one.task for one in (*told(*lines).lines, *told(*lines).rest)] == [5, 4, 3, 2, 1]
    assert told(*lines, promised).lines[0] == promised


def test_what_was_asked_for_is_named_first_then_questions_then_notices_then_eves():
    found = told(
        line(1, NudgeStep.HEADS_UP, since=MONDAY - timedelta(days=9)),
        line(2, NudgeStep.NOTICE),
        line(3, since=MONDAY - timedelta(days=1)),
        line(4)._replace(rule=REMINDER),
        line(5, since=MONDAY),
        line(6),
        now=HOUR,
    )
    assert [one.task for one in (*found.lines, *found.rest)] == [4, 3, 5, 6, 2, 1]


def test_only_what_is_to_be_told_is_told():
    assert told(line(1)._replace(action=NudgeAction.ESCALATE)) is None


def test_what_a_human_asked_for_is_no_flood():
    found = told(*(line(number)._replace(rule=REMINDER) for number in range(1, 8)), now=HOUR)
    assert (found.overload, found.overload_why) == ((), "")


def test_more_than_five_at_once_go_to_the_conductor_as_one_card_besides_the_digest():
    five = told(*(line(number) for number in range(1, 6)))
    assert not five.overload
    six = told(*(line(number) for number in range(1, 7)))
    assert (six.overload, six.overload_why, len(six.lines)) == ((1, 2, 3, 4, 5, 6), "flood", 3)
    notices = told(*(line(number, NudgeStep.NOTICE) for number in range(1, 9)))
    assert not notices.overload, "what is told is no demand"


def test_four_ignored_nudges_go_to_the_conductor():
    assert told(line(1), person=OLGA._replace(ignored=3)).overload == ()
    assert told(line(1), person=OLGA._replace(ignored=4)).overload_why == "ignored"
    assert told(line(1, NudgeStep.NOTICE), person=OLGA._replace(ignored=4)).overload == ()


def test_the_same_task_never_stands_twice_in_a_digest():
    assert len(told(line(1), line(1)).lines) == 1


def test_a_day_whose_message_is_spent_is_over():
    spent = OLGA._replace(told_days=frozenset({date(2026, 11, 16)}))
    assert told(line(1), person=spent).send_after == HOUR + timedelta(days=1)
    assert holds(spent, at("2026-11-16T12:00")) == "budget_used"


def test_what_becomes_due_after_the_hour_waits_for_the_next_one():
    assert told(line(1, due=at("2026-11-16T14:00")), now=at("2026-11-16T14:00")).send_after == HOUR + timedelta(days=1)


def test_after_a_silence_of_ours_it_goes_out_at_once_inside_the_window():
    assert told(line(1), now=at("2026-11-16T13:00")).send_after == at("2026-11-16T13:00")
    assert told(line(1), now=at("2026-11-16T20:00")).send_after == HOUR + timedelta(days=1)


def test_no_first_question_on_friday_after_three():
    friday = at("2026-11-20T15:00")
    due = at("2026-11-20T09:00")
    assert told(line(1, due=due), now=friday - timedelta(seconds=1)).send_after < friday
    monday = told(line(1, due=due), now=friday)
    assert (monday.day, [one.task for one in monday.lines]) == (date(2026, 11, 23), [1])
    mixed = told(line(1, due=due), line(2, NudgeStep.N2, due=due), now=friday)
    assert (mixed.send_after, [one.task for one in mixed.lines]) == (friday, [2])
    wanted = told(line(1, due=due), line(2, due=due)._replace(rule=REMINDER), now=friday)
    assert (wanted.send_after, [one.task for one in wanted.lines]) == (friday, [2]), "a human asked for this one"


def test_the_first_day_after_an_absence_is_left_in_peace():
    back = OLGA._replace(calendar=Calendar(absences=((date(2026, 11, 9), date(2026, 11, 15)),)))
    assert told(line(1), person=back).send_after == HOUR + timedelta(days=1)
    assert holds(back, at("2026-11-16T12:00")) == "day_of_return"
    assert holds(back, at("2026-11-17T12:00")) == ""


def test_after_a_single_day_away_the_next_one_is_left_in_peace_too():
    cal = Calendar(absences=((date(2026, 11, 17), date(2026, 11, 17)),))
    left = [day for day in range(16, 21) if is_day_of_return(cal, date(2026, 11, day))]
    assert left == [18]


def test_the_digest_hour_is_there_from_its_first_second():
    assert digest_slot(OLGA, HOUR) == HOUR
    assert digest_slot(OLGA, HOUR + timedelta(seconds=1)) == HOUR + timedelta(days=1)


def test_what_was_not_named_is_looked_at_again_on_the_next_answering_morning():
    assert look_again(OLGA, None, MONDAY) is None
    assert look_again(OLGA, told(line(1)), MONDAY) == at("2026-11-17T10:00")
    weekly = OLGA._replace(calendar=Calendar(cadence=frozenset({0})))
    assert look_again(weekly, told(line(1)), MONDAY) == at("2026-11-23T10:00")


def test_an_agreed_cadence_is_kept():
    tuesdays = OLGA._replace(calendar=Calendar(cadence=frozenset({1})))
    assert told(line(1), person=tuesdays).send_after == HOUR + timedelta(days=1)
    assert holds(tuesdays, at("2026-11-16T12:00")) == "cadence"


def test_it_is_quiet_outside_the_window():
    for moment in ("2026-11-16T09:59:59", "2026-11-16T18:00", "2026-11-15T12:00"):
        assert holds(OLGA, at(moment)) == "quiet"
    assert holds(OLGA, at("2026-11-16T10:00")) == holds(OLGA, at("2026-11-16T17:59:59")) == ""


def test_a_digest_hour_outside_the_window_is_its_opening():
    """A minute after it at the earliest: what becomes due with the opening is queued by then, and told the same day."""
    late = OLGA._replace(calendar=Calendar(opens=time(14), closes=time(22)))
    assert jitter(7) < timedelta(minutes=1) < jitter(8)
    assert digest_moment(late, date(2026, 11, 16)) == at("2026-11-16T14:01")
    assert digest_moment(late._replace(id=8), date(2026, 11, 16)) == at("2026-11-16T14:00") + jitter(8)


def test_somebody_without_a_slot_has_no_message():
    assert told(line(1), person=OLGA._replace(calendar=Calendar(weekdays=frozenset()))) is None


def test_the_jitter_is_stable_and_spread_over_a_quarter_of_an_hour():
    spread = [jitter(number) for number in range(1, 400)]
    assert spread == [jitter(number) for number in range(1, 400)]
    assert min(spread) < timedelta(minutes=1) and timedelta(minutes=14) < max(spread) <= JITTER


moments = st.integers(0, 30 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
days = st.integers(0, 40).map(lambda ahead: date(2026, 11, 14) + timedelta(days=ahead))


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 10_000),
    st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "America/New_York"]),
    st.integers(0, 23),
    st.frozensets(days, max_size=6),
    st.frozensets(days, max_size=6),
    st.none() | days,
    st.sampled_from([None, frozenset({1}), frozenset({0, 4})]),
    moments,
    moments,
)
def test_a_message_leaves_only_in_the_window_on_a_free_working_day(
    number, zone, hour, off, spent, away, cadence, due, now
):
    absences = ((away, away + timedelta(days=3)),) if away else ()
    cal = Calendar(zone, time(hour), time(23, 59), frozenset(range(5)), off, frozenset(), absences, cadence)
    person = PersonCase(number, cal, told_days=spent)
    slot = send_after(person, min(due, now), now)
    assert slot is not None and slot >= now
    assert holds(person, slot) == ""
    day = local_day(cal, slot)
    assert is_working_day(cal, day) and day not in spent
    assert cadence is None or day.weekday() in cadence
    assert cal.opens <= slot.astimezone(ZoneInfo(zone)).time() < cal.closes
