"""The nudge policy: whether a person is asked about a task, in which step, and when a human takes over.

`decide` is asked by the clock, by the preview, by the manual "nudge now", and again at delivery: the same function,
so what was shown, what was queued and what is sent can't disagree. What one person gets in one day is `digests.py`.
"""

from datetime import date, datetime

from tracker.domain.nudging.cases import REMINDER, NudgeAction, NudgeDecision, NudgeStep, PersonCase, Policy, TaskCase
from tracker.domain.nudging.silence import silence_of_person, silence_of_project
from tracker.domain.terms import FINISHED, Messages, Status
from tracker.domain.worktime import (
    Calendar,
    add_working_days,
    covered,
    day_opens,
    is_absent,
    last_working_day_before,
    local_day,
    morning_after,
    next_slot,
    or_ordinary,
    working_days_between,
)

NUDGES = 2
"""Questions in an episode before a human is involved; then only the human."""
SLACK_DAYS = 5
"""What brakes (cadence, budget, absences of the bot) may add before the conductor is told without a second question."""
HEADS_UP_DAYS = 3
"""A promise given this many working days ahead is worth a word on its eve."""


def needs_approval(policy: Policy, today: date) -> bool:
    """Whether a message waits for the conductor's approval: in the first days of a project."""
    waits = policy.messages == Messages.APPROVE
    return waits and (policy.approve_until is None or today <= policy.approve_until)


def cannot_be_told(person: PersonCase, now: datetime) -> str:
    """Why nobody may or can write to them; empty if they can be written to."""
    silence = silence_of_person(
        opted_out=person.opted_out,
        knows_bot=person.knows_bot,
        reachable=person.reachable,
        paused_until=person.paused_until,
        today=local_day(person.calendar, now),
    )
    return silence or ("no_slot" if next_slot(person.calendar, now) is None else "")


def decide(task: TaskCase, person: PersonCase, policy: Policy, now: datetime) -> NudgeDecision:
    """The policy for one task. `person` is whom the turn is thought to be with."""
    never = _never(task, person)
    if never:
        return NudgeDecision(task.id, None, NudgeAction.REST, never, (never,))
    away = is_absent(person.calendar, local_day(person.calendar, now))
    addressee = person.deputy if away and person.deputy is not None else person
    clock = or_ordinary(covered(person.calendar) if person.deputy else person.calendar, local_day(person.calendar, now))
    due_at, step, rule = _due_step(task, clock, policy, now)
    escalates_at, why = (None, "") if _is_escalated(task) else _escalation(task, addressee, clock, policy, now)
    next_at = min((moment for moment in (due_at, escalates_at) if moment is not None), default=None)
    stop = silence_of_project(paused=policy.paused, messages=policy.messages)
    if stop:
        # The moment is kept: when the project is opened, what became due meanwhile is looked at once.
        return NudgeDecision(task.id, None, NudgeAction.REST, stop, (stop,), next_at=next_at)
    if escalates_at is not None and escalates_at <= now:
        return _told(
            task, NudgeDecision(task.id, None, NudgeAction.ESCALATE, why, (why,), due_at=escalates_at), clock, now
        )
    if addressee.is_conductor:
        return NudgeDecision(
            task.id, None, NudgeAction.REST, "conductors_own", ("conductors_own",), next_at=escalates_at
        )
    if step is None or due_at is None or due_at > now:
        reasons = _why_not_yet(task, clock, now)
        return NudgeDecision(task.id, None, NudgeAction.REST, reasons[0], reasons, next_at=next_at)
    cannot = cannot_be_told(addressee, now)
    if cannot:
        back = _pause_over(addressee) if cannot == "paused" else None
        next_at = min((moment for moment in (back, escalates_at) if moment is not None), default=None)
        return NudgeDecision(task.id, None, NudgeAction.REST, cannot, (cannot,), next_at=next_at)
    if is_absent(addressee.calendar, local_day(addressee.calendar, now)):
        back = next_slot(addressee.calendar, now)
        next_at = min((moment for moment in (back, escalates_at) if moment is not None), default=None)
        return NudgeDecision(task.id, None, NudgeAction.REST, "absent", ("absent",), next_at=next_at)
    told = NudgeDecision(task.id, addressee.id, NudgeAction.TELL, rule, (rule,), step, due_at, escalates_at)
    return _told(task, told, clock, now)


def _pause_over(person: PersonCase) -> datetime | None:
    """When somebody who asked for a pause may be written to again."""
    return None if person.paused_until is None else morning_after(person.calendar, person.paused_until)


LASTING = frozenset(
    {"finished", "archived", "draft", "nobodys_turn", "not_their_turn", "blocked", "muted", "escalated"}
)
"""The stops that time does not lift."""


def _never(task: TaskCase, person: PersonCase) -> str:
    """Stops that only a change of the task itself can lift; such a change restamps it."""
    stops = (
        (task.status in FINISHED, "finished"),
        (task.archived, "archived"),
        (task.status == Status.DRAFT, "draft"),
        (task.turn is None or task.stalls_at is None, "nobodys_turn"),
        (task.turn != person.id, "not_their_turn"),
        (task.root not in (None, task.id), "blocked"),
        (task.muted, "muted"),
        # A human has taken over: only that human's own asking is passed on.
        (_is_escalated(task) and not reminder_waits(task), "escalated"),
    )
    return next((code for holds, code in stops if holds), "")


def _why_not_yet(task: TaskCase, clock: Calendar, now: datetime) -> tuple[str, ...]:
    """Why nothing is due although nothing forbids it."""
    fresh_until = add_working_days(clock, task.others_at, 1) if task.others_at else None
    stops = (
        (_is_snoozed(task, clock, now), "snoozed"),
        (asked(task) >= NUDGES, "two_sent"),
        (_promise(task) is not None and not asked(task), "promised"),
        (fresh_until is not None and fresh_until > now, "fresh_activity"),
    )
    found = tuple(code for holds, code in stops if holds)
    return found or ("fresh_progress" if not asked(task) else "asked_lately",)


def _is_snoozed(task: TaskCase, clock: Calendar, now: datetime) -> bool:
    return task.snoozed_until is not None and local_day(clock, now) < task.snoozed_until


def _this_episode(task: TaskCase, moment: datetime | None) -> datetime | None:
    """The moment, if it came after the turn and after its person's last act."""
    return moment if moment is not None and moment >= _since(task) else None


def _since(task: TaskCase) -> datetime:
    return max(task.turn_since, task.progress_at or task.turn_since)


def _is_escalated(task: TaskCase) -> bool:
    return _this_episode(task, task.escalated_at) is not None


def reminder_waits(task: TaskCase) -> bool:
    """The conductor has asked to remind now, and since then nothing was said to the person, nor done by them."""
    wanted = _this_episode(task, task.reminder_at)
    return wanted is not None and (task.last_nudge_at is None or task.last_nudge_at < wanted)


def _reminds(task: TaskCase, clock: Calendar, now: datetime) -> bool:
    """A reminder may come early, but not before a day that the person named: until then they were promised quiet."""
    promised = _promise(task)
    named = promised is not None and local_day(clock, now) <= promised
    return reminder_waits(task) and not named and not _is_snoozed(task, clock, now)


def asked(task: TaskCase) -> int:
    """Nudges that count: sent in this episode and still unanswered."""
    return task.nudges if _this_episode(task, task.last_nudge_at) is not None else 0


def _promise(task: TaskCase) -> date | None:
    """The date that the person of the turn named; one named before the turn came is not theirs."""
    if task.promised_at is not None and task.promised_at < task.turn_since:
        return None
    return task.promised_on


def _due_step(
    task: TaskCase, clock: Calendar, policy: Policy, now: datetime
) -> tuple[datetime | None, NudgeStep | None, str]:
    """The next thing to tell, and when it is or was due: (moment, step, rule). The moment may lie ahead."""
    assert task.stalls_at is not None
    today = local_day(clock, now)
    if _reminds(task, clock, now):
        second = _second_at(task, clock, policy) if asked(task) == 1 else None
        is_second = second is not None and max(second, task.stalls_at) <= now
        return task.reminder_at, NudgeStep.N2 if is_second else _first_step(task, today), REMINDER
    if asked(task) >= NUDGES:
        return None, None, ""
    if asked(task):
        second = _second_at(task, clock, policy)
        return None if second is None else max(second, task.stalls_at), NudgeStep.N2, "second"
    if task.stalls_at <= now:
        return task.stalls_at, _first_step(task, today), "promise_passed" if _promise(task) else "silence"
    told = task.told_turn_at is not None and task.told_turn_at >= task.turn_since
    acted = task.progress_at is not None and task.progress_at >= task.turn_since
    if task.announce and not told and not acted and task.snoozed_until is None:
        # Somebody who has acted since the turn came knows of it; so does who has said «Позже».
        return task.turn_since, NudgeStep.NOTICE, "turn_came"
    eve = _eve(task, clock, now)
    if eve is not None and eve < task.stalls_at:
        return eve, NudgeStep.HEADS_UP, "promise_eve"
    return task.stalls_at, _first_step(task, today), "silence"


def _first_step(task: TaskCase, today: date) -> NudgeStep:
    if task.via == "deadlock":
        return NudgeStep.N1_DECIDE
    if _promise(task) is not None:
        return NudgeStep.N1_PROMISE
    if task.via == "checker":
        return NudgeStep.N1_CHECK
    # Nobody can say that a day which is over will work.
    return NudgeStep.N1_NODATE if task.needed_by is None or task.needed_by < today else NudgeStep.N1_NEEDED


def _morning(clock: Calendar, day: date, days: int) -> datetime | None:
    """The opening of the `days`-th working day after `day`. By days, not hours: a message sent half a minute later
    than the last one would otherwise miss the digest hour and slip by a day each time."""
    morning: datetime | None = None
    for _ in range(days):
        morning = morning_after(clock, day)
        if morning is None:
            return None
        day = local_day(clock, morning)
    return morning


def _second_at(task: TaskCase, clock: Calendar, policy: Policy) -> datetime | None:
    assert task.last_nudge_at is not None
    moment = _morning(clock, local_day(clock, task.last_nudge_at), policy.second_days)
    if moment is not None and task.others_at is not None and task.others_at > task.last_nudge_at:
        fresh_until = add_working_days(clock, task.others_at, 1)
        if fresh_until is not None and fresh_until > moment:
            return _morning(clock, local_day(clock, moment), 1)
    return moment


def _eve(task: TaskCase, clock: Calendar, now: datetime) -> datetime | None:
    """The opening of the promise's eve, until that day is over; None if it is not worth a word."""
    promised = _promise(task)
    if promised is None or task.promised_at is None or task.heads_up_told or _is_snoozed(task, clock, now):
        return None
    if working_days_between(clock, local_day(clock, task.promised_at), promised) < HEADS_UP_DAYS:
        return None
    eve = last_working_day_before(clock, promised)
    return None if eve is None or eve < local_day(clock, now) else day_opens(clock, eve)


def _escalation(
    task: TaskCase, addressee: PersonCase, clock: Calendar, policy: Policy, now: datetime
) -> tuple[datetime | None, str]:
    """When the conductor takes over, and by which rule: the earliest that holds."""
    assert task.stalls_at is not None
    if addressee.is_conductor:
        # Their own card only: the bot does not nudge the conductor about what they see on the podium.
        return task.stalls_at, "conductors_own"
    cannot = cannot_be_told(addressee, now)
    if cannot:
        return task.stalls_at, cannot
    decide_by = task.decide_by if task.via == "deadlock" else None
    moments = (
        (_silence_over(task, clock, policy), "silence"),
        (_limit_near(task, clock), "date_near"),
        # The conductor heard of these two once; an act of the person afterwards starts the ordinary count again.
        (_this_episode(task, None if decide_by is None else morning_after(clock, decide_by)), "decide_by"),
        (_this_episode(task, _away_at_limit(task, addressee, now)), "away"),
    )
    return min(((moment, why) for moment, why in moments if moment is not None), default=(None, ""))


def _silence_over(task: TaskCase, clock: Calendar, policy: Policy) -> datetime | None:
    """Three working days after the stall, and not before the working day that the second question named."""
    assert task.stalls_at is not None
    days = policy.second_days + policy.escalate_days
    if asked(task) < NUDGES or task.last_nudge_at is None:
        since = _tried(task) or task.last_nudge_at if asked(task) else _tried(task)
        return None if since is None else add_working_days(clock, max(task.stalls_at, since), days + SLACK_DAYS)
    moment = add_working_days(clock, task.stalls_at, days)
    named = _morning(clock, local_day(clock, task.last_nudge_at), policy.escalate_days)
    return named if moment is None or named is None else max(moment, named)


def _tried(task: TaskCase) -> datetime | None:
    """When we first tried to ask. After a silence of ours (a project just opened, a server that was down) the person
    comes first, and the conductor only when they could have answered."""
    return _this_episode(task, task.tried_at)


def _limit(task: TaskCase, clock: Calendar) -> date | None:
    """The nearest date that presses. One that had passed when the task stalled can't bring anything nearer."""
    assert task.stalls_at is not None
    stalled_on = local_day(clock, task.stalls_at)
    return min((day for day in (task.needed_by, task.event_on) if day is not None and day >= stalled_on), default=None)


def _limit_near(task: TaskCase, clock: Calendar) -> datetime | None:
    """Earlier than after two questions: one was asked, and only a working day is left. Never before the stall.

    A date that passed before anything could be asked waits a day more: the person comes first.
    """
    limit = _limit(task, clock)
    if limit is None or task.stalls_at is None:
        return None
    if not asked(task) or task.last_nudge_at is None:
        morning, tried = morning_after(clock, limit), _tried(task)
        if morning is None or tried is None:
            return None
        return add_working_days(clock, max(task.stalls_at, morning, tried), 1)
    eve = last_working_day_before(clock, limit)
    morning = morning_after(clock, local_day(clock, task.last_nudge_at))
    if eve is None or morning is None:
        return morning
    return max(task.stalls_at, day_opens(clock, eve), morning)


def _away_at_limit(task: TaskCase, addressee: PersonCase, now: datetime) -> datetime | None:
    """Somebody is away over the date that presses, and nobody stands in: their silence has to be known today."""
    cal, today = addressee.calendar, local_day(addressee.calendar, now)
    away = [(first, last) for first, last in cal.absences if first <= today <= last]
    dates = [day for day in (task.needed_by, task.event_on) if day is not None and today <= day]
    if not away or not dates or min(dates) > max(last for _first, last in away):
        return None
    return max(task.turn_since, day_opens(cal, min(first for first, _last in away)))


def _told(task: TaskCase, decision: NudgeDecision, clock: Calendar, now: datetime) -> NudgeDecision:
    """With what a digest is ordered by."""
    promised = _promise(task)
    return decision._replace(
        past_promise=promised is not None and promised < local_day(clock, now),
        blocks=task.blocks,
        deadline=min((day for day in (promised, task.needed_by) if day is not None), default=None),
        since=task.turn_since,
        asked=asked(task),
    )
