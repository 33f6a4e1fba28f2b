"""What one person gets in one day: one unasked message at most, at their hour, with three tasks named at most."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tracker.domain.nudging.cases import (
    FIRST_NUDGES,
    NUDGING,
    REMINDER,
    NudgeAction,
    NudgeDecision,
    NudgeStep,
    PersonCase,
)
from tracker.domain.worktime import (
    Calendar,
    day_ends,
    day_opens,
    is_working_day,
    local_day,
    next_answering_day,
    next_slot,
    next_working_day,
    wall,
)

NAMED = 3
"""Tasks named in one message: more is a list, and lists are not answered."""
FLOOD = 5
"""More nudges than this due at once are a matter for a talk, not for the bot."""
IGNORED = 4
"""So many unanswered nudges within ten working days are."""
OVERLOADED = frozenset({"flood", "ignored"})
"""The rules of a message on which one of these brakes is."""
JITTER = timedelta(minutes=15)
A_ROUND = timedelta(minutes=1)
"""Within it the clock has looked at everything."""
FRIDAY = 4
FRIDAY_LAST = time(15)
ONE_DAY = timedelta(days=1)


class Digest(NamedTuple):
    """A message to be queued. `lines` are told in this order; `rest`: due tasks that are not named today.

    `overload`: the nudged tasks that go to the conductor as one card, with `overload_why` (flood | ignored); empty
    when no brake is on.
    """

    person: int
    day: date
    send_after: datetime
    lines: tuple[NudgeDecision, ...]
    rest: tuple[NudgeDecision, ...] = ()
    overload: tuple[int, ...] = ()
    overload_why: str = ""


def order(line: NudgeDecision) -> tuple[object, ...]:
    """What was asked for, nudges, then notices; past promise, what blocks most, the nearest date, the oldest; the
    number ends all ties."""
    return (
        line.rule != REMINDER,
        line.step not in NUDGING,
        line.step == NudgeStep.HEADS_UP,
        not line.past_promise,
        -line.blocks,
        line.deadline or date.max,
        line.since is None,
        line.since or line.due_at,
        line.task,
    )


def compose(person: PersonCase, decisions: Iterable[NudgeDecision], now: datetime) -> Digest | None:
    """The person's next message out of what is due to be told them; None if there is nothing to say or no slot."""
    by_task = {line.task: line for line in decisions if line.action == NudgeAction.TELL and line.person == person.id}
    lines = sorted(by_task.values(), key=order)
    slot = _slot_for(person, lines, now)
    if slot is not None and is_late_friday(person.calendar, slot):
        # A first question on Friday afternoon is answered on Monday at best, and spoils the evening.
        kept = [line for line in lines if line.step not in FIRST_NUDGES or line.rule == REMINDER]
        slot = (
            _slot_for(person, kept, now)
            if kept
            else digest_slot(person, day_ends(person.calendar, local_day(person.calendar, slot)))
        )
        lines = kept or lines
    if slot is None:
        return None
    # What a human has asked for is no flood of the bot's.
    nudges = [line for line in lines if line.step in NUDGING and line.rule != REMINDER]
    why = "flood" if len(nudges) > FLOOD else "ignored" if nudges and person.ignored >= IGNORED else ""
    overload = tuple(line.task for line in nudges) if why else ()
    day = local_day(person.calendar, slot)
    return Digest(person.id, day, slot, tuple(lines[:NAMED]), tuple(lines[NAMED:]), overload, why)


def _slot_for(person: PersonCase, lines: Iterable[NudgeDecision], now: datetime) -> datetime | None:
    lines = list(lines)
    if any(line.rule == REMINDER for line in lines):
        return now if not holds(person, now) else digest_slot(person, now)
    due = [line.due_at for line in lines if line.due_at is not None]
    return send_after(person, min(due), now) if due else None


def look_again(person: PersonCase, digest: Digest | None, now: datetime) -> datetime | None:
    """The morning after the message: what it named has been told by then, what it did not is named next."""
    if digest is None:
        return None
    day = next_answering_day(person.calendar, digest.day + ONE_DAY)
    return now + ONE_DAY if day is None else day_opens(person.calendar, day)


def is_late_friday(cal: Calendar, slot: datetime) -> bool:
    day = local_day(cal, slot)
    return day.weekday() == FRIDAY and slot >= wall(cal, day, FRIDAY_LAST)


def jitter(person_id: int) -> timedelta:
    """0 to 15 minutes, always the same for one person: mornings do not bring a burst."""
    return timedelta(seconds=person_id * 2_654_435_761 % 2**32 % int(JITTER.total_seconds() + 1))


def digest_moment(person: PersonCase, day: date) -> datetime:
    """The hour of the person's message on this day: their digest time if it lies in their window, else its opening."""
    cal = person.calendar
    begin = person.digest_at if cal.opens <= person.digest_at < cal.closes else cal.opens
    # What becomes due with the opening itself is queued by the next round first.
    wait = max(jitter(person.id), A_ROUND) if begin == cal.opens else jitter(person.id)
    return min(wall(cal, day, begin) + wait, day_ends(cal, day) - timedelta(seconds=1))


def is_day_of_return(cal: Calendar, day: date) -> bool:
    """The first working day after an absence: it is left in peace."""
    return any(last < day and next_working_day(cal, last + ONE_DAY) == day for _first, last in cal.absences)


def _is_free(person: PersonCase, day: date) -> bool:
    return day not in person.told_days and not is_day_of_return(person.calendar, day)


def digest_slot(person: PersonCase, after: datetime) -> datetime | None:
    """The person's first digest hour at or after `after` on a day whose message is not spent."""
    day = next_answering_day(person.calendar, local_day(person.calendar, after))
    while day is not None:
        moment = digest_moment(person, day)
        if moment >= after and _is_free(person, day):
            return moment
        day = next_answering_day(person.calendar, day + ONE_DAY)
    return None


def send_after(person: PersonCase, due_at: datetime, now: datetime) -> datetime | None:
    """When something due at `due_at` is told: at the first digest hour since. If that has passed (we were down, or
    the project was silent), now if the person may be written to now, else at their next digest hour."""
    slot = digest_slot(person, due_at)
    if slot is None or slot >= now:
        return slot
    return now if not holds(person, now) else digest_slot(person, now)


def holds(person: PersonCase, now: datetime) -> str:
    """Why an unasked message does not go out at this moment: a code, or empty. Asked again at delivery."""
    cal, today = person.calendar, local_day(person.calendar, now)
    if today in person.told_days:
        return "budget_used"
    if not is_working_day(cal, today) or not day_opens(cal, today) <= now < day_ends(cal, today):
        return "quiet"
    if is_day_of_return(cal, today):
        return "day_of_return"
    return "" if next_slot(cal, now) == now else "cadence"
