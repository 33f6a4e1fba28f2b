"""What holds of the nudge policy whatever the facts."""

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.nudging.facts import CAME, DAY, ON
from tracker.domain.nudging.cases import NUDGING, NudgeAction, NudgeStep, PersonCase, TaskCase
from tracker.domain.nudging.policy import decide
from tracker.domain.turns.stalling import Gaps, StallFacts, stalls_at
from tracker.domain.worktime import Calendar, local_day

moments = st.integers(0, 40 * 24 * 4).map(lambda quarters: CAME + timedelta(minutes=15 * quarters))
days = st.integers(-5, 40).map(lambda ahead: date(2026, 11, 16) + timedelta(days=ahead))
rarely = st.integers(0, 5).map(lambda roll: roll == 0)


@st.composite
def cases(draw):
    zone = draw(st.sampled_from(["Europe/Moscow", "Europe/Berlin", "Asia/Kamchatka", "America/New_York"]))
    first = draw(days)
    cal = Calendar(
        zone,
        time(draw(st.integers(6, 12))),
        time(draw(st.integers(13, 21))),
        draw(st.frozensets(st.integers(0, 6), min_size=1)),
        draw(st.frozensets(days, max_size=3)),
        frozenset(),
        draw(st.sampled_from([(), ((first, first + timedelta(days=6)),)])),
        draw(st.sampled_from([None, frozenset({1}), frozenset({0, 3})])),
    )
    promised = draw(st.none() | days)
    stall = StallFacts(
        draw(st.sampled_from(["draft", "open", "in_progress", "review", "done", "dropped"])),
        7,
        CAME,
        draw(st.none() | moments),
        draw(st.none() | moments),
        promised,
        CAME if promised else None,
        draw(st.none() | days),
        draw(st.sampled_from(["high", "normal", "low"])),
        draw(rarely),
    )
    nudges = draw(st.integers(0, 2))
    case = TaskCase(
        id=1,
        status=stall.status,
        turn=7,
        turn_since=CAME,
        stalls_at=stalls_at(stall, cal, Gaps()),
        root=1,
        archived=stall.archived,
        via=draw(st.sampled_from(["owner", "checker", "deadlock"])),
        priority=stall.priority,
        progress_at=stall.progress_at,
        others_at=stall.others_at,
        needed_by=draw(st.none() | days),
        promised_on=promised,
        promised_at=stall.promised_at,
        event_on=draw(st.none() | days),
        decide_by=draw(st.none() | days),
        snoozed_until=stall.snoozed_until,
        muted=draw(rarely),
        announce=draw(st.booleans()),
        told_turn_at=draw(st.none() | moments),
        nudges=nudges,
        last_nudge_at=draw(moments) if nudges else None,
    )
    past = (stall.progress_at, stall.others_at, case.told_turn_at, case.last_nudge_at, CAME)
    return case, PersonCase(7, cal), max(moment for moment in past if moment) + draw(st.timedeltas(DAY * 0, DAY * 30))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_nobody_is_nudged_about_what_they_need_not_move(drawn):
    case, person, now = drawn
    found = decide(case, person, ON, now)
    if found.action == NudgeAction.REST:
        assert found.reasons and (found.next_at is None or found.next_at > now or found.rule == "absent")
        return
    assert case.status not in ("done", "dropped", "draft") and not case.archived and not case.muted
    if found.action == NudgeAction.TELL:
        assert found.due_at is not None and found.due_at <= now
        assert not any(first <= local_day(person.calendar, now) <= last for first, last in person.calendar.absences)
        if found.step in NUDGING:
            assert case.stalls_at is not None and case.stalls_at <= now
            assert case.snoozed_until is None or local_day(person.calendar, now) >= case.snoozed_until
            assert case.progress_at is None or case.progress_at < now or found.step == NudgeStep.N2


@settings(max_examples=400, deadline=None)
@given(cases())
def test_a_rest_ends_where_it_says_and_every_stalled_task_comes_to_a_human(drawn):
    """Follow the policy with nobody answering: at most two questions, then the conductor, in a bounded time."""
    case, person, now = drawn
    case = case._replace(nudges=0, last_nudge_at=None, told_turn_at=CAME)
    steps: list[str | None] = []
    for _ in range(60):
        found = decide(case, person, ON, now)
        if found.action == NudgeAction.ESCALATE:
            steps.append("conductor")
            case = case._replace(escalated_at=now)
        elif found.action == NudgeAction.TELL:
            steps.append(found.step)
            if found.step == NudgeStep.HEADS_UP:
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
