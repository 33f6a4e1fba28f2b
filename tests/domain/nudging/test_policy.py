"""The nudge policy: every stop and every step."""

from datetime import date, timedelta

import pytest

from tests.domain.nudging.facts import CAME, OLGA, PROMISE, STALLED, at, once, said, task, twice
from tracker.domain.nudging.cases import NUDGING, REMINDER, NudgeAction, NudgeStep, Policy
from tracker.domain.nudging.policy import decide


def test_a_turn_that_came_is_told_first_and_is_not_a_nudge():
    found = said(CAME, told_turn_at=None)
    assert (found.action, found.step, found.rule, found.due_at) == (
        NudgeAction.TELL,
        NudgeStep.NOTICE,
        "turn_came",
        CAME,
    )
    assert found.step not in NUDGING


def test_a_turn_that_came_by_an_import_is_not_told():
    assert said(CAME, told_turn_at=None, announce=False).action == NudgeAction.REST


def test_somebody_who_has_acted_since_knows_that_it_is_their_turn():
    assert (
        said(at("2026-11-16T15:00"), told_turn_at=None, progress_at=at("2026-11-16T14:00")).action == NudgeAction.REST
    )


def test_the_first_question_is_due_at_the_stall_and_not_a_second_before():
    before = said(STALLED - timedelta(seconds=1))
    assert (before.action, before.next_at) == (NudgeAction.REST, STALLED)
    found = said(STALLED)
    assert (found.action, found.step, found.due_at, found.person) == (NudgeAction.TELL, NudgeStep.N1_NODATE, STALLED, 7)


@pytest.mark.parametrize(
    ("facts", "step", "rule"),
    [
        ({}, NudgeStep.N1_NODATE, "silence"),
        ({"needed_by": date(2026, 12, 10)}, NudgeStep.N1_NEEDED, "silence"),
        ({"needed_by": STALLED.date()}, NudgeStep.N1_NEEDED, "silence"),
        ({"needed_by": STALLED.date() - timedelta(days=1)}, NudgeStep.N1_NODATE, "silence"),
        (
            {"needed_by": date(2026, 12, 10), "promised_on": date(2026, 11, 17), "promised_at": CAME},
            NudgeStep.N1_PROMISE,
            "promise_passed",
        ),
        ({"promised_on": date(2026, 11, 17), "promised_at": CAME - timedelta(days=9)}, NudgeStep.N1_NODATE, "silence"),
        ({"via": "checker"}, NudgeStep.N1_CHECK, "silence"),
        ({"via": "deadlock", "needed_by": date(2026, 12, 10)}, NudgeStep.N1_DECIDE, "silence"),
    ],
)
def test_the_first_question_fits_what_is_known(facts, step, rule):
    found = said(STALLED, **facts)
    assert (found.step, found.rule) == (step, rule)


def test_the_second_question_comes_two_working_days_later_by_days():
    before = said(at("2026-11-23T09:59:59"), **once())
    assert (before.action, before.rule, before.next_at) == (NudgeAction.REST, "asked_lately", at("2026-11-23T10:00"))
    found = said(at("2026-11-23T10:00"), **once())
    assert (found.step, found.rule) == (NudgeStep.N2, "second")


def test_others_postpone_the_second_question_once_by_a_working_day():
    fresh = once(others_at=at("2026-11-20T15:00"))
    found = said(at("2026-11-23T11:00"), **fresh)
    assert (found.action, found.reasons, found.next_at) == (
        NudgeAction.REST,
        ("fresh_activity",),
        at("2026-11-24T10:00"),
    )
    again = once(others_at=at("2026-11-23T17:00"))
    assert said(at("2026-11-24T10:00"), **again).step == NudgeStep.N2


def test_after_two_questions_only_the_conductor_is_told():
    # Two were sent on Thursday and Monday: "on the next working day" is Tuesday, and three days after the stall too.
    before = said(at("2026-11-23T11:59"), **twice())
    assert (before.action, before.rule) == (NudgeAction.REST, "two_sent")
    found = said(at("2026-11-24T10:00"), **twice())
    assert (found.action, found.rule, found.person) == (NudgeAction.ESCALATE, "silence", None)
    done = said(at("2026-11-24T10:01"), **twice(escalated_at=at("2026-11-24T10:00")))
    assert (done.action, done.rule, done.next_at) == (NudgeAction.REST, "escalated", None)


def test_without_a_second_question_the_conductor_is_told_within_twelve_working_days():
    # As with somebody who answers on one day of the week: stalled on the 18th, two weeks of it are the bound.
    assert said(at("2026-11-30T11:59:59"), **once()).action == NudgeAction.TELL
    found = said(at("2026-11-30T12:00"), **once())
    assert (found.action, found.rule) == (NudgeAction.ESCALATE, "silence")


@pytest.mark.parametrize("limit", ["needed_by", "event_on"])
def test_a_near_date_brings_the_conductor_on_the_working_day_after_the_first_question(limit):
    near = once(**{limit: date(2026, 11, 20)})
    assert said(at("2026-11-20T09:59:59"), **near).action == NudgeAction.REST
    found = said(at("2026-11-20T10:00"), **near)
    assert (found.action, found.rule) == (NudgeAction.ESCALATE, "date_near")


def test_a_date_that_had_passed_before_the_stall_brings_nothing_nearer():
    assert said(at("2026-11-20T10:00"), **once(needed_by=date(2026, 11, 17))).action == NudgeAction.REST


def test_a_date_that_passes_before_a_question_could_be_sent_leaves_the_person_a_day():
    near = {"needed_by": date(2026, 11, 18), "tried_at": at("2026-11-18T12:00")}
    assert said(at("2026-11-19T11:00"), **near).action == NudgeAction.TELL
    assert said(at("2026-11-20T10:00"), **near).rule == "date_near"


@pytest.mark.parametrize("more", [{}, {"needed_by": date(2026, 11, 18)}])
def test_after_a_silence_of_ours_the_person_is_asked_before_the_conductor(more):
    late = at("2026-12-21T11:00")
    assert said(late, **more).action == NudgeAction.TELL
    # We tried, and it could not be sent for days: then the conductor has to know.
    tried = {**more, "tried_at": at("2026-12-01T11:00")}
    assert said(late, **tried).action == NudgeAction.ESCALATE
    # A question of an earlier episode is none of this one.
    assert said(late, **more, tried_at=CAME - timedelta(days=1)).action == NudgeAction.TELL


def test_a_decider_is_asked_until_decide_by_and_then_the_conductor():
    deadlock = {"via": "deadlock", "decide_by": date(2026, 11, 20)}
    assert said(at("2026-11-20T17:00"), **deadlock).step == NudgeStep.N1_DECIDE
    found = said(at("2026-11-23T10:00"), **deadlock)
    assert (found.action, found.rule) == (NudgeAction.ESCALATE, "decide_by")


def test_a_promise_made_days_ahead_has_a_word_on_its_eve_and_only_then():
    waiting = said(at("2026-11-18T17:00"), **PROMISE)
    assert (waiting.action, waiting.rule, waiting.next_at) == (NudgeAction.REST, "promised", at("2026-11-19T10:00"))
    assert said(at("2026-11-19T10:00"), **PROMISE).step == NudgeStep.HEADS_UP
    assert said(at("2026-11-19T11:00"), **PROMISE, heads_up_told=True).action == NudgeAction.REST
    assert said(at("2026-11-20T10:00"), **PROMISE).action == NudgeAction.REST
    three_days = {**PROMISE, "promised_on": date(2026, 11, 19), "stalls_at": at("2026-11-20T10:00")}
    assert said(at("2026-11-18T10:00"), **three_days).step == NudgeStep.HEADS_UP
    short = {**PROMISE, "promised_on": date(2026, 11, 18), "stalls_at": at("2026-11-19T10:00")}
    assert said(at("2026-11-17T11:00"), **short).action == NudgeAction.REST


def test_an_act_of_progress_makes_earlier_questions_and_the_card_a_matter_of_the_past():
    acted = twice(
        escalated_at=at("2026-11-24T10:00"), progress_at=at("2026-11-24T12:00"), stalls_at=at("2026-11-26T12:00")
    )
    assert said(at("2026-11-25T12:00"), **acted).rule == "fresh_progress"
    assert said(at("2026-11-26T12:00"), **acted).step == NudgeStep.N1_NODATE


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
    assert (found.action, found.rule) == (NudgeAction.REST, code)


@pytest.mark.parametrize(
    ("policy", "code"), [(Policy(paused=True), "project_paused"), (Policy(messages="off"), "messages_off")]
)
def test_a_closed_project_is_silent_to_the_person_and_to_the_conductor(policy, code):
    for asked in (task(), task(**twice())):
        found = decide(asked, OLGA, policy, at("2026-12-01T11:00"))
        assert (found.action, found.rule) == (NudgeAction.REST, code)
        assert found.next_at is not None, "what became due meanwhile is looked at when the project opens"


def test_a_reminder_is_passed_on_although_the_conductor_has_taken_over():
    taken = twice(escalated_at=at("2026-11-26T10:00"))
    assert said(at("2026-11-27T12:00"), **taken).rule == "escalated"
    found = said(at("2026-11-27T12:00"), **taken, reminder_at=at("2026-11-27T11:00"))
    assert (found.action, found.rule, found.next_at) == (NudgeAction.TELL, REMINDER, None)
