"""The nudge policy: every stop, every step, and the invariants that hold whatever the facts."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.nudging.cases import NUDGING, REMINDER, Action, PersonCase, Policy, Step, TaskCase
from tracker.domain.nudging.policy import cannot_be_told, decide, needs_approval
from tracker.domain.turns.stalling import Gaps, StallFacts, stalls_at
from tracker.domain.worktime import Calendar, local_day

MOSCOW = Calendar()
DAY = timedelta(days=1)
ON = Policy()
NOBODY_IN = Calendar(weekdays=frozenset())


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


CAME = at("2026-11-16T12:00")  # a Monday
STALLED = at("2026-11-18T12:00")
ASKED = at("2026-11-19T10:37")
ASKED_TWICE = at("2026-11-23T10:37")
OLGA = PersonCase(7, MOSCOW)
ANNA = PersonCase(8, MOSCOW)
PROMISE = {
    "promised_on": date(2026, 11, 20),
    "promised_at": CAME,
    "progress_at": CAME,
    "stalls_at": at("2026-11-23T10:00"),
}
AWAY = Calendar(absences=((date(2026, 11, 17), date(2026, 11, 20)),))


def task(**more):
    return TaskCase(
        **{"id": 1, "status": "open", "turn": 7, "turn_since": CAME, "stalls_at": STALLED, "told_turn_at": CAME, **more}
    )


def said(now, person=OLGA, policy=ON, **more):
    return decide(task(**more), person, policy, now)


def once(**more):
    return {"nudges": 1, "last_nudge_at": ASKED, "tried_at": STALLED, **more}


def twice(**more):
    return {"nudges": 2, "last_nudge_at": ASKED_TWICE, "tried_at": STALLED, **more}


# Steps


def test_a_turn_that_came_is_told_first_and_is_not_a_nudge():
    found = said(CAME, told_turn_at=None)
    assert (found.action, found.step, found.rule, found.due_at) == (Action.TELL, Step.NOTICE, "turn_came", CAME)
    assert found.step not in NUDGING


def test_a_turn_that_came_by_an_import_is_not_told():
    assert said(CAME, told_turn_at=None, announce=False).action == Action.REST


def test_somebody_who_has_acted_since_knows_that_it_is_their_turn():
    assert said(at("2026-11-16T15:00"), told_turn_at=None, progress_at=at("2026-11-16T14:00")).action == Action.REST


def test_the_first_question_is_due_at_the_stall_and_not_a_second_before():
    before = said(STALLED - timedelta(seconds=1))
    assert (before.action, before.next_at) == (Action.REST, STALLED)
    found = said(STALLED)
    assert (found.action, found.step, found.due_at, found.person) == (Action.TELL, Step.N1_NODATE, STALLED, 7)


@pytest.mark.parametrize(
    ("facts", "step", "rule"),
    [
        ({}, Step.N1_NODATE, "silence"),
        ({"needed_by": date(2026, 12, 10)}, Step.N1_NEEDED, "silence"),
        ({"needed_by": STALLED.date()}, Step.N1_NEEDED, "silence"),
        ({"needed_by": STALLED.date() - timedelta(days=1)}, Step.N1_NODATE, "silence"),
        (
            {"needed_by": date(2026, 12, 10), "promised_on": date(2026, 11, 17), "promised_at": CAME},
            Step.N1_PROMISE,
            "promise_passed",
        ),
        ({"promised_on": date(2026, 11, 17), "promised_at": CAME - timedelta(days=9)}, Step.N1_NODATE, "silence"),
        ({"via": "checker"}, Step.N1_CHECK, "silence"),
        ({"via": "deadlock", "needed_by": date(2026, 12, 10)}, Step.N1_DECIDE, "silence"),
    ],
)
def test_the_first_question_fits_what_is_known(facts, step, rule):
    found = said(STALLED, **facts)
    assert (found.step, found.rule) == (step, rule)


def test_the_second_question_comes_two_working_days_later_by_days():
    before = said(at("2026-11-23T09:59:59"), **once())
    assert (before.action, before.rule, before.next_at) == (Action.REST, "asked_lately", at("2026-11-23T10:00"))
    found = said(at("2026-11-23T10:00"), **once())
    assert (found.step, found.rule) == (Step.N2, "second")


def test_others_postpone_the_second_question_once_by_a_working_day():
    fresh = once(others_at=at("2026-11-20T15:00"))
    found = said(at("2026-11-23T11:00"), **fresh)
    assert (found.action, found.reasons, found.next_at) == (Action.REST, ("fresh_activity",), at("2026-11-24T10:00"))
    again = once(others_at=at("2026-11-23T17:00"))
    assert said(at("2026-11-24T10:00"), **again).step == Step.N2


def test_after_two_questions_only_the_conductor_is_told():
    # Two were sent on Thursday and Monday: "on the next working day" is Tuesday, and three days after the stall too.
    before = said(at("2026-11-23T11:59"), **twice())
    assert (before.action, before.rule) == (Action.REST, "two_sent")
    found = said(at("2026-11-24T10:00"), **twice())
    assert (found.action, found.rule, found.person) == (Action.ESCALATE, "silence", None)
    done = said(at("2026-11-24T10:01"), **twice(escalated_at=at("2026-11-24T10:00")))
    assert (done.action, done.rule, done.next_at) == (Action.REST, "escalated", None)


def test_without_a_second_question_the_conductor_is_told_within_twelve_working_days():
    # As with somebody who answers on one day of the week: stalled on the 18th, two weeks of it are the bound.
    assert said(at("2026-11-30T11:59:59"), **once()).action == Action.TELL
    found = said(at("2026-11-30T12:00"), **once())
    assert (found.action, found.rule) == (Action.ESCALATE, "silence")


@pytest.mark.parametrize("limit", ["needed_by", "event_on"])
def test_a_near_date_brings_the_conductor_on_the_working_day_after_the_first_question(limit):
    near = once(**{limit: date(2026, 11, 20)})
    assert said(at("2026-11-20T09:59:59"), **near).action == Action.REST
    found = said(at("2026-11-20T10:00"), **near)
    assert (found.action, found.rule) == (Action.ESCALATE, "date_near")


def test_a_date_that_had_passed_before_the_stall_brings_nothing_nearer():
    assert said(at("2026-11-20T10:00"), **once(needed_by=date(2026, 11, 17))).action == Action.REST


def test_a_date_that_passes_before_a_question_could_be_sent_leaves_the_person_a_day():
    near = {"needed_by": date(2026, 11, 18), "tried_at": at("2026-11-18T12:00")}
    assert said(at("2026-11-19T11:00"), **near).action == Action.TELL
    assert said(at("2026-11-20T10:00"), **near).rule == "date_near"


@pytest.mark.parametrize("more", [{}, {"needed_by": date(2026, 11, 18)}])
def test_after_a_silence_of_ours_the_person_is_asked_before_the_conductor(more):
    late = at("2026-12-21T11:00")
    assert said(late, **more).action == Action.TELL
    # We tried, and it could not be sent for days: then the conductor has to know.
    tried = {**more, "tried_at": at("2026-12-01T11:00")}
    assert said(late, **tried).action == Action.ESCALATE
    # A question of an earlier episode is none of this one.
    assert said(late, **more, tried_at=CAME - timedelta(days=1)).action == Action.TELL


def test_a_decider_is_asked_until_decide_by_and_then_the_conductor():
    deadlock = {"via": "deadlock", "decide_by": date(2026, 11, 20)}
    assert said(at("2026-11-20T17:00"), **deadlock).step == Step.N1_DECIDE
    found = said(at("2026-11-23T10:00"), **deadlock)
    assert (found.action, found.rule) == (Action.ESCALATE, "decide_by")


def test_a_promise_made_days_ahead_has_a_word_on_its_eve_and_only_then():
    waiting = said(at("2026-11-18T17:00"), **PROMISE)
    assert (waiting.action, waiting.rule, waiting.next_at) == (Action.REST, "promised", at("2026-11-19T10:00"))
    assert said(at("2026-11-19T10:00"), **PROMISE).step == Step.HEADS_UP
    assert said(at("2026-11-19T11:00"), **PROMISE, heads_up_told=True).action == Action.REST
    assert said(at("2026-11-20T10:00"), **PROMISE).action == Action.REST
    three_days = {**PROMISE, "promised_on": date(2026, 11, 19), "stalls_at": at("2026-11-20T10:00")}
    assert said(at("2026-11-18T10:00"), **three_days).step == Step.HEADS_UP
    short = {**PROMISE, "promised_on": date(2026, 11, 18), "stalls_at": at("2026-11-19T10:00")}
    assert said(at("2026-11-17T11:00"), **short).action == Action.REST


def test_an_act_of_progress_makes_earlier_questions_and_the_card_a_matter_of_the_past():
    acted = twice(
        escalated_at=at("2026-11-24T10:00"), progress_at=at("2026-11-24T12:00"), stalls_at=at("2026-11-26T12:00")
    )
    assert said(at("2026-11-25T12:00"), **acted).rule == "fresh_progress"
    assert said(at("2026-11-26T12:00"), **acted).step == Step.N1_NODATE


# The stop list: each stop by its code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"status": "done"}, "finished"),
        ({"status": "dropped"}, "finished"),
        ({"archived": True}, "archived"),
        ({"status": "draft", "stalls_at": None}, "draft"),
        ({"turn": None, "stalls_at": None}, "nobodys_turn"),
        ({"turn": 99}, "not_their_turn"),
        ({"root": 2}, "blocked"),
        ({"muted": True}, "muted"),
        ({"escalated_at": STALLED}, "escalated"),
        ({"snoozed_until": date(2026, 11, 25), "stalls_at": at("2026-11-25T10:00")}, "snoozed"),
        ({"others_at": at("2026-11-18T11:30"), "stalls_at": at("2026-11-19T12:00")}, "fresh_activity"),
        ({"progress_at": at("2026-11-18T11:00"), "stalls_at": at("2026-11-20T11:00")}, "fresh_progress"),
        (twice(stalls_at=at("2026-11-19T10:00"), last_nudge_at=at("2026-11-19T11:00")), "two_sent"),
        ({**PROMISE, "heads_up_told": True}, "promised"),
    ],
)
def test_each_stop_of_the_task_has_its_code(facts, code):
    found = said(at("2026-11-19T11:00"), **facts)
    assert (found.action, found.rule) == (Action.REST, code)


@pytest.mark.parametrize(
    ("policy", "code"), [(Policy(paused=True), "project_paused"), (Policy(messages="off"), "messages_off")]
)
def test_a_closed_project_is_silent_to_the_person_and_to_the_conductor(policy, code):
    for asked in (task(), task(**twice())):
        found = decide(asked, OLGA, policy, at("2026-12-01T11:00"))
        assert (found.action, found.rule) == (Action.REST, code)
        assert found.next_at is not None, "what became due meanwhile is looked at when the project opens"


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (OLGA._replace(opted_out=True), "opted_out"),
        (OLGA._replace(paused_until=date(2026, 12, 31)), "paused"),
        (OLGA._replace(knows_bot=False), "not_invited"),
        (OLGA._replace(reachable=False), "channel_dead"),
        (OLGA._replace(calendar=NOBODY_IN), "no_slot"),
    ],
)
def test_whoever_cannot_be_told_is_the_conductors_at_the_stall(person, code):
    assert cannot_be_told(person, STALLED) == code
    assert said(CAME, person, told_turn_at=None).rule == code
    found = said(STALLED, person)
    assert (found.action, found.rule) == (Action.ESCALATE, code)


def test_a_pause_holds_through_its_last_day_on_their_clock():
    paused = OLGA._replace(paused_until=date(2026, 11, 18))
    assert cannot_be_told(paused, at("2026-11-18T23:59:59")) == "paused"
    assert cannot_be_told(paused, at("2026-11-19T00:00")) == ""


def test_somebody_who_paused_is_looked_at_again_on_the_morning_after_and_others_at_the_stall():
    paused = OLGA._replace(paused_until=date(2026, 11, 17))
    assert said(CAME, paused, told_turn_at=None).next_at == at("2026-11-18T10:00")
    long = OLGA._replace(paused_until=date(2026, 11, 20))
    assert said(CAME, long, told_turn_at=None).next_at == STALLED
    assert said(CAME, paused._replace(opted_out=True), told_turn_at=None).next_at == STALLED


def test_somebody_away_is_left_alone_until_they_are_back():
    away = OLGA._replace(calendar=AWAY)
    found = said(at("2026-11-18T12:00"), away)
    assert (found.action, found.rule, found.next_at) == (Action.REST, "absent", at("2026-11-23T10:00"))


def test_a_deputy_gets_the_messages_while_the_turn_stays():
    away = OLGA._replace(calendar=AWAY, deputy=ANNA)
    assert said(at("2026-11-18T12:00"), away).person == 8
    assert said(at("2026-11-23T12:00"), away).person == 7, "back again"
    both = away._replace(deputy=ANNA._replace(calendar=AWAY))
    assert said(at("2026-11-18T12:00"), both).rule == "absent"


def test_days_away_are_no_days_of_silence_unless_a_deputy_answers():
    days = Calendar(absences=((date(2026, 11, 19), date(2026, 11, 20)),))
    asked = once(last_nudge_at=at("2026-11-18T13:00"))
    alone, covered = OLGA._replace(calendar=days), OLGA._replace(calendar=days, deputy=ANNA)
    assert said(at("2026-11-23T11:00"), alone, **asked).rule == "asked_lately"
    assert said(at("2026-11-24T10:00"), alone, **asked).step == Step.N2
    assert said(at("2026-11-20T10:00"), covered, **asked).step == Step.N2


def test_a_reminder_is_passed_on_although_the_conductor_has_taken_over():
    taken = twice(escalated_at=at("2026-11-26T10:00"))
    assert said(at("2026-11-27T12:00"), **taken).rule == "escalated"
    found = said(at("2026-11-27T12:00"), **taken, reminder_at=at("2026-11-27T11:00"))
    assert (found.action, found.rule, found.next_at) == (Action.TELL, REMINDER, None)


def test_somebody_away_over_the_date_that_presses_is_known_to_the_conductor_at_once():
    away = OLGA._replace(calendar=AWAY)
    assert said(at("2026-11-17T11:00"), away, needed_by=date(2026, 11, 20)).rule == "away"
    assert said(at("2026-11-17T11:00"), away, needed_by=date(2026, 11, 23)).action == Action.REST
    covered = away._replace(deputy=ANNA)
    assert said(at("2026-11-17T11:00"), covered, needed_by=date(2026, 11, 20)).action == Action.REST


def test_the_conductor_as_owner_has_a_card_and_no_message():
    conductor = OLGA._replace(is_conductor=True)
    assert said(CAME, conductor, told_turn_at=None).rule == "conductors_own"
    found = said(STALLED, conductor)
    assert (found.action, found.rule) == (Action.ESCALATE, "conductors_own")


def test_a_new_project_waits_for_approval_through_its_last_day():
    policy = Policy(messages="approve", approve_until=date(2026, 11, 20))
    assert needs_approval(policy, date(2026, 11, 20))
    assert not needs_approval(policy, date(2026, 11, 21))
    assert needs_approval(Policy(messages="approve"), date(2030, 1, 1))
    assert not needs_approval(Policy(), date(2026, 11, 20))


# Whatever the facts

moments = st.integers(0, 40 * 24 * 4).map(lambda quarters: CAME + timedelta(minutes=15 * quarters))
days = st.integers(-5, 40).map(lambda ahead: date(2026, 11, 16) + timedelta(days=ahead))


rarely = st.integers(0, 5).map(lambda roll: roll == 0)


@st.composite
def cases(draw):
    zone = draw(st.sampled_from(["Europe/Moscow", "Europe/Berlin", "Asia/Kamchatka", "America/New_York"]))
    first = draw(days)
    cal = Calendar(
        zone, time(draw(st.integers(6, 12))), time(draw(st.integers(13, 21))),
        draw(st.frozensets(st.integers(0, 6), min_size=1)), draw(st.frozensets(days, max_size=3)), frozenset(),
        draw(st.sampled_from([(), ((first, first + timedelta(days=6)),)])),
        draw(st.sampled_from([None, frozenset({1}), frozenset({0, 3})])),
    )  # fmt: skip
    promised = draw(st.none() | days)
    stall = StallFacts(
        draw(st.sampled_from(["draft", "open", "in_progress", "review", "done", "dropped"])), 7, CAME,
        draw(st.none() | moments), draw(st.none() | moments), promised, CAME if promised else None,
        draw(st.none() | days), draw(st.sampled_from(["high", "normal", "low"])), draw(rarely),
    )  # fmt: skip
    nudges = draw(st.integers(0, 2))
    case = TaskCase(
        id=1, status=stall.status, turn=7, turn_since=CAME, stalls_at=stalls_at(stall, cal, Gaps()), root=1,
        archived=stall.archived, via=draw(st.sampled_from(["owner", "checker", "deadlock"])), priority=stall.priority,
        progress_at=stall.progress_at, others_at=stall.others_at, needed_by=draw(st.none() | days),
        promised_on=promised, promised_at=stall.promised_at, event_on=draw(st.none() | days),
        decide_by=draw(st.none() | days), snoozed_until=stall.snoozed_until, muted=draw(rarely),
        announce=draw(st.booleans()), told_turn_at=draw(st.none() | moments), nudges=nudges,
        last_nudge_at=draw(moments) if nudges else None,
    )  # fmt: skip
    past = (stall.progress_at, stall.others_at, case.told_turn_at, case.last_nudge_at, CAME)
    return case, PersonCase(7, cal), max(moment for moment in past if moment) + draw(st.timedeltas(DAY * 0, DAY * 30))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_nobody_is_nudged_about_what_they_need_not_move(drawn):
    case, person, now = drawn
    found = decide(case, person, ON, now)
    if found.action == Action.REST:
        assert found.reasons and (found.next_at is None or found.next_at > now or found.rule == "absent")
        return
    assert case.status not in ("done", "dropped", "draft") and not case.archived and not case.muted
    if found.action == Action.TELL:
        assert found.due_at is not None and found.due_at <= now
        assert not any(first <= local_day(person.calendar, now) <= last for first, last in person.calendar.absences)
        if found.step in NUDGING:
            assert case.stalls_at is not None and case.stalls_at <= now
            assert case.snoozed_until is None or local_day(person.calendar, now) >= case.snoozed_until
            assert case.progress_at is None or case.progress_at < now or found.step == Step.N2


@settings(max_examples=400, deadline=None)
@given(cases())
def test_a_rest_ends_where_it_says_and_every_stalled_task_comes_to_a_human(drawn):
    """Follow the policy with nobody answering: at most two questions, then the conductor, in a bounded time."""
    case, person, now = drawn
    case = case._replace(nudges=0, last_nudge_at=None, told_turn_at=CAME)
    steps: list[str | None] = []
    for _ in range(60):
        found = decide(case, person, ON, now)
        if found.action == Action.ESCALATE:
            steps.append("conductor")
            case = case._replace(escalated_at=now)
        elif found.action == Action.TELL:
            steps.append(found.step)
            if found.step == Step.HEADS_UP:
                case = case._replace(heads_up_told=True)
            elif found.step in NUDGING:
                case = case._replace(tried_at=case.tried_at or now, nudges=case.nudges + 1, last_nudge_at=now)
        elif found.next_at is None:
            break
        else:
            now = max(found.next_at, now + timedelta(seconds=1))
    else:
        raise AssertionError(f"it never ends: {steps}")
    if case.stalls_at is None or case.muted:
        assert steps == []
    else:
        assert steps[-1] == "conductor" and steps.count("conductor") == 1
        assert sum(step in NUDGING for step in steps) <= 2
