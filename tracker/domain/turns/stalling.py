"""When a task stalls: a moment in the working time of the person whose turn it is."""

from datetime import date, datetime
from typing import NamedTuple

from tracker.domain.terms import FINISHED, Priority, Status
from tracker.domain.worktime import (
    Calendar,
    add_working_days,
    day_opens,
    local_day,
    morning_after,
    next_working_day,
    or_ordinary,
)


class Gaps(NamedTuple):
    """Working days of silence until a task stalls, by priority. `normal` is the project's own setting."""

    normal: int = 2
    high: int = 1
    low: int = 4


class StallFacts(NamedTuple):
    """What the rule needs to know of a task.

    `turn_since`: when the turn came to its person. `progress_at`: the last act of progress by that person, or on
    their behalf. `others_at`: the last remark by somebody else. `promised_at`: when the date was named.
    """

    status: str
    turn: int | None
    turn_since: datetime
    progress_at: datetime | None = None
    others_at: datetime | None = None
    promised_on: date | None = None
    promised_at: datetime | None = None
    snoozed_until: date | None = None
    priority: str = Priority.NORMAL
    archived: bool = False


def days_until_stalled(gaps: Gaps, priority: str) -> int:
    return {Priority.HIGH: gaps.high, Priority.LOW: gaps.low}.get(Priority(priority), gaps.normal)


def is_idle(facts: StallFacts) -> bool:
    """A task that never stalls: finished, put away, unclear, or nobody's."""
    return facts.archived or facts.status in FINISHED or facts.status == Status.DRAFT or facts.turn is None


def promise_stands(facts: StallFacts) -> bool:
    """A promise is the word of the person of the turn: one given before the turn came is somebody else's."""
    return facts.promised_on is not None and (facts.promised_at is None or facts.promised_at >= facts.turn_since)


def stalls_at(facts: StallFacts, calendar: Calendar, gaps: Gaps) -> datetime | None:
    """Product rule 2, as a moment that may lie ahead or behind; None for what never stalls."""
    if is_idle(facts):
        return None
    calendar = or_ordinary(calendar, local_day(calendar, facts.turn_since))
    moment = _own_moment(facts, calendar, gaps)
    others = facts.others_at
    if moment is not None and others is not None and others > _since(facts):
        # Somebody else's fresh remark postpones by a day. By one only, however often they write: it never resets.
        fresh_until = add_working_days(calendar, others, 1)
        if fresh_until is not None and fresh_until > moment:
            return add_working_days(calendar, moment, 1)
    return moment


def _since(facts: StallFacts) -> datetime:
    return max(facts.turn_since, facts.progress_at or facts.turn_since)


def _own_moment(facts: StallFacts, calendar: Calendar, gaps: Gaps) -> datetime | None:
    since = _since(facts)
    silent = add_working_days(calendar, since, days_until_stalled(gaps, facts.priority))
    moment = silent
    if promise_stands(facts) and facts.promised_on is not None:
        # The opening of that day, not its end: asking on the first working day after the promise is what was agreed.
        moment = morning_after(calendar, facts.promised_on)
        acted_since_promise = facts.promised_at is None or since > facts.promised_at
        if acted_since_promise and local_day(calendar, since) >= facts.promised_on:
            # They moved on the very day or later: the promise has done its work, silence counts from that act.
            moment = _later(moment, silent)
    if facts.snoozed_until is not None:
        # «Позже» was granted: until that morning there is nothing to ask.
        back = next_working_day(calendar, facts.snoozed_until)
        moment = _later(moment, None if back is None else day_opens(calendar, back))
    return moment


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def is_stalled(moment: datetime | None, now: datetime) -> bool:
    """Whether the stored moment has come."""
    return moment is not None and moment <= now
