"""The nudge policy by the person: who cannot be told, paused, away, or stood in for."""

from datetime import date, timedelta

import pytest
from hypothesis import strategies as st

from tests.domain.nudging.facts import ANNA, AWAY, CAME, NOBODY_IN, OLGA, STALLED, at, once, said
from tracker.domain.nudging.cases import NudgeAction, NudgeStep, Policy
from tracker.domain.nudging.policy import cannot_be_told, needs_approval
from tracker.domain.worktime import Calendar


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
    assert (found.action, found.rule) == (NudgeAction.ESCALATE, code)


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
    assert (found.action, found.rule, found.next_at) == (NudgeAction.REST, "absent", at("2026-11-23T10:00"))


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
    assert said(at("2026-11-24T10:00"), alone, **asked).step == NudgeStep.N2
    assert said(at("2026-11-20T10:00"), covered, **asked).step == NudgeStep.N2


def test_somebody_away_over_the_date_that_presses_is_known_to_the_conductor_at_once():
    away = OLGA._replace(calendar=AWAY)
    assert said(at("2026-11-17T11:00"), away, needed_by=date(2026, 11, 20)).rule == "away"
    assert said(at("2026-11-17T11:00"), away, needed_by=date(2026, 11, 23)).action == NudgeAction.REST
    covered = away._replace(deputy=ANNA)
    assert said(at("2026-11-17T11:00"), covered, needed_by=date(2026, 11, 20)).action == NudgeAction.REST


def test_the_conductor_as_owner_has_a_card_and_no_message():
    conductor = OLGA._replace(is_conductor=True)
    assert said(CAME, conductor, told_turn_at=None).rule == "conductors_own"
    found = said(STALLED, conductor)
    assert (found.action, found.rule) == (NudgeAction.ESCALATE, "conductors_own")


def test_a_new_project_waits_for_approval_through_its_last_day():
    policy = Policy(messages="approve", approve_until=date(2026, 11, 20))
    assert needs_approval(policy, date(2026, 11, 20))
    assert not needs_approval(policy, date(2026, 11, 21))
    assert needs_approval(Policy(messages="approve"), date(2030, 1, 1))
    assert not needs_approval(Policy(), date(2026, 11, 20))


days = st.integers(-5, 40).map(lambda ahead: date(2026, 11, 16) + timedelta(days=ahead))
